"""Writes over HTTP: each with a connection of its own, few at a time.

A write waits until every process has seen it (over a second), in a thread as any request's. So at
most a quarter of a worker's threads write at once, and half of those for callers without a key: who
floods those cannot keep an authority from listing, and nobody keeps questions from being answered.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import BoundedSemaphore, Lock
from typing import Final

from flask import Flask, Response, current_app

from blacklist.hand import Keeper
from blacklist.publish import Publisher
from blacklist.store import Client, durability, meta
from blacklist.store.place import Place
from blacklist.web import auth
from blacklist.web.problems import Refusal

PROBLEMS: Final = ("too_many_writes", "store_unavailable", "misconfigured", "store_mismatch")
"""Words of what :func:`writing` refuses."""

KEEPER_SECONDS: Final = 60.0
"""How old the guard may be that turns reports away; what lists asks a new one."""

_NAME: Final = "blacklist.writes"

View = Callable[[], Response]


class Writes:
    """What a process writes with."""

    def __init__(self, place: Place, threads: int) -> None:
        self.place = place
        self.reader = place.reader()
        self.all = BoundedSemaphore(max(1, threads // 4))
        self.keyless = BoundedSemaphore(max(1, threads // 8))
        self.lock = Lock()
        self.keeper: tuple[float, Keeper] | None = None


def limit(app: Flask, place: Place, threads: int) -> None:
    """Let a quarter of a worker's threads write, and at least one."""
    app.extensions[_NAME] = Writes(place, threads)


@contextmanager
def writing(*, wait_seconds: float = 0.0) -> Iterator[Publisher]:
    """A publisher for one request; Refusal 503 where as many write as may, for so long.

    Raises ConfigError where the server would lose what it is given.
    """
    caller, writes = auth.caller(), _writes()
    with ExitStack() as held:
        for slots in (writes.all,) if caller is not None else (writes.keyless, writes.all):
            if not slots.acquire(timeout=wait_seconds):
                raise Refusal(503, "too_many_writes", "as many are writing as may; try again")
            held.callback(slots.release)
        meta.read(writes.reader)  # a store that hangs is known in a second, not in a write's minute
        client = writes.place.writer()
        held.callback(client.close)
        durability.require(client)
        yield Publisher(client, meta.require(client))


def reader() -> Client:
    """The client with which queues are read."""
    return _writes().reader


def keeper(publisher: Publisher) -> Keeper:
    """The guard of a minute ago at most, for what lists nothing yet."""
    writes = _writes()
    with writes.lock:
        if writes.keeper is None or time.monotonic() - writes.keeper[0] > KEEPER_SECONDS:
            writes.keeper = time.monotonic(), Keeper(publisher.client)
        return writes.keeper[1]


def _writes() -> Writes:
    found: Writes = current_app.extensions[_NAME]
    return found

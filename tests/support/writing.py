"""A writer that lists and withdraws all the time, and knows what was acknowledged to it."""

import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

import redis

from asking import Known, Thing
from blacklist.errors import BlacklistError
from blacklist.model import Identifier, Kind, Source
from blacklist.publish import Publisher
from blacklist.store import connect, keys, meta
from blacklist.store.locks import LEASE_SECONDS
from blacklist.store.stage import Staged, Withdrawal

VALUES = 120
VALUES_A_WRITE = 10
PAUSE_SECONDS = 0.02
WRITE_SECONDS = LEASE_SECONDS + 20
"""A writer that was cut off with its lock in the hand waits until that has run out."""


def identifiers_of(things: Sequence[Thing]) -> list[Identifier]:
    """The identifiers of things that are written in their canonical form."""
    return [Identifier(Kind(kind), value) for kind, value in things]


class Writer:
    """A thread that writes for as long as the block lasts; a write that fails is tried no more.

    What such a write touched is open until it is written again, and nothing else.
    """

    def __init__(self, url: str, known: Known) -> None:
        self._url = url
        self._known = known
        self._source = Source("going-on", "Going on")
        self._own = [
            *(("link", f"going-on-{number}.example") for number in range(VALUES)),
            *(("phone", f"+4477009{number:05d}") for number in range(VALUES)),
        ]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._failures: list[BaseException] = []
        self.acknowledged = 0
        self.refused: Counter[str] = Counter()
        """The errors of writes that were not acknowledged."""

    def __enter__(self) -> "Writer":
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stop.set()
        self._thread.join()
        assert not self._failures, self._failures

    def wait(self, writes: int = 2) -> None:
        """Return when so many more writes were acknowledged."""
        enough = self.acknowledged + writes
        deadline = time.monotonic() + WRITE_SECONDS
        while self.acknowledged < enough:
            assert time.monotonic() < deadline, self.refused
            assert self._thread.is_alive(), self._failures
            time.sleep(0.01)

    def _run(self) -> None:
        rng = random.Random(0)
        try:
            while not self._stop.wait(PAUSE_SECONDS):
                try:
                    self._write_until_it_fails(rng)
                except BlacklistError as exc:
                    self.refused[f"{type(exc).__name__}: {exc}"] += 1
                    self._release()
        except BaseException as exc:  # noqa: BLE001 - told to the test
            self._failures.append(exc)

    def _write_until_it_fails(self, rng: random.Random) -> None:
        client = connect.writer(self._url)
        try:
            publisher = Publisher(client, meta.require(client))
            while not self._stop.is_set():
                self._write(publisher, rng)
        finally:
            with suppress(redis.RedisError):
                client.close()

    def _write(self, publisher: Publisher, rng: random.Random) -> None:
        some, is_listed = rng.sample(self._own, VALUES_A_WRITE), rng.random() < 0.6
        self._known.become(some, None)
        with publisher.load(self._source, full=False) as load:
            if is_listed:
                load.put(Staged(one) for one in identifiers_of(some))
            else:
                load.withdraw(Withdrawal(one) for one in identifiers_of(some))
            load.commit()
        self._known.become(some, "listed" if is_listed else "no_record")
        self.acknowledged += 1

    def _release(self) -> None:
        """Spare the test the half minute after which the lock of a dead write runs out."""
        with suppress(redis.RedisError, BlacklistError):
            client = connect.reader(self._url)
            client.delete(keys.lock(f"source:{self._source.name}"))
            client.close()

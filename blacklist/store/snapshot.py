"""Filter snapshots in the store: a kind's filter with the journal position it begins at.

The bytes lie in chunks under a build's own keys; the pointer is set last. The build before stays
for :data:`GRACE_SECONDS`, so that a replica in the middle of reading it can finish.
"""

import secrets
import zlib
from collections.abc import Sequence
from contextlib import suppress
from importlib.resources import files
from itertools import chain
from typing import Any, Final

import msgspec
import redis

from blacklist.errors import Mismatch, StoreError
from blacklist.model import Kind
from blacklist.store import keys
from blacklist.store.connect import run, store_errors
from blacklist.store.journal import Position
from blacklist.store.locks import Held

_PUBLISH: Final = files(__package__).joinpath("snapshot.lua").read_text()
CHUNK_BYTES = 4 << 20
GRACE_SECONDS = 60
ATTEMPTS = 3
"""To be overtaken by a newer build twice is bad luck, three times is a fault."""

_DAMAGED = "a filter snapshot in the store is damaged: the next load builds it again"


class State(msgspec.Struct, frozen=True):
    """The current build; it holds every change up to ``position``, read before its scan.

    ``keys`` and ``capacity`` are as it was built; ``added`` and ``removed`` count the changes that
    were journalled since. ``digest`` is that of all bytes; older programs wrote none.
    ``is_damaged``: somebody found bytes missing or changed, so that it has to be built again.
    """

    build: str
    position: Position
    exact: list[str]
    chunks: int
    keys: int
    capacity: int
    added: int
    removed: int
    digest: str | None = None
    is_damaged: bool = False


class Snapshot(msgspec.Struct, frozen=True):
    """A filter's bytes with what they hold; no bytes stand for a filter that holds nothing.

    ``exact`` are values that a replica must know one by one: ranges of numbers. ``build`` is told
    of one that was loaded.
    """

    data: bytes
    position: Position
    keys: int = 0
    capacity: int = 0
    exact: Sequence[str] = ()
    build: str = ""


def save(client: redis.Redis, kind: Kind, new: Snapshot, held: Held | None = None) -> None:
    """Publish a snapshot of a kind.

    ``held`` is the lock under which it was built; Busy where it ran out: then a newer one may stand
    there, which is left alone. It is left out where nobody else can be building.
    """
    data = new.data
    build = secrets.token_hex(8)
    starts = range(0, len(data), CHUNK_BYTES)
    chunks = [keys.snapshot_chunk(kind, build, number) for number in range(len(starts))]
    pointer: dict[str, str | int | bytes] = {
        "build": build,
        "position": str(new.position),
        "chunks": len(chunks),
        "keys": new.keys,
        "capacity": new.capacity,
        "added": 0,
        "removed": 0,
        "exact": msgspec.json.encode(new.exact),
        "digest": _digest(data),
    }
    lock, token = held.fence if held is not None else (keys.lock(""), b"")
    with store_errors():
        before = state(client, kind)
        for name, start in zip(chunks, starts, strict=True):
            client.set(name, data[start : start + CHUNK_BYTES], ex=GRACE_SECONDS)
        client.register_script(_PUBLISH)(
            keys=[lock, keys.snapshot(kind), *chunks, *_chunks(kind, before)],
            args=[token, len(chunks), GRACE_SECONDS, *chain.from_iterable(pointer.items())],
        )


def _chunks(kind: Kind, of: State | None) -> list[str]:
    if of is None:
        return []
    return [keys.snapshot_chunk(kind, of.build, number) for number in range(of.chunks)]


def state(client: redis.Redis, kind: Kind) -> State | None:
    """The current build, None where there is none."""
    with store_errors():
        raw: Any = client.hgetall(keys.snapshot(kind))
    if not raw:
        return None
    text = {name.decode(): value.decode() for name, value in raw.items()}
    try:
        return State(
            text["build"],
            Position.from_text(text["position"]),
            msgspec.json.decode(text["exact"], type=list[str]),
            chunks=int(text["chunks"]),
            keys=int(text["keys"]),
            capacity=int(text["capacity"]),
            added=int(text["added"]),
            removed=int(text["removed"]),
            digest=text.get("digest"),
            is_damaged=text.get("damaged") == text["build"],
        )
    except (KeyError, ValueError, msgspec.MsgspecError) as exc:
        raise Mismatch("a filter snapshot in the store is described in an unknown way") from exc


def states(client: redis.Redis) -> dict[Kind, State]:
    """The current build of every kind; Mismatch where one is missing."""
    found = {kind: state(client, kind) for kind in Kind}
    present = {kind: one for kind, one in found.items() if one is not None}
    if len(present) < len(found):
        raise Mismatch("the store has lost a filter snapshot")
    return present


def note_changes(client: redis.Redis, kind: Kind, *, added: int, removed: int) -> None:
    """Count changes that the journal tells and the snapshot does not hold."""
    with store_errors():
        pipe = client.pipeline(transaction=False)
        pipe.hincrby(keys.snapshot(kind), "added", added)
        pipe.hincrby(keys.snapshot(kind), "removed", removed)
        run(pipe)


def load(client: redis.Redis, kind: Kind) -> Snapshot:
    """The newest snapshot; begins again when a newer one replaces it meanwhile.

    Mismatch where bytes of it are missing or changed; that is noted, so that it is built again.
    """
    build = ""
    for _ in range(ATTEMPTS):
        current = state(client, kind)
        if current is None:
            raise Mismatch("the store has lost its filter snapshot")
        build = current.build
        if current.is_damaged:  # otherwise every process would read all of it again and again
            raise Mismatch(_DAMAGED)
        with store_errors():
            parts: list[Any] = [client.get(name) for name in _chunks(kind, current)]
        if None in parts:
            continue
        data = b"".join(parts)
        if current.digest not in {None, _digest(data)}:
            break
        return Snapshot(
            data, current.position, current.keys, current.capacity, current.exact, build
        )
    note_damage(client, kind, build)
    raise Mismatch(_DAMAGED)


def note_damage(client: redis.Redis, kind: Kind, build: str) -> None:
    """Let whoever writes next build the filter again; one of another build is not touched."""
    with suppress(StoreError), store_errors():  # a reader may not be allowed to write
        client.hset(keys.snapshot(kind), "damaged", build)


def _digest(data: bytes) -> str:
    """Of a hundred megabytes in a tenth of a second; nobody forges snapshots who can write them."""
    return f"{zlib.crc32(data):08x}"

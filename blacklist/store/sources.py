"""The sources a store knows, with the code that stands for each in a shard's members.

A member of a shard is ``chr(code) + value``: UTF-8 makes the code one byte below 128 and two
below 2,048, and no code is the beginning of another. Codes below :data:`FIRST_SOURCE` are not
sources.
"""

import secrets
from collections.abc import Mapping
from enum import StrEnum
from importlib.resources import files
from typing import Final

import msgspec
import redis

from blacklist.errors import Mismatch, StoreError
from blacklist.model import Kind, Source
from blacklist.store import keys, snapshot, steady
from blacklist.store.connect import store_errors
from blacklist.store.locks import Held

CLEARANCE = 1
OFFICIAL = 2
PENDING = 3
DISPUTED = 4
FIRST_SOURCE = 16
LAST_SOURCE = 0x7FFF
"""Well below the surrogates, which have no UTF-8."""

_VERSION_BITS = 60
_WRITE: Final = files(__package__).joinpath("source.lua").read_text()

_ONCE = b""
"""Field that ``source.lua`` leaves when it removes a source: a table without any field was lost."""


class State(StrEnum):
    """How far a source's last load got."""

    CLEAN = "clean"
    STAGING = "staging"
    """Rows are being staged: nothing of the sets has changed."""
    DIRTY = "dirty"
    """Sets may hold what the journal does not tell yet."""


class SourceRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """A source in a store. ``loaded`` is the second of its last load, ``whole`` of its last full.

    ``entries`` counts what it lists, by kind, without the bare numbers that account listings
    bring along; ``categories`` the same by category, the empty text being the source's own.
    ``generation`` goes up with every full load. ``rejected_share`` is that of its last full load.
    ``load`` is the number of its last load of any sort (:func:`new_load`).
    """

    source: Source
    code: int
    state: State = State.CLEAN
    loaded: int | None = None
    whole: int | None = None
    generation: int = 0
    entries: dict[Kind, int] = {}
    categories: dict[Kind, dict[str, int]] = {}
    rejected_share: float = 0.0
    load: int = 0

    def standing(self) -> dict[Kind, dict[str, int]]:
        """Entries by kind and category; records of older programs know no categories."""
        return self.categories or {kind: {"": count} for kind, count in self.entries.items()}


class SourceTable(msgspec.Struct, frozen=True):
    """All sources at one version, by code."""

    version: int
    by_code: dict[int, SourceRecord]

    def named(self, name: str) -> SourceRecord | None:
        """The source of that name."""
        return next((r for r in self.by_code.values() if r.source.name == name), None)


EMPTY = SourceTable(-1, {})
"""Of whoever has not read it yet: no table in a store has this version; one that lost it has 0."""


def read(client: redis.Redis) -> SourceTable:
    """All sources; version and records are read at one moment. Mismatch where they were lost.

    Without the table no entry would be recognised, and everything be "not listed".
    """
    version, raw = steady.read(
        client, keys.SOURCES_VERSION, lambda pipe: pipe.hgetall(keys.SOURCES)
    )
    if not raw and _has_listed(client):
        raise Mismatch("the store has lost its table of sources")
    return _decode(version, raw)


def _has_listed(client: redis.Redis) -> bool:
    """Whether any source has listed anything: by its code, and by what the filters hold."""
    with store_errors():
        if not client.hexists(keys.STORE, "codes"):
            return False
    return any(state.keys + state.added for state in snapshot.states(client).values())


def _decode(version: bytes | None, raw: Mapping[bytes, bytes]) -> SourceTable:
    """The table from the driver's answers."""
    try:
        records = [
            msgspec.json.decode(value, type=SourceRecord)
            for name, value in raw.items()
            if name != _ONCE
        ]
    except msgspec.MsgspecError as exc:
        raise Mismatch("the store describes a source in a way this program does not know") from exc
    # Of one order, which a large hash of the server has not: matches and hits are told by it.
    records.sort(key=lambda record: record.code)
    return SourceTable(int(version or 0), {record.code: record for record in records})


def write(client: redis.Redis, record: SourceRecord, held: Held | None = None) -> None:
    """Set one source and change the version, at once.

    ``held`` is the source's lock; Busy where it ran out, and nothing is changed. It is left out
    where nobody else can be writing.
    """
    _set(client, record.source.name, msgspec.json.encode(record), held)


def forget(client: redis.Redis, name: str, held: Held | None = None) -> None:
    """Remove one source that lists nothing; ``held`` as for :func:`write`."""
    _set(client, name, b"", held)


def _set(client: redis.Redis, name: str, record: bytes, held: Held | None) -> None:
    """Set or remove a record, and give the table a version that it never had.

    Not in a store that was set back either: a counter would come to the same number again there,
    and hide a source from who knows that one.
    """
    lock, token = held.fence if held is not None else (keys.lock(""), b"")
    version = secrets.randbits(_VERSION_BITS) | 1
    with store_errors():
        client.register_script(_WRITE)(
            keys=[lock, keys.SOURCES, keys.SOURCES_VERSION], args=[token, version, name, record]
        )


def new_code(client: redis.Redis) -> int:
    """A code that no source had before."""
    with store_errors():
        code = FIRST_SOURCE - 1 + client.hincrby(keys.STORE, "codes", 1)
    if code > LAST_SOURCE:
        raise StoreError("the store cannot hold more sources")
    return code


def new_load(client: redis.Redis) -> int:
    """A number for a load that is higher than that of every load before."""
    with store_errors():
        return int(client.hincrby(keys.STORE, "loads", 1))

"""The journal: a stream that says, in order, what was added to and removed from the sets.

Writers append after they wrote the sets; replicas read on from where they are. A row carries a
nonce beside its id, because a store that was rolled back can give one id out twice.
"""

import secrets
import zlib
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import msgspec
import redis

from blacklist.errors import Mismatch
from blacklist.model import Kind
from blacklist.store import keys, master
from blacklist.store.connect import store_errors

ROWS_A_READ = 500
_COMPRESSED_FROM_BYTES = 512
_ZLIB = b"\x78"
PLACES_REMEMBERED = 20_000
"""About 2 MB, and hours of loads; who was cut off for longer doubts (``replica.py``)."""


class What(StrEnum):
    """What a row tells."""

    GENESIS = "genesis"
    CHANGES = "changes"
    SNAPSHOT = "snapshot"
    """A new snapshot of ``kind`` stands ready and holds changes that no row tells: load it."""


class Change(msgspec.Struct, frozen=True):
    """What a writer tells: values of one kind, without the kind's name.

    ``added`` is also what is listed in another way than before. ``is_told`` is of a snapshot: rows
    tell all that it holds, so who follows the journal need not load anything anew.
    """

    what: What
    kind: Kind | None = None
    added: Sequence[str] = ()
    removed: Sequence[str] = ()
    is_told: bool = False


class Position(msgspec.Struct, frozen=True):
    """A place in the journal: the row with this id and this nonce was applied."""

    id: str
    nonce: str

    @classmethod
    def from_text(cls, text: str) -> "Position":
        """The position that ``str()`` wrote."""
        row_id, _, nonce = text.partition("/")
        return cls(row_id, nonce)

    def __str__(self) -> str:
        return f"{self.id}/{self.nonce}"


class Row(msgspec.Struct, frozen=True):
    """A change with its place."""

    position: Position
    change: Change


def append(client: redis.Redis, change: Change) -> Position:
    """Write one row and return its place."""
    nonce = secrets.token_hex(8)
    with store_errors():
        row_id: Any = client.xadd(keys.CHANGES, {"n": nonce, "c": _pack(change)})
    return Position(row_id.decode(), nonce)


def read_from(client: redis.Redis, row_id: str, count: int) -> list[Row]:
    """Up to ``count`` rows in order, the row ``row_id`` itself first if it is still there.

    Unavailable from a server that is a copy of another: it may not have the newest.
    """
    with store_errors():
        pipe = client.pipeline(transaction=False)
        pipe.xrange(keys.CHANGES, min=row_id, count=count)
        (raw,) = master.run(pipe)
    return _decode(raw)


def has(client: redis.Redis, position: Position) -> bool:
    """Whether the very row is still there: its id and its nonce."""
    with store_errors():
        raw: Any = client.xrange(keys.CHANGES, min=position.id, max=position.id, count=1)
    return holds(raw, position)


def holds(raw: list[tuple[bytes, dict[bytes, bytes]]], position: Position) -> bool:
    """Whether the driver's answer to XRANGE is the row of this id and nonce; its values unread."""
    return [(row_id, fields.get(b"n")) for row_id, fields in raw] == [
        (position.id.encode(), position.nonce.encode())
    ]


def last(client: redis.Redis) -> Position:
    """Where the journal ends; Mismatch where there is none."""
    with store_errors():
        raw: Any = client.xrevrange(keys.CHANGES, count=1)
    rows = _decode(raw)
    if not rows:
        raise Mismatch("the store has lost its journal")
    return rows[0].position


def has_forgotten(client: redis.Redis, position: Position) -> bool:
    """Whether the very row was there and went the regular way, as far as that is remembered."""
    with store_errors():
        return client.zscore(keys.FORGOTTEN, str(position)) is not None


def length(client: redis.Redis) -> int:
    """How many rows there are."""
    with store_errors():
        return int(client.xlen(keys.CHANGES))


def trim(client: redis.Redis, before: str) -> None:
    """Forget rows older than the row id ``before``, but for the places of the last of them.

    A place is remembered before its row goes: whoever misses the row then finds the place, or
    knows that the store was set back.
    """
    start = "-"
    with store_errors():
        while rows := _places(client, start, f"({before}"):
            client.zadd(keys.FORGOTTEN, {str(one): id_order(one.id)[0] for one in rows})
            start = f"({rows[-1].id}"
        client.zremrangebyrank(keys.FORGOTTEN, 0, -PLACES_REMEMBERED - 1)
        client.xtrim(keys.CHANGES, minid=before, approximate=True)


def _places(client: redis.Redis, start: str, end: str) -> list[Position]:
    raw: Any = client.xrange(keys.CHANGES, min=start, max=end, count=ROWS_A_READ)
    return [Position(row_id.decode(), fields[b"n"].decode()) for row_id, fields in raw]


def id_order(row_id: str) -> tuple[int, int]:
    """Sort key of a row id ``milliseconds-sequence``."""
    milliseconds, _, sequence = row_id.partition("-")
    return int(milliseconds), int(sequence)


def _decode(raw: list[tuple[bytes, dict[bytes, bytes]]]) -> list[Row]:
    """Rows from the driver's answer to XRANGE; Mismatch when a row is not ours."""
    try:
        return [
            Row(
                Position(row_id.decode(), fields[b"n"].decode()),
                _unpack(fields[b"c"]),
            )
            for row_id, fields in raw
        ]
    except (KeyError, msgspec.MsgspecError, UnicodeDecodeError, zlib.error) as exc:
        raise Mismatch("the journal holds a row that is not ours") from exc


def _pack(change: Change) -> bytes:
    """A long row is compressed: to two fifths, in a few microseconds a hundred values."""
    packed = msgspec.msgpack.encode(change)
    return packed if len(packed) < _COMPRESSED_FROM_BYTES else zlib.compress(packed, level=1)


def _unpack(packed: bytes) -> Change:
    """Both begin unlike: MessagePack's map with 0x8…, zlib's stream with 0x78 (RFC 1950)."""
    if packed.startswith(_ZLIB):
        packed = zlib.decompress(packed)
    return msgspec.msgpack.decode(packed, type=Change)

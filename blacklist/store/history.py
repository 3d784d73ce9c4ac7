"""What went from the lists: for each shard a list beside its sets, written by who takes it out.

The same script that changes a shard appends to its list, so that nothing goes without a trace and
no trace is of what did not go. Only what went is written: of what is there, the sets know since
when. A list keeps :data:`KEPT_EVENTS` events and :data:`KEPT_SECONDS`; where it had to drop some
before their time, the second up to which it did is told. Questions never read it.
"""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
import redis

from blacklist.errors import Mismatch, Unavailable
from blacklist.model import Category, Identifier
from blacklist.store import keys
from blacklist.store.connect import run, store_errors
from blacklist.store.meta import StoreInfo

KEPT_EVENTS: Final = 512
"""Of a shard; some 100 bytes each. Lists of a million that change by a hundredth a day fill it in
half a year."""

KEPT_SECONDS: Final = 400 * 86_400
"""Longer than any phone number's listing lives without renewal."""

_CUT: Final = b"\x00\x00"
"""Field of a shard's details: the second up to which its list was cut (``details.lua``)."""

_BEGAN: Final = "history"


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that went, or was decided. Short names, as in the shards; times are Unix seconds.

    ``s`` is the character of who said so; ``w`` is ``cleared`` or ``lifted`` for a clearance, none
    for a listing that went; ``f`` since when that was, ``c`` its category, ``r`` its reference or a
    clearance's reason; ``x`` a clearance's end.
    """

    value: str = msgspec.field(name="v")
    who: str = msgspec.field(name="s")
    at: int = msgspec.field(name="t")
    what: str = msgspec.field(default="withdrawn", name="w")
    since: int | None = msgspec.field(default=None, name="f")
    category: Category | None = msgspec.field(default=None, name="c")
    reference: str | None = msgspec.field(default=None, name="r")
    until: int | None = msgspec.field(default=None, name="x")

    @property
    def code(self) -> int:
        """The code of who said so: a source's, or that of clearances."""
        return ord(self.who)


class Remembered(msgspec.Struct):
    """Events of each identifier, oldest first, and the second from which on none is missing."""

    events: dict[Identifier, list[Event]]
    complete_from: int


_decoder = msgspec.json.Decoder(Event)
encode = msgspec.json.Encoder().encode


def begin(client: redis.Redis, now: int) -> None:
    """Say that from now on all writers write history, unless that was said before."""
    with store_errors():
        client.hsetnx(keys.STORE, _BEGAN, now)


def began(client: redis.Redis) -> int | None:
    """The second from which on history is written; None where no writer does yet."""
    with store_errors():
        raw = client.hget(keys.STORE, _BEGAN)
    return None if raw is None else int(raw)


def name(client: redis.Redis, code: int, source: str) -> None:
    """Keep the name of a source that is being removed: history goes on speaking of it."""
    with store_errors():
        client.hset(keys.SOURCES_GONE, str(code), source)


def names(client: redis.Redis) -> dict[int, str]:
    """The names of sources that are no more, by code."""
    with store_errors():
        raw: Any = client.hgetall(keys.SOURCES_GONE)
    return {int(code): text.decode() for code, text in raw.items()}


def read(
    client: redis.Redis, info: StoreInfo, identifiers: Iterable[Identifier], *, now: int
) -> Remembered:
    """What went of some identifiers; Unavailable where a shard was lost, and its list with it."""
    wanted = dict.fromkeys(identifiers)
    shards = list(
        dict.fromkeys((one.kind, keys.shard_of(one, info.bits[one.kind])) for one in wanted)
    )
    with store_errors():
        pipe = client.pipeline(transaction=False)
        for kind, shard in shards:
            pipe.zscore(keys.entries(kind, info.bits[kind], shard), keys.MARKER)
            pipe.hget(keys.details(kind, info.bits[kind], shard), _CUT)
            pipe.lrange(keys.history(kind, info.bits[kind], shard), 0, -1)
        answers = run(pipe)
    if any(marker != info.marker for marker in answers[0::3]):
        raise Unavailable("a shard of the store was lost")
    cuts = [int(cut) + 1 for cut in answers[1::3] if cut is not None]
    found: dict[Identifier, list[Event]] = {one: [] for one in wanted}
    for (kind, _), texts in zip(shards, answers[2::3], strict=True):
        for event in map(decode, texts):
            identifier = Identifier(kind, event.value)
            if identifier in found and event.at >= now - KEPT_SECONDS:
                found[identifier].append(event)
    begun = began(client)
    return Remembered(found, max([now - KEPT_SECONDS, now if begun is None else begun, *cuts]))


def decode(text: bytes) -> Event:
    """One event of a shard's list; Mismatch where it is none."""
    try:
        return _decoder.decode(text)
    except msgspec.MsgspecError as exc:
        raise Mismatch("the store remembers something this program does not know") from exc

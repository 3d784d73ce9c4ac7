"""The shards of a kind written anew with another number of bits, beside those in use.

    shards in use ──read──▶ members by their new shard ──write, each at once──▶ shards aside

Called by ``blacklist/reshard.py`` under the lock of a reshard, and (:func:`leave` only) by a writer
that finds a reshard cut off. Whatever is written or removed here is fenced: the server refuses it
once the lock may be somebody else's, so a process that stood still cannot spoil shards in use.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from importlib.resources import files
from typing import Any, Final

import msgspec
import redis

from blacklist.errors import Busy, Mismatch, Unavailable
from blacklist.model import Identifier, Kind
from blacklist.store import journal, keys, layout, sources
from blacklist.store.connect import run, store_errors
from blacklist.store.layout import Aside
from blacklist.store.listings import trips
from blacklist.store.locks import LEASE_SECONDS, Held
from blacklist.store.meta import StoreInfo
from blacklist.store.sources import State

SHARDS_A_READ: Final = 8
"""Read in one pipeline: its commands stand in the way of questions until all are answered."""

_FENCE_SECONDS: Final = int(LEASE_SECONDS) - 10
"""Less than the lock lasts, by more than the clocks of a cluster's servers differ."""

_SHARD: Final = files(__package__).joinpath("shard.lua").read_text()
_MARKER: Final = keys.MARKER.encode()
_TIME: Final = "return redis.call('TIME')[1]"

Progress = Callable[[int], None]
"""Told how many shards more are done."""


class Sum(msgspec.Struct, frozen=True):
    """How many members and details some shards hold, markers left out."""

    members: int = 0
    details: int = 0

    def plus(self, other: "Sum") -> "Sum":
        """Both together."""
        return Sum(self.members + other.members, self.details + other.details)


class Fence:
    """Says until when the shards take what this process sends; ``locks`` are what it holds."""

    def __init__(self, client: redis.Redis, *locks: Held) -> None:
        self._locks = locks
        self._time = client.register_script(_TIME)
        self.shard = client.register_script(_SHARD)

    def renew(self) -> int:
        """The second of the server's clock up to which all goes well; Busy without the lock."""
        with store_errors():
            now = self._time(keys=[keys.STORE])
        for lock in self._locks:  # after the look at the clock, so that they last longer
            lock.extend()
        return int(now) + _FENCE_SECONDS


class _Shard:
    """What goes into one new shard."""

    def __init__(self) -> None:
        self.scored: list[tuple[float, bytes]] = []
        self.details: list[bytes] = []

    def arguments(self) -> list[Any]:
        """Details, then members last first: each finds its place at the head of a compact set."""
        self.scored.sort(reverse=True)
        scored = [cell for pair in self.scored for cell in pair]
        return [len(self.details), *self.details, *scored]


def copy(
    client: redis.Redis, info: StoreInfo, kind: Kind, bits: int, fence: Fence, progress: Progress
) -> Sum:
    """Fill the shards of ``bits`` bits with all that those in use hold; returns how much that was.

    A group of shards with the same first bits is read and written together, so that every new
    shard is written once and whole, with the store's marker.
    """
    total = Sum()
    shared = min(info.bits[kind], bits)
    wide = info.bits[kind] - shared
    groups = max(1, SHARDS_A_READ >> wide)
    for first in range(0, 1 << shared, groups):
        prefixes = range(first, min(first + groups, 1 << shared))
        old = range(prefixes.start << wide, prefixes.stop << wide)
        new = range(prefixes.start << (bits - shared), prefixes.stop << (bits - shared))
        until = fence.renew()
        shards, part = _read(client, info, kind, old=old, bits=bits)
        if not shards.keys() <= set(new):
            raise Mismatch("a shard of the store holds what belongs into another")
        with store_errors():
            pipe = client.pipeline(transaction=False)
            for number in new:
                shard = shards[number]
                shard.scored.append((info.marker, _MARKER))
                names = _names(kind, bits, number)
                fence.shard(keys=names, args=[until, *shard.arguments()], client=pipe)
            _require_done(run(pipe))
        total = total.plus(part)
        progress(len(old))
    return total


def count(client: redis.Redis, info: StoreInfo, kind: Kind, bits: int) -> Sum:
    """What the shards of ``bits`` bits hold; Unavailable where one lacks the store's marker."""
    total = Sum()
    for shards in trips(range(1 << bits)):
        with store_errors():
            pipe = client.pipeline(transaction=False)
            for shard in shards:
                entries, details = _names(kind, bits, shard)
                pipe.zcard(entries)
                pipe.zscore(entries, keys.MARKER)
                pipe.hlen(details)
            answers = run(pipe)
        if any(marker != info.marker for marker in answers[1::3]):
            raise Unavailable("a shard of the store was lost")
        total = total.plus(Sum(sum(answers[0::3]) - len(shards), sum(answers[2::3])))
    return total


def remove(
    client: redis.Redis, kind: Kind, bits: int, fence: Fence, codes: Sequence[int] = ()
) -> None:
    """Remove all shards of ``bits`` bits, which nobody uses, and what sources have staged there."""
    for shards in trips(range(1 << bits)):
        until = fence.renew()
        with store_errors():
            pipe = client.pipeline(transaction=False)
            for shard in shards:
                fence.shard(keys=_names(kind, bits, shard), args=[until, 0], client=pipe)
                for code in codes:
                    stage = keys.stage(kind, bits, shard, code)
                    fence.shard(keys=[stage, stage], args=[until, 0], client=pipe)
            _require_done(run(pipe))


def leave(
    client: redis.Redis,
    info: StoreInfo,
    kind: Kind,
    left: Aside,
    *,
    fence: Fence,
    wait: Callable[[], None],
) -> None:
    """Let every replica read the new bits, then remove the shards of the old ones.

    ``wait`` returns when every replica has read the row or lost its lease. A reader that asks an
    old shard even then finds no marker, reads the bits and asks again.
    """
    if left.bits == info.bits[kind]:
        raise Mismatch("the store says that shards in use are to be removed")
    journal.append(client, journal.Change(journal.What.SNAPSHOT, kind))
    wait()
    # What a load that was cut off has staged would come back with these bits, as if it were new.
    records = sources.read(client).by_code.values()
    codes = [record.code for record in records if record.state is not State.CLEAN]
    remove(client, kind, left.bits, fence, codes)
    layout.forget_left(client, kind, left)


def _read(
    client: redis.Redis, info: StoreInfo, kind: Kind, *, old: Sequence[int], bits: int
) -> tuple[dict[int, _Shard], Sum]:
    """What some shards in use hold, by new shard."""
    with store_errors():
        pipe = client.pipeline(transaction=False)
        for number in old:
            entries, details = _names(kind, info.bits[kind], number)
            pipe.zrange(entries, 0, -1, withscores=True)
            pipe.hgetall(details)
        answers = run(pipe)
    shards: dict[int, _Shard] = defaultdict(_Shard)
    total = Sum()
    for members, details in zip(answers[0::2], answers[1::2], strict=True):
        if (_MARKER, info.marker) not in members:
            raise Unavailable("a shard of the store was lost")
        for member, score in members:
            if member != _MARKER:
                shards[_shard_of(kind, member, bits)].scored.append((score, member))
        for field, text in details.items():
            shards[_shard_of(kind, field, bits)].details += (field, text)
        total = total.plus(Sum(len(members) - 1, len(details)))
    return shards, total


def _shard_of(kind: Kind, member: bytes, bits: int) -> int:
    """Where a member goes: its first character says who lists it, the rest is the value."""
    return keys.shard_of(Identifier(kind, member.decode()[1:]), bits)


def _names(kind: Kind, bits: int, shard: int) -> list[str]:
    return [keys.entries(kind, bits, shard), keys.details(kind, bits, shard)]


def _require_done(answers: Iterable[int]) -> None:
    if not all(answers):
        raise Busy("this reshard was too slow and lost its lock; run it again")

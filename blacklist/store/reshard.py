"""The shards of a kind written anew with another number of bits, beside those in use.

    shards in use ──read──▶ members by their new shard ──write, each at once──▶ shards aside

Called by ``blacklist/reshard.py`` under the lock of a reshard, and (:func:`leave` only) by a writer
that finds a reshard cut off. Whatever is written or removed here is fenced: the server refuses it
once the lock may be somebody else's, so a process that stood still cannot spoil shards in use.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.resources import files
from typing import Any, Final

import msgspec
import redis

from blacklist.errors import Busy, Mismatch, Unavailable
from blacklist.model import Identifier, Kind
from blacklist.store import durability, history, journal, keys, layout, members, sources
from blacklist.store.connect import run, store_errors
from blacklist.store.history import Event
from blacklist.store.layout import Aside
from blacklist.store.listings import trips
from blacklist.store.locks import LEASE_SECONDS, Held
from blacklist.store.meta import StoreInfo
from blacklist.store.sources import SourceRecord, State

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
    """How many members, details and events some shards hold, without markers."""

    members: int = 0
    details: int = 0
    events: int = 0

    def plus(self, other: "Sum") -> "Sum":
        """Both together."""
        return Sum(
            self.members + other.members,
            self.details + other.details,
            self.events + other.events,
        )


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
        self.details: dict[bytes, bytes] = {}
        self.events: list[Event] = []

    def keep(self, field: bytes, text: bytes) -> None:
        """Take over a number that is told of a whole shard: of several the highest counts."""
        self.details[field] = max(self.details.get(field, b"0"), text, key=int)

    def sum(self) -> Sum:
        """How much that is."""
        return Sum(len(self.scored), len(self.details), len(self.events))

    def arguments(self, marker: int) -> list[Any]:
        """Details, events, and members last first: each finds its place at the head of a set."""
        scored = sorted([*self.scored, (marker, _MARKER)], reverse=True)
        details = [cell for pair in self.details.items() for cell in pair]
        events = [history.encode(one) for one in sorted(self.events, key=lambda one: one.at)]
        members = (cell for pair in scored for cell in pair)
        return [len(details), len(events), *details, *events, *members]


def copy(
    client: redis.Redis, info: StoreInfo, kind: Kind, bits: int, fence: Fence, progress: Progress
) -> Sum:
    """Fill the shards of ``bits`` bits with all that those in use hold; returns how much that was.

    A group of shards with the same first bits is read and written together, so that every new
    shard is written once and whole, with the store's marker.
    """
    total = Sum()
    spread = _Spread(kind, info.bits[kind], bits)
    for old in spread.parts():
        until = fence.renew()
        shards = _read(client, info, spread, old)
        new = spread.new_of(old)
        if not shards.keys() <= set(new):
            raise Mismatch("a shard of the store holds what belongs into another")
        with store_errors():
            pipe = client.pipeline(transaction=False)
            for number in new:
                arguments = [until, *shards[number].arguments(info.marker)]
                fence.shard(keys=_names(kind, bits, number), args=arguments, client=pipe)
            _require_done(run(pipe))
        for shard in shards.values():
            total = total.plus(shard.sum())
        progress(len(old))
    return total


def count(client: redis.Redis, info: StoreInfo, kind: Kind, bits: int, fence: Fence) -> Sum:
    """What the shards of ``bits`` bits hold; Unavailable where one lacks the store's marker."""
    total = Sum()
    for shards in trips(range(1 << bits)):
        fence.renew()
        with store_errors():
            pipe = client.pipeline(transaction=False)
            for shard in shards:
                entries, details, events = _names(kind, bits, shard)
                pipe.zcard(entries)
                pipe.zscore(entries, keys.MARKER)
                pipe.hlen(details)
                pipe.llen(events)
            answers = run(pipe)
        if any(marker != info.marker for marker in answers[1::4]):
            raise Unavailable("a shard of the store was lost")
        members = sum(answers[0::4]) - len(shards)
        total = total.plus(Sum(members, sum(answers[2::4]), sum(answers[3::4])))
    return total


def remove(
    client: redis.Redis, kind: Kind, bits: int, fence: Fence, cut_off: Sequence[SourceRecord] = ()
) -> None:
    """Remove all shards of ``bits`` bits, which nobody uses, and what sources have staged there."""
    for shards in trips(range(1 << bits)):
        until = fence.renew()
        with store_errors():
            pipe = client.pipeline(transaction=False)
            for shard in shards:
                fence.shard(keys=_names(kind, bits, shard), args=[until, 0, 0], client=pipe)
                for record in cut_off:
                    stage = keys.stage(kind, bits, shard, record.code, record.load)
                    fence.shard(keys=[stage, stage, stage], args=[until, 0, 0], client=pipe)
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
    journal.append(client, journal.Change(journal.What.SNAPSHOT, kind, is_told=True))
    wait()
    # What a load that was cut off has staged would come back with these bits, as if it were new.
    records = sources.read(client).by_code.values()
    cut_off = [record for record in records if record.state is not State.CLEAN]
    remove(client, kind, left.bits, fence, cut_off)
    durability.replicate(client)  # or a failover would bring back what nobody would remove
    layout.forget_left(client, kind, left)


class _Spread:
    """Which new shards the members of a shard in use go to: those whose number begins alike."""

    def __init__(self, kind: Kind, old_bits: int, bits: int) -> None:
        self.kind = kind
        self.bits = bits
        self._shared = min(old_bits, bits)
        self._old_wide, self._new_wide = old_bits - self._shared, bits - self._shared

    def parts(self) -> Iterator[range]:
        """Shards in use that are read together: all that go to the same new ones, and some more."""
        size = max(1, SHARDS_A_READ >> self._old_wide) << self._old_wide
        everything = range(1 << (self._shared + self._old_wide))
        for start in range(0, len(everything), size):
            yield everything[start : start + size]

    def new_of(self, old: range) -> range:
        """The new shards of some in use, which are whole groups."""
        first, last = old[0] >> self._old_wide, old[-1] >> self._old_wide
        return range(first << self._new_wide, (last + 1) << self._new_wide)

    def shard_of(self, member: bytes) -> int:
        """Where a member goes."""
        return self.shard_for(members.value_of(self.kind, member))

    def shard_for(self, value: str) -> int:
        """Where everything about a value goes."""
        return keys.shard_of(Identifier(self.kind, value), self.bits)


def _read(
    client: redis.Redis, info: StoreInfo, spread: _Spread, old: range
) -> defaultdict[int, _Shard]:
    """What some shards in use hold, by new shard."""
    with store_errors():
        pipe = client.pipeline(transaction=False)
        for number in old:
            entries, details, events = _names(spread.kind, info.bits[spread.kind], number)
            pipe.zrange(entries, 0, -1, withscores=True)
            pipe.hgetall(details)
            pipe.lrange(events, 0, -1)
        answers = run(pipe)
    shards: defaultdict[int, _Shard] = defaultdict(_Shard)
    for number, entries, details, events in zip(
        old, answers[0::3], answers[1::3], answers[2::3], strict=True
    ):
        if (_MARKER, info.marker) not in entries:
            raise Unavailable("a shard of the store was lost")
        for member, score in entries:
            if member != _MARKER:
                shards[spread.shard_of(member)].scored.append((score, member))
        _spread_details(shards, spread, number, details)
        for event in map(history.decode, events):
            shards[spread.shard_for(event.value)].events.append(event)
    return shards


def _spread_details(
    shards: defaultdict[int, _Shard], spread: _Spread, number: int, details: dict[bytes, bytes]
) -> None:
    for field, text in details.items():
        if field.startswith(_MARKER):  # told of the shard and of no member
            for new in spread.new_of(range(number, number + 1)):
                shards[new].keep(field, text)
        else:
            shards[spread.shard_of(field)].details[field] = text


def _names(kind: Kind, bits: int, shard: int) -> list[str]:
    return [
        keys.entries(kind, bits, shard),
        keys.details(kind, bits, shard),
        keys.history(kind, bits, shard),
    ]


def _require_done(answers: Iterable[int]) -> None:
    if not all(answers):
        raise Busy("this reshard was too slow and lost its lock; run it again")

"""The sets: what is listed, by whom, since when; read and scanned by shard.

One sorted set a shard serves all sources: ``ZMSCORE`` answers for every source at once (chosen by
measuring, docs/measurements.md). What of an entry differs from its source's defaults lies in a
hash beside it. Every shard holds a marker with the store's id: without it the answer "not listed"
means that the shard was lost, and is not given.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
import redis

from blacklist.errors import Mismatch, Unavailable
from blacklist.model import Category, Identifier, Kind
from blacklist.store import journal, keys, master, members
from blacklist.store.connect import LAST, SILENT, run, store_errors
from blacklist.store.meta import StoreInfo
from blacklist.store.sources import CLEARANCE, DISPUTED, OFFICIAL, PENDING

_MARKS = (CLEARANCE, OFFICIAL, PENDING, DISPUTED)

_MARKER: Any = keys.MARKER.encode()
_Asked = tuple[Identifier, int, bytes]
"""What is asked of a shard: an identifier, a code, and the member by which it would say so."""

_MARKER = keys.MARKER.encode()
SHARDS_A_TRIP = 256
SHARDS_A_SCAN = 32
"""Whole shards in one pipeline: its commands stand in the way of questions."""


class Detail(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What of an entry differs from its source's defaults; short names, since there are millions.

    ``s`` is the second it was last brought by an increment; ``b`` the banks of a bare number;
    ``l`` the second at which the feed itself last saw it, ``k`` how many reports the feed counts.
    """

    category: Category | None = msgspec.field(default=None, name="c")
    reference: str | None = msgspec.field(default=None, name="r")
    note: str | None = msgspec.field(default=None, name="n")
    expires: int | None = msgspec.field(default=None, name="x")
    seen: int | None = msgspec.field(default=None, name="s")
    banks: tuple[str, ...] = msgspec.field(default=(), name="b")
    last: int | None = msgspec.field(default=None, name="l")
    reports: int | None = msgspec.field(default=None, name="k")


NO_DETAIL = Detail()
_decode_detail = msgspec.json.Decoder(Detail).decode


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One member of a shard: who (a code), since which Unix second, and the details."""

    code: int
    since: int
    detail: Detail


class Confirmation(msgspec.Struct):
    """What the store said of some identifiers at one moment.

    ``entries`` has a key for every identifier whose shard answered, with an empty list where
    nothing is known of it; identifiers of shards that were lost are in ``failed``, those of shards
    whose node did not answer in ``silent``. ``sources_version`` and ``has_row`` speak of the same
    moment, at which every shard that answered had done so: what a store set back had lost before it
    answered for a shard, ``has_row`` tells.
    """

    entries: dict[Identifier, list[Entry]]
    failed: set[Identifier]
    sources_version: int
    has_row: bool
    silent: set[Identifier]


def confirm(
    client: redis.Redis,
    info: StoreInfo,
    identifiers: Iterable[Identifier],
    codes: Sequence[int],
    row: journal.Position | None,
) -> Confirmation:
    """Ask the sets about identifiers, in one pipeline; the marks come along.

    ``row`` is the journal row that the caller's filter was brought to: where it is gone, the
    store was rolled back under the caller (``has_row`` is False). Raises Unavailable, also from a
    server that is a copy of another.
    """
    shards = _members_by_shard(info, identifiers, (*_MARKS, *codes))
    with store_errors():
        pipe = client.pipeline(transaction=False, shard_hint=LAST)
        for (kind, shard), asked in shards.items():
            wanted: list[Any] = [member for _, _, member in asked]  # redis-py: texts only
            pipe.zmscore(keys.entries(kind, info.bits[kind], shard), [_MARKER, *wanted])
            pipe.hmget(keys.details(kind, info.bits[kind], shard), wanted)
        if row is not None:
            pipe.xrange(keys.CHANGES, min=row.id, max=row.id, count=1)
        answers, version = master.read(client, pipe, keys.SOURCES_VERSION, apart=2 * len(shards))
    answer = Confirmation({}, set(), int(version or 0), has_row=True, silent=set())
    if row is not None:
        answer.has_row = journal.holds(answers[-1], row)
    for number, asked in enumerate(shards.values()):
        scores, details = answers[2 * number : 2 * number + 2]
        if isinstance(scores, SILENT) or isinstance(details, SILENT):
            answer.silent.update(identifier for identifier, _, _ in asked)
            continue
        if scores[0] != info.marker:
            answer.failed.update(identifier for identifier, _, _ in asked)
            continue
        for (identifier, code, _), score, detail in zip(asked, scores[1:], details, strict=True):
            known = answer.entries.setdefault(identifier, [])
            if score is not None:
                known.append(_entry(code, score, detail))
    return answer


class Shard(msgspec.Struct):
    """One shard whole, as it was at one moment; otherwise as of :class:`Confirmation`."""

    entries: dict[Identifier, list[Entry]]
    sources_version: int
    has_row: bool


def read_shard(
    client: redis.Redis, info: StoreInfo, kind: Kind, shard: int, *, row: journal.Position | None
) -> Shard | None:
    """All that one shard holds, None where it was lost; ``row`` as for :func:`confirm`."""
    bits = info.bits[kind]
    with store_errors():
        pipe = client.pipeline(transaction=False, shard_hint=LAST)
        pipe.zrange(keys.entries(kind, bits, shard), 0, -1, withscores=True)
        pipe.hgetall(keys.details(kind, bits, shard))
        if row is not None:
            pipe.xrange(keys.CHANGES, min=row.id, max=row.id, count=1)
        answers, version = master.read(client, pipe, keys.SOURCES_VERSION, apart=0)
    scored, details = answers[:2]
    if (_MARKER, info.marker) not in scored:
        return None
    found = Shard({}, int(version or 0), row is None or journal.holds(answers[-1], row))
    for member, score in scored:
        if member != _MARKER:
            code, value = members.read(kind, member)
            known = found.entries.setdefault(Identifier(kind, value), [])
            known.append(_entry(code, score, details.get(member)))
    return found


def _members_by_shard(
    info: StoreInfo, identifiers: Iterable[Identifier], codes: Sequence[int]
) -> dict[tuple[Kind, int], list[_Asked]]:
    """Each shard's part of the question: identifiers with every member they may have there."""
    shards: dict[tuple[Kind, int], list[_Asked]] = defaultdict(list)
    for one in identifiers:
        packed = members.pack(one.kind, one.value)
        asked = shards[one.kind, keys.shard_of(one, info.bits[one.kind])]
        asked += [(one, code, chr(code).encode() + packed) for code in codes]
    return shards


def _entry(code: int, score: float, detail: bytes | None) -> Entry:
    return Entry(code, int(score), _decode(detail) if detail else NO_DETAIL)


def _decode(detail: bytes) -> Detail:
    try:
        return _decode_detail(detail)
    except msgspec.MsgspecError as exc:
        raise Mismatch("an entry in the store has details this program does not know") from exc


def count(client: redis.Redis, info: StoreInfo, kind: Kind) -> int:
    """How many members all shards of a kind hold together."""
    total = 0
    bits = info.bits[kind]
    for shards in trips(range(1 << bits)):
        with store_errors():
            pipe = client.pipeline(transaction=False)
            for shard in shards:
                pipe.zcard(keys.entries(kind, bits, shard))
            total += sum(run(pipe)) - len(shards)
    return total


def scan(client: redis.Redis, info: StoreInfo, kind: Kind) -> Iterator[list[str]]:
    """All values of a kind that have something to say, by some shards at a time."""
    bits = info.bits[kind]
    for shards in trips(range(1 << bits), SHARDS_A_SCAN):
        with store_errors():
            pipe = client.pipeline(transaction=False)
            for shard in shards:
                pipe.zrange(keys.entries(kind, bits, shard), 0, -1)
            answers = run(pipe)
        values: list[str] = []
        for found in answers:
            if _MARKER not in found:
                raise Unavailable("a shard of the store was lost")
            values += [members.value_of(kind, member) for member in found if member != _MARKER]
        yield values


def scan_entries(
    client: redis.Redis, info: StoreInfo, kind: Kind
) -> Iterator[dict[Identifier, list[Entry]]]:
    """All entries of a kind, some shards at a time; Unavailable where one was lost."""
    bits = info.bits[kind]
    for shards in trips(range(1 << bits), SHARDS_A_SCAN):
        with store_errors():
            pipe = client.pipeline(transaction=False)
            for shard in shards:
                pipe.zrange(keys.entries(kind, bits, shard), 0, -1, withscores=True)
                pipe.hgetall(keys.details(kind, bits, shard))
            answers = run(pipe)
        found: dict[Identifier, list[Entry]] = defaultdict(list)
        for scored, details in zip(answers[0::2], answers[1::2], strict=True):
            marker = next((score for member, score in scored if member == _MARKER), None)
            if marker != info.marker:
                raise Unavailable("a shard of the store was lost")
            for member, score in scored:
                if member != _MARKER:
                    code, value = members.read(kind, member)
                    entry = _entry(code, score, details.get(member))
                    found[Identifier(kind, value)].append(entry)
        yield found


def trips(shards: Sequence[int], size: int | None = None) -> Iterator[Sequence[int]]:
    """Cut shards into what goes into one pipeline."""
    size = size or SHARDS_A_TRIP
    for start in range(0, len(shards), size):
        yield shards[start : start + size]

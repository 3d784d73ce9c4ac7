"""The sets: what is listed, by whom, since when; read and scanned by shard.

One sorted set a shard serves all sources: ``ZMSCORE`` answers for every source at once (chosen by
measuring, docs/measurements.md). What of an entry differs from its source's defaults lies in a
hash beside it. Every shard holds a marker with the store's id: without it the answer "not listed"
means that the shard was lost, and is not given.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import msgspec
import redis

from blacklist.errors import Mismatch, Unavailable
from blacklist.model import Category, Identifier, Kind
from blacklist.store import journal, keys, master
from blacklist.store.connect import LAST, SILENT, run, store_errors
from blacklist.store.meta import StoreInfo
from blacklist.store.sources import CLEARANCE, OFFICIAL

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
    """Ask the sets about identifiers, in one pipeline; the clearances and officials come along.

    ``row`` is the journal row that the caller's filter was brought to: where it is gone, the
    store was rolled back under the caller (``has_row`` is False). Raises Unavailable, also from a
    server that is a copy of another.
    """
    shards = _members_by_shard(
        info, identifiers, [chr(code) for code in (CLEARANCE, OFFICIAL, *codes)]
    )
    with store_errors():
        pipe = client.pipeline(transaction=False, shard_hint=LAST)
        for (kind, shard), asked in shards.items():
            members = [member for _, member in asked]
            pipe.zmscore(keys.entries(kind, info.bits[kind], shard), [keys.MARKER, *members])
            pipe.hmget(keys.details(kind, info.bits[kind], shard), members)
        if row is not None:
            pipe.xrange(keys.CHANGES, min=row.id, max=row.id, count=1)
        answers, version = master.read(client, pipe, keys.SOURCES_VERSION, apart=2 * len(shards))
    answer = Confirmation({}, set(), int(version or 0), has_row=True, silent=set())
    if row is not None:
        answer.has_row = journal.holds(answers[-1], row)
    for number, asked in enumerate(shards.values()):
        scores, details = answers[2 * number : 2 * number + 2]
        if isinstance(scores, SILENT) or isinstance(details, SILENT):
            answer.silent.update(identifier for identifier, _ in asked)
            continue
        if scores[0] != info.marker:
            answer.failed.update(identifier for identifier, _ in asked)
            continue
        for (identifier, member), score, detail in zip(asked, scores[1:], details, strict=True):
            known = answer.entries.setdefault(identifier, [])
            if score is not None:
                known.append(_entry(member, score, detail))
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
    members, details = answers[:2]
    if (keys.MARKER.encode(), info.marker) not in members:
        return None
    found = Shard({}, int(version or 0), row is None or journal.holds(answers[-1], row))
    for raw, score in members:
        member = raw.decode()
        if member != keys.MARKER:
            known = found.entries.setdefault(Identifier(kind, member[1:]), [])
            known.append(_entry(member, score, details.get(raw)))
    return found


def _members_by_shard(
    info: StoreInfo, identifiers: Iterable[Identifier], prefixes: Sequence[str]
) -> dict[tuple[Kind, int], list[tuple[Identifier, str]]]:
    """Each shard's part of the question: identifiers with every member they may have there."""
    shards: dict[tuple[Kind, int], list[tuple[Identifier, str]]] = defaultdict(list)
    for one in identifiers:
        asked = shards[one.kind, keys.shard_of(one, info.bits[one.kind])]
        asked += [(one, prefix + one.value) for prefix in prefixes]
    return shards


def _entry(member: str, score: float, detail: bytes | None) -> Entry:
    return Entry(ord(member[0]), int(score), _decode(detail) if detail else NO_DETAIL)


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
        for members in answers:
            texts = [member.decode() for member in members]
            if keys.MARKER not in texts:
                raise Unavailable("a shard of the store was lost")
            values.extend(text[1:] for text in texts if text != keys.MARKER)
        yield values


def trips(shards: Sequence[int], size: int | None = None) -> Iterator[Sequence[int]]:
    """Cut shards into what goes into one pipeline."""
    size = size or SHARDS_A_TRIP
    for start in range(0, len(shards), size):
        yield shards[start : start + size]

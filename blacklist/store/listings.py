"""The sets: what is listed, by whom, since when; read, scanned, staged and applied by shard.

One sorted set a shard serves all sources: ``ZMSCORE`` answers for every source at once (chosen by
measuring, docs/measurements.md). What of an entry differs from its source's defaults lies in a
hash beside it. Every shard holds a marker with the store's id: without it the answer "not listed"
means that the shard was lost, and is not given.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Any

import msgspec
import redis

from blacklist.errors import Mismatch, Unavailable
from blacklist.model import Category, Identifier, Kind
from blacklist.store import journal, keys
from blacklist.store.connect import run, store_errors
from blacklist.store.meta import StoreInfo
from blacklist.store.sources import CLEARANCE, OFFICIAL

STAGE_SECONDS = 6 * 3600
"""How long the stage of a load that was cut off lies before the server drops it."""

SHARDS_A_TRIP = 256


def _script(name: str) -> str:
    folder = files(__package__)
    return folder.joinpath("banks.lua").read_text() + folder.joinpath(name).read_text()


_STAGE = _script("stage.lua")
_APPLY = _script("apply.lua")


class Detail(msgspec.Struct, frozen=True, omit_defaults=True):
    """What of an entry differs from its source's defaults; short names, since there are millions.

    ``s`` is the second it was last brought by an increment; ``b`` the banks of a bare number.
    """

    category: Category | None = msgspec.field(default=None, name="c")
    reference: str | None = msgspec.field(default=None, name="r")
    note: str | None = msgspec.field(default=None, name="n")
    expires: int | None = msgspec.field(default=None, name="x")
    seen: int | None = msgspec.field(default=None, name="s")
    banks: tuple[str, ...] = msgspec.field(default=(), name="b")


NO_DETAIL = Detail()
_encode_detail = msgspec.json.Encoder().encode
_decode_detail = msgspec.json.Decoder(Detail).decode


class Entry(msgspec.Struct, frozen=True):
    """One member of a shard: who (a code), since which Unix second, and the details."""

    code: int
    since: int
    detail: Detail


class Staged(msgspec.Struct, frozen=True):
    """One identifier on its way in."""

    identifier: Identifier
    since: int | None = None
    detail: Detail = NO_DETAIL


class Confirmation(msgspec.Struct):
    """What the store said of some identifiers at one moment.

    ``entries`` has a key for every identifier whose shard answered, with an empty list where
    nothing is known of it; identifiers of shards that could not answer are in ``failed``.
    ``sources_version`` and ``has_row`` speak of the same moment.
    """

    entries: dict[Identifier, list[Entry]]
    failed: set[Identifier]
    sources_version: int
    has_row: bool


def confirm(
    client: redis.Redis,
    info: StoreInfo,
    identifiers: Iterable[Identifier],
    codes: Sequence[int],
    row: journal.Position | None,
) -> Confirmation:
    """Ask the sets about identifiers, in one pipeline; the clearances and officials come along.

    ``row`` is the journal row that the caller's filter was brought to: where it is gone, the
    store was rolled back under the caller (``has_row`` is False). Raises Unavailable.
    """
    shards = _members_by_shard(
        info, identifiers, [chr(code) for code in (CLEARANCE, OFFICIAL, *codes)]
    )
    with store_errors():
        pipe = client.pipeline(transaction=False)
        for (kind, shard), asked in shards.items():
            members = [member for _, member in asked]
            pipe.zmscore(keys.entries(kind, info.bits[kind], shard), [keys.MARKER, *members])
            pipe.hmget(keys.details(kind, info.bits[kind], shard), members)
        pipe.get(keys.SOURCES_VERSION)
        if row is not None:
            pipe.xrange(keys.CHANGES, min=row.id, max=row.id, count=1)
        answers = run(pipe)
    answer = Confirmation({}, set(), int(answers[2 * len(shards)] or 0), has_row=True)
    if row is not None:
        answer.has_row = [found.position for found in journal.decode(answers[-1])] == [row]
    for number, asked in enumerate(shards.values()):
        scores, details = answers[2 * number : 2 * number + 2]
        if scores[0] != info.marker:
            answer.failed.update(identifier for identifier, _ in asked)
            continue
        for (identifier, member), score, detail in zip(asked, scores[1:], details, strict=True):
            known = answer.entries.setdefault(identifier, [])
            if score is not None:
                known.append(_entry(member, score, detail))
    return answer


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
    for shards in _trips(range(1 << bits)):
        with store_errors():
            pipe = client.pipeline(transaction=False)
            for shard in shards:
                pipe.zcard(keys.entries(kind, bits, shard))
            total += sum(run(pipe)) - len(shards)
    return total


def scan(client: redis.Redis, info: StoreInfo, kind: Kind) -> Iterator[list[str]]:
    """All values of a kind that have something to say, by some hundred shards at a time."""
    bits = info.bits[kind]
    for shards in _trips(range(1 << bits)):
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


class Stage:
    """The stage of one load of one source: rows go in, then it is compared or applied.

    Stages lie in the shards themselves, so that a load of any size needs no memory of its own.
    """

    def __init__(self, client: redis.Redis, info: StoreInfo, code: int) -> None:
        self._client = client
        self._info = info
        self._code = code
        self._stage = client.register_script(_STAGE)
        self._apply = client.register_script(_APPLY)
        self.shards: dict[Kind, set[int]] = defaultdict(set)

    def put(self, rows: Iterable[Staged]) -> int:
        """Stage rows; returns how many identifiers were not staged before.

        Bare account numbers that a listing brings along are staged but not counted.
        """
        by_shard: dict[tuple[Kind, int], list[str | bytes]] = defaultdict(list)
        for row in rows:
            kind = row.identifier.kind
            shard = keys.shard_of(row.identifier, self._info.bits[kind])
            by_shard[kind, shard] += (row.identifier.value, _staged_value(row))
        with store_errors():
            pipe = self._client.pipeline(transaction=False)
            for (kind, shard), pairs in by_shard.items():
                self.shards[kind].add(shard)
                self._stage(
                    keys=[self._key(kind, shard)], args=[STAGE_SECONDS, *pairs], client=pipe
                )
            return sum(run(pipe))

    def clear(self) -> None:
        """Drop everything staged for this source, by an earlier load that was cut off too."""
        for kind, bits in self._info.bits.items():
            for shards in _trips(range(1 << bits)):
                with store_errors():
                    self._client.unlink(*(self._key(kind, shard) for shard in shards))
        self.shards.clear()

    def merge(
        self, shards: Mapping[Kind, Iterable[int]], *, now: int, full: bool, apply: bool
    ) -> Iterator[tuple[Kind, "Merged"]]:
        """Compare (and with ``apply`` change) shard by shard; yields some shards' sums at a time.

        ``full`` removes what the source lists and the stage does not; otherwise the stage is an
        increment.
        """
        mode = ["full" if full else "add", "1" if apply else "0"]
        for kind, numbers in shards.items():
            bits = self._info.bits[kind]
            for trip in _trips(sorted(numbers)):
                with store_errors():
                    pipe = self._client.pipeline(transaction=False)
                    for shard in trip:
                        self._apply(
                            keys=[
                                keys.entries(kind, bits, shard),
                                keys.details(kind, bits, shard),
                                self._key(kind, shard),
                            ],
                            args=[self._info.marker, chr(self._code), now, *mode],
                            client=pipe,
                        )
                    yield kind, _sum(run(pipe))

    def _key(self, kind: Kind, shard: int) -> str:
        return keys.stage(kind, self._info.bits[kind], shard, self._code)


class Merged(msgspec.Struct, frozen=True):
    """Values that some shards gained and lost; entries of the source they had, have and lost.

    Entries leave out the bare numbers that account listings bring along; values do not.
    """

    added: list[str]
    removed: list[str]
    before: int
    after: int
    lost: int


def _sum(answers: list[Any]) -> Merged:
    return Merged(
        added=[value.decode() for answer in answers for value in answer[0]],
        removed=[value.decode() for answer in answers for value in answer[1]],
        before=sum(answer[2] for answer in answers),
        after=sum(answer[3] for answer in answers),
        lost=sum(answer[4] for answer in answers),
    )


def _staged_value(row: Staged) -> bytes:
    since = b"" if row.since is None else str(row.since).encode()
    return since if row.detail is NO_DETAIL else since + _encode_detail(row.detail)


def _trips(shards: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(shards), SHARDS_A_TRIP):
        yield shards[start : start + SHARDS_A_TRIP]

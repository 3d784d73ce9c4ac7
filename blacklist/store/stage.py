"""The way into the sets: rows are staged in the shards, compared, applied, withdrawn and swept.

Each shard goes from old to new by one script at one moment, so what stays listed is never absent.
The scripts (``*.lua``) also count what they change by category, for the tallies. Called by
``publish``, which journals what changed.
"""

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Any, Final

import msgspec
import redis
from redis.commands.core import Script

from blacklist.model import Identifier, Kind
from blacklist.store import keys, members
from blacklist.store.connect import run, store_errors
from blacklist.store.listings import NO_DETAIL, Detail, trips
from blacklist.store.meta import StoreInfo

STAGE_SECONDS: Final = 6 * 3600
"""How long the stage of a load that was cut off lies before the server drops it."""

_KEEP_EVERY_SECONDS: Final = 3600

_SCRIPTS_A_PIPELINE: Final = 32
"""Its commands stand in the way of questions: 256 took 80 ms at 480 entries a shard."""


def _script(name: str) -> str:
    folder = files(__package__)
    return folder.joinpath("details.lua").read_text() + folder.joinpath(name).read_text()


_STAGE: Final = _script("stage.lua")
_APPLY: Final = _script("apply.lua")
_WITHDRAW: Final = _script("withdraw.lua")
_SWEEP: Final = _script("sweep.lua")
_FENCE: Final = _script("fence.lua")
_encode_detail = msgspec.json.Encoder().encode


class Staged(msgspec.Struct, frozen=True, gc=False):
    """One identifier on its way in."""

    identifier: Identifier
    since: int | None = None
    detail: Detail = NO_DETAIL


class Withdrawal(msgspec.Struct, frozen=True, gc=False):
    """One identifier that a source no longer lists.

    ``bank`` is given for a bare account number only: the bank at which it is withdrawn, the empty
    text for the listing that names no bank.
    """

    identifier: Identifier
    bank: str | None = None


class Count(msgspec.Struct, frozen=True):
    """Entries of one category: how many there were, came, went, and came from other categories.

    The bare numbers that account listings bring along are left out.
    """

    before: int = 0
    added: int = 0
    removed: int = 0
    moved: int = 0

    def plus(self, other: "Count") -> "Count":
        """Both together."""
        return Count(
            self.before + other.before,
            self.added + other.added,
            self.removed + other.removed,
            self.moved + other.moved,
        )


class Merged(msgspec.Struct, frozen=True):
    """What some shards gained and lost, as it stands in them, and their entries by category.

    The category is the empty text where an entry has its source's own.
    """

    kind: Kind
    packed_added: list[bytes]
    packed_removed: list[bytes]
    counts: dict[str, Count]

    @property
    def changed(self) -> int:
        """How many values came and went."""
        return len(self.packed_added) + len(self.packed_removed)

    def added(self) -> list[str]:
        """Return the values that came."""
        return [members.unpack(self.kind, value) for value in self.packed_added]

    def removed(self) -> list[str]:
        """Return the values that went."""
        return [members.unpack(self.kind, value) for value in self.packed_removed]


class Stage:
    """The entries of one source: rows go in, then they are compared or applied.

    Stages lie in the shards themselves, so that a load of any size needs no memory of its own. Each
    load has its own, by its number: one that was too slow puts nothing into its successor's.
    """

    def __init__(self, client: redis.Redis, info: StoreInfo, code: int, load: int) -> None:
        self._client = client
        self._info = info
        self._code = code
        self._load = load
        self._stage = client.register_script(_STAGE)
        self._apply = client.register_script(_APPLY)
        self._withdraw = client.register_script(_WITHDRAW)
        self._sweep = client.register_script(_SWEEP)
        self._fence = client.register_script(_FENCE)
        self._kept: set[str] = set()
        self._kept_from = time.monotonic()
        self.shards: dict[Kind, set[int]] = defaultdict(set)

    def put(self, rows: Iterable[Staged]) -> int:
        """Stage rows; returns how many identifiers were not staged before.

        Bare account numbers that a listing brings along are staged but not counted.
        """
        by_shard: dict[tuple[Kind, int, bool], list[bytes]] = defaultdict(list)
        for row in rows:
            kind = row.identifier.kind
            shard = keys.shard_of(row.identifier, self._info.bits[kind])
            adds_up = kind is Kind.ACCOUNT or row.detail.reports is not None
            packed = members.pack(kind, row.identifier.value)
            by_shard[kind, shard, adds_up] += (packed, _staged_value(row))
        with store_errors():
            pipe = self._client.pipeline(transaction=False)
            for (kind, shard, adds_up), pairs in by_shard.items():
                self.shards[kind].add(shard)
                self._put(pipe, self._key(kind, shard), pairs, adds_up=adds_up)
            return sum(answer for answer in run(pipe) if not isinstance(answer, bool))

    def _put(
        self, pipe: redis.client.Pipeline, key: str, pairs: list[bytes], *, adds_up: bool
    ) -> None:
        """Banks to unite and reports to add up take a script; plain commands are faster."""
        if adds_up:
            self._stage(keys=[key], args=[STAGE_SECONDS, *pairs], client=pipe)
        else:
            pipe.hset(key, items=pairs)
            if self._is_to_keep(key):
                pipe.expire(key, STAGE_SECONDS)

    def _is_to_keep(self, key: str) -> bool:
        """Whether a stage is to be kept for longer: once an hour is enough, and half the commands.

        The script does so at each call.
        """
        now = time.monotonic()
        if now - self._kept_from > _KEEP_EVERY_SECONDS:
            self._kept, self._kept_from = set(), now
        if key in self._kept:
            return False
        self._kept.add(key)
        return True

    def clear(self) -> None:
        """Drop everything that this load has staged."""
        self.clear_of(self._load)
        self.shards.clear()
        self._kept.clear()

    def clear_of(self, load: int) -> None:
        """Drop everything that another load of this source has staged."""
        for kind, bits in self._info.bits.items():
            for shards in trips(range(1 << bits)):
                names = (keys.stage(kind, bits, shard, self._code, load) for shard in shards)
                with store_errors():
                    self._client.unlink(*names)

    def fence(self) -> None:
        """Let no earlier load of this source change any shard from now on.

        Raises Busy where a later one has done the same.
        """
        for kind, bits in self._info.bits.items():
            for trip in trips(range(1 << bits)):
                with store_errors():
                    pipe = self._client.pipeline(transaction=False)
                    for shard in trip:
                        self._fence(keys=self._names(kind, shard), args=self._whose(), client=pipe)
                    run(pipe)

    def merge(
        self,
        shards: Mapping[Kind, Iterable[int]],
        *,
        now: int,
        full: bool,
        apply: bool,
        renewed: Collection[Kind] = (),
        exact: bool = False,
    ) -> Iterator[tuple[Kind, Merged]]:
        """Compare (and with ``apply`` change) shard by shard; yields some shards' sums at a time.

        ``full`` removes what the source lists and the stage does not; otherwise the stage is an
        increment, and entries before are counted only where it touches them; it renews entries of
        the kinds that end some time after they were last seen. With ``exact`` entries become what
        the increment says, dates and details, and nothing of what they said before stays.
        """
        if apply:
            self._kept.clear()  # the stages go
        for kind, numbers in shards.items():
            mode = [
                "full" if full else "exact" if exact else "add",
                "1" if apply else "0",
                "1" if kind in renewed else "0",
            ]
            arguments = [*self._whose(), now, *mode]
            for trip in trips(sorted(numbers)):
                calls = [
                    ([*self._names(kind, shard), *self._beside(kind, shard)], arguments)
                    for shard in trip
                ]
                yield kind, self._run(self._apply, kind, calls)

    def withdraw(
        self, rows: Iterable[Withdrawal], *, now: int, apply: bool
    ) -> Iterator[tuple[Kind, Merged]]:
        """Remove single entries (with ``apply`` False: only count them)."""
        by_shard: dict[Kind, dict[int, list[str | bytes]]] = defaultdict(lambda: defaultdict(list))
        for row in rows:
            kind = row.identifier.kind
            shard = keys.shard_of(row.identifier, self._info.bits[kind])
            what = "" if row.bank is None else f"b{row.bank}"
            by_shard[kind][shard] += (members.pack(kind, row.identifier.value), what)
        for kind, shards in by_shard.items():
            whose = [*self._whose(), "1" if apply else "0", now]
            for trip in trips(sorted(shards)):
                calls = [(self._written(kind, shard), [*whose, *shards[shard]]) for shard in trip]
                yield kind, self._run(self._withdraw, kind, calls)

    def sweep(
        self, kinds: Mapping[Kind, int | None], *, now: int, whole: int
    ) -> Iterator[tuple[Kind, Merged]]:
        """Remove what has ended; ``kinds`` gives the seconds an entry lives after it was seen.

        ``whole`` is the second of the source's last full load. The bare numbers of accounts stay:
        they are withdrawn by whoever is told here that their account is gone.
        """
        for kind, seconds in kinds.items():
            lives = "" if seconds is None else str(seconds)
            arguments = [*self._whose(), now, lives, whole]
            for trip in trips(range(1 << self._info.bits[kind])):
                calls = [(self._written(kind, shard), arguments) for shard in trip]
                yield kind, self._run(self._sweep, kind, calls)

    def _run(
        self, script: Script, kind: Kind, calls: Sequence[tuple[list[str], list[Any]]]
    ) -> Merged:
        """Run a script on some shards of a kind, given its keys and arguments for each."""
        answers: list[Any] = []
        for start in range(0, len(calls), _SCRIPTS_A_PIPELINE):
            with store_errors():
                pipe = self._client.pipeline(transaction=False)
                for names, arguments in calls[start : start + _SCRIPTS_A_PIPELINE]:
                    script(keys=names, args=arguments, client=pipe)
                answers += run(pipe)
        return _sum(kind, answers)

    def _whose(self) -> list[int | str]:
        return [self._info.marker, chr(self._code), self._load]

    def _names(self, kind: Kind, shard: int) -> list[str]:
        bits = self._info.bits[kind]
        return [keys.entries(kind, bits, shard), keys.details(kind, bits, shard)]

    def _written(self, kind: Kind, shard: int) -> list[str]:
        return [*self._names(kind, shard), keys.history(kind, self._info.bits[kind], shard)]

    def _beside(self, kind: Kind, shard: int) -> list[str]:
        return [self._key(kind, shard), keys.history(kind, self._info.bits[kind], shard)]

    def _key(self, kind: Kind, shard: int) -> str:
        return keys.stage(kind, self._info.bits[kind], shard, self._code, self._load)


def find(
    client: redis.Redis, info: StoreInfo, identifiers: Sequence[Identifier], *, code: int, load: int
) -> list[Identifier]:
    """Which of some identifiers one load of one source has staged."""
    with store_errors():
        pipe = client.pipeline(transaction=False)
        for one in identifiers:
            bits = info.bits[one.kind]
            key = keys.stage(one.kind, bits, keys.shard_of(one, bits), code, load)
            pipe.hexists(key, members.pack(one.kind, one.value))
        answers = run(pipe)
    return [one for one, is_there in zip(identifiers, answers, strict=True) if is_there]


def _sum(kind: Kind, answers: Sequence[Any]) -> Merged:
    """Add up what the scripts say: values added, values removed, then five cells a category."""
    counts: dict[str, Count] = {}
    for _, _, cells in answers:
        for at in range(0, len(cells), 5):
            name, *numbers = cells[at : at + 5]
            category = name.decode()
            counts[category] = counts.get(category, Count()).plus(Count(*numbers))
    return Merged(
        kind,
        packed_added=[value for answer in answers for value in answer[0]],
        packed_removed=[value for answer in answers for value in answer[1]],
        counts=counts,
    )


def _staged_value(row: Staged) -> bytes:
    since = b"" if row.since is None else str(row.since).encode()
    return since if row.detail == NO_DETAIL else since + _encode_detail(row.detail)

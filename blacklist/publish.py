"""The way of a write: stage → compare → sets → journal → barrier → acknowledged.

The order is what makes "acknowledged" mean "no question received from now on misses it":

1. the source is marked dirty, then the sets are written,
2. the journal tells what was added (in the other order, a snapshot built in between would lose it),
3. the server syncs every write before it answers for it,
4. ``max_lag`` passes, so that every replica has read the journal or lost its lease,
5. only then does :meth:`Load.commit` return.

A load that was cut off leaves its source marked; the next load of that source publishes a whole
snapshot, since "already in the set" does not mean "already in the journal".

Who calls it: the loaders' pipeline. It never parses and never fetches.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import msgspec

from blacklist.bloom import Filter
from blacklist.errors import Busy, ConfigError
from blacklist.identifiers.number_ranges import is_range
from blacklist.model import Kind, Source
from blacklist.store import Client, durability, journal, listings, snapshot, sources
from blacklist.store.journal import Change, What
from blacklist.store.listings import Merged, Stage, Staged
from blacklist.store.locks import LEASE_SECONDS, Held, hold
from blacklist.store.meta import StoreInfo
from blacklist.store.snapshot import Snapshot
from blacklist.store.sources import SourceRecord, State

SNAPSHOT_CHANGES = 50_000
"""From this many changes a load publishes a snapshot instead of flooding the journal."""

VALUES_A_ROW = 2_000
BARRIER_FACTOR = 1.1
ROOM = 1.5
"""A new filter has room for half as many more keys as it begins with."""

STALE_SHARE = 0.2
JOURNAL_VALUES = 200_000
"""Rebuild a snapshot when its removed keys, or what a replica reads after it, pass these."""

DAY_SECONDS = 86_400

KEEP_ROWS_SECONDS = 60
"""Rows younger than this stay although a snapshot holds them: live replicas read them in time."""


SOURCE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Changes(msgspec.Struct, frozen=True):
    """What a load changes in one kind: entries added and removed, entries before and after."""

    added: int = 0
    removed: int = 0
    before: int = 0
    after: int = 0

    def plus(self, part: Merged) -> "Changes":
        """These changes and those of some more shards."""
        return Changes(
            self.added + part.after - part.before + part.lost,
            self.removed + part.lost,
            self.before + part.before,
            self.after + part.after,
        )


class Publisher:
    """Writes to one store through one connection."""

    def __init__(
        self,
        client: Client,
        info: StoreInfo,
        *,
        wall: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.client = client
        self.info = info
        self.wall = wall
        self._sleep = sleep

    @contextmanager
    def load(self, source: Source, *, full: bool) -> Iterator["Load"]:
        """Begin to load one source; ``full`` replaces what it lists, otherwise it adds.

        Raises Busy when another load of the source is running; ConfigError when the server would
        lose what it is given, or the source's name cannot stand in answers.
        """
        with self._held(source) as lock:
            load = Load(self, source, full=full, still_held=lock.extend)
            try:
                yield load
            finally:
                load.abandon()

    @contextmanager
    def _held(self, source: Source) -> Iterator[Held]:
        """Hold the source's lock; whoever holds it alone writes what the source lists."""
        if SOURCE_NAME.fullmatch(source.name) is None:
            raise ConfigError("a source's name is 1 to 64 letters, digits, dots, dashes or _")
        durability.require(self.client)
        with hold(self.client, f"source:{source.name}") as lock:
            if lock is None:
                raise Busy(
                    "another load of this source is running, or was cut off a moment ago: "
                    f"try again in {LEASE_SECONDS:.0f} seconds"
                )
            yield lock

    def confirm(self, source: Source, *, generation: int) -> bool:
        """Renew the age of a list that its publisher says has not changed since a generation.

        False if it has to be loaded: it is not there, not whole, another load came in between, or
        its entries ran out. One write under the source's lock: no set and no filter changes, so
        nothing is journalled. Raises like :meth:`load`.
        """
        with self._held(source):
            record = sources.read(self.client).named(source.name)
            now = int(self.wall())
            if record is None or not _is_whole(record, generation, now):
                return False
            renewed = msgspec.structs.replace(record, source=source, loaded=now, whole=now)
            sources.write(self.client, renewed)
        self.acknowledge()
        return True

    def acknowledge(self) -> None:
        """Return when everything this connection wrote is on disk and visible to every replica."""
        durability.require(self.client)
        self._sleep(self.info.max_lag_seconds * BARRIER_FACTOR)

    def rebuild(self, kind: Kind) -> None:
        """Build a kind's snapshot from its sets and tell the replicas to load it.

        The journal position is read before the scan: whatever is journalled later comes after it.
        """
        with hold(self.client, f"filter:{kind.value}", wait_seconds=60) as lock:
            if lock is None:
                raise Busy("another process is building this filter")
            position = journal.last(self.client)
            keys = listings.count(self.client, self.info, kind)
            filter_ = Filter.with_room_for(int(keys * ROOM))
            ranges: set[str] = set()
            for values in listings.scan(self.client, self.info, kind):
                filter_.add_many(values)
                if kind is Kind.PHONE:
                    ranges.update(filter(is_range, values))
                lock.extend()
            built = Snapshot(
                filter_.to_bytes(), position, filter_.count, filter_.capacity, sorted(ranges)
            )
            snapshot.save(self.client, kind, built)
        journal.append(self.client, Change(What.SNAPSHOT, kind))

    def tidy(self) -> None:
        """Rebuild snapshots that are stale, full or far behind; forget journal rows before them."""
        for kind, state in snapshot.states(self.client).items():
            if (
                state.removed > STALE_SHARE * state.capacity
                or state.keys + state.added > state.capacity
                or state.added + state.removed > JOURNAL_VALUES
            ):
                self.rebuild(kind)
        self._trim()

    def tell(self, kind: Kind, added: list[str], removed: list[str]) -> None:
        """Journal changes that the sets already hold."""
        for start in range(0, max(len(added), len(removed)), VALUES_A_ROW):
            end = start + VALUES_A_ROW
            journal.append(
                self.client, Change(What.CHANGES, kind, added[start:end], removed[start:end])
            )
        snapshot.note_changes(self.client, kind, added=len(added), removed=len(removed))

    def _trim(self) -> None:
        oldest = min(
            (state.position.id for state in snapshot.states(self.client).values()),
            key=journal.id_order,
        )
        newest = journal.last(self.client).id
        young = journal.id_order(newest)[0] - KEEP_ROWS_SECONDS * 1000
        journal.trim(self.client, min(oldest, f"{young}-0", key=journal.id_order))


class Load:
    """One load of one source. :meth:`put` rows, look at :meth:`compare`, then :meth:`commit`."""

    def __init__(
        self, publisher: Publisher, source: Source, *, full: bool, still_held: Callable[[], None]
    ) -> None:
        self._publisher = publisher
        self._client = publisher.client
        self._full = full
        self._still_held = still_held
        self._source = source
        self._known = sources.read(self._client).named(source.name)
        self._record = self._known or SourceRecord(source, sources.new_code(self._client))
        self._was = self._record.state
        self._stage = Stage(self._client, publisher.info, self._record.code)
        self._changed = 0
        self._silent = self._was is State.DIRTY
        self._open = True
        if self._was is not State.CLEAN:
            self._stage.clear()
        if self._was is not State.DIRTY:
            self._mark(State.STAGING)

    def put(self, rows: Iterable[Staged]) -> int:
        """Stage rows; returns how many identifiers this load had not brought before."""
        self._still_held()
        return self._stage.put(rows)

    def compare(self) -> dict[Kind, Changes]:
        """What :meth:`commit` would change, by kind; changes nothing."""
        return self._merge(apply=False, each=_say_nothing)

    def lists_something(self) -> bool:
        """Whether the source listed anything before this load."""
        return any(self._record.entries.values())

    def commit(self) -> dict[Kind, Changes]:
        """Apply, journal and wait for the barrier; returns what was changed, by kind.

        Raises Unavailable when the store fails on the way: then the load may be half applied and
        is finished by loading again.
        """
        self._open = False
        self._record = msgspec.structs.replace(self._record, source=self._source)
        self._mark(State.DIRTY)
        done = self._merge(apply=True, each=self._tell)
        if self._silent:
            for kind in Kind if self._was is State.DIRTY else done:
                self._publisher.rebuild(kind)
        self._finish(done)
        self._publisher.acknowledge()
        return done

    def abandon(self) -> None:
        """Drop what was staged and not committed; what the source lists stays as it is."""
        if not self._open:
            return
        self._open = False
        self._stage.clear()
        if self._known is None:
            sources.forget(self._client, self._source.name)
        elif self._was is not State.DIRTY:
            self._mark(State.CLEAN)

    def _mark(self, state: State) -> None:
        self._record = msgspec.structs.replace(self._record, state=state)
        sources.write(self._client, self._record)

    def _merge(self, *, apply: bool, each: Callable[[Kind, Merged], None]) -> dict[Kind, Changes]:
        sums = dict.fromkeys(self._shards(), Changes())
        parts = self._stage.merge(
            self._shards(), now=int(self._publisher.wall()), full=self._full, apply=apply
        )
        for kind, part in parts:
            self._still_held()
            each(kind, part)
            sums[kind] = sums[kind].plus(part)
        return sums

    def _shards(self) -> dict[Kind, Iterable[int]]:
        """The shards the load touches, and all of the kinds where it may remove something."""
        shards: dict[Kind, Iterable[int]] = dict(self._stage.shards)
        if self._full:
            bits = self._publisher.info.bits
            shards |= {kind: range(1 << bits[kind]) for kind in Kind if self._may_list(kind)}
        return shards

    def _may_list(self, kind: Kind) -> bool:
        """Whether the source may list something of this kind already."""
        return self._was is State.DIRTY or bool(self._record.entries.get(kind))

    def _tell(self, kind: Kind, part: Merged) -> None:
        """Journal what some shards gained and lost, unless there is so much: a snapshot will."""
        self._changed += len(part.added) + len(part.removed)
        self._silent = self._silent or self._changed > SNAPSHOT_CHANGES
        if not self._silent and (part.added or part.removed):
            self._publisher.tell(kind, part.added, part.removed)

    def _finish(self, done: dict[Kind, Changes]) -> None:
        """Write the source's sums and mark it clean."""
        now = int(self._publisher.wall())
        entries = self._recount() if self._was is State.DIRTY else self._sum(done)
        self._record = msgspec.structs.replace(
            self._record,
            state=State.CLEAN,
            loaded=now,
            whole=now if self._full else self._record.whole,
            generation=self._record.generation + self._full,
            entries=entries,
        )
        sources.write(self._client, self._record)

    def _sum(self, done: dict[Kind, Changes]) -> dict[Kind, int]:
        """What the source lists now: what it listed before, and the changes."""
        before = self._record.entries
        return before | {
            kind: before.get(kind, 0) + changes.after - changes.before
            for kind, changes in done.items()
        }

    def _recount(self) -> dict[Kind, int]:
        """What the source lists now, counted: a load that was cut off left the sum behind."""
        counts = dict.fromkeys(Kind, 0)
        everywhere = {kind: range(1 << bits) for kind, bits in self._publisher.info.bits.items()}
        for kind, part in self._stage.merge(everywhere, now=0, full=True, apply=False):
            self._still_held()
            counts[kind] += part.before
        return {kind: count for kind, count in counts.items() if count}


def _is_whole(record: SourceRecord, generation: int, now: int) -> bool:
    """Whether the store still holds all that the generation brought."""
    if record.state is not State.CLEAN or record.whole is None or record.generation != generation:
        return False
    if record.loaded != record.whole:
        return False  # an increment came after the whole list
    days = record.source.days
    return days is None or now < record.whole + days * DAY_SECONDS


def _say_nothing(_kind: Kind, _part: Merged) -> None:
    """Where nothing is changed."""

"""The way of a write: stage → compare → sets → journal → barrier → acknowledged.

The order is what makes "acknowledged" mean "no question received from now on misses it":

1. the source is marked dirty, then the sets are written,
2. the journal tells what was added (in the other order, a snapshot built in between would lose it),
3. the server syncs every write before it answers for it, and replicas have it where there are any,
4. ``max_lag`` passes, so that every replica has read the journal or lost its lease,
5. only then does :meth:`Load.commit` return.

A load that was cut off leaves its source marked; the next load of that source publishes a whole
snapshot, since "already in the set" does not mean "already in the journal".

Who calls it: the loaders' pipeline. It never parses and never fetches.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from blacklist import source_names
from blacklist.errors import Busy
from blacklist.holdings import seconds_to_live
from blacklist.identifiers.number_ranges import is_range
from blacklist.identifiers.pointers import with_bare_numbers
from blacklist.load import Load
from blacklist.model import Kind, Source
from blacklist.store import (
    Client,
    durability,
    history,
    journal,
    layout,
    listings,
    meta,
    reshard,
    snapshot,
    sources,
)
from blacklist.store.journal import Change, What
from blacklist.store.locks import LEASE_SECONDS, Held, hold
from blacklist.store.meta import StoreInfo
from blacklist.store.reshard import Fence
from blacklist.store.snapshot import Snapshot
from blacklist.store.sources import SourceRecord, State

VALUES_A_ROW = 2_000
BARRIER_FACTOR = 1.1
ROOM = 1.5
"""A new filter has room for half as many more keys as it begins with."""

STALE_SHARE = 0.2
JOURNAL_VALUES = 200_000
"""Rebuild a snapshot when its removed keys, or what a replica reads after it, pass these."""

JOURNAL_ROWS = 20_000
"""Rows that a new replica may have to read, of whatever kinds."""

KEEP_ROWS_SECONDS = 60
"""Rows younger than this stay although a snapshot holds them: live replicas read them in time."""


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
    def load(self, source: Source, *, full: bool, exact: bool = False) -> Iterator[Load]:
        """Begin to load one source; ``full`` replaces what it lists, otherwise it adds.

        What it adds is united with what is there; ``exact``: it takes the place of what is there.
        Raises Busy when another load of the source is running; ConfigError when the server would
        lose what it is given, or the source's name cannot stand in answers.
        """
        with self._held(source) as lock:
            load = Load(self, source, full=full, held=lock, exact=exact)
            try:
                yield load
            finally:
                load.abandon()

    @contextmanager
    def _held(self, source: Source) -> Iterator[Held]:
        """Hold the source's lock; whoever holds it alone writes what the source lists."""
        source_names.require_shape(source.name)
        durability.require(self.client)
        name = f"source:{source.name}"
        with hold(self.client, name) as lock:
            if lock is None:
                raise Busy(
                    "another load of this source is running, or was cut off a moment ago: "
                    f"try again in {LEASE_SECONDS:.0f} seconds"
                )
            self._enter(name)
            lock.extend()
            yield lock

    @contextmanager
    def marking(self) -> Iterator[Held]:
        """Hold the lock of those who write marks; raises Busy and ConfigError like :meth:`load`."""
        durability.require(self.client)
        with hold(self.client, "marks", wait_seconds=LEASE_SECONDS) as lock:
            if lock is None:
                raise Busy("another process is writing decisions")
            self._enter("marks")
            lock.extend()
            yield lock

    def _enter(self, lock_name: str) -> None:
        """Begin to write under a lock that is held, with the store's bits as they are by now.

        What a reshard that was cut off has left undone is finished first.
        """
        if layout.enter(self.client, lock_name).leaving:
            with hold(self.client, layout.LOCK) as lock:
                if lock is None:
                    raise Busy("another process finishes what a reshard left undone")
                self.leave_shards(Fence(self.client, lock))
        self.info = meta.require(self.client)
        history.begin(self.client, self.now())

    def leave_shards(self, fence: Fence) -> None:
        """Remove the shards that a reshard has put out of use, once every replica knows of it."""
        self.info = meta.require(self.client)
        for kind, left in layout.read(self.client).leaving.items():
            reshard.leave(self.client, self.info, kind, left, fence=fence, wait=self.acknowledge)

    def confirm(self, source: Source, *, generation: int) -> bool:
        """Renew the age of a list that its publisher says has not changed since a generation.

        False if it has to be loaded: it is not there, not whole, another load came in between, or
        its entries ran out. One write under the source's lock: no set and no filter changes, so
        nothing is journalled. Raises like :meth:`load`.
        """
        with self._held(source) as lock:
            record = sources.read(self.client).named(source.name)
            now = self.now()
            if record is None or not _is_whole(record, generation, now):
                return False
            renewed = msgspec.structs.replace(record, source=source, loaded=now, whole=now)
            sources.write(self.client, renewed, lock)
        self.acknowledge()
        return True

    def now(self) -> int:
        """The Unix second."""
        return int(self.wall())

    def acknowledge(self) -> None:
        """Return when everything this client wrote is on disk and visible to every replica."""
        durability.replicate(self.client)
        durability.require(self.client)
        self._sleep(self.info.max_lag_seconds * BARRIER_FACTOR)

    def rebuild(
        self, kind: Kind, *, is_told: bool = False, keep: Callable[[], None] = lambda: None
    ) -> None:
        """Build a kind's snapshot from its sets and tell the replicas to load it.

        ``is_told``: it only takes the place of rows, and stands for no change that no row tells.
        ``keep`` is called as it goes: ten million entries take longer than a lock of the caller's.
        The journal position is read before the scan: whatever is journalled later comes after it.
        """
        from blacklist.bloom import Filter  # noqa: PLC0415 - as in ``replica``

        with hold(self.client, f"filter:{kind.value}", wait_seconds=60) as lock:
            if lock is None:
                raise Busy("another process is building this filter")
            info = meta.require(self.client)  # with the lock: a reshard holds it, too
            position = journal.last(self.client)
            keys = listings.count(self.client, info, kind)
            filter_ = Filter.with_room_for(int(keys * ROOM))
            ranges: set[str] = set()
            for values in listings.scan(self.client, info, kind):
                filter_.add_many(with_bare_numbers(values) if kind is Kind.ACCOUNT else values)
                if kind is Kind.PHONE:
                    ranges.update(filter(is_range, values))
                lock.extend()
                keep()
            # A removal that the scan saw may not be undone by a failover now: no row would tell.
            durability.replicate(self.client)
            built = Snapshot(
                filter_.to_bytes(), position, filter_.count, filter_.capacity, sorted(ranges)
            )
            snapshot.save(self.client, kind, built, lock)
            keep()
        journal.append(self.client, Change(What.SNAPSHOT, kind, is_told=is_told))

    def tidy(self) -> None:
        """Rebuild snapshots that are damaged, stale, full or far behind; forget rows before them.

        It waits for no reshard: what is left undone then, the next write does.
        """
        if layout.is_resharding(self.client):
            return
        states = snapshot.states(self.client)
        due = {kind for kind, state in states.items() if _is_due(state)}
        if due:
            # Those further back, too: they would keep all rows of the others in the journal.
            newest = max(_place(states[kind]) for kind in due)
            due |= {kind for kind, state in states.items() if _place(state) < newest}
        elif journal.length(self.client) > JOURNAL_ROWS:
            due = {min(states, key=lambda kind: _place(states[kind]))}
        for kind in sorted(due):
            self.rebuild(kind, is_told=True)
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


def _is_due(state: snapshot.State) -> bool:
    """Whether a snapshot is to be built again."""
    return (
        state.is_damaged
        or state.removed > STALE_SHARE * state.capacity
        or state.keys + state.added > state.capacity
        or state.added + state.removed > JOURNAL_VALUES
    )


def _place(state: snapshot.State) -> tuple[int, int]:
    return journal.id_order(state.position.id)


def _is_whole(record: SourceRecord, generation: int, now: int) -> bool:
    """Whether the store still holds all that the generation brought."""
    if record.state is not State.CLEAN or record.whole is None or record.generation != generation:
        return False
    if record.loaded != record.whole:
        return False  # an increment came after the whole list
    lives = [
        seconds_to_live(record.source, kind) for kind, count in record.entries.items() if count
    ]
    return all(seconds is None or now < record.whole + seconds for seconds in lives)

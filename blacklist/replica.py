"""A process's copy of the filters: snapshot, journal tail and lease.

A replica loads the newest snapshots and follows the journal. Two rules make its "definitely not"
exact, both reproduced as failures without them (docs/design.md, "The replica and its lease"):

* It reads the journal *inclusively*: the first row must be the very row it last applied. Where it
  is not, the store was rolled back, emptied or failed over, and the copy is dropped. (Past a lost
  tail an exclusive read answers an innocent "nothing new".)
* Its lease lasts ``max_lag`` from the moment the last successful read was *sent*. Which read that
  was is looked at *before* the filter is asked, and the clock *after*. Writers acknowledge only
  after waiting longer than that.

When the store turns out to have lost rows that this replica had applied, what the old filters held
stays *doubtful*: an answer "no record" for it would be a guess, so lookups call it unavailable,
until every list has been loaded again.

One thread (:meth:`Replica.start`) or one caller (:meth:`Replica.poll`) writes; any number read.
"""

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from blacklist.callers import NO_CALLERS, Caller, CallerTable
from blacklist.errors import BlacklistError, Mismatch, TimedOut, Unavailable
from blacklist.identifiers.number_ranges import Ranges
from blacklist.identifiers.pointers import with_bare_numbers
from blacklist.model import Identifier, Kind
from blacklist.store import Client, callers, journal, meta, snapshot, sources, versions
from blacklist.store.journal import ROWS_A_READ
from blacklist.store.meta import StoreInfo
from blacklist.store.time_limit import within

if TYPE_CHECKING:
    from blacklist.bloom import Filter

POLL_SECONDS = 0.1
RETRY_SECONDS = 0.2
DESCRIPTION_SECONDS = 2.0
"""How often it is looked whether the store still is what its view was read from."""

CALLER_SECONDS = 2.0
"""How long a process without a lease may wait to be told whose key one is."""

log = logging.getLogger(__name__)

Clock = Callable[[], float]


def boot_clock() -> float:
    """Seconds that also pass while the machine sleeps: a lease must not survive a suspend."""
    return time.clock_gettime(_BOOT_CLOCK)


# macOS has no CLOCK_BOOTTIME; its CLOCK_MONOTONIC goes on during sleep.
_BOOT_CLOCK = time.CLOCK_MONOTONIC if sys.platform == "darwin" else time.CLOCK_BOOTTIME


class View:
    """Filters that were brought up to one place of the journal, and until when they may be used.

    ``ranges`` are the listed ranges of phone numbers, exactly: a filter could not be asked which of
    them a number lies in. Like the filters they may hold what is no longer listed.
    """

    __slots__ = ("callers", "filters", "info", "position", "ranges", "sent_at", "starts", "table")

    def __init__(
        self,
        info: StoreInfo,
        filters: "dict[Kind, Filter]",
        ranges: Ranges,
        position: journal.Position,
    ) -> None:
        self.info = info
        self.filters = filters
        self.ranges = ranges
        self.position = position
        self.starts: dict[Kind, tuple[int, int]] = {}
        self.table = sources.EMPTY
        self.callers = NO_CALLERS
        self.sent_at = float("-inf")

    def holds(self, kind: Kind, row: journal.Position) -> bool:
        """Whether a kind's snapshot was read from the sets after a row, and holds what it told.

        Rows are read from the oldest snapshot on. What an older row added may be gone since, and
        would come back into the filter.
        """
        start = self.starts.get(kind)
        return start is not None and journal.id_order(row.id) <= start

    def age(self, now: float) -> float:
        """Seconds since the journal was last known to be read to its end."""
        return now - self.sent_at

    def revoke(self) -> None:
        """End the lease for whoever still holds this view."""
        self.sent_at = float("-inf")


class Doubt:
    """What views held that the store has lost since; see the module's docstring."""

    __slots__ = ("_generations", "views")

    def __init__(self, views: Iterable[View], generations: Mapping[str, int]) -> None:
        self.views = list(views)
        self._generations = dict(generations)

    def covers(self, identifier: Identifier) -> bool:
        """Whether the identifier, or a range it lies in, may be among what was lost."""
        kind, value = identifier.kind, identifier.value
        return any(
            view.filters[kind].test(value)
            or (kind is Kind.PHONE and bool(view.ranges.covering(value)))
            for view in self.views
        )

    def joined(self, other: "Doubt | None") -> "Doubt":
        """This doubt and an earlier one together."""
        if other is None:
            return self
        lists = dict.fromkeys(other._generations, 0) | self._generations  # noqa: SLF001 - its own
        return Doubt([*other.views, *self.views], lists)

    def is_settled_by(self, table: sources.SourceTable) -> bool:
        """Whether every list has been loaded whole since the loss.

        Less than before is no load: the store was set back once more.
        """
        now = _generations(table)
        return bool(now) and all(
            now.get(name, 0) > generation for name, generation in self._generations.items()
        )


class Replica:
    """Follows one store. ``client`` is used by the following thread only.

    ``store_id`` is the store it must be; without it, the first one seen.
    """

    def __init__(
        self, client: Client, *, clock: Clock = boot_clock, store_id: int | None = None
    ) -> None:
        self._client = client
        self._clock = clock
        self._store_id = store_id
        self._before: View | None = None
        self._described_at = float("-inf")
        self._told = {"not begun"}
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self.view: View | None = None
        self.doubt: Doubt | None = None
        self.position: journal.Position | None = None
        """The newest journal row this process has applied, whether or not its view still stands.

        One attribute of its own, so that a reader never sees the moment between two views.
        """
        self.trouble: BlacklistError | None = Unavailable("the lists are not loaded yet")
        self.is_silent = False
        """Whether somebody waited for the store in vain and it has not been heard of since.

        Questions do not wait for it meanwhile: they would soon hold every thread.
        """
        self.on_disconnect: Callable[[], None] | None = None

    def start(self) -> None:
        """Follow the store in a thread of its own until :meth:`stop`."""
        self._thread = threading.Thread(target=self._run, name="replica", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread and the lease."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        if self.view is not None:
            self.view.revoke()

    def require_store(self, client: Client) -> StoreInfo:
        """Read the store's info; Mismatch unless it is the one this process started with.

        That is the first it sees, unless it was told.
        """
        info = meta.require(client)
        if self._store_id is None:
            self._store_id = info.id
        if info.id != self._store_id:
            raise Mismatch("another store is in the place of the one this process started with")
        return info

    def find_caller(self, token: str, client: Client) -> Caller | None:
        """Whose key this is, None for nobody's; a process without a lease asks the store.

        So a key that was revoked and acknowledged is nobody's on every process. Raises StoreError.
        """
        return self._find_in_callers(lambda table: table.find(token), client)

    def find_session(self, key_id: str, session_id: str, client: Client) -> Caller | None:
        """Whose key a session is under, None for one that is over; as :meth:`find_caller`."""
        return self._find_in_callers(lambda table: table.of_session(key_id, session_id), client)

    def _find_in_callers(
        self, find: Callable[[CallerTable], Caller | None], client: Client
    ) -> Caller | None:
        view = self.view
        if view is not None:
            # The lease before the table: one renewed in between comes with a table not looked at.
            sent_at, found = view.sent_at, find(view.callers)
            if self._clock() - sent_at < view.info.max_lag_seconds:
                return found
        if self.is_silent:
            raise TimedOut("the store does not answer")
        try:
            with within(CALLER_SECONDS):
                self.require_store(client)
                return find(callers.read(client))
        except TimedOut:
            self.note_silence()
            raise

    def suspect(self) -> None:
        """Somebody saw that the store is not what the view says: look now, not at the next poll."""
        self._wake.set()

    def note_silence(self) -> None:
        """Somebody waited for the store in vain: until the next poll has an answer, nobody else."""
        if self._thread is not None:  # otherwise nobody would take it back
            self.is_silent = True
            self._wake.set()

    def poll(self) -> None:
        """Read on once; load anew where there is no view. Raises StoreError and keeps the cause.

        An unreachable store leaves the view in place: its lease runs out by itself.
        """
        try:
            if self.view is None:
                self._load()
            else:
                self._follow(self.view)
        except BlacklistError as exc:
            self.trouble = exc
            self.is_silent = isinstance(exc, TimedOut)
            if isinstance(exc, Mismatch):
                self._drop()
            raise
        self.trouble = None
        self.is_silent = False

    def _run(self) -> None:
        while not self._stop.is_set():
            pause = POLL_SECONDS
            try:
                self.poll()
                self._tell_all_is_well()
            except Unavailable as exc:
                pause = RETRY_SECONDS
                self._tell(str(exc), logging.INFO)  # whoever waits for an answer is told anyway
                self._reconnect()
            except BlacklistError as exc:
                pause = RETRY_SECONDS
                self._tell(str(exc))
            except Exception as exc:  # noqa: BLE001 - a dead thread would be silence
                pause = RETRY_SECONDS
                self._drop()
                self._tell(type(exc).__name__)
            self._wake.wait(pause)
            self._wake.clear()

    def _tell(self, trouble: str, level: int = logging.WARNING) -> None:
        """Log a trouble once, not at every poll: some last for days."""
        if trouble in self._told:
            return
        self._told.add(trouble)
        told = {"event": "replica_trouble", "told": {"trouble": trouble}}
        log.log(level, "replica: %s", trouble, extra=told)

    def _tell_all_is_well(self) -> None:
        """Log the end of whatever trouble was told."""
        if self._told:
            self._told = set()
            log.info("replica: follows the store", extra={"event": "replica_follows"})

    def _reconnect(self) -> None:
        try:
            if self.on_disconnect is not None:
                self.on_disconnect()
        except BlacklistError as exc:
            self._tell(str(exc))
        except Exception as exc:  # noqa: BLE001 - as above
            self._tell(type(exc).__name__)

    def _drop(self) -> None:
        view = self.view
        if view is not None:
            view.revoke()
            self._before = view
            self.view = None

    def _follow(self, view: View) -> None:
        sent = self._clock()
        if sent - self._described_at >= DESCRIPTION_SECONDS:
            if meta.require(self._client) != view.info:
                self._load()
                return
            self._described_at = sent
        rows = journal.read_from(self._client, view.position.id, ROWS_A_READ)
        if not rows or rows[0].position != view.position:
            raise Mismatch("the store lost the journal row this process had applied")
        if any(row.change.what is journal.What.SNAPSHOT for row in rows[1:]):
            self._load()
            return
        self._apply(view, rows[1:])
        self.position = view.position
        self._refresh_tables(view)
        self._settle_doubt(view)
        if len(rows) < ROWS_A_READ:
            view.sent_at = sent

    def _load(self) -> None:
        """Build a new view beside the old one and put it in place when it is complete."""
        described_at = self._clock()
        info = self.require_store(self._client)
        self.is_silent = False  # reading the snapshots may take a while
        view = self._read_view(info)
        doubt = self._find_doubt(view)
        old = self.view
        # In this order: whoever sees the new view or its position sees the doubt as well.
        self.doubt = doubt
        self.view = view
        self.position = view.position
        self._described_at = described_at
        self._before = None
        if old is not None:
            old.revoke()

    def _read_view(self, info: StoreInfo) -> View:
        """Read snapshots and what came after them; again where a newer snapshot came meanwhile.

        Its row would be read here like any other, but it stands for changes that no row tells and
        the snapshot before does not hold; or for other bits, after a reshard.
        """
        for _ in range(snapshot.ATTEMPTS):
            loaded = {kind: snapshot.load(self._client, kind) for kind in Kind}
            filters = {kind: _filter(one.data) for kind, one in loaded.items()}
            start = min(
                (one.position for one in loaded.values()),
                key=lambda position: journal.id_order(position.id),
            )
            view = View(info, filters, Ranges(loaded[Kind.PHONE].exact), start)
            view.starts = {kind: journal.id_order(one.position.id) for kind, one in loaded.items()}
            self._catch_up(view)
            newest = snapshot.states(self._client)
            is_newest = all(newest[kind].build == one.build for kind, one in loaded.items())
            before, info = info, self.require_store(self._client)
            if is_newest and info == before:
                return view
        raise Unavailable("the filter snapshots are being replaced")

    def _catch_up(self, view: View) -> None:
        while True:
            sent = self._clock()
            rows = journal.read_from(self._client, view.position.id, ROWS_A_READ)
            if not rows or rows[0].position != view.position:
                raise Mismatch("the journal does not reach back to its snapshot")
            self._apply(view, rows[1:])
            if len(rows) < ROWS_A_READ:
                break
        self._refresh_tables(view)
        view.sent_at = sent

    def _apply(self, view: View, rows: list[journal.Row]) -> None:
        for row in rows:
            kind, added = row.change.kind, row.change.added
            if kind is not None and added and not view.holds(kind, row.position):
                view.filters[kind].add_many(
                    with_bare_numbers(added) if kind is Kind.ACCOUNT else added
                )
                if kind is Kind.PHONE:
                    view.ranges.add(added)
            view.position = row.position

    def _refresh_tables(self, view: View) -> None:
        """Read the tables that changed; asked after the journal, before the lease."""
        table_version, callers_version = versions.read(self._client)
        if table_version != view.table.version:
            view.table = sources.read(self._client)
        if callers_version != view.callers.version:
            view.callers = callers.read(self._client)

    def _settle_doubt(self, view: View) -> None:
        """End the doubt once all is loaded again, if that was read from the view's own history."""
        if self.doubt is None or not self.doubt.is_settled_by(view.table):
            return
        if journal.has(self._client, view.position):
            self.doubt = None

    def _find_doubt(self, view: View) -> Doubt | None:
        """What the view before held, if the store has lost rows that it had applied."""
        before = self._before or self.view
        if before is None:
            return self.doubt
        if journal.has(self._client, before.position):
            return self.doubt
        if journal.has_forgotten(self._client, before.position):
            return self.doubt
        log.error("replica: the store lost rows it had given out; what they told is in doubt")
        lists = dict.fromkeys(_generations(before.table), 0) | _generations(view.table)
        return Doubt([before], lists).joined(self.doubt)


def _filter(data: bytes) -> "Filter":
    # A fifth of the time in which a command starts, and a single question needs no filter.
    from blacklist.bloom import Filter  # noqa: PLC0415

    try:
        return Filter.from_bytes(data) if data else Filter.with_room_for(0)
    except ValueError as exc:
        raise Mismatch("a filter snapshot in the store is damaged") from exc


def _generations(table: sources.SourceTable) -> dict[str, int]:
    return {record.source.name: record.generation for record in table.by_code.values()}

"""The barrier with one thing broken at a time; each is what a later change could do by mistake.

Every function takes pytest's ``monkeypatch`` and names the scene that shows what it breaks; where
chance takes more than ten plays to find it, a play that shows it, too. Bodies that are repeated
here are those of the package with the one difference.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from barrier_scenes import APPENDS, DIRTY, JOURNAL, SAVES, SHARD, STAGE, STAGING
from barrier_world import VALUES
from blacklist import lookup, publish, replica
from blacklist.bloom import Filter
from blacklist.errors import BlacklistError
from blacklist.identifiers.number_ranges import Ranges
from blacklist.load import Load
from blacklist.lookup import Lookup
from blacklist.model import Kind
from blacklist.publish import ROOM, Publisher
from blacklist.replica import Replica, View
from blacklist.store import journal, keys, listings, snapshot, sources
from blacklist.store.journal import Change, What
from blacklist.store.snapshot import Snapshot
from blacklist.store.sources import State
from blacklist.store.stage import Stage
from turns import CLOCK

Breaks = Callable[..., None]


@dataclass(frozen=True)
class Mutation:
    """What breaks one thing and the scene that shows it; ``shown``: where its parts stand then."""

    breaks: Breaks
    scene: str
    shown: Mapping[str, Any]


MUTATIONS: dict[str, Mutation] = {}

A, B, C = VALUES

CUT_AT_THE_JOURNAL = {"source": "two", "some": {A, B, C}, "how": "exact", "at": APPENDS, "past": 0}
"""What a writer that is killed before its rows leaves to the next one."""


def shown_by(scene: str, **shown: Any) -> Callable[[Breaks], Breaks]:
    """Enter a function among the mutations."""

    def enter(breaks: Breaks) -> Breaks:
        MUTATIONS[breaks.__name__] = Mutation(breaks, scene, shown)
        return breaks

    return enter


# --- the order of a write ------------------------------------------------------------------


@shown_by(
    "build_in_a_write", source="one", some={B}, how="full", at=APPENDS, past=1, until=SAVES, over=0
)
def journal_before_sets(patch) -> None:
    """The journal tells first, the sets are written afterwards."""
    merge = Load._merge

    def told_first(self, *, apply):
        if apply and not self._silent:
            parts = self._stage.merge(
                self._shards(), now=0, full=self._full, apply=False, exact=self._exact
            )
            for kind, part in parts:
                self._store.tell(kind, part.added(), part.removed())
        return merge(self, apply=apply)

    def count_only(self, done, kind, part, *, apply):
        done.take(kind, part.counts)

    patch.setattr(Load, "_merge", told_first)
    patch.setattr(Load, "_take", count_only)


@shown_by("overlook_a_write")
def barrier_before_the_journal(patch) -> None:
    """The writer waits, then writes and tells, and acknowledges at once."""
    wait, begin = Publisher.acknowledge, Load._begin_writing

    def wait_first(self):
        begin(self)
        wait(self._store)

    patch.setattr(Load, "_begin_writing", wait_first)
    patch.setattr(Publisher, "acknowledge", lambda self: None)


@shown_by("overlook_a_write")
def no_barrier(patch) -> None:
    """A write is acknowledged as soon as it is journalled."""
    patch.setattr(Publisher, "acknowledge", lambda self: None)


@shown_by("overlook_a_write")
def short_barrier(patch) -> None:
    """The writer waits for less than a lease lasts."""
    patch.setattr(publish, "BARRIER_FACTOR", 0.5)


@shown_by("kill_and_retry", **CUT_AT_THE_JOURNAL)
def retry_tells_only_what_is_new(patch) -> None:
    """A load after one that was cut off takes "in the set" for "in the journal"."""
    init = Load.__init__

    def begin(self, *arguments, **others):
        init(self, *arguments, **others)
        self._silent = False

    patch.setattr(Load, "__init__", begin)


@shown_by("kill_and_retry", **CUT_AT_THE_JOURNAL)
def clean_before_the_last_row(patch) -> None:
    """A source is marked clean when its sets are written, before the journal tells it."""
    take = Load._take

    def mark_first(self, done, kind, part, *, apply):
        if apply:
            self._mark(State.CLEAN)
        take(self, done, kind, part, apply=apply)

    patch.setattr(Load, "_take", mark_first)


@shown_by("kill_and_retry", **CUT_AT_THE_JOURNAL)
def never_dirty(patch) -> None:
    """Sets are written while the source is marked as if rows were only being staged."""
    mark = Load._mark
    patch.setattr(
        Load, "_mark", lambda self, state: None if state is State.DIRTY else mark(self, state)
    )


# --- snapshots and the journal -------------------------------------------------------------


@shown_by("write_in_a_build")
def position_after_the_scan(patch) -> None:
    """A snapshot says that it holds what was journalled while it was being scanned."""

    def rebuild(self, kind, **_):
        held = listings.count(self.client, self.info, kind)
        filter_ = Filter.with_room_for(int(held * ROOM))
        for values in listings.scan(self.client, self.info, kind):
            filter_.add_many(values)
        position = journal.last(self.client)
        built = Snapshot(filter_.to_bytes(), position, filter_.count, filter_.capacity, [])
        snapshot.save(self.client, kind, built)
        journal.append(self.client, Change(What.SNAPSHOT, kind))

    patch.setattr(Publisher, "rebuild", rebuild)


@shown_by(
    "load_in_a_retry", source="two", some={A, B, C}, name="first", at=SAVES, until=CLOCK, times=3
)
def newer_snapshot_overlooked(patch) -> None:
    """A replica that loads takes the row of a newer snapshot for one like any other."""

    def read_view(self, info):
        loaded = {kind: snapshot.load(self._client, kind) for kind in Kind}
        filters = {kind: replica._filter(one.data) for kind, one in loaded.items()}
        start = min(
            (one.position for one in loaded.values()),
            key=lambda position: journal.id_order(position.id),
        )
        view = View(info, filters, Ranges(loaded[Kind.PHONE].exact), start)
        self._catch_up(view)
        return view

    patch.setattr(Replica, "_read_view", read_view)


@shown_by("tidy_and_restart")
def journal_trimmed_past_a_snapshot(patch) -> None:
    """Rows are forgotten that a new replica needs: it could never load again."""
    patch.setattr(
        Publisher, "_trim", lambda self: journal.trim(self.client, journal.last(self.client).id)
    )


# --- the read and the lease ----------------------------------------------------------------


@shown_by("lose")
def exclusive_read(patch) -> None:
    """A replica reads what comes after its row and does not look whether that is still there."""

    def follow(self, view):
        sent = self._clock()
        rows = journal.read_from(self._client, view.position.id, journal.ROWS_A_READ)
        rows = [row for row in rows if row.position != view.position]
        if any(row.change.what is What.SNAPSHOT for row in rows):
            self._load()
            return
        self._apply(view, rows)
        self.position = view.position
        self._refresh_tables(view)
        view.sent_at = sent

    patch.setattr(Replica, "_follow", follow)


@shown_by("overlook_a_write")
def lease_ignored(patch) -> None:
    """A filter is believed whatever its age."""
    patch.setattr(lookup, "_age", lambda sent_at, now: 0.0)


@shown_by("overlook_a_write")
def lease_of_an_earlier_question(patch) -> None:
    """The lease is looked at once and believed for the questions that follow."""
    ages = {}
    patch.setattr(lookup, "_age", lambda sent_at, now: ages.setdefault(sent_at, now - sent_at))


@shown_by("write_in_a_poll", source="two", some={C}, name="first", at=JOURNAL, times=1, past=1)
def lease_from_the_answer(patch) -> None:
    """The lease begins when the answer is there instead of when the read was sent."""
    follow = Replica._follow

    def from_the_answer(self, view):
        before = view.sent_at
        follow(self, view)
        if self.view is view and view.sent_at != before:
            view.sent_at = self._clock()

    patch.setattr(Replica, "_follow", from_the_answer)


@shown_by("overlook_a_write")
def lease_renewed_by_a_failure(patch) -> None:
    """A poll that reached nobody renews the lease."""
    poll = Replica.poll

    def renew(self):
        try:
            poll(self)
        except BlacklistError:
            if self.view is not None:
                self.view.sent_at = self._clock()
            raise

    patch.setattr(Replica, "poll", renew)


@shown_by("overlook_a_write")
def lease_by_the_wall_clock(patch) -> None:
    """Ages are told by the clock that people set back."""
    for one in (Replica, Lookup):
        _give_the_wall_clock(patch, one)


def _give_the_wall_clock(patch, to) -> None:
    init = to.__init__
    patch.setattr(
        to,
        "__init__",
        lambda self, *arguments, clock, **others: init(
            self, *arguments, clock=clock.wall, **others
        ),
    )


@shown_by("poll_in_a_question")
def lease_renewed_since(patch) -> None:
    """The lease of now is believed for what the filter did not hold a moment ago."""
    here = threading.local()
    ask = lookup._filter

    def remember(view, asked):
        here.view = view
        ask(view, asked)

    def age(sent_at, now):
        return now - (here.view.sent_at if sent_at > float("-inf") else sent_at)

    patch.setattr(lookup, "_filter", remember)
    patch.setattr(lookup, "_age", age)


# --- sources and shards --------------------------------------------------------------------


@shown_by("overlook_a_write")
def table_version_overlooked(patch) -> None:
    """The store is asked for the sources that a worker knows, whatever others there are."""
    _believe_the_table(patch, lambda: True)


@shown_by("write_in_a_poll")
def sources_before_the_journal(patch) -> None:
    """The table is read before the journal, and believed while the lease lasts."""
    here = threading.local()
    ask, follow = Lookup._ask_store, Replica._follow

    def ask_store(self, view, asked, **told):
        age = float("inf") if view is None else view.age(self._clock())
        here.has_lease = view is not None and age < view.info.max_lag_seconds
        return ask(self, view, asked, **told)

    def table_first(self, view):
        refresh = Replica._refresh_tables
        refresh(self, view)
        self._refresh_tables = lambda _: None
        try:
            follow(self, view)
        finally:
            del self._refresh_tables

    patch.setattr(Lookup, "_ask_store", ask_store)
    patch.setattr(Replica, "_follow", table_first)
    _believe_the_table(patch, lambda: here.has_lease)


def _believe_the_table(patch, is_believed) -> None:
    confirm = Lookup._confirm_once

    def confirm_once(self, info, table, wanted, **others):
        answer = confirm(self, info, table, wanted, **others)
        if is_believed():
            answer.sources_version = table.version
        return answer

    patch.setattr(Lookup, "_confirm_once", confirm_once)


@shown_by("lose_a_shard")
def marker_overlooked(patch) -> None:
    """A shard that was lost passes for one that lists nothing."""
    confirm = listings.confirm

    def all_answered(*arguments):
        answer = confirm(*arguments)
        answer.entries |= {one: [] for one in answer.failed}
        answer.failed.clear()
        return answer

    patch.setattr(listings, "confirm", all_answered)


# --- losses --------------------------------------------------------------------------------


@shown_by("lose")
def doubt_dropped(patch) -> None:
    """What a store that was set back has lost is forgotten."""
    patch.setattr(Replica, "_find_doubt", lambda self, view: None)


@shown_by("lose", some={A, B, C}, other={A}, source="two", name="second", again=True)
def second_loss_hides_the_first(patch) -> None:
    """Of two losses only the second is remembered."""
    patch.setattr(replica.Doubt, "joined", lambda self, other: self)


@shown_by("lose_in_a_poll")
def loss_within_a_poll_overlooked(patch) -> None:
    """Only a view that was dropped before is asked whether its row is still there."""
    find = Replica._find_doubt

    def find_doubt(self, view):
        return find(self, view) if self._before is not None else self.doubt

    patch.setattr(Replica, "_find_doubt", find_doubt)


@shown_by("lose_what_is_forgotten")
def older_than_the_journal_is_forgotten(patch) -> None:
    """A row passes for a forgotten one because the journal begins after it."""

    def begins_after(client, position):
        (first,) = journal.read_from(client, "-", 1)
        return journal.id_order(first.position.id) > journal.id_order(position.id)

    patch.setattr(journal, "has_forgotten", begins_after)


# --- who was too slow ----------------------------------------------------------------------


@shown_by("be_slow_in_a_build", source="one", some={A, B, C}, at=SAVES, past=0, tidies=False)
def snapshot_unfenced(patch) -> None:
    """A builder that outlived its lock publishes its old snapshot over a newer one."""
    save = snapshot.save
    patch.setattr(snapshot, "save", lambda client, kind, new, held=None: save(client, kind, new))


@shown_by(
    "be_slow_in_a_write",
    source="one",
    some={A, C},
    how="withdraw",
    at=STAGING,
    more={A, B, C},
    then="full",
)
def source_unfenced(patch) -> None:
    """A writer that outlived its lock marks a source that is another's by now."""
    write = sources.write
    patch.setattr(sources, "write", lambda client, record, held=None: write(client, record))


@shown_by(
    "be_slow_in_a_write", source="two", some={C}, how="full", at=SHARD, more={B}, then="exact"
)
def shards_unfenced(patch) -> None:
    """A writer that outlived its lock goes on changing sets."""
    patch.setattr(Stage, "fence", lambda self: None)


@shown_by(
    "be_slow_beside_a_write",
    source="one",
    some={A, C},
    how="full",
    at=STAGE,
    more={B, C},
    then="full",
    until=DIRTY,
    is_killed=False,
)
def stage_shared(patch) -> None:
    """All loads of a source put their rows into one stage."""
    named = keys.stage
    patch.setattr(
        keys, "stage", lambda kind, bits, shard, code, load: named(kind, bits, shard, code, 0)
    )


@shown_by(
    "be_slow_beside_a_write",
    source="one",
    some={A, B, C},
    how="full",
    at=APPENDS,
    more={A, B, C},
    then="add",
    until=SHARD,
    is_killed=False,
)
def stage_cleared_before_the_fence(patch) -> None:
    """A slow writer's stage goes while it may still change sets: its list is an empty one."""

    def take_over(self, before):
        if before.state is not State.CLEAN:
            self._stage.clear_of(before.load)
        if before.state is State.DIRTY:
            self._stage.fence()

    patch.setattr(Load, "_take_over", take_over)


@shown_by("lose_under_a_writer", source="two", some={B}, other={A}, how="add", at=STAGE)
def abandoned_unfenced(patch) -> None:
    """A load that fails writes what it knew of its source into a store that was set back."""
    abandon = Load.abandon

    def unfenced(self):
        self._held = None
        abandon(self)

    patch.setattr(Load, "abandon", unfenced)

"""The barrier with one thing broken at a time; each is what a later change could do by mistake.

Every function takes pytest's ``monkeypatch``. Bodies that are repeated here are those of
``publish.py`` and ``replica.py`` with the one difference.
"""

from blacklist import publish, replica
from blacklist.bloom import Filter
from blacklist.identifiers.number_ranges import Ranges
from blacklist.load import Load
from blacklist.model import Kind
from blacklist.publish import ROOM, Publisher
from blacklist.replica import ROWS_A_READ, Replica, View
from blacklist.store import journal, listings, snapshot
from blacklist.store.journal import Change, What
from blacklist.store.snapshot import Snapshot


def journal_before_sets(patch) -> None:
    """The journal tells first, the sets are written afterwards."""
    merge = Load._merge

    def told_first(self, *, apply):
        if apply and not self._silent:
            parts = self._stage.merge(
                self._shards(), now=0, full=self._full, apply=False, exact=self._exact
            )
            for kind, part in parts:
                self._store.tell(kind, part.added, part.removed)
        return merge(self, apply=apply)

    def count_only(self, done, kind, part, *, apply):
        done.take(kind, part.counts)

    patch.setattr(Load, "_merge", told_first)
    patch.setattr(Load, "_take", count_only)


def no_barrier(patch) -> None:
    """A write is acknowledged as soon as it is journalled."""
    patch.setattr(Publisher, "acknowledge", lambda self: None)


def short_barrier(patch) -> None:
    """The writer waits for less than a lease lasts."""
    patch.setattr(publish, "BARRIER_FACTOR", 0.5)


def exclusive_read(patch) -> None:
    """A replica reads what comes after its row and does not look whether that is still there."""

    def follow(self, view):
        sent = self._clock()
        rows = journal.read_from(self._client, view.position.id, ROWS_A_READ)
        rows = [row for row in rows if row.position != view.position]
        if any(row.change.what is What.SNAPSHOT for row in rows):
            self._load()
            return
        self._apply(view, rows)
        self.position = view.position
        self._refresh_sources(view)
        view.sent_at = sent

    patch.setattr(Replica, "_follow", follow)


def lease_ignored(patch) -> None:
    """A filter is believed whatever its age."""
    patch.setattr(View, "age", lambda self, now: 0.0)


def lease_from_the_answer(patch) -> None:
    """The lease begins when the answer is there instead of when the read was sent."""
    follow = Replica._follow

    def from_the_answer(self, view):
        before = view.sent_at
        follow(self, view)
        if self.view is view and view.sent_at != before:
            view.sent_at = self._clock()

    patch.setattr(Replica, "_follow", from_the_answer)


def position_after_the_scan(patch) -> None:
    """A snapshot says that it holds what was journalled while it was being scanned."""

    def rebuild(self, kind):
        keys = listings.count(self.client, self.info, kind)
        filter_ = Filter.with_room_for(int(keys * ROOM))
        for values in listings.scan(self.client, self.info, kind):
            filter_.add_many(values)
        position = journal.last(self.client)
        built = Snapshot(filter_.to_bytes(), position, filter_.count, filter_.capacity, [])
        snapshot.save(self.client, kind, built)
        journal.append(self.client, Change(What.SNAPSHOT, kind))

    patch.setattr(Publisher, "rebuild", rebuild)


def retry_tells_only_what_is_new(patch) -> None:
    """A load after one that was cut off takes "in the set" for "in the journal"."""
    init = Load.__init__

    def begin(self, *arguments, **others):
        init(self, *arguments, **others)
        self._silent = False

    patch.setattr(Load, "__init__", begin)


def doubt_dropped(patch) -> None:
    """What a store that was set back has lost is forgotten."""
    patch.setattr(Replica, "_find_doubt", lambda self, view: None)


def lease_of_an_earlier_question(patch) -> None:
    """The lease is looked at once and believed for the questions that follow."""
    age = View.age
    ages = {}
    patch.setattr(View, "age", lambda self, now: ages.setdefault(id(self), age(self, now)))


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


def loss_within_a_poll_overlooked(patch) -> None:
    """Only a view that was dropped before is asked whether its row is still there."""
    find = Replica._find_doubt

    def find_doubt(self, view):
        return find(self, view) if self._before is not None else self.doubt

    patch.setattr(Replica, "_find_doubt", find_doubt)


def second_loss_hides_the_first(patch) -> None:
    """Of two losses only the second is remembered."""
    patch.setattr(replica.Doubt, "joined", lambda self, other: self)


MUTATIONS = {
    one.__name__: one
    for one in (
        journal_before_sets,
        no_barrier,
        short_barrier,
        exclusive_read,
        lease_ignored,
        lease_from_the_answer,
        position_after_the_scan,
        retry_tells_only_what_is_new,
        doubt_dropped,
        lease_of_an_earlier_question,
        newer_snapshot_overlooked,
        loss_within_a_poll_overlooked,
        second_loss_hides_the_first,
    )
}

"""One load of one source: rows are staged, compared and committed; or what has ended is swept.

The order of its writes is told in ``publish``, whose :class:`~blacklist.publish.Publisher` begins
loads and does for them what concerns the whole store (:class:`Journalist`).
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final, Protocol

import msgspec

from blacklist.errors import Busy
from blacklist.holdings import seconds_to_live
from blacklist.model import Identifier, Kind, Source
from blacklist.store import Client, durability, sources
from blacklist.store.locks import Held
from blacklist.store.meta import StoreInfo
from blacklist.store.sources import SourceRecord, State
from blacklist.store.stage import Merged, Stage, Staged, Withdrawal
from blacklist.sums import Standing, Sums, compare, tally

SNAPSHOT_CHANGES: Final = 50_000
"""From this many changes a load publishes a snapshot instead of flooding the journal."""


class Journalist(Protocol):
    """What a load needs done for the whole store."""

    @property
    def client(self) -> Client:
        """The one connection of the load."""

    @property
    def info(self) -> StoreInfo:
        """The store."""

    def now(self) -> int:
        """Return the Unix second."""

    def tell(self, kind: Kind, added: list[str], removed: list[str]) -> None:
        """Journal changes that the sets already hold."""

    def rebuild(self, kind: Kind, *, keep: Callable[[], None]) -> None:
        """Publish a whole snapshot of a kind; ``keep`` is called as it goes."""

    def acknowledge(self) -> None:
        """Return when every replica has seen what was written."""


class Changes(msgspec.Struct, frozen=True):
    """What a load changes in one kind: entries added and removed, entries before and after."""

    added: int = 0
    removed: int = 0
    before: int = 0
    after: int = 0


class Load:
    """One load of one source. :meth:`put` rows, look at :meth:`compare`, then :meth:`commit`."""

    def __init__(
        self,
        store: Journalist,
        source: Source,
        *,
        full: bool,
        held: Held,
        exact: bool = False,
    ) -> None:
        self._store = store
        self._client = store.client
        self._full = full
        self._exact = exact
        self._held = held
        self._source = source
        self._known = sources.read(self._client).named(source.name)
        record = self._known or SourceRecord(source, sources.new_code(self._client))
        self._was = record.state
        self._record = msgspec.structs.replace(record, load=sources.new_load(self._client))
        self._stage = Stage(self._client, store.info, record.code, self._record.load)
        self._withdrawn: list[Withdrawal] = []
        self._changed = 0
        self._silent = self._was is State.DIRTY
        self._open = True
        self._take_over(record)
        self._mark(State.DIRTY if self._was is State.DIRTY else State.STAGING)

    @property
    def before(self) -> SourceRecord:
        """What the store knew of the source when the load began."""
        return self._known or SourceRecord(self._source, self._record.code)

    def put(self, rows: Iterable[Staged]) -> int:
        """Stage rows; returns how many identifiers this load had not brought before."""
        self._held.extend()
        return self._stage.put(rows)

    def withdraw(self, rows: Iterable[Withdrawal]) -> None:
        """Take single entries out when the load is committed; what the load brings stays."""
        self._withdrawn.extend(rows)

    def compare(self) -> dict[Kind, Changes]:
        """What :meth:`commit` would change, by kind; changes nothing."""
        return self._changes(self._merge(apply=False))

    def commit(self, *, rejected_share: float = 0.0) -> dict[Kind, Changes]:
        """Apply, journal and wait for the barrier; returns what was changed, by kind.

        ``rejected_share`` is remembered of a full load. Raises Unavailable when the store fails on
        the way: then the load may be half applied and is finished by loading again.
        """
        self._begin_writing()
        return self._finish(self._merge(apply=True), loaded=True, rejected_share=rejected_share)

    def take_out(self) -> dict[Kind, Changes]:
        """Take out what was withdrawn, in place of a commit; the list gets no younger by it."""
        self._begin_writing()
        return self._finish(self._merge(apply=True), loaded=False)

    def sweep(self) -> dict[Kind, Changes]:
        """Remove what has ended, in place of a commit; returns what was changed, by kind."""
        self._begin_writing()
        lives = {kind: seconds_to_live(self._source, kind) for kind in Kind if self._may_list(kind)}
        done = Sums()
        swept = self._stage.sweep(lives, now=self._store.now(), whole=self._record.whole or 0)
        for kind, part in swept:
            self._take(done, kind, part, apply=True)
            bare = _bare_numbers(part.removed()) if kind is Kind.ACCOUNT else []
            for _, numbers in self._stage.withdraw(bare, now=self._store.now(), apply=True):
                self._take(done, kind, numbers, apply=True)
        return self._finish(done, loaded=False)

    def abandon(self) -> None:
        """Drop what was staged and not committed; what the source lists stays as it is."""
        if not self._open:
            return
        self._open = False
        self._stage.clear()
        # Without the lock the source is somebody else's, or is what it was when the store was kept.
        with suppress(Busy):
            if self._known is None:
                sources.forget(self._client, self._source.name, self._held)
            elif self._was is not State.DIRTY:
                self._record = self._known
                self._mark(State.CLEAN)

    def _take_over(self, before: SourceRecord) -> None:
        """Begin where another load of the source was cut off, or stands still and may yet go on.

        That one can mark nothing any more. If it had begun to change sets, the shards are closed to
        it before its stage goes: a whole list without its stage would take everything out.
        """
        if before.state is State.DIRTY:
            self._stage.fence()
        if before.state is not State.CLEAN:
            self._stage.clear_of(before.load)

    def _begin_writing(self) -> None:
        self._open = False
        self._record = msgspec.structs.replace(self._record, source=self._source)
        self._mark(State.DIRTY)
        # A failover that took the mark along would leave sets of which no row tells.
        durability.replicate(self._client)

    def _mark(self, state: State) -> None:
        self._record = msgspec.structs.replace(self._record, state=state)
        sources.write(self._client, self._record, self._held)

    def _merge(self, *, apply: bool) -> Sums:
        """Compare or apply everything, withdrawals first."""
        done = Sums()
        for kind, part in self._stage.withdraw(self._withdrawn, now=self._store.now(), apply=apply):
            self._take(done, kind, part, apply=apply)
        parts = self._stage.merge(
            self._shards(),
            now=self._store.now(),
            full=self._full,
            apply=apply,
            renewed=[kind for kind in Kind if seconds_to_live(self._source, kind) is not None],
            exact=self._exact,
        )
        for kind, part in parts:
            self._take(done, kind, part, apply=apply)
        return done

    def _take(self, done: Sums, kind: Kind, part: Merged, *, apply: bool) -> None:
        """Count what some shards changed, and journal it unless a snapshot will tell it."""
        self._held.extend()
        done.take(kind, part.counts)
        if not apply:
            return
        self._changed += part.changed
        self._silent = self._silent or self._changed > SNAPSHOT_CHANGES
        if not self._silent and part.changed:
            self._store.tell(kind, part.added(), part.removed())

    def _shards(self) -> dict[Kind, Iterable[int]]:
        """The shards the load touches, and all of the kinds where it may remove something."""
        shards: dict[Kind, Iterable[int]] = dict(self._stage.shards)
        if self._full:
            bits = self._store.info.bits
            shards |= {kind: range(1 << bits[kind]) for kind in Kind if self._may_list(kind)}
        return shards

    def _may_list(self, kind: Kind) -> bool:
        """Whether the source may list something of this kind already."""
        return self._was is State.DIRTY or bool(self._record.entries.get(kind))

    def _finish(
        self, done: Sums, *, loaded: bool, rejected_share: float = 0.0
    ) -> dict[Kind, Changes]:
        """Publish snapshots, write the source's sums, mark it clean, wait for the barrier."""
        if self._silent:
            for kind in Kind if self._was is State.DIRTY else done.kinds():
                self._store.rebuild(kind, keep=self._held.extend)
        # Only what no failover takes back is finished; otherwise the source stays marked.
        durability.replicate(self._client)
        changes = self._changes(done)
        now, is_whole = self._store.now(), loaded and self._full
        before = self._record.standing()
        if self._was is State.DIRTY:
            after = self._recount()
            came, went = compare(before, after)
        else:
            after = done.after(before)
            came, went = done.cells(lambda one: one.added), done.cells(lambda one: one.removed)
        self._record = msgspec.structs.replace(
            self._record,
            state=State.CLEAN,
            loaded=now if loaded else self._record.loaded,
            whole=now if is_whole else self._record.whole,
            generation=self._record.generation + is_whole,
            categories=after,
            entries={kind: sum(counts.values()) for kind, counts in after.items()},
            rejected_share=rejected_share if is_whole else self._record.rejected_share,
        )
        tally(self._client, self._record, now, before=before, came=came, went=went)
        sources.write(self._client, self._record, self._held)
        self._store.acknowledge()
        return changes

    def _changes(self, done: Sums) -> dict[Kind, Changes]:
        """Return the sums by kind."""
        changes = {}
        for kind in done.kinds():
            total = done.total(kind)
            is_counted = self._full and self._was is State.DIRTY
            before = total.before if is_counted else self._record.entries.get(kind, 0)
            changes[kind] = Changes(
                total.added, total.removed, before, before + total.added - total.removed
            )
        return changes

    def _recount(self) -> Standing:
        """What the source lists now, counted: a load that was cut off left the sums behind."""
        counted = Sums()
        everywhere = {kind: range(1 << bits) for kind, bits in self._store.info.bits.items()}
        for kind, part in self._stage.merge(everywhere, now=0, full=True, apply=False):
            self._held.extend()
            counted.take(kind, part.counts)
        return counted.stood()


def _bare_numbers(accounts: Iterable[str]) -> list[Withdrawal]:
    """Return what must go along with accounts that went: their numbers under no bank."""
    cut = (account.partition("/") for account in accounts if "/" in account)
    return [Withdrawal(Identifier(Kind.ACCOUNT, number), bank) for bank, _, number in cut]

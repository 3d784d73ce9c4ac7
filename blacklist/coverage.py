"""What stands behind an answer: how many lists of a kind, how large, how old, read up to where."""

from collections.abc import Iterable

from blacklist.model import AsOf, Coverage, Kind
from blacklist.store.sources import SourceRecord, SourceTable

OVERDUE_TURNS = 2
"""A list is overdue when it missed a whole turn: one that is a little late is not."""


class Lists:
    """The lists of one table at one Unix second: worked out once for all answers of that second."""

    def __init__(self, table: SourceTable, now: int) -> None:
        self._table = table
        self._now = now
        self._known: dict[tuple[Kind, ...], tuple[dict[Kind, Coverage], tuple[str, ...]]] = {}

    def are_of(self, table: SourceTable, now: int) -> bool:
        """Whether these are the lists of that table at that second."""
        return self._table is table and self._now == now

    def of(self, kinds: tuple[Kind, ...]) -> tuple[dict[Kind, Coverage], tuple[str, ...]]:
        """What stands behind each kind, and the notes on that."""
        found = self._known.get(kinds)
        if found is None:
            lists = {kind: coverage_of(self._table, kind, self._now) for kind in kinds}
            notes = tuple(dict.fromkeys(list_notes(self._table, kinds, self._now)))
            found = self._known[kinds] = lists, notes
        return found


class Backing:
    """What stands behind the answers of one moment: worked out once for those of the same kinds.

    ``position`` is the journal row up to which they are complete, ``age`` the seconds since that
    was certain. ``is_old``: more may be listed by now (``filter_old``).
    """

    def __init__(
        self, lists: Lists, position: str | None, *, age: float, is_old: bool = False
    ) -> None:
        self._lists = lists
        self._position = position
        self._age_ms = round(age * 1000) if age < float("inf") else None
        self._is_old = is_old
        self._known: dict[tuple[Kind, ...], tuple[AsOf, tuple[str, ...]]] = {}

    def of(self, kinds: tuple[Kind, ...]) -> tuple[AsOf, tuple[str, ...]]:
        """How fresh an answer about these kinds is, and the notes on their lists."""
        found = self._known.get(kinds)
        if found is None:
            lists, told = self._lists.of(kinds)
            notes = list(told)
            if self._is_old:
                notes.append("filter_old")
            found = AsOf(self._position, self._age_ms, lists), tuple(notes)
            self._known[kinds] = found
        return found


def coverage_of(table: SourceTable, kind: Kind, now: int) -> Coverage:
    """How many lists of a kind there are, their entries, and the age of the oldest in seconds."""
    records = [record for record in table.by_code.values() if record.entries.get(kind)]
    ages = [now - record.loaded for record in records if record.loaded is not None]
    return Coverage(
        sources=len(records),
        entries=sum(record.entries[kind] for record in records),
        oldest_s=max(0, *ages) if ages else None,
    )


def list_notes(table: SourceTable, kinds: Iterable[Kind], now: int) -> list[str]:
    """``no_lists``: a kind has nothing but the sample; ``lists_stale``: a list is overdue."""
    notes = []
    for kind in kinds:
        records = [
            record
            for record in table.by_code.values()
            if record.entries.get(kind) and not record.source.sample
        ]
        if not records:
            notes.append("no_lists")
        if any(_is_overdue(record, now) for record in records):
            notes.append("lists_stale")
    return notes


def _is_overdue(record: SourceRecord, now: int) -> bool:
    every = record.source.refresh_seconds
    if every is None:
        return False
    return record.loaded is None or now - record.loaded > every * OVERDUE_TURNS

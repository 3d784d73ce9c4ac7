"""How many entries stood on a day, from the days' sums and what stands now; pure.

Used by the periodic report and by the page of the state of the lists.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from blacklist.model import Category, Kind
from blacklist.store.sources import SourceRecord
from blacklist.store.tallies import Tally, What


class Cell(NamedTuple):
    """What is counted apart: entries of one kind and category that one source lists."""

    kind: Kind
    category: Category
    source: str


class _Day(NamedTuple):
    day: date
    before: int
    after: int


class Standing:
    """What stood when, as far as tallies tell; between two of them nothing has changed.

    ``tallies`` are those of a row of days that ends today.
    """

    def __init__(self, tallies: Iterable[Tally], records: Iterable[SourceRecord]) -> None:
        sums: dict[tuple[Cell, date], dict[What, int]] = defaultdict(dict)
        for one in tallies:
            sums[Cell(one.kind, one.category, one.source), one.day][one.what] = one.count
        self._days: dict[Cell, list[_Day]] = defaultdict(list)
        for (cell, day), told in sorted(sums.items()):
            after = told.get(What.CURRENT, 0)
            before = after - told.get(What.ADDED, 0) + told.get(What.WITHDRAWN, 0)
            self._days[cell].append(_Day(day, max(0, before), after))
        self._now = _now(records)

    def at(self, day: date) -> dict[Cell, int]:
        """Entries at the end of a day, of cells that had any."""
        cells = {cell: self._of(cell, day) for cell in {*self._days, *self._now}}
        return {cell: count for cell, count in cells.items() if count}

    def _of(self, cell: Cell, day: date) -> int:
        days = self._days.get(cell, [])
        place = bisect_right(days, day, key=lambda one: one.day)
        if place:
            return days[place - 1].after
        return days[0].before if days else self._now[cell]


def _now(records: Iterable[SourceRecord]) -> dict[Cell, int]:
    cells: dict[Cell, int] = defaultdict(int)
    for record in records:
        for kind, counts in record.standing().items():
            for category, count in counts.items():
                name = Category(category or record.source.category)
                cells[Cell(kind, name, record.source.name)] += count
    return dict(cells)

"""What a change to a source comes to, by kind and category, and how the day's tallies are told.

Used by ``load``. The empty category stands for the source's own, so that a source may be given
another one without touching its entries.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

from blacklist.model import Category, Kind
from blacklist.store import Client, tallies
from blacklist.store.sources import SourceRecord
from blacklist.store.stage import Count

Standing = Mapping[Kind, Mapping[str, int]]
"""Entries by kind and category."""

Cells = Mapping[tuple[Kind, str], int]


class Sums:
    """Counts that come in by parts."""

    def __init__(self) -> None:
        self._counts: dict[tuple[Kind, str], Count] = {}

    def take(self, kind: Kind, counts: Mapping[str, Count]) -> None:
        """Add what some shards say."""
        for category, count in counts.items():
            self._counts[kind, category] = self._counts.get((kind, category), Count()).plus(count)

    def kinds(self) -> set[Kind]:
        """The kinds of which anything was said."""
        return {kind for kind, _ in self._counts}

    def total(self, kind: Kind) -> Count:
        """One kind's counts over all categories."""
        total = Count()
        for (one, _), count in self._counts.items():
            total = total.plus(count) if one is kind else total
        return total

    def cells(self, what: Callable[[Count], int]) -> Cells:
        """One of the counts, by kind and category."""
        return {cell: what(count) for cell, count in self._counts.items()}

    def stood(self) -> Standing:
        """What there was before; complete only after a comparison with every shard."""
        return _standing(self.cells(lambda count: count.before))

    def after(self, before: Standing) -> Standing:
        """What there is after these changes to what there was."""
        cells: dict[tuple[Kind, str], int] = defaultdict(int, _cells(before))
        for cell, count in self._counts.items():
            cells[cell] += count.added - count.removed + count.moved
        return _standing(cells)


def compare(before: Standing, after: Standing) -> tuple[Cells, Cells]:
    """What came and what went, where only both ends are known."""
    old, new = _cells(before), _cells(after)
    change = {cell: new.get(cell, 0) - old.get(cell, 0) for cell in {*old, *new}}
    return (
        {cell: count for cell, count in change.items() if count > 0},
        {cell: -count for cell, count in change.items() if count < 0},
    )


def tally(
    client: Client, record: SourceRecord, now: int, *, before: Standing, came: Cells, went: Cells
) -> None:
    """Write a source's change and standing into the day's tallies; ``now`` is a Unix second."""
    gone = dict.fromkeys(_cells(before), 0)
    sorts = (
        (tallies.What.ADDED, came),
        (tallies.What.WITHDRAWN, went),
        (tallies.What.CURRENT, gone | _cells(record.categories)),
    )
    day = tallies.day_of(now)
    tallies.record(
        client,
        [
            tallies.Tally(day, what, kind, category, record.source.name, count)
            for what, cells in sorts
            for kind, category, count in _named(cells, record.source.category)
            if count or what is tallies.What.CURRENT
        ],
    )


def _named(cells: Cells, own: Category) -> Iterator[tuple[Kind, Category, int]]:
    """Yield cells with the categories' names, those of one name together."""
    named: dict[tuple[Kind, Category], int] = defaultdict(int)
    for (kind, category), count in cells.items():
        named[kind, Category(category or own)] += count
    for (kind, name), count in named.items():
        yield kind, name, count


def _cells(standing: Standing) -> dict[tuple[Kind, str], int]:
    return {
        (kind, category): count
        for kind, counts in standing.items()
        for category, count in counts.items()
    }


def _standing(cells: Cells) -> dict[Kind, dict[str, int]]:
    standing: dict[Kind, dict[str, int]] = defaultdict(dict)
    for (kind, category), count in cells.items():
        if count:
            standing[kind][category] = count
    return dict(standing)

"""What stood on a day, from sums of days."""

from datetime import date, timedelta

from blacklist.model import Category, Kind, Source
from blacklist.standing import Cell, Standing
from blacklist.store.sources import SourceRecord
from blacklist.store.tallies import Tally, What

DAY = date(2026, 5, 10)
CELL = Cell(Kind.PHONE, Category.GAMBLING, "one")


def told(day: date, what: What, count: int) -> Tally:
    return Tally(day, what, *CELL, count)


def at(standing: Standing, days: int) -> int:
    return standing.at(DAY + timedelta(days=days)).get(CELL, 0)


def test_what_stood_last_still_stands() -> None:
    """Until the next sum, and before the first what that one began with."""
    standing = Standing(
        [
            told(DAY, What.ADDED, 5),
            told(DAY, What.WITHDRAWN, 2),
            told(DAY, What.CURRENT, 13),
            told(DAY + timedelta(days=3), What.CURRENT, 0),
        ],
        [],
    )
    assert [at(standing, days) for days in (-1, 0, 2, 3, 9)] == [10, 13, 13, 0, 0]


def test_a_source_that_never_changed_stands_as_it_does_now() -> None:
    source = Source("one", "One", category=Category.GAMBLING)
    record = SourceRecord(source, 16, categories={Kind.PHONE: {"": 3, "gambling": 4}})
    assert Standing([], [record]).at(DAY) == {CELL: 7}

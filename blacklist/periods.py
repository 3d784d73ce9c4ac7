"""Periods of reports: whole days of Vietnam, the same days a year before, and the usual ones; pure.

The directives of provinces set the days by which a report is due, and not which days it covers
(docs/design.md, "The periodic report"). A preset covers the days since the report before it was
due, and ends on the day before it is due itself: no day is told twice or left out.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

import msgspec

MAX_DAYS: Final = 366
"""A longer period would overlap with the same days of the year before."""


class Period(msgspec.Struct, frozen=True):
    """The days from ``first`` to ``last``, both included."""

    first: date
    last: date

    def year_before(self) -> "Period":
        """The same days a year before; 28 February stands for the 29th of a leap year."""
        return Period(_year_before(self.first), _year_before(self.last))


YEARS: Final = range(2000, 2100)


def period(first: date, last: date, today: date) -> Period:
    """A period that somebody asks for; ValueError where it is none, or has not begun."""
    if last < first:
        raise ValueError("the last day lies before the first")
    if (last - first).days >= MAX_DAYS:
        raise ValueError(f"a period has at most {MAX_DAYS} days")
    if first.year not in YEARS:
        raise ValueError(f"a period begins in {YEARS.start} or later")
    if first > today:
        raise ValueError("the period has not begun")
    return Period(first, last)


def preset(name: str, year: int) -> Period:
    """The period of a report that is due in a year; ValueError where there is none of this name."""
    if name not in PRESETS or year not in YEARS:
        raise ValueError(f"a preset is one of {', '.join(PRESETS)}, in a year of four digits")
    return PRESETS[name](year)


def next_due(today: date) -> tuple[str, int]:
    """The preset, and its year, whose days are the next to be over; of the period that runs now."""
    due = (
        (of(year).last, name, year)
        for name, of in PRESETS.items()
        for year in (today.year, today.year + 1)
    )
    _, name, year = min(one for one in due if one[0] >= today)
    return name, year


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def _year_until(month: int, day: int) -> Callable[[int], Period]:
    """The year that ends on the day before a report is due."""

    def of(year: int) -> Period:
        return Period(date(year - 1, month, day), date(year, month, day) - timedelta(days=1))

    return of


PRESETS: Final[dict[str, Callable[[int], Period]]] = {
    "5-june": lambda year: Period(date(year - 1, 12, 5), date(year, 6, 4)),
    "15-november": _year_until(11, 15),
    "5-december": _year_until(12, 5),
    "15-december": _year_until(12, 15),
}
"""By the day a report is due: which days it covers, by the year in which it is due.

That of 5 June is the half year's; it begins where the year's of 5 December ended.
"""

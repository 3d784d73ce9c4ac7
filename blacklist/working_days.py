"""Working days of Vietnam: until when something is to be done; pure.

Monday to Friday without public holidays (Labour Code 45/2019/QH14, article 112): Tết and the Hùng
Kings by the lunar year, what falls on a weekend made up for, and the days off that the government
moves each year with the Saturdays worked in their place, as far as ``holidays`` knows them.
"""

from datetime import date, datetime, time, timedelta, timezone
from functools import cache
from importlib import import_module
from typing import Any, Final

VIETNAM: Final = timezone(timedelta(hours=7))
"""Vietnam has no summer time."""


def is_working_day(day: date) -> bool:
    """Whether offices are open."""
    return bool(_calendar(day.year).is_working_day(day))


def deadline(second: float, working_days: int) -> int:
    """Return the second at which the last of so many working days after a moment's day is over."""
    day = datetime.fromtimestamp(second, VIETNAM).date()
    while working_days:
        day += timedelta(days=1)
        working_days -= is_working_day(day)
    return end_of(day)


def end_of(day: date) -> int:
    """Return the Unix second at which a day of Vietnam is over."""
    return int(datetime.combine(day + timedelta(days=1), time(), VIETNAM).timestamp())


@cache
def _calendar(year: int) -> Any:
    """The holidays of a year, and of the next: a Saturday may be worked for a day off of January.

    The library is read at first use: some 300 modules.
    """
    return import_module("holidays").country_holidays("VN", years=(year, year + 1))

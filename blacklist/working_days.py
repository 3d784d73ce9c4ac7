"""Working days of Vietnam: until when something is to be done; pure.

Monday to Friday without the public holidays that have a date of the solar year (Labour Code
45/2019/QH14, article 112). Those of the lunar year (Tết, the Hùng Kings) and days off that are
decided each year are counted as working days: a deadline is then too soon, never too late.
"""

from datetime import date, datetime, time, timedelta, timezone
from typing import Final

VIETNAM: Final = timezone(timedelta(hours=7))
"""Vietnam has no summer time."""

HOLIDAYS: Final = frozenset({(1, 1), (4, 30), (5, 1), (9, 2)})
"""Month and day: New Year, the liberation of the South, Labour Day, National Day."""

_SATURDAY: Final = 5


def is_working_day(day: date) -> bool:
    """Whether offices are open."""
    return day.weekday() < _SATURDAY and (day.month, day.day) not in HOLIDAYS


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

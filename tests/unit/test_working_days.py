"""Until when something is to be done, in working days of Vietnam."""

from datetime import UTC, date, datetime

import pytest

from blacklist.working_days import VIETNAM, deadline, end_of, is_working_day


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=VIETNAM).timestamp())


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        ("2026-11-27", True),  # Friday
        ("2026-11-28", False),
        ("2026-11-29", False),
        ("2026-04-30", False),  # a Thursday, a holiday
        ("2026-05-01", False),
        ("2026-09-02", False),
        ("2027-01-01", False),
        ("2026-09-03", True),
        ("2026-02-17", False),  # Tết, a Tuesday
        ("2026-02-20", False),
        ("2026-02-23", True),
        ("2026-04-27", False),  # the Hùng Kings' day fell on a Sunday
        ("2025-04-07", False),  # the Hùng Kings' day
        ("2025-05-02", False),  # a day off that the government moved
        ("2026-11-24", False),  # the Day of Vietnamese Culture, since 2026
        ("2025-11-24", True),
        ("2026-08-22", True),  # a Saturday, worked in place of Monday the 31st
        ("2026-08-31", False),
    ],
)
def test_weekends_and_holidays_are_no_working_days(day: str, is_open: bool) -> None:
    assert is_working_day(date.fromisoformat(day)) is is_open


@pytest.mark.parametrize(
    ("since", "days", "until"),
    [
        ("2026-11-02T09:00", 2, "2026-11-05T00:00"),  # Monday: Tuesday and Wednesday
        ("2026-11-27T23:59", 2, "2026-12-02T00:00"),  # Friday: over the weekend
        ("2026-11-28T00:00", 1, "2026-12-01T00:00"),  # Saturday
        ("2026-04-29T12:00", 2, "2026-05-06T00:00"),  # two holidays and a weekend between
        ("2026-11-02T09:00", 10, "2026-11-17T00:00"),
    ],
)
def test_a_deadline_is_the_end_of_the_last_working_day(since: str, days: int, until: str) -> None:
    assert deadline(at(since), days) == at(until)


def test_a_day_is_that_of_vietnam() -> None:
    """Late on Sunday in UTC it is Monday in Vietnam."""
    second = datetime(2026, 11, 1, 20, tzinfo=UTC).timestamp()
    assert deadline(second, 1) == at("2026-11-04T00:00")
    assert end_of(date(2026, 11, 24)) == at("2026-11-25T00:00")

"""Which days a report covers."""

from datetime import date, timedelta

import pytest

from blacklist.periods import MAX_DAYS, PRESETS, Period, period

TODAY = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("5-june", date(2025, 12, 5), date(2026, 6, 4)),
        ("15-november", date(2025, 11, 15), date(2026, 11, 14)),
        ("5-december", date(2025, 12, 5), date(2026, 12, 4)),
        ("15-december", date(2025, 12, 15), date(2026, 12, 14)),
    ],
)
def test_a_preset_ends_on_the_day_before_it_is_due(name: str, first: date, last: date) -> None:
    assert PRESETS[name](2026) == Period(first, last)


@pytest.mark.parametrize("name", [name for name in PRESETS if name != "5-june"])
@pytest.mark.parametrize("year", [2024, 2025, 2028])
def test_no_day_is_told_twice_or_left_out(name: str, year: int) -> None:
    """One year's report begins on the day after the last one's end."""
    of = PRESETS[name]
    assert of(year).first == of(year - 1).last + timedelta(days=1)
    assert of(year).year_before() == of(year - 1)


def test_the_half_years_begins_with_the_years() -> None:
    assert PRESETS["5-june"](2026).first == PRESETS["5-december"](2026).first


def test_the_year_before_of_a_leap_day() -> None:
    day = date(2028, 2, 29)
    assert Period(day, day).year_before() == Period(date(2027, 2, 28), date(2027, 2, 28))


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        (TODAY, TODAY - timedelta(days=1), "before the first"),
        (TODAY - timedelta(days=MAX_DAYS), TODAY, "at most"),
        (TODAY + timedelta(days=1), TODAY + timedelta(days=2), "not begun"),
    ],
)
def test_what_is_no_period_is_refused(first: date, last: date, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        period(first, last, TODAY)


def test_the_longest_and_the_shortest() -> None:
    first = TODAY - timedelta(days=MAX_DAYS - 1)
    assert period(first, TODAY, TODAY) == Period(first, TODAY)
    assert period(TODAY, TODAY, TODAY) == Period(TODAY, TODAY)

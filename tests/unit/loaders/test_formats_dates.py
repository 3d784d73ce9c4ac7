"""Dates as feeds write them."""

import pytest

from loaders.formats.dates import parse_date

NOON = 1795348800  # 2026-11-22 12:00:00 UTC


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-11-22", NOON - 43200),
        ("2026/11/22", NOON - 43200),
        ("22/11/2026", NOON - 43200),
        ("22-11-2026", NOON - 43200),
        ("22.11.2026", NOON - 43200),
        ("2/1/2026", 1767312000),
        ("2026-11-22 12:00:00", NOON),
        ("2026-11-22T12:00:00", NOON),
        ("2026-11-22T12:00:00Z", NOON),
        ("2026-11-22 12:00:00 UTC", NOON),
        ("2026-11-22T12:00:00.123456Z", NOON),
        ("2026-11-22T12:00:00+00:00", NOON),
        ("2026-11-22T19:00:00+07:00", NOON),
        ("2026-11-22T07:30:00-0430", NOON),
        ("2026-11-22 12:00", NOON),
        ("22/11/2026 12:00", NOON),
        ("22/11/2026, 12:00:00", NOON),
        ("2026-1-2 3:4:5 +0000", 1767323045),
    ],
)
def test_a_date_is_seconds_utc_where_no_zone_is_named(text, seconds):
    assert parse_date(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        *("", "yesterday", "1:00 pm", "20261122", "22/11/26", "2026-02-30", "31/02/2026"),
        *("11/22/2026", "2026-11-22 25:00:00", "2026-11-22T12:00:00+99:00", "2026-11-22\n"),
        *("0000-00-00", "0001-01-01", "1970-01-01", "٢٠٢٦-١١-٢٢", "2026-11-22x", "2026-W47-7"),
    ],
)
def test_what_is_no_date_or_stands_for_none_is_none(text):
    assert parse_date(text) is None

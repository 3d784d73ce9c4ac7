"""Points in time as JSON holds them: a date's text, or Unix seconds as a text or a number."""

from loaders.formats.dates import parse_date

_LATEST = 253_402_300_799  # the last second of the year 9999


def parse_stamp(value: object) -> int | None:
    """Return Unix seconds; None for what is no point in time after 1970-01-01."""
    if isinstance(value, str):
        text = value.strip()
        if not (text.isascii() and text.isdecimal() and len(text) <= len(str(_LATEST))):
            return parse_date(text)
        value = int(text)
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _LATEST:
        return value
    return None

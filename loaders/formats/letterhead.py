"""The number and date of an authority's letter, as its head or title tells them.

``Số: 386/CAT-ANM`` and ``Cao Bằng, ngày 17 tháng 02 năm 2023``: what a listing carries as its
reference and since when, unless its own row says so.
"""

import re
from collections.abc import Iterable
from itertools import islice

import msgspec

from loaders.formats.base import Record, Row
from loaders.formats.dates import parse_date

_LINES = 60
_NUMBER = re.compile(
    r"\bSố\s{0,3}:?\s{0,3}(?P<number>[0-9]{1,6}\s?/\s?[0-9A-ZĐƯ][0-9A-ZĐƯa-z.&-]{1,30}(?:/[0-9A-ZĐƯ-]{1,20})?)"
)
_DATE = re.compile(
    r"ngày\s{0,3}(?P<day>[0-9]{1,2})\s{0,3}tháng\s{0,3}(?P<month>[0-9]{1,2})\s{0,3}năm\s{0,3}"
    r"(?P<year>[0-9]{4})",
    re.IGNORECASE,
)
_LONGEST_LINE = 2000


class Letterhead(msgspec.Struct, frozen=True):
    """A letter's number, and its date in Unix seconds."""

    number: str | None = None
    date: int | None = None


def read_letterhead(lines: Iterable[str]) -> Letterhead:
    """Return the first number and the first date of a letter's beginning."""
    number: str | None = None
    date: int | None = None
    for line in islice(lines, _LINES):
        text = line[:_LONGEST_LINE]
        found = _NUMBER.search(text) if number is None else None
        if found:
            number = "".join(found["number"].split())
        dated = _DATE.search(text) if date is None else None
        if dated:
            date = parse_date(f"{dated['day']}/{dated['month']}/{dated['year']}")
    return Letterhead(number, date)


def add_letter(row: Row, letter: Letterhead) -> Row:
    """Return a row with the letter's number and date where it has none of its own."""
    if not isinstance(row, Record) or letter == Letterhead():
        return row
    return msgspec.structs.replace(
        row, reference=row.reference or letter.number, since=row.since or letter.date
    )

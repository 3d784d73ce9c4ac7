"""One domain, URL, IP address, number or account a line.

A comment is a line that begins with ``#``, ``!``, ``;`` or ``//``, and whatever follows a ``#``
that stands behind white space (in a URL a ``#`` stands behind none: there it is the fragment; in a
range of numbers, ``+41 21 560 ## ##``, it stands for a digit).
A line from one number to another (``0899 990 000 - 0899 999 999``) is the ranges between. Every
other line is a record: whether it is an identifier is for ``blacklist.identifiers`` to say.
"""

import re
from collections.abc import Iterable, Iterator

from blacklist.model import Kind
from loaders.formats.base import Options, Record, Row, Skipped
from loaders.formats.head import data_lines, most
from loaders.formats.phone_ranges import SHORTEST_RANGE, split_range

NAME = "plain"

_COMMENTS = ("#", "!", ";", "//")
_INLINE_COMMENT = re.compile(r"\s#")
_RANGE = re.compile(r"(\(?\+?\d[\d\s().-]*#[#\s-]*#)(?:\s+#\s*[^\s#].*)?")
_HINT = re.compile(r"[.。．:]|\d")
_DELIMITER = re.compile(r"[,;|\t]")
_FEWEST_DIGITS = 3
_BLOCK = re.compile(
    r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}/(?:[0-9]|[12][0-9]|3[0-2])|[0-9a-fA-F:]+::?/[0-9]{1,2}"
)
"""A block of addresses, by its length (RFC 4632); ``/32`` is one address."""
_DIGITS = frozenset("+0123456789")
_MAY_BE_PHONES = (None, Kind.PHONE)


def sniff(head: str) -> bool:
    """Say whether most lines are one token that may be an identifier, or comments are all."""
    lines = data_lines(head, _COMMENTS)
    if not lines:
        return bool(head.strip())
    return most(lines, lambda line: _looks_like_one(_without_comment(line)))


def parse(lines: Iterable[str], options: Options) -> Iterator[Row]:
    """Yield a record for every line that is neither blank nor a comment."""
    kind = options.kind
    for number, line in enumerate(lines, 1):
        value = line.strip()
        if not value or value.startswith(_COMMENTS):
            continue
        if "#" in value:
            value = _without_comment(value)
        if value[0] in _DIGITS and (len(value) >= SHORTEST_RANGE or "/" in value[-3:]):
            yield from _read_numbers(number, value, kind)
        else:
            yield Record(number, value, kind)


def _read_numbers(number: int, value: str, kind: Kind | None) -> Iterator[Row]:
    """Yield the rows of a line that may name several numbers, or a block of addresses."""
    parts = split_range(value) if kind in _MAY_BE_PHONES else None
    if parts:
        yield from (Record(number, part, Kind.PHONE) for part in parts)
    elif not _BLOCK.fullmatch(value):
        yield Record(number, value, kind)
    elif ":" not in value and value.endswith("/32"):
        yield Record(number, value.removesuffix("/32"), kind)
    else:
        yield Skipped(line=number, reason="address_block")


def _without_comment(line: str) -> str:
    numbers = _RANGE.fullmatch(line)
    if numbers:
        return numbers[1]
    return _INLINE_COMMENT.split(line, maxsplit=1)[0].rstrip()


def _looks_like_one(line: str) -> bool:
    """Say whether a line may be one identifier: a spaced number, or a word with a digit or dot."""
    if "://" not in line and _DELIMITER.search(line):
        return False  # a row of a table, whose header we did not know
    if len(line.split()) == 1:
        return line.isprintable() and bool(_HINT.search(line))
    digits = sum(map(str.isdecimal, line))
    return digits >= _FEWEST_DIGITS and digits * 2 >= sum(map(str.isalnum, line))

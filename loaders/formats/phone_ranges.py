"""Ranges of phone numbers that name their first and last number, and beginnings of numbers.

``0899990000-0899999999`` becomes the fewest forms that ``blacklist.identifiers`` lists exactly
(``089999####``). Which forms are too wide is for it to say.
"""

import re

_BOTH = re.compile(
    r"(?P<first>\+?[0-9][0-9 .()]{5,24}?)"
    r" ?(?:-|\u2013|\u2014|\.\.\.?|\u2026| to | đến | den | ~ ) ?"
    r"(?P<last>\+?[0-9][0-9 .()]{5,24})"
)
_SEPARATORS = str.maketrans("", "", " .()")
_FEWEST_DIGITS = 8
SHORTEST_RANGE = 2 * _FEWEST_DIGITS + 1
"""Characters that a text from one number to another has at least."""

_MOST_NUMBERS = 100_000
"""As many as the widest single range has; more would be a list of everybody."""

_SHORT_BEGINNING = re.compile(r"\+?[0-9]{1,8}")


def split_range(text: str) -> list[str] | None:
    """Return the ranges that a text from one number to another means, None for another text.

    Two numbers behind each other may be just two: it is a range only where the first ends in 0 and
    the last in 9, and it holds at most 100,000 numbers.
    """
    if len(text) < SHORTEST_RANGE or text[-1] != "9":
        return None
    found = _BOTH.fullmatch(text)
    if found is None:
        return None
    first = found["first"].translate(_SEPARATORS)
    last = found["last"].translate(_SEPARATORS)
    if not first.endswith("0"):
        return None
    return cover(first, last)


def cover(first: str, last: str) -> list[str] | None:
    """Return the fewest forms ``1234##`` for the numbers from the first to the last, both included.

    None if they are not two numbers of one length, in order, and of at most 100,000 between.
    """
    plus = "+" if first.startswith("+") else ""
    low, high = first.removeprefix("+"), last.removeprefix("+")
    if plus != ("+" if last.startswith("+") else "") or len(low) != len(high):
        return None
    if not (low.isascii() and low.isdecimal() and high.isascii() and high.isdecimal()):
        return None
    width, at, end = len(low), int(low), int(high)
    if width < _FEWEST_DIGITS or not 0 <= end - at < _MOST_NUMBERS:
        return None
    forms = []
    while at <= end:
        wild = 0
        while at % 10 ** (wild + 1) == 0 and at + 10 ** (wild + 1) - 1 <= end:
            wild += 1
        digits = f"{at:0{width}}"
        forms.append(plus + digits[: width - wild] + "#" * wild)
        at += 10**wild
    return forms


def open_prefix(number: object) -> object:
    """Return a beginning of numbers as an open range (``+4144888*``); all else as it is.

    For feeds that say that a short number stands for all that begin so.
    """
    if isinstance(number, str) and _SHORT_BEGINNING.fullmatch(number.strip()):
        return number.strip() + "*"
    return number

"""Digits in a message: which of them are one number, and which are amounts, dates and times.

A number is written in groups, parted by a blank, a dot, a dash or brackets; several numbers stand
in a row, parted by commas, slashes, dashes with blanks and words. Where a group ends a whole
Vietnamese number, the next group begins another one. Reads the plain text; knows no bank. Pure;
called by ``message``.
"""

import re
from bisect import bisect_left
from typing import Final

import msgspec

from blacklist.identifiers.message_labels import FoundLabel, Label, Labels
from blacklist.identifiers.message_text import mask

MAX_DIGITS: Final = 19
_WIDTHS: Final = range(3, MAX_DIGITS + 2)
_MIN_DIGITS: Final = 8
_MAX_SHORT_GROUP: Final = 7
_GROUP: Final = re.compile(r"[0-9]+")
_LOOK_ALIKE: Final = re.compile(r"(?<![a-z0-9])[0-9oil]{3,19}(?![a-z0-9])")
_AS_DIGITS: Final = str.maketrans("oil", "011")
_SAME_NUMBER: Final = re.compile(
    r" {0,2}[.\-~] {0,1}(?<! - )|[ ]{1,2}| ?[()\[\]] ?-?|[.\-] ?\(|\) ?[.\-]"
)
_SLASH: Final = re.compile(r"\)? ?/ ?")
_AREA: Final = re.compile(r"0[0-9]{1,4}")
_CODE_BEFORE: Final = re.compile(r"0[0-9]{1,3}|00[1-9][0-9]{0,2}|84|\+[0-9]{1,3}")
_COMPLETE: Final = re.compile(
    r"0[35789][0-9]{8}|01[2689][0-9]{8}|02[0-9]{9}|(?:0084|\+84)(?:0?[35789][0-9]{8}|0?2[0-9]{9})"
    r"|84[35789][0-9]{8}|1[89]00[0-9]{6}|\+[0-9]{15}"
)
"""A whole Vietnamese number in any of its forms: nothing can follow it."""

_ANY_MARK: Final = r"[ .,_*·•\'~|/()-]{1,3}"
_HIDDEN_MOBILE: Final = re.compile(
    rf"(?<![0-9])(?P<digits>(?:84|0)(?:{_ANY_MARK})?[35789](?:(?:{_ANY_MARK})?[0-9]){{8}})(?![0-9])"
)
"""A Vietnamese mobile with any marks between its digits: ``0912*345*678``."""

_WORD_CURRENCY: Final = r"d(?![/a-z])|vnd|dong(?! (?:a\b|chi|nam))|usd|eur|ndt|₫|\$|€"
_SHORT_CURRENCY: Final = r"k|tr|trieu|ty|ti|nghin|ngan(?! hang)|cu|lit|%"
_AMOUNT: Final = re.compile(
    r"(?<![0-9.,])(?:"
    r"[+-]?\$?[1-9][0-9]{0,14}(?:[.,][0-9]{1,3}){0,6}"
    rf" ?(?:{_WORD_CURRENCY})(?![a-z])"
    rf"|[1-9][0-9]{{0,4}}(?:[.,][0-9]{{1,3}})? ?(?:{_SHORT_CURRENCY})(?![a-z])"
    r"|[+-]?[1-9][0-9]{0,2}(?:(?:\.[0-9]{3}){0,4}\.000|(?:,[0-9]{3}){0,4},000)(?:[.,]0{1,2})?"
    r"(?![0-9]|[.,][0-9])"
    r")"
)
_TIME: Final = re.compile(
    r"(?<![0-9])(?<![0-9][./-])(?:"
    r"(?:0?[1-9]|[12][0-9]|3[01])([./-])(?:0?[1-9]|1[0-2])\1(?:(?:19|20)[0-9]{2}|[0-9]{2})"
    r"|(?:19|20)[0-9]{2}([./-])(?:0?[1-9]|1[0-2])\2(?:0?[1-9]|[12][0-9]|3[01])"
    r"|[0-2]?[0-9](?::|h|g)[0-5][0-9](?:(?::|p|m)[0-5][0-9])?"
    r")(?![0-9]|[./-][0-9])"
)
_ROW: Final = re.compile(
    r"[ )\]]{0,3}(?:[-/,;|&.]|\bhoac\b|\bva\b|\bor\b|\band\b|\bhay\b)?[ (+]{0,3}"
)


class Number(msgspec.Struct, frozen=True):
    """One number's place in the plain text, its digits with ``+``, and the label it stands behind.

    ``is_beside`` says that only marks part it from the label. ``in_row`` says that it follows
    another number of a row, whose label (and bank) it shares.
    """

    start: int
    end: int
    digits: str
    label: Label | None = None
    is_beside: bool = False
    in_row: bool = False


def read_look_alikes(text: str) -> str:
    """Return the plain text with letters that stand for digits as digits (``o9l2 345 678``)."""

    def _read(word: re.Match[str]) -> str:
        digits = sum(map(str.isdigit, word[0]))
        return word[0].translate(_AS_DIGITS) if digits * 2 >= len(word[0]) else word[0]

    return _LOOK_ALIKE.sub(_read, text)


def without_amounts(text: str, labels: Labels) -> str:
    """Return the plain text with amounts of money, dates and times masked.

    What stands right behind the label of a phone or an account is none of these.
    """
    found = [match.span() for match in _TIME.finditer(text)]
    masked = mask(text, found)
    amounts = []
    for match in _AMOUNT.finditer(masked):
        label = labels.before(match.start(), 0)
        has_currency = not match[0][-1].isdigit()
        if has_currency or label is None or not labels.is_beside(label, match.start()):
            amounts.append(match.span())
    return mask(masked, amounts)


def find_numbers(text: str, labels: Labels) -> list[Number]:
    """Return the numbers of a plain text (amounts masked), in order, of 3 to 19 digits."""
    groups = [match.span() for match in _GROUP.finditer(text)]
    mobiles = _find_mobiles(text)
    numbers: list[Number] = []
    at = 0
    while at < len(groups):
        floor = numbers[-1].end if numbers else 0
        label = labels.before(groups[at][0], floor)
        row = None if label else _row_before(text, numbers, groups[at][0])
        told = _label_of(label, row)
        last = _compose(text, groups, at, told)
        is_open = told is not Label.ACCOUNT or last == at
        if is_open and groups[at][0] in mobiles:
            last = max(last, bisect_left(groups, mobiles[groups[at][0]], key=_end))
        number = _number(text, groups[at : last + 1], floor)
        at = last + 1
        if len(number.digits) in _WIDTHS:
            is_beside = labels.is_beside(label, number.start) if label else bool(row)
            in_row = row is not None
            numbers.append(
                msgspec.structs.replace(number, label=told, is_beside=is_beside, in_row=in_row)
            )
    return numbers


def _number(text: str, groups: list[tuple[int, int]], floor: int) -> Number:
    """Return the number of some groups, with the marks in front of it."""
    start, end = groups[0][0], groups[-1][1]
    plus = "+" if _has_plus(text, start) else ""
    digits = "".join(text[first:stop] for first, stop in groups)
    return Number(_with_marks(text, start, end, floor), end, plus + digits)


def _find_mobiles(text: str) -> dict[int, int]:
    """Return where mobiles begin → end that are parted by any marks, to hide from filters."""
    return {
        match.start("digits"): match.end()
        for match in _HIDDEN_MOBILE.finditer(text)
        if max(map(len, _GROUP.findall(match[0]))) < _MAX_SHORT_GROUP
    }


def _end(group: tuple[int, int]) -> int:
    return group[1]


def _label_of(label: FoundLabel | None, row: Number | None) -> Label | None:
    if label is not None:
        return label.label
    return row.label if row is not None else None


def _row_before(text: str, numbers: list[Number], start: int) -> Number | None:
    """Return the number that the one at ``start`` follows in a row of its own kind."""
    if not numbers or len(numbers[-1].digits) < _MIN_DIGITS:
        is_short = bool(numbers) and numbers[-1].label is Label.PHONE
        if not is_short:
            return None
    before = numbers[-1]
    return before if _ROW.fullmatch(text, before.end, start) else None


def _compose(text: str, groups: list[tuple[int, int]], first: int, label: Label | None) -> int:
    """Return the last group of the number that begins at a group."""
    plus = "+" if _has_plus(text, groups[first][0]) else ""
    start, end = groups[first]
    digits = plus + text[start:end]
    last = first
    while last + 1 < len(groups) and len(digits) <= MAX_DIGITS:
        if not _goes_on(text, groups, last, digits, label):
            break
        last += 1
        digits += text[groups[last][0] : groups[last][1]]
    return last


def _goes_on(
    text: str, groups: list[tuple[int, int]], last: int, digits: str, label: Label | None
) -> bool:
    """Tell whether the group behind ``last`` belongs to the same number."""
    end, (start, stop) = groups[last][1], groups[last + 1]
    gap, width = text[end:start], stop - start
    if len(digits) + width > MAX_DIGITS + 1 or len(gap) > 3 or not _is_inside(gap, digits):  # noqa: PLR2004
        return False
    if width > _MAX_SHORT_GROUP or groups[last][1] - groups[last][0] > _MAX_SHORT_GROUP:
        return _CODE_BEFORE.fullmatch(digits) is not None
    rest = _digits_ahead(text, groups, last + 1)
    if _COMPLETE.fullmatch(digits):
        return label is Label.ACCOUNT and rest < _MIN_DIGITS
    begins_another = text[start] == "0" and rest >= _MIN_DIGITS and len(digits) >= _MIN_DIGITS
    return not begins_another and _is_meant(digits, width, label)


def _is_meant(digits: str, width: int, label: Label | None) -> bool:
    """Tell whether small groups without a label are a number: lists of small figures are not."""
    return (
        label is not None
        or digits[0] in "+0"
        or digits.startswith(("84", "18", "19"))
        or (
            width > 2 and len(digits) > 2  # noqa: PLR2004
        )
    )


def _is_inside(gap: str, digits: str) -> bool:
    """Tell whether a gap may stand inside one number; a slash only behind an area code."""
    if _SAME_NUMBER.fullmatch(gap):
        return True
    return _SLASH.fullmatch(gap) is not None and _AREA.fullmatch(digits) is not None


def _digits_ahead(text: str, groups: list[tuple[int, int]], first: int) -> int:
    """Return how many digits stand in a row from a group on, up to the fewest of a number."""
    total, end = 0, groups[first][0]
    for start, stop in groups[first : first + _MIN_DIGITS]:
        if start > end and _SAME_NUMBER.fullmatch(text[end:start][:4]) is None:
            break
        total += stop - start
        end = stop
        if total >= _MIN_DIGITS:
            break
    return total


def _has_plus(text: str, start: int) -> bool:
    """Tell whether a plus sign of a number (and no sum's) stands in front."""
    at = start - 1
    while at >= 0 and text[at] in " (" and start - at < 3:  # noqa: PLR2004
        at -= 1
    return at >= 0 and text[at] == "+" and not text[max(at - 1, 0) : at].isalnum()


def _with_marks(text: str, start: int, end: int, floor: int) -> int:
    """Return where a number begins with its plus sign and the bracket that is closed inside it."""
    begin = start
    if _has_plus(text, start):
        begin = text.rindex("+", floor, start)
    if begin > floor and text[begin - 1] == "(" and ")" in text[begin:end]:
        begin -= 1
    return begin

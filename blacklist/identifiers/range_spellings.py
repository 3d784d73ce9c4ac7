"""How ranges of phone numbers are written: ``+8489999…``, ``0899 99*``, ``+4121560####``.

An open end is ``*``, ``%`` or an ellipsis, one digit each is ``#``; what stands before is the
beginning of a number, dialled in any way. Other marks (``0912 345 xxx``, ``0912345***``) are how
people hide digits: such a row means one number, and is no range. Called by ``phone`` for what is no
number; knows no list.
"""

import re
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber

from blacklist.identifiers.dialled import fold_to_ascii
from blacklist.identifiers.landline_codes import renumber_landline
from blacklist.identifiers.mobile_prefixes import renumber
from blacklist.identifiers.number_ranges import DIGIT, MAX_WILD_DIGITS, OPEN
from blacklist.identifiers.reasons import refusal

_MAX_CHARACTERS: Final = 40
_SEPARATORS: Final = str.maketrans("", "", " .-()/")
_MARKED: Final = re.compile(r"(?:[*%#]|\.{3})%?\Z")
_RANGE: Final = re.compile(r"(?P<start>\+?[0-9]{1,14})(?:(?P<open>[*%])|(?P<digits>#+))")
_ELLIPSIS: Final = re.compile(r"\.{3}%?")
_MOST_DIGITS: Final = 15
_LEAST_BEHIND_ELLIPSIS: Final = 2
"""Three dots may only end a sentence: they count where numbers in use are longer by so much."""


def find_range(text: str, region: str) -> str | None:
    """Return the canonical form of a range dialled from a region, or None for another text.

    ``region`` is ISO 3166 alpha-2. Raises InvalidIdentifier ``range_too_wide``.
    """
    if len(text) > _MAX_CHARACTERS:
        return None
    folded = fold_to_ascii(text)
    if _MARKED.search(folded) is None:
        return None
    written, ellipses = _ELLIPSIS.subn(OPEN, folded)
    found = _RANGE.fullmatch(written.translate(_SEPARATORS))
    if found is None:
        return None
    wild = len(found["digits"] or "")
    if not wild:
        wild = _open_digits(found["start"], region, only_in_use=bool(ellipses))
        if ellipses and wild < _LEAST_BEHIND_ELLIPSIS:
            return None
    number = _complete(found["start"], wild, region)
    if number is None or not wild:
        return None
    if wild > MAX_WILD_DIGITS:
        raise refusal("range_too_wide")
    start = (_in_use_today(number) or number)[:-wild]
    return start + (OPEN if found["open"] else DIGIT * wild)


def _open_digits(start: str, region: str, *, only_in_use: bool) -> int:
    """Return how many digits follow an open start: as its numbers in use have, or else may at most.

    0 where no number begins so, or where the start is somebody's whole number itself.
    """
    numbers = {digits: _complete(start, digits, region) for digits in range(_MOST_DIGITS)}
    possible = [digits for digits, number in numbers.items() if number]
    in_use = (digits for digits in possible if _in_use_today(numbers[digits] or ""))
    return next(in_use, 0 if only_in_use else max(possible, default=0))


def _complete(start: str, digits: int, region: str) -> str | None:
    """Return the E.164 number of a start and so many zeros, if a number can be so long."""
    parsed = _parse(start + "0" * digits, region.upper())
    if parsed is None or not phonenumbers.is_possible_number(parsed):
        return None
    national = phonenumbers.national_significant_number(parsed)
    return f"+{parsed.country_code}{national}" if len(national) >= digits else None


def _in_use_today(number: str) -> str | None:
    """Return the number in use today that a number means, of before 2017 or 2018 too, or None."""
    parsed = _parse(number, "ZZ")
    if parsed is not None and phonenumbers.is_valid_number(parsed):
        return number
    renumbered = renumber_landline(renumber(number))
    return None if renumbered == number else renumbered


def _parse(text: str, region: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except NumberParseException:
        return None

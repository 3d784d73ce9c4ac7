"""Phone numbers that imitate a published line of an institution.

The directives warn of the spoofed numbers of police, procuracies and courts: a caller cannot easily
show the very line, but shows it with a foreign country code, a prefix or one digit more
(``+84069234856`` for 069 234 8560). Used by ``look_alike``.
"""

import re
from functools import cache
from typing import Final

from blacklist.identifiers.brand_index import without_one
from blacklist.identifiers.institutions import institutions
from blacklist.identifiers.numbering import plain_form

_HOME: Final = "84"
_SERVICE: Final = re.compile(r"1[89]00[0-9]{4,6}")
"""1800 and 1900 lines of every length in use: one that begins like another is somebody else's."""

_LEAST_CUT: Final = 9
"""Digits of a line from which one that lacks the last is still telling."""


def imitates_number(e164: str) -> str | None:
    """Return the name of the institution whose published line a number imitates, or None.

    The line with digits put before it (``+84 9 069 234 8560``, ``+1 069 234 8560``, any other
    country code), with one digit added anywhere, or cut short by its last. Never a published line,
    nor a Vietnamese number in use: that is somebody's own. ``e164`` may keep the trunk 0 after
    ``+84``. Never raises.
    """
    digits = e164.removeprefix("+")
    lines = _lines()
    home = _national(digits)
    if not digits.isdecimal() or not digits.isascii() or home in lines or _is_in_use(home):
        return None
    if home:
        found = lines.get(f"{home}#") or _find_added_digit(home)
        if found:
            return found
    return _find_line_at_end(digits)


@cache
def _lines() -> dict[str, str]:
    """Return national number → name, and ``…#`` for a line that lacks its last digit."""
    table: dict[str, str] = {}
    for institution in institutions():
        for number in institution.numbers:
            line = _national(number.removeprefix("+"))
            table[line] = institution.name
            if len(line) >= _LEAST_CUT:
                table[f"{line[:-1]}#"] = institution.name
    return table


@cache
def _line_lengths() -> tuple[int, ...]:
    return tuple(sorted({len(line.rstrip("#")) for line in _lines()}, reverse=True))


def _national(digits: str) -> str:
    """Return a Vietnamese number without country code and trunk 0; nothing for a foreign one."""
    return digits.removeprefix(_HOME).lstrip("0") if digits.startswith(_HOME) else ""


def _is_in_use(national: str) -> bool:
    form = plain_form("VN")
    is_subscriber = form is not None and form.pattern.fullmatch(national) is not None
    return is_subscriber or _SERVICE.fullmatch(national) is not None


def _find_added_digit(national: str) -> str | None:
    return next(filter(None, map(_lines().get, without_one(national))), None)


def _find_line_at_end(digits: str) -> str | None:
    """Return whose line stands at the end, cut by its last digit only behind a trunk 0."""
    lines = _lines()
    for length in _line_lengths():
        tail = digits[-length:]
        if len(tail) == len(digits):
            continue
        name = lines.get(tail)
        if name is None and digits[-length - 1] == "0" and len(digits) > length + 1:
            name = lines.get(f"{tail}#")
        if name:
            return name
    return None

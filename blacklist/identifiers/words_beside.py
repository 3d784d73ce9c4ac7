"""Words on either side of a phone number, and whether they may be left out.

Called by ``dialled``. Nothing may be lost that could be a part of the number or an address of its
own: letters that stand for digits, signs that are dialled, a link, an e-mail address. Knows no
numbering plan: what is left need not be a number.
"""

import re
from typing import Final

from blacklist.identifiers.look_alike_digits import may_be_digits

_BEHIND_NUMBER: Final = re.compile(r"[^\w+@#*%&=\\]")
_NEVER_BEHIND: Final = re.compile(r"[@\\]|://|\w\.\w")
_NEVER_BEFORE: Final = re.compile(
    r"[@\\+*#%&=]|://|\w\.\w|\b(?:https?|ftp|wss?|mailto|file|sips?):", re.IGNORECASE
)
"""An address in the words would be lost with them, as would signs that are dialled."""

_PARTED: Final = re.compile(r"[^/\w]*[\s:,;|(\[\"'][^/\w]*")
"""What parts words from a number behind them; with less they may be one code (``HD-0912…``)."""

_BEFORE_DIGITS: Final = " +(["
_WORD: Final = re.compile(r"[^\W\d_]+")
_MIN_DIGITS: Final = 8
"""A hotline without its 0 has so many; fewer are an amount, a house or a short code."""


def end_before_words(text: str) -> int:
    """Return where a number ends that words stand behind; the text's length if none may be cut."""
    end = max((at + 1 for at, one in enumerate(text) if one.isdecimal()), default=len(text))
    words = text[end:]
    has_letters = any(map(str.isalpha, words))
    if has_letters and _BEHIND_NUMBER.match(words) and not _NEVER_BEHIND.search(words):
        return end
    return len(text)


def start_behind_words(text: str) -> int:
    """Return where a number begins that words stand before, with its marks; 0 if none may be cut.

    A word is never cut that is nothing but letters for digits, or that is a number in another way.
    """
    first = next((at for at, one in enumerate(text) if one.isdecimal()), 0)
    before = text[:first]
    words = _WORD.findall(before)
    if not words or any(map(may_be_digits, words)) or any(map(str.isnumeric, before)):
        return 0
    gap = before[before.rindex(words[-1]) + len(words[-1]) :]
    start = len(before.rstrip(_BEFORE_DIGITS))
    if _NEVER_BEFORE.search(before[:start]) or not _PARTED.fullmatch(gap):
        return 0
    return start if sum(map(str.isdecimal, text)) >= _MIN_DIGITS else 0

"""Letters that stand for digits in a number: ``O9l2 345 678``.

Written so by those who dodge filters, and by readers of scanned letters. Read as digits only where
nothing else can be meant: no other letter in the text, each right beside a digit, and digits in the
majority. Capital O in front is common (the trunk 0), so the beside may be on one side only.
"""

import re
from typing import Final

_AS_DIGITS: Final = str.maketrans(
    "OoΟοОоlIІ",  # Latin, Greek, Cyrillic; l, capital i and its Cyrillic twin
    "000000111",
)
_LETTERS: Final = "".join(map(chr, _AS_DIGITS))
_ALONE: Final = re.compile(rf"(?<![0-9{_LETTERS}])[{_LETTERS}]+(?![0-9{_LETTERS}])")
_DIGITS_PER_LETTER: Final = 2


def read_look_alikes(text: str) -> str | None:
    """Return the text with its look-alike letters as digits, or None where they are letters."""
    letters = [character for character in text if character.isalpha()]
    digits = sum(character in "0123456789" for character in text)
    if not letters or not set(letters) <= set(_LETTERS):
        return None
    if digits < _DIGITS_PER_LETTER * len(letters) or _ALONE.search(text):
        return None
    return text.translate(_AS_DIGITS)


def may_be_digits(word: str) -> bool:
    """Tell whether every letter of a word is one that stands for a digit."""
    return set(word) <= set(_LETTERS)

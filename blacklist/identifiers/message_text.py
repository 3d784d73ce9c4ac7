"""A message as the finders read it: plain lower-case letters, ASCII digits, no hidden marks.

Each character becomes one or none, so a place that is found is told in the original's characters.
Accents go, since half of all messages are written without them; digits of any script, full-width
forms, dashes and blanks become the plain ones. Pure; called by ``message``.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from blacklist.identifiers.text import drop_hidden

MASK: Final = "\x01"
"""Stands in place of what was found already: no letter, digit, blank or mark of punctuation."""

_SPECIAL: Final = {
    "đ": "d",
    "Đ": "d",
    "。": ".",
    "｡": ".",
    "\u2212": "-",
    "\u2028": "\n",
    "\u2029": "\n",
    "\u0085": "\n",
    # Greek and Cyrillic twins of the letters that stand for digits (look_alike_digits).
    "Ο": "o",
    "ο": "o",
    "О": "o",
    "о": "o",
    "І": "i",
    "і": "i",
}
_REMEMBERED: Final = 10_000
"""Characters whose plain form is kept: enough for every script that one message mixes."""


class Folded(msgspec.Struct, frozen=True):
    """A message and its plain form; ``places`` gives each plain character's index, None: the same.

    Indices are those of Python strings: Unicode code points.
    """

    original: str
    text: str
    places: Sequence[int] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the original's place of a part of the plain form; the part is not empty."""
        if self.places is None:
            return start, end
        last = self.places[end - 1] + 1
        while last < len(self.original) and unicodedata.combining(self.original[last]):
            last += 1
        return self.places[start], last

    def slice(self, start: int, end: int) -> str:
        """Return what stands in the original at a part of the plain form."""
        first, last = self.span(start, end)
        return self.original[first:last]


def fold(text: str) -> Folded:
    """Return the message with its plain form."""
    if text.isascii():
        return Folded(text, text.lower())
    plain = text.translate(_PLAIN)
    if len(plain) == len(text):
        return Folded(text, plain)
    return Folded(text, plain, [at for at, one in enumerate(text) if _PLAIN[ord(one)]])


def mask(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return the text with :data:`MASK` in place of ordered spans."""
    parts, done = [], 0
    for start, end in spans:
        parts += [text[done:start], MASK * (end - start)]
        done = end
    return "".join((*parts, text[done:]))


class _Plain(dict[int, str]):
    """Code point → one plain character or none, worked out at first sight."""

    def __missing__(self, code: int) -> str:
        plain = _plain(chr(code))
        if len(self) < _REMEMBERED:
            self[code] = plain
        return plain


_PLAIN: Final = _Plain()


def _plain(character: str) -> str:
    if character in _SPECIAL:
        return _SPECIAL[character]
    if unicodedata.combining(character) or not drop_hidden(character):
        return ""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    decomposed = unicodedata.normalize("NFKD", character.casefold())
    bare = "".join(one for one in decomposed if not unicodedata.combining(one))
    if len(bare) != 1:
        return character
    category = unicodedata.category(bare)
    return {"Pd": "-", "Zs": " "}.get(category, bare)

"""Letters that look alike, folded to one: ``vіetcornbаnk`` → ``vletcombank``, as is the brand.

Two steps. :func:`fold_script` takes every script's letter to the plain Latin one it looks like:
accents and compatibility forms by Unicode's decomposition (UAX #15), other Latin letters by their
Unicode name (LATIN SMALL LETTER B WITH HOOK is a b), Cyrillic, Greek and the rest by a table after
UTS #39's confusables. :func:`fold_shape` then takes plain letters and digits that pass for each
other in a browser's address bar to one: 0 and o; 1, l and i; rn and m; vv and w; cl and d.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

_LATIN: Final = re.compile(
    r"LATIN (?:SMALL LETTER|LETTER SMALL CAPITAL|SMALL LETTER SCRIPT|SMALL LETTER DOTLESS)"
    r" ([A-Z])(?: WITH .+)?"
)
_CYRILLIC: Final = ("абвгезкмнопрстухѕьіјһӏԁԍԛԝѵүґ", "abbre3kmhonpctyxsbijhldgqwvyr")
_GREEK: Final = ("αβγεηικνορτυχω", "abyenikvoptuxw")
_ODD_LATIN: Final = ("ɑəɩıƿŋĸƅʒƽƻþ", "aeiipnkb352p")
"""Latin letters whose names do not say what they look like."""

_LOOKS: Final = {
    foreign: plain
    for letters, looks in (_CYRILLIC, _GREEK, _ODD_LATIN)
    for foreign, plain in zip(letters, looks, strict=True)
}
_TWO_LETTERS: Final = {"æ": "ae", "œ": "oe", "ß": "ss", "đ": "d"}
_SHAPES: Final = str.maketrans("01i", "oll")


def fold_script(text: str) -> str:
    """Return the text in the plain Latin letters that it looks like, digits as they are."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(map(_fold_character, decomposed))


def fold_letters(text: str) -> str:
    """Return a plain text with single letters and digits that pass for each other made one."""
    return text.translate(_SHAPES)


def fold_shape(text: str) -> str:
    """Return a plain text with letters, digits and pairs that pass for each other made one."""
    if "rn" in text or "vv" in text or "cl" in text:
        text = text.replace("rn", "m").replace("vv", "w").replace("cl", "d")
    return text.translate(_SHAPES)


def fold_both(text: str) -> tuple[str, str]:
    """Return what :func:`fold_shape` and :func:`fold_letters` make of a plain text."""
    letters = text.translate(_SHAPES)
    if "rn" in text or "vv" in text or "cl" in text:
        return fold_shape(text), letters
    return letters, letters


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    if character.isascii():
        return character
    if unicodedata.combining(character):
        return ""
    known = _TWO_LETTERS.get(character) or _LOOKS.get(character)
    if known:
        return known
    latin = _LATIN.fullmatch(unicodedata.name(character, ""))
    return latin[1].lower() if latin else character

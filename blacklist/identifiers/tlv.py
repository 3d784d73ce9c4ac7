"""The fields of a payment code: two digits of an id, two of a length, the value (EMV QRCPS, 3.2).

One parser for the code and for the templates in it. Lengths are counted in characters by some
makers and in UTF-8 bytes by others; what does not add up is still read as far as it goes, and told.
"""

import re
from typing import Final

import msgspec

_HEAD: Final = re.compile(r"[0-9]{4}")
_HEAD_CHARACTERS: Final = 4
_ID_CHARACTERS: Final = 2


class Fields(msgspec.Struct, frozen=True):
    """(id, value) of each field in order; ``is_whole`` is whether the lengths added up."""

    items: tuple[tuple[str, str], ...]
    is_whole: bool

    def get(self, field_id: str) -> str | None:
        """Return the first value of an id."""
        return next((value for found, value in self.items if found == field_id), None)


def parse(text: str) -> Fields:
    """Return the fields of a text, with lengths counted in whichever way adds up."""
    by_characters = _parse(text)
    if by_characters.is_whole or text.isascii():
        return by_characters
    by_bytes = _parse(text.encode("utf-8", "replace").decode("latin-1"))
    if not by_bytes.is_whole:
        return by_characters
    items = ((found, _from_bytes(value)) for found, value in by_bytes.items)
    return Fields(tuple(items), is_whole=True)


def _from_bytes(value: str) -> str:
    return value.encode("latin-1").decode("utf-8", "replace")


def _parse(text: str) -> Fields:
    """Read field by field; what is left behind the last one belongs to it, its length being wrong.

    The length of the whole is believed before that of the part: a part cut short by its own length
    would be another account.
    """
    items: list[tuple[str, str]] = []
    at, is_whole = 0, True
    while at < len(text):
        head = _HEAD.match(text, at)
        if head is None:
            is_whole = False
            if items:
                items[-1] = (items[-1][0], items[-1][1] + text[at:])
            break
        start = at + _HEAD_CHARACTERS
        end = start + int(text[at + _ID_CHARACTERS : start])
        is_whole = is_whole and end <= len(text)
        items.append((text[at : at + _ID_CHARACTERS], text[start:end]))
        at = end
    return Fields(tuple(items), is_whole)

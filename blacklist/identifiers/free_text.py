"""A note that a person writes beside a listing, a report or a dispute: kept, so without persons.

Refused are numbers that have the shape of a payment card's or of a person's identity number: 9
digits (chứng minh nhân dân) or 12 (căn cước công dân), in one piece or in groups with blanks or
dashes between. A sum of money may be written with dots (``100.000.000``).
"""

import re
import unicodedata
from typing import Final

from blacklist.identifiers.cards import LENGTHS, is_card_number
from blacklist.identifiers.reasons import refusal
from blacklist.identifiers.text import drop_hidden

MAX_CHARACTERS: Final = 500
_IDENTITY_DIGITS: Final = frozenset({9, 12})
_MOST_DIGITS: Final = max(LENGTHS)
_NUMBER: Final = re.compile(r"\+?\d+(?:[ -]\d+)*")
_GROUP: Final = re.compile(r"\d+")


def clean_note(text: str) -> str:
    """Return a note on one line; the empty text where there is nothing.

    Raises InvalidIdentifier: ``too_long``, ``not_text``, ``control_characters``, ``card_number``,
    ``identity_number``.
    """
    if len(text) > MAX_CHARACTERS:
        raise refusal("too_long", f"The note is longer than {MAX_CHARACTERS} characters.")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise refusal("not_text")
    note = " ".join(drop_hidden(unicodedata.normalize("NFC", text)).split())
    if not note.isprintable():
        raise refusal("control_characters")
    _refuse_persons(unicodedata.normalize("NFKC", note))
    return note


def _refuse_persons(note: str) -> None:
    """Refuse numbers of cards and persons, whatever part of a row of digits they are."""
    for found in _NUMBER.finditer(note):
        if found[0].startswith("+"):
            continue  # a phone number
        groups = _GROUP.findall(found[0])
        for first in range(len(groups)):
            digits = ""
            for group in groups[first:]:
                digits += group
                if len(digits) > _MOST_DIGITS:
                    break
                _refuse_person(digits)


def _refuse_person(digits: str) -> None:
    if digits.isascii() and is_card_number(digits):
        raise refusal("card_number", "The note holds a payment card's number.")
    if len(digits) in _IDENTITY_DIGITS:
        raise refusal("identity_number", "The note may hold a person's identity number.")

"""A note that a person writes beside a listing, a report or a dispute: kept, so without persons.

Refused are numbers that have the shape of a payment card's or of a person's identity number: 9
digits (chứng minh nhân dân) or 12 (căn cước công dân), in one piece or in groups with blanks or
dashes between. A sum of money may be written with dots (``100.000.000``).
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from blacklist.identifiers.cards import LENGTHS, is_card_number
from blacklist.identifiers.reasons import refusal
from blacklist.identifiers.text import drop_hidden

MAX_CHARACTERS: Final = 500
_IDENTITY_DIGITS: Final = frozenset({9, 12})
_MOST_DIGITS: Final = max(LENGTHS)
_NUMBER: Final = re.compile(r"\+?[0-9]+(?:[ -][0-9]+)*")
_GROUP: Final = re.compile(r"[0-9]+")


REASONS: Final = ("too_long", "not_text", "control_characters", "card_number", "identity_number")
"""Words of a note that is refused."""


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
    _refuse_persons("".join(map(_digit, note)))
    return note


def _digit(character: str) -> str:
    """A digit of whatever script as 0 to 9."""
    return str(unicodedata.decimal(character)) if character.isdecimal() else character


def _refuse_persons(note: str) -> None:
    """Refuse numbers of cards and persons, whatever part of a row of digits they are."""
    numbers = [one for row in _NUMBER.findall(note) for one in _parts(row)]
    if any(is_card_number(one) for one in numbers):
        raise refusal("card_number", "The note holds a payment card's number.")
    if any(len(one) in _IDENTITY_DIGITS for one in numbers):
        raise refusal("identity_number", "The note may hold a person's identity number.")


def _parts(row: str) -> Iterator[str]:
    """Yield every run of groups of a row of digits that is short enough; of a phone's (+) none."""
    groups = [] if row.startswith("+") else _GROUP.findall(row)
    for first in range(len(groups)):
        digits = ""
        for group in groups[first:]:
            digits += group
            if len(digits) > _MOST_DIGITS:
                break
            yield digits

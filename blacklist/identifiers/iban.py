"""International bank account numbers (ISO 13616): country, two check digits, up to 30 characters.

Lengths are those of SWIFT's IBAN registry (release 101) and, for countries that are not in it, the
ones that their banks give; a country we know no length of is taken by its check digits alone. An
IBAN names its bank itself, so its key is ``IBAN/GB82…`` and no bare number is listed along with it.
"""

import csv
import re
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

from blacklist.identifiers.account_numbers import MAX_CHARACTERS as MAX_ACCOUNT_CHARACTERS
from blacklist.identifiers.account_numbers import compact
from blacklist.identifiers.reasons import refusal

BANK: Final = "IBAN"
"""What stands in keys in place of a bank."""

_LABEL: Final = re.compile(r"IBAN[:/]*")
_SHAPE: Final = re.compile(r"[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}")
_MAX_CHARACTERS: Final = 100
_COUNTRY_AND_CHECK: Final = 4
_MODULUS: Final = 97
_CHECK_DIGITS: Final = range(2, 99)
"""98 less a remainder of 97: 00, 01 and 99 are congruent to others, and no bank gives them out."""


class Iban(msgspec.Struct, frozen=True, gc=False):
    """A checked IBAN; ``is_length_known`` is whether its length was checked too."""

    number: str
    is_length_known: bool

    @property
    def display(self) -> str:
        """The IBAN in groups of four, as it is printed."""
        return " ".join(re.findall(".{1,4}", self.number))


def find_iban(text: str) -> Iban | None:
    """Return the IBAN that the text is, in any grouping and case, or None if it is not shaped so.

    What is no longer than an account has the shape only if it is as long as its country's IBANs
    are. Raises InvalidIdentifier: ``bad_iban`` for the shape with other check digits or of another
    length, ``placeholder``.
    """
    if text[:1].isdecimal() or len(text) > _MAX_CHARACTERS or "." in text:
        return None  # what has dots is a host that happens to begin as an IBAN does
    number = compact(text)
    label = _LABEL.match(number)
    number = number[label.end() :] if label else number
    if not number.isascii() or _SHAPE.fullmatch(number) is None:
        return None
    length = _lengths().get(number[:2])
    if length != len(number) and not label and len(number) <= MAX_ACCOUNT_CHARACTERS:
        return None
    if length not in {None, len(number)} or not _passes_check(number):
        raise refusal("bad_iban")
    if not number[_COUNTRY_AND_CHECK:].strip("0"):
        raise refusal("placeholder")
    return Iban(number, length is not None)


def length_of(country: str) -> int | None:
    """Return how many characters a country's IBANs have, None where it is not known."""
    return _lengths().get(country)


def _passes_check(number: str) -> bool:
    """Tell whether the check digits are right (ISO 7064, MOD 97-10)."""
    if int(number[2:_COUNTRY_AND_CHECK]) not in _CHECK_DIGITS:
        return False
    moved = number[_COUNTRY_AND_CHECK:] + number[:_COUNTRY_AND_CHECK]
    return int("".join(str(int(character, 36)) for character in moved)) % _MODULUS == 1


@cache
def _lengths() -> dict[str, int]:
    """Return country → characters."""
    table = files(__package__).joinpath("data", "iban_lengths.tsv").read_text("utf-8")
    return {
        country: int(row["characters"])
        for row in csv.DictReader(table.splitlines(), delimiter="\t")
        for country in row["countries"].split()
    }

"""The number of an account as it stands in keys: upper case, without separators.

A number is up to 19 letters and digits; lengths differ within a bank and leading zeros count, so
nothing is told from the length and a number is never an int. Called by ``account`` and by the
handlers of payment codes; knows no bank.
"""

import re
import unicodedata
from typing import Final

from blacklist.identifiers.cards import is_card_number
from blacklist.identifiers.reasons import refusal
from blacklist.identifiers.text import drop_hidden

MAX_CHARACTERS: Final = 19
MIN_CHARACTERS: Final = 4
_MAX_WRITTEN: Final = 250
_NUMBER: Final = re.compile(rf"(?=.{{{MIN_CHARACTERS},{MAX_CHARACTERS}}}\Z)[A-Z]*[0-9][0-9A-Z]*")
_DASHES: Final = re.compile(r"[\s\u2010-\u2015\u2212]+")


def fold_number(text: str) -> str:
    """Return the number of an account.

    Raises InvalidIdentifier: ``not_an_account``, ``card_number``, ``placeholder``.
    """
    number = compact(text)
    if not number.isascii() or _NUMBER.fullmatch(number) is None:
        raise refusal("not_an_account")
    if is_card_number(number):
        raise refusal("card_number")
    if not number.strip("0"):
        raise refusal("placeholder")
    return number


def compact(text: str) -> str:
    """Return the text in upper case and without blanks, dots, dashes and hidden marks.

    A text too long for any number with its separators is returned as it is: unfolding it is work
    that a hostile text could make large.
    """
    if len(text) > _MAX_WRITTEN:
        return text
    if not text.isascii():
        text = _DASHES.sub("", drop_hidden(unicodedata.normalize("NFKC", text)))
    elif text.isalnum():
        return text.upper()
    return text.replace(" ", "").replace(".", "").replace("-", "").upper()

"""How a letter is named: its number, its day, its authority; pure.

The one place for the spelling of a number, for a letter's id, and for how answers name it.
"""

import re
import unicodedata
from datetime import UTC, date, datetime, time
from typing import Final
from urllib.parse import quote

import msgspec

from blacklist.errors import ConfigError
from blacklist.model import Audience, Category, Trust
from blacklist.store.letters import Letter
from blacklist.store.tallies import day_of

MAX_NUMBER_CHARACTERS: Final = 64

_LABEL: Final = re.compile(r"(?:số[ :]*)+(?=\d)", re.IGNORECASE)
_SIGNS: Final = re.compile(r" ?([/-]) ?")
_DASHES: Final = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a person tells of a letter beside its file. ``day`` is the letter's own date.

    ``authority`` is the name of its source; what is None stays as it was told before.
    """

    number: str
    day: date
    authority: str
    title: str | None = None
    trust: Trust | None = None
    category: Category | None = None
    audience: Audience | None = None


def clean_number(text: str) -> str:
    """Return a letter's number in one spelling; ConfigError where it cannot be one.

    ``Số: 386 / CAT–ANM`` is ``386/CAT-ANM``.
    """
    words = unicodedata.normalize("NFC", text).translate(_DASHES).split()
    spaced = " ".join(words)
    label = _LABEL.match(spaced)
    number = _SIGNS.sub(r"\1", spaced[label.end() :] if label else spaced)
    is_short = len(number) <= MAX_NUMBER_CHARACTERS
    if not (is_short and number.isprintable() and any(map(str.isdecimal, number))):
        raise ConfigError(
            f"a letter's number has a digit and at most {MAX_NUMBER_CHARACTERS} characters"
        )
    return number


def letter_id(told: Told) -> str:
    """Return the id of a letter: authority, day and number, safe in keys and addresses.

    Capitals do not tell two letters apart.
    """
    number = quote(clean_number(told.number).upper(), safe="")
    return f"{told.authority}:{told.day.isoformat()}:{number}"


def reference(letter: Letter) -> str:
    """Return how an answer names a letter: ``386/CAT-ANM, 17/02/2023``."""
    return f"{letter.number}, {letter.day:%d/%m/%Y}"


def first_second(day: date, *, now: int) -> int:
    """Return the Unix second since which a letter of that day lists; never one to come.

    Midnight UTC, as a feed's date without a zone. Raises ConfigError for a day that is still to
    come in Vietnam.
    """
    if day > day_of(now):
        raise ConfigError("the letter's date is in the future")
    second = int(datetime.combine(day, time(), UTC).timestamp())
    if second <= 0:
        raise ConfigError("the letter's date is before 1970")
    return min(now, second)

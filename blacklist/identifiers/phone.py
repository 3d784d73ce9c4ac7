"""Phone numbers, keyed on E.164 (ITU-T), of every country.

A number counts when its length is possible, not when the numbering plan has it in use: real police
and warning lines are "invalid" to the library while forged ones pass, so validity is only a note
(``not_assigned``). Letters are never dialled as digits: what a person typed as a word is not a
number they saw. Extensions, lists of numbers and short codes are refused for now.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

import msgspec
import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult

from blacklist.identifiers.mobile_prefixes import renumber
from blacklist.identifiers.numbering import plain_form, trunk_prefix
from blacklist.identifiers.protocol import Hints
from blacklist.identifiers.reasons import refusal
from blacklist.identifiers.text import drop_hidden, require_one_line
from blacklist.model import Candidate, Identifier, Kind, Match, Reading

_SCHEME: Final = re.compile(r"tel:(?://)?", re.IGNORECASE)
_SEPARATOR: Final = re.compile(r"[;,|]")
_MAX_CHARACTERS: Final = 250
"""What the library reads at most; it also bounds the work of the patterns here."""
_MAX_AREA_DIGITS: Final = 5
_MAX_PLAIN_CHARACTERS: Final = 32
_EXTENSION: Final = re.compile(
    r".*\d\W*(?:ext(?:ension|n)?|x|#|máy lẻ|ml)\W*\d{1,7}", re.IGNORECASE
)
_DIALLED: Final = re.compile(r"[\s()\[\]./~-]*\+*[\s()\[\]./~-]*(?:\d[\s()\[\]./~-]*)+")
_GROUPING: Final = str.maketrans("", "", " .-")
_THREE_DIGITS: Final = re.compile(r"(?:\D*\d){3}")
_ROW: Final = re.compile(r"(?:tel:\s*\(?\+?|\(?\+)[\d\s().-]+", re.IGNORECASE)
_ROW_DIGITS: Final = range(1, 16)
_HOME: Final = "VN"
"""The region whose plain numbers take the short way."""


class _Number(msgspec.Struct, frozen=True, gc=False):
    """A number in E.164 and what is known of it."""

    e164: str
    parsed: PhoneNumber
    notes: tuple[str, ...]


def claims(text: str) -> bool:
    """Tell whether the text has digits enough for a number; what else it holds, ``read`` judges."""
    if len(text) > _MAX_CHARACTERS or "://" in text:
        return False
    return _THREE_DIGITS.match(text) is not None


def resembles(text: str) -> bool:
    """Tell whether a row is a number with ``+`` or ``tel:``; bare digits may be an account."""
    row = _ROW.fullmatch(text)
    return row is not None and _count_digits(text) in _ROW_DIGITS


def suggests(text: str, hints: Hints) -> bool:
    """Tell whether a text asked as something else is a number in use in the region, as dialled.

    An account of nine digits that lacks the leading 0 of a phone number is not taken for one.
    """
    form = plain_form(hints.region.upper())
    if form is None or len(text) > _MAX_PLAIN_CHARACTERS:
        return False
    found = form.pattern.fullmatch(text.translate(_GROUPING))
    return found is not None and (found["prefix"] is not None or not form.needs_prefix)


def require_region(region: str) -> None:
    """Raise InvalidIdentifier (``unknown_region``) unless the region has phone numbers.

    Also for a text that is no number: a reading lost to a wrong region would be an innocent
    "nothing known".
    """
    _country_code(region)


def read(text: str, hints: Hints) -> Reading:
    """Understand a number as dialled from ``hints.region`` (ISO 3166 alpha-2).

    Raises InvalidIdentifier: ``not_a_number``, ``letters_in_number``, ``several_numbers``,
    ``placeholder``, ``unknown_region``, ``control_characters``.
    """
    number = _recognise(text, hints.region)
    identifier = Identifier(Kind.PHONE, number.e164)
    display = phonenumbers.format_number(number.parsed, PhoneNumberFormat.INTERNATIONAL)
    return Reading(identifier, display, (Candidate(identifier, Match.EXACT),), number.notes)


def list_as(text: str, hints: Hints) -> tuple[Identifier, ...]:
    """Return the one number a row lists; raises like :func:`read`."""
    return (Identifier(Kind.PHONE, _recognise(text, hints.region).e164),)


def _recognise(text: str, region: str) -> _Number:
    return (_recognise_plain(text) if region == _HOME else None) or _recognise_any(text, region)


def _recognise_plain(text: str) -> _Number | None:
    """Return a number in use in the home region that is written plainly, without the library."""
    form = plain_form(_HOME)
    found = form.pattern.fullmatch(text.translate(_GROUPING)) if form else None
    if form is None or found is None:
        return None
    national = found["national"]
    parsed = PhoneNumber(country_code=form.country_code, national_number=int(national))
    return _Number(f"+{form.country_code}{national}", parsed, ())


def _recognise_any(text: str, region: str) -> _Number:
    country_code = _country_code(region)
    digits = _plain_digits(text)
    parsed = _parse(digits, region.upper())
    e164 = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    renumbered = renumber(e164)
    notes = []
    if renumbered != e164:
        e164, parsed = renumbered, phonenumbers.parse(renumbered)
        notes.append("prefix_2018")
    if not phonenumbers.is_valid_number(parsed):
        _require_meaning(e164, parsed)
        notes.append("not_assigned")
    if parsed.country_code != country_code:
        notes.append("foreign_number")
    return _Number(e164, parsed, tuple(notes))


@lru_cache(maxsize=512)
def _country_code(region: str) -> int:
    """Return the region's calling code, ``84`` for ``VN``."""
    code = phonenumbers.country_code_for_region(region.upper())
    if not code:
        raise refusal("unknown_region")
    return code


def _plain_digits(text: str) -> str:
    """Return the number with ASCII digits and marks only, once nothing speaks against it."""
    require_one_line(text)
    if len(text) > _MAX_CHARACTERS:
        raise refusal("not_a_number")
    if not text.isascii():
        text = _fold_to_ascii(text)
    scheme = _SCHEME.match(text)
    if scheme:
        text = text[scheme.end() :]
    if _DIALLED.fullmatch(text) and not _is_two_numbers(text):
        return text
    raise refusal(_what_else(text))


def _what_else(text: str) -> str:
    """Return the reason for which a text is not one plain number."""
    if _count_digits(text) == 0:
        return "not_a_number"
    parts = [part for part in _SEPARATOR.split(text) if _count_digits(part)]
    if len(parts) > 1 or _is_two_numbers(text) or _EXTENSION.fullmatch(text):
        return "several_numbers"
    has_letters = any(character.isalpha() for character in text)
    return "letters_in_number" if has_letters else "not_a_number"


def _is_two_numbers(text: str) -> bool:
    """Tell whether a slash parts two numbers, and does not only follow an area code (030/…)."""
    head, slash, tail = text.partition("/")
    return bool(slash) and _count_digits(head) > _MAX_AREA_DIGITS and _count_digits(tail) > 0


def _count_digits(text: str) -> int:
    return sum(character.isdecimal() for character in text)


def _fold_to_ascii(text: str) -> str:
    """Return the text with any script's digits as ASCII digits and any dash as ``-``."""
    return "".join(map(_fold_character, drop_hidden(unicodedata.normalize("NFKC", text))))


def _fold_character(character: str) -> str:
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return "-" if unicodedata.category(character) == "Pd" else character


def _parse(text: str, region: str) -> PhoneNumber:
    """Return a number of possible length, or raise what it is instead."""
    try:
        parsed = phonenumbers.parse(text, region)
    except NumberParseException:
        parsed = None
    if parsed and _is_complete(parsed):
        return parsed
    digits = {character for character in text if character.isdigit()}
    raise refusal("placeholder" if len(digits) == 1 else "not_a_number")


def _is_complete(parsed: PhoneNumber) -> bool:
    """Tell whether the number reaches one subscriber from anywhere.

    Seven digits without the area code of North America are another subscriber in the next town.
    """
    length = phonenumbers.is_possible_number_with_reason(parsed)
    if length == ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
        return phonenumbers.is_valid_number(parsed)  # Canada's 310-xxxx have no area code
    return length == ValidationResult.IS_POSSIBLE


def _require_meaning(e164: str, parsed: PhoneNumber) -> None:
    """Raise for an unassigned number that is one digit over and over, or has no one spelling.

    An assigned one such as 0888 888 888 is a lucky number that somebody paid for. A number whose
    E.164 form is read as another number would be two keys for one thing.
    """
    subscriber = e164[len(f"+{parsed.country_code}") :]
    if len(set(subscriber)) == 1:
        raise refusal("placeholder")
    trunk = trunk_prefix(parsed.country_code)
    if trunk is not None and trunk.match(subscriber) and not _is_stable(e164):
        raise refusal("not_a_number")


def _is_stable(e164: str) -> bool:
    try:
        again = phonenumbers.parse(e164)
    except NumberParseException:
        return False
    return phonenumbers.format_number(again, PhoneNumberFormat.E164) == e164

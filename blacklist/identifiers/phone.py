"""Phone numbers, keyed on E.164 (ITU-T), of every country.

A number counts when its length is possible, not when the numbering plan has it in use: real police
and warning lines are "invalid" to the library while forged ones pass, so validity is only a note
(``not_assigned``). Letters are never dialled as on a keypad: what a person typed as a word is not a
number they saw. Old Vietnamese numbers are read as today's; one that is somebody's mobile today is
asked as both (``landline_codes``). Short codes have a key of their own (``short_numbers``), as have
ranges of numbers (``number_ranges``).
"""

import re
from functools import lru_cache
from typing import Final

import msgspec
import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers.dialled import (
    MAX_CHARACTERS,
    Dialled,
    count_digits,
    is_sip,
    read_dialled,
)
from blacklist.identifiers.landline_codes import old_landline, renumber_landline
from blacklist.identifiers.look_alike import NOTE, imitates_number
from blacklist.identifiers.mobile_prefixes import renumber
from blacklist.identifiers.number_ranges import OPEN
from blacklist.identifiers.numbering import is_well_formed, plain_form, show_plain, trunk_prefix
from blacklist.identifiers.protocol import Hints
from blacklist.identifiers.range_spellings import find_range
from blacklist.identifiers.reasons import refusal
from blacklist.identifiers.short_numbers import REGION as SHORT_REGION
from blacklist.identifiers.short_numbers import find_short_number, key_of
from blacklist.model import Candidate, Identifier, Kind, Match, Reading

_MAX_PLAIN_CHARACTERS: Final = 32
_GROUPING: Final = str.maketrans("", "", " .-")
_THREE_DIGITS: Final = re.compile(r"(?:\D*\d){3}")
_OCTET: Final = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_DOTTED_ADDRESS: Final = re.compile(rf"(?:{_OCTET}\.){{3}}{_OCTET}", re.ASCII)
"""91.234.56.78 is an internet address though its digits are a mobile's."""
_SIP: Final = re.compile(r"(?:[^<]*<\s*)?sips?:", re.IGNORECASE)
_ROW: Final = re.compile(
    r"(?:tel:\s*\(?\+?|\(?\+)[\d\s().-]+[*%#\u2026 ]*|<?sips?:\+?\d{3,15}(?:[;@][^\s<>]*)?>?",
    re.IGNORECASE,
)
_ROW_DIGITS: Final = range(1, 16)
_HOME: Final = "VN"
"""The region whose plain numbers take the short way."""
_HOME_CODE: Final = 84
_HOME_START: Final = f"+{_HOME_CODE}"
_INTERNATIONAL_DIGITS: Final = re.compile(r"[\s(.-]*[1-9](?:[\s().-]*\d){10,14}[\s().-]*")
_WHOLE_DIGITS: Final = 9
"""A number of this many digits is whole though words or an extension were cut off beside it."""
_NO_NUMBER: Final = frozenset({"not_a_number", "letters_in_number", "brand_name_sender"})
_NO_LANDLINE: Final = frozenset({"prefix_2018", "number_range"})
_PHONE: Final = Kind.PHONE
_EXACT: Final = Match.EXACT
_OLD_LANDLINE: Final = ("may_be_old_landline",)


class Number(msgspec.Struct, frozen=True, gc=False):
    """A number's key, how it is shown, and what is known of it."""

    key: str
    display: str
    notes: tuple[str, ...] = ()


def claims(text: str) -> bool:
    """Tell whether the text has digits enough for a number; what else it holds, ``read`` judges."""
    if len(text) > MAX_CHARACTERS or "://" in text or _DOTTED_ADDRESS.fullmatch(text):
        return False
    return _THREE_DIGITS.match(text) is not None or _SIP.match(text) is not None


def resembles(text: str) -> bool:
    """Tell whether a row is a number with ``+``, ``tel:`` or ``sip:``; digits may be an account."""
    row = _ROW.fullmatch(text)
    return row is not None and count_digits(text.partition("@")[0]) in _ROW_DIGITS


def suggests(text: str, hints: Hints) -> bool:
    """Tell whether a text asked as something else is a number in use in the region, as dialled.

    An account of nine digits that lacks the leading 0 of a phone number is not taken for one.
    """
    form = plain_form(hints.region.upper())
    if form is None or len(text) > _MAX_PLAIN_CHARACTERS:
        return False
    found = form.pattern.fullmatch(text if text.isdigit() else text.translate(_GROUPING))
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
    ``placeholder``, ``unknown_region``, ``control_characters``, ``withheld_number``,
    ``brand_name_sender``, ``sip_without_number``, ``range_too_wide``.
    """
    number = _recognise(text, hints.region)
    identifier = Identifier(_PHONE, number.key)
    imitated = imitates_number(number.key)
    notes = number.notes if imitated is None else (*number.notes, f"{NOTE}:{imitated}")
    return Reading(identifier, number.display, (Candidate(identifier, _EXACT),), notes)


def read_national(national: str) -> Reading:
    """Return the reading of a home number in use, given as it stands behind ``+84``."""
    identifier = Identifier(_PHONE, _HOME_START + national)
    display = show_plain(_HOME_CODE, national)
    return Reading(identifier, display, (Candidate(identifier, _EXACT),))


def read_as_old_landline(reading: Reading) -> Reading | None:
    """Return what a number in use today may also be: a landline as it was written before 2017.

    It is another subscriber's number, so it stands beside the question and leaves the verdict
    alone: nearly everybody who asks for ``0838250000`` means the mobile.
    """
    # An old mobile had eleven digits and cannot have been a landline of ten; a range is no number.
    if not _NO_LANDLINE.isdisjoint(reading.notes):
        return None
    landline = old_landline(reading.identifier.value)
    if landline is None:
        return None
    identifier = Identifier(_PHONE, landline)
    display = show_plain(_HOME_CODE, landline[len(_HOME_START) :])
    return Reading(identifier, display, (Candidate(identifier, _EXACT),), _OLD_LANDLINE)


def list_as(text: str, hints: Hints) -> tuple[Identifier, ...]:
    """Return the one number or range a row lists; raises like :func:`read`, and ``short_code``.

    A number that may be an old landline is listed as it stands: it is somebody's mobile today.
    """
    if hints.region == _HOME and (national := _plain_national(text)) is not None:
        return (Identifier(_PHONE, _HOME_START + national),)  # spares the display
    number = _recognise_any(text, hints.region)
    if "short_code" in number.notes:
        raise refusal("short_code")
    return (Identifier(_PHONE, number.key),)


def _recognise(text: str, region: str) -> Number:
    return (recognise_plain(text) if region == _HOME else None) or _recognise_any(text, region)


def recognise_plain(text: str) -> Number | None:
    """Return a number in use in the home region that is written plainly, without the library."""
    national = _plain_national(text)
    if national is None:
        return None
    return Number(_HOME_START + national, show_plain(_HOME_CODE, national))


def _plain_national(text: str) -> str | None:
    form = plain_form(_HOME)
    if form is None or len(text) > _MAX_PLAIN_CHARACTERS:
        return None
    is_bare = text.removeprefix("+").isdigit()
    found = form.pattern.fullmatch(text if is_bare else text.translate(_GROUPING))
    return None if found is None else found["national"]


def _recognise_any(text: str, region: str) -> Number:
    """Return any number, by the library; a SIP user that is none is refused as such."""
    country_code = _country_code(region)
    code = find_short_number(text, region)
    if code is not None:
        return _short(code, region, ())
    span = find_range(text, region)
    if span is not None:
        return _span(span, country_code)
    try:
        return _recognise_dialled(read_dialled(text), region, country_code)
    except InvalidIdentifier as refused:
        if refused.reason in _NO_NUMBER and is_sip(text):
            raise refusal("sip_without_number") from refused
        raise


def _short(code: str, region: str, notes: tuple[str, ...]) -> Number:
    abroad = () if region.upper() == SHORT_REGION else ("foreign_number",)
    return Number(key_of(code), code, (*notes, "short_code", *abroad))


def _span(value: str, country_code: int) -> Number:
    abroad = () if value.startswith(f"+{country_code}") else ("foreign_number",)
    return Number(value, value.replace(OPEN, "…"), ("number_range", *abroad))


def _recognise_dialled(dialled: Dialled, region: str, country_code: int) -> Number:
    if dialled.context in ("", f"+{country_code}"):
        code = find_short_number(dialled.text, region)
        if code is not None:
            return _short(code, region, dialled.notes)
    if region == _HOME and not dialled.context and (plain := recognise_plain(dialled.text)):
        return Number(plain.key, plain.display, dialled.notes)
    try:
        parsed, plus_added = _parse(dialled.context + dialled.text, region.upper())
    except InvalidIdentifier as refused:
        raise (refusal("letters_in_number") if dialled.was_cut else refused) from refused
    key, display, notes = _name(parsed)
    abroad = ("foreign_number",) if parsed.country_code != country_code else ()
    if "not_assigned" in notes and dialled.was_cut:
        # What was cut may have been digits of the number; 00… among words is an account's number.
        is_whole = count_digits(dialled.text) >= _WHOLE_DIGITS
        if not is_whole or (abroad and "+" not in dialled.context + dialled.text):
            raise refusal("letters_in_number")
    return Number(key, display, (*dialled.notes, *plus_added, *notes, *abroad))


def _name(parsed: PhoneNumber) -> tuple[str, str, tuple[str, ...]]:
    """Return the key and the display of the number as it is today, and what is noted of that."""
    e164 = _e164(parsed)
    if phonenumbers.is_valid_number(parsed):
        return e164, _show(parsed), ()
    for note, renumbered in (
        ("prefix_2018", renumber(e164)),
        ("area_code_2017", renumber_landline(e164)),
    ):
        if renumbered != e164:
            # Every new number is a mobile or a landline in use: never left to the library.
            return renumbered, show_plain(_HOME_CODE, renumbered[len(_HOME_START) :]), (note,)
    _require_meaning(e164, parsed)
    return e164, _show(parsed), ("not_assigned",)


def _e164(parsed: PhoneNumber) -> str:
    return f"+{parsed.country_code}{phonenumbers.national_significant_number(parsed)}"


def _show(parsed: PhoneNumber) -> str:
    return phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)


@lru_cache(maxsize=512)
def _country_code(region: str) -> int:
    """Return the region's calling code, ``84`` for ``VN``."""
    code = phonenumbers.country_code_for_region(region.upper())
    if not code:
        raise refusal("unknown_region")
    return code


def _parse(text: str, region: str) -> tuple[PhoneNumber, tuple[str, ...]]:
    """Return a number of possible length, with a note if its ``+`` was left out, or raise.

    Digits that are no number in use in the region are tried as an international one: switches and
    tables leave the ``+`` out.
    """
    parsed = _parse_complete(text, region)
    if _INTERNATIONAL_DIGITS.fullmatch(text) and not _is_in_use(parsed):
        abroad = _parse_complete("+" + text.lstrip(" (.-"), region)
        if abroad is not None and abroad != parsed and _is_meant(abroad, is_only=parsed is None):
            return abroad, ("plus_added",)
    if parsed is not None:
        return parsed, ()
    digits = {character for character in text if character.isdigit()}
    raise refusal("placeholder" if len(digits) == 1 else "not_a_number")


def _is_in_use(parsed: PhoneNumber | None) -> bool:
    return parsed is not None and phonenumbers.is_valid_number(parsed)


def _is_meant(abroad: PhoneNumber, *, is_only: bool) -> bool:
    """Tell whether digits mean a number from abroad: in use, or well formed and nothing else."""
    if phonenumbers.is_valid_number(abroad):
        return True
    return is_only and is_well_formed(_e164(abroad), abroad.country_code or 0)


def _parse_complete(text: str, region: str) -> PhoneNumber | None:
    """Return the number if the library can read it and it is a whole one."""
    try:
        parsed = phonenumbers.parse(text, region)
    except NumberParseException:
        return None
    return parsed if _is_complete(parsed) else None


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
    return _e164(again) == e164

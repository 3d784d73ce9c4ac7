"""What a person tells over HTTP of one thing: what it is, its category, a letter, a note, an end.

Pieces that listings, reports and disputes share. What is wrong is an :class:`ItemError`, which
never repeats what was sent.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final, TypeVar

import msgspec
from flask import request

from blacklist import identifiers
from blacklist.errors import ConfigError, InvalidIdentifier
from blacklist.identifiers.free_text import REASONS as OF_NOTES
from blacklist.identifiers.free_text import clean_note
from blacklist.identifiers.reasons import REASONS as OF_TEXTS
from blacklist.items import MAX_REF_CHARACTERS, NO_REF, UNKNOWN_KIND, is_text
from blacklist.letter_names import clean_number
from blacklist.marks import Reason
from blacklist.model import Category, Identifier, ItemError, Kind
from blacklist.store.listings import Detail
from blacklist.web.body import read_json
from blacklist.web.parameters import read_parameters
from blacklist.web.problems import Refusal
from blacklist.working_days import end_of

MAX_PAGE: Final = 500
MAX_OFFSET: Final = 1_000_000
BAD_PAGE: Final = ItemError(
    "bad_page", f"'limit' is 1 to {MAX_PAGE}, 'offset' a whole number from 0"
)
UNKNOWN_CATEGORY: Final = ItemError("unknown_category", f"known: {', '.join(Category)}")
BAD_LETTER: Final = ItemError(
    "bad_letter", "'letter' is a number with a digit, 'letter_date' its day as 2026-11-28"
)
BAD_EXPIRES: Final = ItemError("bad_expires", "'expires' is the last day, later than today")

_WRONG: Final = {
    "value": ItemError("not_text", "'value' must be text"),
    "kind": UNKNOWN_KIND,
    "category": UNKNOWN_CATEGORY,
    "bank": ItemError("unknown_bank", "'bank' must be text"),
    "region": ItemError("unknown_region", "'region' must be a country's two letters"),
    "ref": NO_REF,
    "letter": BAD_LETTER,
    "letter_date": BAD_LETTER,
    "expires": BAD_EXPIRES,
    "until": BAD_EXPIRES,
    "note": ItemError("bad_note", "'note' is a text of at most 500 characters"),
    "claim": ItemError("unknown_claim", f"known: {', '.join(Reason)}"),
    "clearance": ItemError("unknown_claim", f"known: {', '.join(Reason)}"),
    "contact": ItemError("bad_contact", "'contact' is a text of at most 200 characters"),
    "reason": ItemError("no_reason", "say why: 'reason'"),
    "decision": ItemError("bad_decision", "'decision' is a word of those documented"),
    "case": ItemError("no_case", "'case' is missing or not a text"),
    "id": ItemError("no_case", "'id' is missing or not a text"),
}
_NOT_AN_ITEM: Final = ItemError("not_an_item", "an item is an object; see the fields documented")

Shape = TypeVar("Shape")


class Thing(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a thing is. The kind must be told: a row of digits may be a phone or an account."""

    value: str
    kind: Kind
    bank: str | None = None
    region: str | None = None
    ref: str | None = None


class Listed(Thing, forbid_unknown_fields=True, kw_only=True):
    """A thing to list. ``letter`` is a document's number, ``letter_date`` its day."""

    category: Category
    letter: str | None = None
    letter_date: date | None = None
    note: str | None = None
    expires: date | None = None


class Page(msgspec.Struct):
    """Which part of a list: the first place, and how many."""

    offset: Annotated[int, msgspec.Meta(ge=0, le=MAX_OFFSET)] = 0
    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_PAGE)] = 100


Pages = TypeVar("Pages", bound=Page)


def problems_of(shape: type[msgspec.Struct]) -> frozenset[str]:
    """Words of what is wrong with an item of this shape: of its fields, of what they say."""
    own = {_WRONG[name].reason for name in shape.__struct_fields__ if name in _WRONG}
    about = OF_TEXTS if issubclass(shape, Thing) else OF_NOTES
    return frozenset({*own, *about, "no_value", "unknown_field", _NOT_AN_ITEM.reason})


def read(raw: Any, shape: type[Shape]) -> Shape | ItemError:
    """One item of a batch, or what is wrong with it."""
    try:
        if isinstance(raw, msgspec.Raw):
            return msgspec.json.decode(raw, type=shape)
        return msgspec.convert(raw, shape)
    except msgspec.ValidationError as exc:
        return _error(exc)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _NOT_AN_ITEM


def read_body(shape: type[Shape]) -> Shape:
    """The one object of a body; Refusal 400 where it is none."""
    found = read(msgspec.Raw(read_json(request)), shape)
    if isinstance(found, ItemError):
        raise Refusal(400, found.reason, found.detail)
    return found


def identify(thing: Thing, *, region: str) -> Identifier | ItemError:
    """What a thing would list, which is less than may be asked (``identifiers.list_as``)."""
    for name, text in (("ref", thing.ref), ("region", thing.region), ("bank", thing.bank)):
        if text is not None and not is_text(text):
            return _WRONG[name]
    if thing.ref is not None and len(thing.ref) > MAX_REF_CHARACTERS:
        return NO_REF
    try:
        return identifiers.list_as(
            thing.value, kind=thing.kind, bank=thing.bank or None, region=thing.region or region
        )[0]
    except InvalidIdentifier as exc:
        return ItemError(exc.reason, exc.detail)


def detail_of(told: Listed, *, now: int) -> Detail | ItemError:
    """What is told of a listing: ``386/CAT-ANM, 17/02/2023`` names a letter as answers do."""
    try:
        reference = _reference(told)
        note = clean_note(told.note) if told.note is not None else None
    except ConfigError:
        return BAD_LETTER
    except InvalidIdentifier as exc:
        return ItemError(exc.reason, exc.detail)
    expires = None if told.expires is None else end_of(told.expires)
    if expires is not None and expires <= now:
        return BAD_EXPIRES
    return Detail(category=told.category, reference=reference, note=note or None, expires=expires)


def read_page(shape: type[Pages], wrong: Mapping[str, ItemError] = {}) -> Pages:
    """Which part of a list is asked for; Refusal 400."""
    return read_parameters(shape, {"offset": BAD_PAGE, "limit": BAD_PAGE, **wrong})


def _reference(told: Listed) -> str | None:
    if told.letter is None:
        if told.letter_date is not None:
            raise ConfigError("a date without a number")
        return None
    if not is_text(told.letter):
        raise ConfigError("not a text")
    number = clean_number(told.letter)
    return number if told.letter_date is None else f"{number}, {told.letter_date:%d/%m/%Y}"


def _error(exc: msgspec.ValidationError) -> ItemError:
    """Which field is wrong; the message itself can quote the value and stays here."""
    place = re.search(r"`\$\.(\w+)`", str(exc))
    if place and place[1] in _WRONG:
        return _WRONG[place[1]]
    missing = re.search(r"missing required field `(\w+)`", str(exc))
    if missing and missing[1] == "value":
        return ItemError("no_value", "'value' is missing")
    if missing and missing[1] in _WRONG:
        return _WRONG[missing[1]]
    if "unknown field" in str(exc):
        return ItemError("unknown_field", "the item has a field that is not known")
    return _NOT_AN_ITEM

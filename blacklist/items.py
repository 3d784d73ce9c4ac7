"""Items as they come over HTTP and in NDJSON, and the questions they become.

What is wrong with an item is a result with ``error``, so that a bad one does not spoil the others.
"""

import json
import re
from typing import Annotated, Any

import msgspec

from blacklist.lookup import Ask
from blacklist.model import ItemError, Kind, Verdict

MAX_AGE_SECONDS = 86_400
MAX_REF_CHARACTERS = 64

NO_REGION = ItemError("unknown_region", "'region' must be a country's two letters")
NO_REF = ItemError("bad_ref", f"'ref' must be text of at most {MAX_REF_CHARACTERS} characters")
UNKNOWN_KIND = ItemError("unknown_kind", f"known kinds: {', '.join(Kind)}")


KindWord = Annotated[str, msgspec.Meta(extra_json_schema={"enum": ["", *Kind]})]
"""A kind as it comes; an empty one is none."""


class Item(msgspec.Struct, forbid_unknown_fields=True):
    """One thing that is asked.

    ``kind`` is what it is taken for, ``bank`` a BIN, code, name or SWIFT, ``region`` the country
    (two letters) in which a phone number is dialled. ``ref`` comes back with the answer. An answer
    that is ``max_age_s`` seconds old will do while the store is away.
    """

    value: str
    kind: KindWord | None = None
    bank: str | None = None
    region: str | None = None
    ref: Annotated[str, msgspec.Meta(max_length=MAX_REF_CHARACTERS)] | None = None
    max_age_s: Annotated[float, msgspec.Meta(ge=0, le=MAX_AGE_SECONDS)] = 0.0


FIELDS = frozenset(Item.__struct_fields__)

_KINDS = {kind.value: kind for kind in Kind}

_decode_item = msgspec.json.Decoder(Item).decode


def read_line(line: bytes, *, region: str) -> Ask | Verdict:
    """The question of an item that stands alone, or the result of one that is wrong.

    Half a surrogate pair in it is refused by its own word: json takes it.
    """
    try:
        item = _decode_item(line)
    except msgspec.ValidationError as exc:
        return Verdict(ref=_ref_of(msgspec.Raw(line)), error=item_error(exc))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _read_leniently(line, region=region)
    return _asked(item, region=region)


def read_item(raw: Any, *, region: str) -> Ask | Verdict:
    """The question of an item (JSON as msgspec.Raw, or built-in types), or a wrong one's result.

    ``region`` is that of items which name none.
    """
    try:
        item = _decode_item(raw) if isinstance(raw, msgspec.Raw) else msgspec.convert(raw, Item)
    except msgspec.ValidationError as exc:
        return Verdict(ref=_ref_of(raw), error=item_error(exc))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Verdict(ref=_ref_of(raw), error=ItemError("not_an_item", "the item is not JSON"))
    return _asked(item, region=region)


def ask_of(item: Item, *, region: str) -> Ask | ItemError:
    """The question of an item, or what is wrong with it."""
    for name, text in (("ref", item.ref), ("region", item.region), ("bank", item.bank)):
        if text and not is_text(text):
            return _FIELD_ERRORS[name]
    kind = None
    if item.kind:
        kind = _KINDS.get(item.kind)
        if kind is None:
            return UNKNOWN_KIND
    return Ask(
        value=item.value,
        kind=kind,
        bank=item.bank or None,
        region=item.region or region,
        ref=item.ref,
        max_age_s=item.max_age_s,
    )


def is_text(text: str) -> bool:
    """Whether it can be written as UTF-8: half a surrogate pair cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def field_of(exc: msgspec.ValidationError) -> str:
    """The name of the field that is wrong or missing; empty where it is no single one."""
    place = re.search(r"`\$\.(\w+)`|missing required field `(\w+)`", str(exc))
    return "" if place is None else place[1] or place[2]


def item_error(exc: msgspec.ValidationError) -> ItemError:
    """Which field is wrong; the message itself can quote the value and stays here."""
    if "missing required field" in str(exc):
        return ItemError("no_value", "'value' is missing")
    field = field_of(exc)
    if field in _FIELD_ERRORS:
        return _FIELD_ERRORS[field]
    if "unknown field" in str(exc):
        return ItemError("unknown_field", f"known fields: {', '.join(sorted(FIELDS))}")
    return ItemError("not_an_item", "an item must be an object with 'value'")


def _asked(item: Item, *, region: str) -> Ask | Verdict:
    asked = ask_of(item, region=region)
    if isinstance(asked, ItemError):
        return Verdict(ref=_ref_of(msgspec.to_builtins(item)), error=asked)
    return asked


def _read_leniently(line: bytes, *, region: str) -> Ask | Verdict:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return Verdict(error=ItemError("not_an_item", "the item is not JSON"))
    return read_item(document, region=region)


def _ref_of(raw: Any) -> str | None:
    """The reference of an item that is wrong otherwise, if it can be told."""
    try:
        item = msgspec.json.decode(raw) if isinstance(raw, msgspec.Raw) else raw
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    ref = item.get("ref") if isinstance(item, dict) else None
    if not isinstance(ref, str) or len(ref) > MAX_REF_CHARACTERS or not is_text(ref):
        return None
    return ref


_FIELD_ERRORS = {
    "value": ItemError("not_text", "'value' must be text"),
    "kind": UNKNOWN_KIND,
    "bank": ItemError("unknown_bank", "'bank' must be text"),
    "region": NO_REGION,
    "ref": NO_REF,
    "max_age_s": ItemError("bad_max_age", f"'max_age_s' must be 0 to {MAX_AGE_SECONDS} seconds"),
}

REASONS = frozenset(one.reason for one in _FIELD_ERRORS.values()) | {
    "no_value",
    "unknown_field",
    "not_an_item",
}
"""Every word of :func:`item_error` and of an item that is no JSON."""

"""MISP events: the attributes that accuse, alone and in objects.

Read are one event (with its ``Event`` wrapper or without), an array of events, and the
``{"response": […]}`` of MISP's API. Each attribute is one row, numbered in the order of the file:
those of the event, then those of each object. An attribute with ``to_ids`` false is background (a
report, the good site that was imitated) and is skipped; a deleted one, or one in a deleted object,
is withdrawn. The format is MISP's core format:
https://www.misp-standard.org/rfc/misp-standard-core.html

A warninglist, a manifest or an object's template is refused (``json_documents``).
"""

import re
from collections.abc import Iterable, Iterator

import msgspec

from blacklist.errors import Malformed
from blacklist.model import Category, Kind
from loaders.formats.base import Options, Personal, Record, Row, Skipped, Withdrawn, reject
from loaders.formats.json_documents import decode, refuse_what_lists_nothing
from loaders.formats.stamps import parse_stamp
from loaders.formats.words import find_category

NAME = "misp"

_BEGINNING = re.compile(
    r'\s*(?:\[\s*)?\{\s*(?:"response"\s*:\s*(?:\[\s*)?\{\s*)?(?:"(?:Event|Attribute|Object)"\s*:\s*[\[{]'
    r'|[^\0]{0,65536}?"(?:Attribute|Object)"\s*:\s*\[)'
)

_KINDS = {
    **dict.fromkeys(("domain", "hostname", "url", "uri", "link"), Kind.LINK),
    **dict.fromkeys(("ip-dst", "ip-src", "domain|ip", "hostname|port"), Kind.LINK),
    **dict.fromkeys(("ip-dst|port", "ip-src|port"), Kind.LINK),
    **dict.fromkeys(("phone-number", "whois-registrant-phone", "msisdn"), Kind.PHONE),
    **dict.fromkeys(("bank-account-nr", "iban"), Kind.ACCOUNT),
}
"""The attribute types that name what is listed; all others are of another type."""

_BANK_RELATIONS = ("swift", "institution-code", "institution-name")
"""Where a bank-account object names its bank: the surest first."""

_PERSONAL_OBJECTS = frozenset(
    {"bank-account", "person", "legal-entity", "narrative", "telegram-user"}
)
_PERSONAL_TYPES = frozenset(
    {"first-name", "last-name", "middle-name", "full-name", "date-of-birth", "passport-number"}
    | {"identity-card-number", "place-of-birth", "nationality", "gender", "prtn", "cc-number"}
)


def sniff(head: str) -> bool:
    """Say whether it begins as an event, or an object with attributes beside others, does."""
    return _BEGINNING.match(head) is not None and '"matching_attributes"' not in head


def parse(lines: Iterable[str], options: Options) -> Iterator[Row]:  # noqa: ARG001 - one protocol
    """Yield one row for every attribute.

    Raises ``Malformed`` if it is not one JSON document, or one without an event.
    """
    document = decode(lines)
    refuse_what_lists_nothing(document)
    events = _find_events(document)
    if any(map(_is_personal, events)):
        yield Personal()
    number = 0
    for event in events:
        for attribute, told in _attributes(event):
            number += 1
            yield _read(number, attribute, told)


class _Told(msgspec.Struct, frozen=True):
    """What an event or an object says of its attributes."""

    category: Category | None = None
    reference: str | None = None
    bank: str | None = None
    deleted: bool = False


def _find_events(document: object) -> list[dict[str, object]]:
    if isinstance(document, dict) and isinstance(document.get("response"), list | dict):
        document = document["response"]
    found = document if isinstance(document, list) else [document]
    unwrapped = (
        one["Event"] if isinstance(one, dict) and isinstance(one.get("Event"), dict) else one
        for one in found
    )
    events = [one for one in unwrapped if isinstance(one, dict)]
    if not any({"Attribute", "Object"} & event.keys() for event in events):
        raise Malformed("there is no MISP event with attributes in it")
    return events


def _attributes(event: dict[str, object]) -> Iterator[tuple[object, _Told]]:
    told = _Told(category=_find_category(event), reference=_text(event.get("uuid")))
    for attribute in _list(event.get("Attribute")):
        yield attribute, told
    for one in _list(event.get("Object")):
        inner = _list(one.get("Attribute")) if isinstance(one, dict) else [one]
        in_object = msgspec.structs.replace(
            told,
            bank=_find_bank(inner),
            deleted=isinstance(one, dict) and _is_yes(one.get("deleted")),
        )
        for attribute in inner:
            yield attribute, in_object


def _read(number: int, attribute: object, told: _Told) -> Row:
    if not isinstance(attribute, dict):
        return reject(number, "not_text", "")
    named = attribute.get("type")
    kind = _KINDS.get(named) if isinstance(named, str) else None
    if kind is None:
        return Skipped(line=number, reason="other_type")
    value = attribute.get("value")
    if not isinstance(value, str) or not value.strip():
        return reject(number, "not_text", "")
    value = _first_part(value.strip(), str(named))
    bank = told.bank if kind is Kind.ACCOUNT and named != "iban" else None
    if told.deleted or _is_yes(attribute.get("deleted")):
        return Withdrawn(line=number, value=value, kind=kind, bank=bank)
    if not _is_yes(attribute.get("to_ids")):
        return Skipped(line=number, reason="not_suspected")
    return Record(
        line=number,
        value=value,
        kind=kind,
        bank=bank,
        category=told.category,
        since=parse_stamp(attribute.get("first_seen")) or parse_stamp(attribute.get("timestamp")),
        reference=told.reference,
        note=_text(attribute.get("comment")),
        last_seen=parse_stamp(attribute.get("last_seen")),
    )


def _first_part(value: str, named: str) -> str:
    """Return the host of ``host|address`` and of ``host|port``: the first of a composite."""
    return (value.partition("|")[0].strip() or value) if "|" in named else value


def _find_bank(attributes: list[object]) -> str | None:
    named = {
        one.get("object_relation"): one.get("value") for one in attributes if isinstance(one, dict)
    }
    return next((text for word in _BANK_RELATIONS if (text := _text(named.get(word)))), None)


def _find_category(event: dict[str, object]) -> Category | None:
    """Return the category that the event's tags plainly name: ``rsit:fraud="phishing"``."""
    names = (tag.get("name") for tag in _list(event.get("Tag")) if isinstance(tag, dict))
    words = (word for name in names if isinstance(name, str) for word in re.split(r'[:="]+', name))
    return next((found for word in words if word and (found := find_category(word))), None)


def _is_personal(event: dict[str, object]) -> bool:
    objects = [one for one in _list(event.get("Object")) if isinstance(one, dict)]
    types = (one.get("type") for one, _ in _attributes(event) if isinstance(one, dict))
    return any(one.get("name") in _PERSONAL_OBJECTS for one in objects) or any(
        isinstance(named, str) and named in _PERSONAL_TYPES for named in types
    )


def _is_yes(value: object) -> bool:
    """Say whether a flag is set; MISP writes them as booleans, numbers and texts."""
    return (
        value is True or value == 1 or (isinstance(value, str) and value.lower() in {"1", "true"})
    )


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []

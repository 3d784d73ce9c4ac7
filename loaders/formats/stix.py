"""STIX 2.0 and 2.1 bundles: what their indicators accuse.

A row is an indicator, or one comparison of its pattern where several are joined by ``OR``. An
object that only names a host or address beside indicators, or that was observed, is no accusation
(it may be the site that was imitated), so it is skipped, as are relationships, reports, malware and
the like, each once; in a bundle without any indicator such objects are the list. Revoked indicators
are withdrawn, those whose ``valid_until`` is over expire by themselves. The syntax of patterns:
STIX 2.1, section 9 (https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html).

Phones and accounts have no object in STIX; MISP's converter writes them as comparisons of
``x-misp-object:…phone-number`` and ``…account``, which are read.
"""

import re
from collections.abc import Iterable, Iterator
from typing import cast

from blacklist.errors import Malformed
from blacklist.model import Category, Kind
from loaders.formats.base import Options, Personal, Record, Row, Skipped, Withdrawn, reject
from loaders.formats.json_documents import decode
from loaders.formats.stamps import parse_stamp
from loaders.formats.words import find_category

NAME = "stix"

_TELLING = re.compile(
    r'"type"\s*:\s*"bundle"|"id"\s*:\s*"bundle--|"spec_version"\s*:\s*"2\.[01]"'
    r'|"id"\s*:\s*"(?:indicator|malware|relationship)--[0-9a-f]{8}-'
)
_OBJECT = re.compile(r"\s*\{")

_COMPARISON = re.compile(
    r"\s*(?P<path>[A-Za-z0-9_.:'\[\]*-]{1,200}?)\s*(?P<not>NOT\s+)?"
    r"(?:=\s*'(?P<one>(?:[^'\\]|\\.)*)'|IN\s*\((?P<several>(?:[^()'\\]|'(?:[^'\\]|\\.)*')*)\))\s*"
)
_TEXT = re.compile(r"'((?:[^'\\]|\\.)*)'")
_ESCAPED = re.compile(r"\\(.)")
_OR = re.compile(r"OR\b")
_MOST_PATTERN_CHARACTERS = 100_000

_KINDS = {
    "domain-name:value": Kind.LINK,
    "hostname:value": Kind.LINK,  # OTX
    "url:value": Kind.LINK,
    "ipv4-addr:value": Kind.LINK,
    "ipv6-addr:value": Kind.LINK,
    "network-traffic:dst_ref.value": Kind.LINK,
    "x-misp-object:x_misp_phone_number": Kind.PHONE,
    "x-misp-object:phone-number": Kind.PHONE,
    "x-misp-attribute:phone-number": Kind.PHONE,
    "phone-number:value": Kind.PHONE,
    "x-misp-object:x_misp_account": Kind.ACCOUNT,
    "x-misp-object:x_misp_iban": Kind.ACCOUNT,
    "x-misp-object:bank-account-nr": Kind.ACCOUNT,
    "x-misp-object:iban": Kind.ACCOUNT,
    "bank-account:iban": Kind.ACCOUNT,
    "payment-account:value": Kind.ACCOUNT,
}
_NAMED = frozenset({"domain-name", "url", "ipv4-addr", "ipv6-addr"})
_HARMLESS = frozenset({"benign", "anomalous-activity", "anonymization"})
"""Indicator types that accuse nobody: "benign" is the very opposite (STIX 2.1, 10.6)."""


def sniff(head: str) -> bool:
    """Say whether it is an object that names itself a bundle, or holds objects of STIX."""
    return _OBJECT.match(head) is not None and _TELLING.search(head) is not None


def parse(lines: Iterable[str], options: Options) -> Iterator[Row]:  # noqa: ARG001 - one protocol
    """Yield one row for every object, and for every comparison of an indicator's pattern.

    Raises ``Malformed`` if it is not one JSON document, or no bundle.
    """
    document = decode(lines)
    objects = document.get("objects") if isinstance(document, dict) else None
    if not isinstance(objects, list):
        raise Malformed("it is no STIX bundle: there are no objects in it")
    if any(_is_person(one) for one in objects):
        yield Personal()
    named = _find_named(objects)
    for number, one in enumerate(objects, 1):
        if not isinstance(one, dict):
            yield reject(number, "not_text", "")
        elif one.get("type") == "indicator":
            yield from _read_indicator(number, one)
        elif number in named:
            yield _read_value(number, one, kind=Kind.LINK, value=_text(one.get("value")) or "")
        else:
            yield Skipped(line=number, reason="no_indicator")


def _find_named(objects: Iterable[object]) -> set[int]:
    """Return the places of the hosts and addresses that are a bundle's list themselves."""
    found = {
        number: cast("dict[str, object]", one)
        for number, one in enumerate(objects, 1)
        if isinstance(one, dict)
    }
    if any(one.get("type") == "indicator" for one in found.values()):
        return set()
    observed = {
        reference
        for one in found.values()
        if one.get("type") == "observed-data"
        for reference in _words(one, "object_refs")
    }
    return {
        number
        for number, one in found.items()
        if one.get("type") in _NAMED and one.get("id") not in observed
    }


def _read_indicator(number: int, indicator: dict[str, object]) -> Iterator[Row]:
    if _HARMLESS.issuperset(_words(indicator, "indicator_types") or {""}):
        yield Skipped(line=number, reason="not_suspected")
        return
    pattern = indicator.get("pattern")
    if not isinstance(pattern, str) or indicator.get("pattern_type", "stix") != "stix":
        yield Skipped(line=number, reason="unsupported_pattern")
        return
    found = _comparisons(pattern)
    if not found:
        yield Skipped(line=number, reason="unsupported_pattern")
    for path, value in found:
        yield _read_value(number, indicator, kind=_KINDS.get(_plain(path)), value=value)


def _read_value(number: int, indicator: dict[str, object], *, kind: Kind | None, value: str) -> Row:
    if kind is None:
        return Skipped(line=number, reason="other_type")
    if not value.strip():
        return Skipped(line=number, reason="no_value")
    if indicator.get("revoked") is True:
        return Withdrawn(line=number, value=value.strip(), kind=kind)
    return Record(
        line=number,
        value=value.strip(),
        kind=kind,
        category=_find_category(indicator),
        since=parse_stamp(indicator.get("valid_from")) or parse_stamp(indicator.get("created")),
        reference=_text(indicator.get("id")),
        note=_text(indicator.get("name")),
        expires=parse_stamp(indicator.get("valid_until")),
    )


def _comparisons(pattern: str) -> list[tuple[str, str]]:
    """Return path and value of each comparison of a pattern of alternatives.

    Nothing for any other: where two things must hold at once, neither accuses alone; a placeholder
    (``LIKE``, ``MATCHES``) names no one thing.
    """
    if len(pattern) > _MOST_PATTERN_CHARACTERS:
        return []
    found: list[tuple[str, str]] = []
    text, at = pattern.strip(), 0
    depth = 0
    while at < len(text):
        if text[at] in "[( ":
            depth += text[at] != " "
            at += 1
            continue
        comparison = _COMPARISON.match(text, at)
        if comparison is None or comparison["not"]:
            return []
        values = _TEXT.findall(comparison["several"] or "") or [comparison["one"] or ""]
        found += [(comparison["path"], _ESCAPED.sub(r"\1", value)) for value in values]
        at = comparison.end()
        while at < len(text) and text[at] in ")] ":
            depth -= text[at] != " "
            at += 1
        if at == len(text):
            return found if depth == 0 else []
        joined = _OR.match(text, at)
        if joined is None:
            return []
        at = joined.end()
    return []


def _plain(path: str) -> str:
    """Return a path as the table has it: without quotes and indexes."""
    return path.replace("'", "").replace("[*]", "").lower()


def _find_category(indicator: dict[str, object]) -> Category | None:
    words = [*_words(indicator, "labels"), *_words(indicator, "indicator_types")]
    return next((found for word in words if (found := find_category(word))), None)


def _words(indicator: dict[str, object], key: str) -> list[str]:
    value = indicator.get(key)
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _is_person(one: object) -> bool:
    """Say whether an object tells of a person: an identity that is no organisation, an account."""
    if not isinstance(one, dict):
        return False
    fields = cast("dict[str, object]", one)
    return fields.get("type") in {"email-addr", "user-account"} or (
        fields.get("type") == "identity" and fields.get("identity_class") == "individual"
    )


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None

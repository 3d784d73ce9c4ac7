"""JSON documents: decoded, and those that are no lists of the suspicious told apart.

Shared by ``json``, ``misp`` and ``stix``. A list of whom to trust, a schema or a registry must
never be loaded as a list of suspects, however well its texts would read as identifiers.
"""

import re
from collections.abc import Iterable, Iterator
from typing import cast

import msgspec

from blacklist.errors import Malformed

MAX_CHARACTERS = 128 << 20
"""The longest document that is read; PhishTank's has some 60 Mi characters."""

_NO_LISTS: tuple[tuple[frozenset[str], str], ...] = (
    (
        frozenset({"list", "matching_attributes"}),
        "a MISP warninglist: it names what must never be listed",
    ),
    (
        frozenset({"attributes", "requiredOneOf", "meta-category"}),
        "the template of a MISP object: it says how objects are written and lists nothing",
    ),
    (
        frozenset({"attributes", "meta-category", "uuid", "version"}),
        "the template of a MISP object: it says how objects are written and lists nothing",
    ),
    (
        frozenset({"valid_attribute_distribution_levels"}),
        "the settings of a MISP feed: load the events of the feed",
    ),
)
_MANIFEST_KEYS = frozenset({"info", "Orgc", "timestamp"})
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def decode(lines: Iterable[str]) -> object:
    """Return the document that the lines are; raises ``Malformed`` if they are not one.

    A document is held whole, and takes several times its length: so it has a limit.
    """
    try:
        return cast("object", msgspec.json.decode("\n".join(_bounded(lines))))
    except RecursionError as exc:
        raise Malformed("the JSON is nested too deep") from exc
    except (msgspec.DecodeError, UnicodeEncodeError) as exc:
        raise Malformed("it is not one JSON document") from exc


def _bounded(lines: Iterable[str]) -> Iterator[str]:
    characters = 0
    for line in lines:
        characters += len(line) + 1
        if characters > MAX_CHARACTERS:
            most = MAX_CHARACTERS >> 20
            raise Malformed(f"the JSON is longer than {most} Mi characters: ask for NDJSON or CSV")
        yield line


def refuse_what_lists_nothing(document: object) -> None:
    """Raise ``Malformed`` for a document that is known to be no list of the suspicious."""
    if not isinstance(document, dict):
        return
    keys = document.keys()
    for telling, what in _NO_LISTS:
        if telling <= keys:
            raise Malformed(what)
    if _is_schema(document):
        raise Malformed("a JSON schema: it says how a list is written and lists nothing")
    if _is_manifest(document):
        raise Malformed("the manifest of a MISP feed: load the events that it names")
    patterns = document.get("patterns")
    if isinstance(patterns, list) and any(
        isinstance(one, dict) and "regex" in one for one in patterns
    ):
        raise Malformed("a list of regular expressions: they name no number or host by itself")


def _is_schema(document: dict[str, object]) -> bool:
    return "$schema" in document or (
        isinstance(document.get("properties"), dict)
        and isinstance(document.get("type"), str)
        and "required" in document
    )


def _is_manifest(document: dict[str, object]) -> bool:
    """Say whether every value, by its uuid, describes an event: MISP core format, "Manifest"."""
    return bool(document) and all(
        _UUID.fullmatch(name) and isinstance(event, dict) and event.keys() >= _MANIFEST_KEYS
        for name, event in document.items()
    )

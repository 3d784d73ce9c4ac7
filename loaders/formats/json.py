"""A JSON document: an array of texts or of objects, alone or as the one array in an object.

The keys of the objects are columns, found by name as in CSV (``columns``). Rows are numbered by
the element. Where several arrays stand side by side nothing says which is the list (it may be
the list of whom to trust), so that is refused; but three shapes of vendors are known:

* URLhaus and ThreatFox: ``{"3905439": [{…}], …}``, the objects by their number;
* sing-box: ``{"rules": [{"domain": […], "domain_suffix": […]}]}``;
* callblocker: ``{"name": …, "entries": [{"name", "number", "date_modified"}]}``, where a number
  that is shorter than any number is the beginning of a range
  (https://github.com/pamapa/callblocker).
"""

import re
from collections.abc import Iterable, Iterator

from blacklist.errors import Malformed
from blacklist.model import Kind
from loaders.formats.base import Options, Personal, Record, Row, Skipped, reject
from loaders.formats.cells import is_nothing
from loaders.formats.json_documents import decode, refuse_what_lists_nothing
from loaders.formats.objects import ObjectReader, show
from loaders.formats.phone_ranges import open_prefix, split_range

NAME = "json"

_BEGINNING = re.compile(
    r"""\s*(?:\{ | \[\s*(?: ["{\[\]] | -?[0-9.eE+]+\s*[,\]] | (?:true|false|null)\s*[,\]] | $))""",
    re.VERBOSE,
)
_CALLBLOCKER_KEYS = ({"name", "number", "date_modified"}, {"name", "number", "date_created"})
_NAMED_LISTS = ("blacklist", "blocklist", "denylist", "indicators")
"""Names of the one array to read where others stand beside it: MetaMask's ``whitelist``, OTX's
``references``."""

_SING_BOX_HOSTS = ("domain", "domain_suffix")


def sniff(head: str) -> bool:
    """Say whether it begins as a JSON object or array does."""
    return _BEGINNING.match(head) is not None


def parse(lines: Iterable[str], options: Options) -> Iterator[Row]:
    """Yield one row for every identifier of every element.

    Raises ``Malformed`` if it is not one JSON document, has no one array, has objects of which no
    key is known to hold an identifier, or is known to be no list of the suspicious.
    """
    document = decode(lines)
    refuse_what_lists_nothing(document)
    _refuse_other_formats(document)
    elements = _find_vendors_array(document) or _find_array(document)
    read_object = _reader(elements, options)
    if any(isinstance(one, dict) and read_object.names_people(one) for one in elements):
        yield Personal()
    for number, element in enumerate(elements, 1):
        if isinstance(element, str):
            yield from _read_text(number, element, options)
        elif isinstance(element, dict):
            yield from read_object(number, element)
        else:
            yield reject(number, "not_text", show(element))


def _reader(elements: list[object], options: Options) -> ObjectReader:
    reader = ObjectReader(options)
    objects = [element for element in elements if isinstance(element, dict)]
    reader.refuse_unknown_told({key for element in objects for key in element})
    if objects and not any(map(reader.names_values, objects)):
        raise Malformed("no key of the objects is known to hold phones, accounts or links")
    return reader


def _refuse_other_formats(document: object) -> None:
    """Raise ``Malformed`` for what this format would read wrongly, if it was told to."""
    if not isinstance(document, dict):
        return
    if document.get("type") == "bundle":
        raise Malformed("it is a STIX bundle: read it as such (--format stix)")
    if "Event" in document or {"Attribute", "Object"} & document.keys():
        raise Malformed("it is a MISP event: read it as such (--format misp)")


def _find_vendors_array(document: object) -> list[object] | None:
    """Return the elements of a shape that is known, None for all others."""
    if not isinstance(document, dict):
        return None
    if document and all(key.isdecimal() for key in document):
        arrays = [value for value in document.values() if isinstance(value, list)]
        return [one for array in arrays for one in array] if len(arrays) == len(document) else None
    if _is_callblockers(document):
        entries: list[dict[str, object]] = document["entries"]
        return [{**entry, "number": open_prefix(entry["number"])} for entry in entries]
    return _find_sing_box(document.get("rules"))


def _is_callblockers(document: dict[str, object]) -> bool:
    entries = document.get("entries")
    return (
        isinstance(entries, list)
        and bool(entries)
        and all(isinstance(one, dict) and set(one) in _CALLBLOCKER_KEYS for one in entries)
    )


def _find_sing_box(rules: object) -> list[object] | None:
    """Return the hosts of sing-box's rules (https://sing-box.sagernet.org/configuration/rule-set)."""
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        return None
    named = [rule[key] for rule in rules for key in _SING_BOX_HOSTS if key in rule]
    if not named:
        return None
    hosts = [one for value in named for one in (value if isinstance(value, list) else [value])]
    return [host.removeprefix(".") if isinstance(host, str) else host for host in hosts]


def _find_array(document: object) -> list[object]:
    """Return the one array of the outermost level that has any; an empty one counts last.

    Of several the one counts whose name leaves no doubt (``_NAMED_LISTS``). The objects of JSON:API
    (https://jsonapi.org) are their ``attributes``.
    """
    if isinstance(document, dict):
        named = [document[key] for key in _NAMED_LISTS if isinstance(document.get(key), list)]
        if len(named) == 1:
            return list(named[0])
    found = _find_only_array(document)
    if found and all(_is_of_json_api(one) for one in found):
        return [one["attributes"] for one in found if isinstance(one, dict)]
    return found


def _is_of_json_api(one: object) -> bool:
    return (
        isinstance(one, dict)
        and isinstance(one.get("attributes"), dict)
        and {"id", "type"} <= one.keys()
    )


def _find_only_array(document: object) -> list[object]:
    level = [document]
    while level:
        arrays = [value for value in level if isinstance(value, list)]
        if len(arrays) > 1:
            arrays = [array for array in arrays if array] or arrays[:1]
        if len(arrays) > 1:
            raise Malformed(f"{len(arrays)} arrays stand side by side: which is the list?")
        if arrays:
            return arrays[0]
        level = [inner for value in level if isinstance(value, dict) for inner in value.values()]
    raise Malformed("the JSON holds no array")


def _read_text(number: int, text: str, options: Options) -> Iterator[Row]:
    value = text.strip()
    if is_nothing(value):
        yield Skipped(line=number, reason="no_value")
        return
    parts = split_range(value) if options.kind in {None, Kind.PHONE} else None
    for part in parts or (value,):
        yield Record(line=number, value=part, kind=options.kind)

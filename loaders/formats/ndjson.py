"""One JSON object a line (NDJSON, JSON Lines). The keys are columns, as in ``json``.

Lines are read one by one, so that a feed of any length takes the memory of one line.
"""

from collections.abc import Iterable, Iterator

import msgspec

from blacklist.errors import Malformed
from loaders.formats.base import Options, Personal, Row, reject
from loaders.formats.head import data_lines
from loaders.formats.objects import ObjectReader, show

NAME = "ndjson"

_NOT_SHOWN = "(not shown: a line that is no JSON may hold names)"
_decoder = msgspec.json.Decoder()


def sniff(head: str) -> bool:
    """Say whether the first line is a whole object, and so is the second or its keys are known."""
    lines = data_lines(head, ())
    if not lines[0].startswith("{"):
        return False
    first = _decode(lines[0])
    if not isinstance(first, dict):
        return False
    if len(lines) > 1:
        return lines[1].startswith("{")
    has_array = any(isinstance(value, list | dict) for value in first.values())
    return not has_array and ObjectReader(Options()).names_values(first)


def parse(lines: Iterable[str], options: Options) -> Iterator[Row]:
    """Yield a row for every identifier of every line.

    Raises ``Malformed``, at the end, if no object had a key known to hold an identifier.
    """
    read_object = ObjectReader(options)
    personal, objects, known = False, False, False
    for number, line in enumerate(lines, 1):
        if not line or line.isspace():
            continue
        element = _decode(line)
        if isinstance(element, dict):
            objects, known = True, known or read_object.names_values(element)
            if not personal and read_object.names_people(element):
                personal = True
                yield Personal()
            yield from read_object(number, element)
        elif element is None:
            yield reject(number, "broken_json", _NOT_SHOWN)
        else:
            yield reject(number, "not_text", show(element))
    if objects and not known:
        raise Malformed("no key of the objects is known to hold phones, accounts or links")


def _decode(line: str) -> object:
    """Return what a line holds; None if it is no JSON (or ``null``)."""
    try:
        return _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None

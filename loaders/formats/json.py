"""A JSON document: an array of texts or of objects, alone or as the one array in an object.

The keys of the objects are columns, found by name as in CSV (``columns``). Rows are numbered by
the element. Where several arrays stand side by side nothing says which is the list (it may be
the list of whom to trust), so that is refused.
"""

import re
from collections.abc import Iterable, Iterator

import msgspec

from blacklist.errors import Malformed
from loaders.formats.base import Options, Record, Row, Skipped, reject
from loaders.formats.cells import is_nothing, read_cells
from loaders.formats.columns import Columns, resolve
from loaders.formats.words import PEOPLE, fold

NAME = "json"

_BEGINNING = re.compile(
    r"""\s*(?:\{ | \[\s*(?: ["{\[\]] | -?[0-9.eE+]+\s*[,\]] | (?:true|false|null)\s*[,\]] | $))""",
    re.VERBOSE,
)
_STIX_BUNDLE = "bundle"


def sniff(head: str) -> bool:
    """Say whether it begins as a JSON object or array does."""
    return _BEGINNING.match(head) is not None


def parse(lines: Iterable[str], options: Options) -> Iterator[Row]:
    """Yield one row for every identifier of every element.

    Raises ``Malformed`` if it is not one JSON document, has no one array, or has objects of which
    no key is known to hold an identifier.
    """
    elements = _find_array(_decode("\n".join(lines)))
    read_object = _ObjectReader(elements, options)
    for number, element in enumerate(elements, 1):
        if isinstance(element, str):
            yield _read_text(number, element, options)
        elif isinstance(element, dict):
            yield from read_object(number, element)
        else:
            yield reject(number, "not_text", _show(element))


def _decode(text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except RecursionError as exc:
        raise Malformed("the JSON is nested too deep") from exc
    except (msgspec.DecodeError, UnicodeEncodeError) as exc:
        raise Malformed("it is not one JSON document") from exc


def _find_array(document: object) -> list[object]:
    """Return the one array of the outermost level that has any; an empty one counts last."""
    if isinstance(document, dict) and document.get("type") == _STIX_BUNDLE:
        raise Malformed("it is a STIX bundle: what is in it is not always an accusation")
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


def _read_text(number: int, text: str, options: Options) -> Row:
    value = text.strip()
    if is_nothing(value):
        return Skipped(line=number, reason="no_value")
    return Record(line=number, value=value, kind=options.kind)


class _ObjectReader:
    """Reads objects, each by the columns that its own keys are; objects of one array may differ."""

    def __init__(self, elements: list[object], options: Options) -> None:
        self._options = options
        self._columns: dict[tuple[str, ...], Columns] = {}
        objects = [element for element in elements if isinstance(element, dict)]
        self._refuse_unknown_told({key for element in objects for key in element})
        if objects and not any(self._find_columns(tuple(element)).values for element in objects):
            raise Malformed("no key of the objects is known to hold phones, accounts or links")

    def __call__(self, number: int, element: dict[str, object]) -> Iterator[Row]:
        columns = self._find_columns(tuple(element))
        found = [*element.values(), *("" for _ in self._options.columns)]
        values = {at for at, _ in columns.values}
        wrong = {at for at in values if not isinstance(found[at], str | None)}
        for _ in wrong:
            yield reject(number, "not_text", _show(element))
        texts_only = values | {at for at, _ in columns.otherwise}
        cells = [_as_cell(value, or_number=at not in texts_only) for at, value in enumerate(found)]
        if not wrong or any(not is_nothing(cells[at].strip()) for at in values):
            yield from read_cells(columns, number, cells)

    def _find_columns(self, keys: tuple[str, ...]) -> Columns:
        """Return the columns of an object with these keys; what it lacks of the told is empty."""
        if keys not in self._columns:
            told = self._options.columns.values()
            self._columns[keys] = resolve((*keys, *told), self._options)
        return self._columns[keys]

    def _refuse_unknown_told(self, keys: set[str]) -> None:
        """Raise ``Malformed`` for a told column that no object has."""
        if self._options.columns:
            resolve(tuple(keys), self._options)


def _as_cell(value: object, *, or_number: bool) -> str:
    """Return what a cell would hold; a bank may come as a number, an identifier may not."""
    if isinstance(value, str):
        return value
    return str(value) if or_number and isinstance(value, bool | int) else ""


def _show(element: object) -> str:
    """Return an element as JSON, without what is about people."""
    if isinstance(element, dict):
        element = {key: value for key, value in element.items() if fold(key) not in PEOPLE}
    return msgspec.json.encode(element).decode()

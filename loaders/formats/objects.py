"""JSON objects to rows, each by the columns that its own keys are.

Used for arrays of objects (``json``) and for objects a line (``ndjson``).
"""

from collections.abc import Iterator

import msgspec

from loaders.formats.base import Options, Row, reject
from loaders.formats.cells import is_nothing, read_cells
from loaders.formats.columns import Columns, resolve
from loaders.formats.words import PEOPLE, fold


class ObjectReader:
    """Reads objects; those of one feed may differ in their keys."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._columns: dict[tuple[str, ...], Columns] = {}

    def __call__(self, number: int, element: dict[str, object]) -> Iterator[Row]:
        """Yield a row for every identifier of an object."""
        columns = self._find_columns(tuple(element))
        found = [*element.values(), *("" for _ in self._options.columns)]
        values = {at for at, _ in columns.values}
        wrong = {at for at in values if not isinstance(found[at], str | None)}
        for _ in wrong:
            yield reject(number, "not_text", show(element))
        texts_only = values | {at for at, _ in columns.otherwise}
        cells = [_as_cell(value, or_number=at not in texts_only) for at, value in enumerate(found)]
        if not wrong or any(not is_nothing(cells[at].strip()) for at in values):
            yield from read_cells(columns, number, cells)

    def names_values(self, element: dict[str, object]) -> bool:
        """Say whether a key of the object is known to hold an identifier."""
        return bool(self._find_columns(tuple(element)).values)

    def names_people(self, element: dict[str, object]) -> bool:
        """Say whether a key of the object is about people."""
        return bool(self._find_columns(tuple(element)).people)

    def refuse_unknown_told(self, keys: set[str]) -> None:
        """Raise ``Malformed`` for a told column that no object has."""
        if self._options.columns:
            resolve(tuple(keys), self._options)

    def _find_columns(self, keys: tuple[str, ...]) -> Columns:
        """Return the columns of an object with these keys; what it lacks of the told is empty."""
        if keys not in self._columns:
            told = self._options.columns.values()
            self._columns[keys] = resolve((*keys, *told), self._options)
        return self._columns[keys]


def show(element: object) -> str:
    """Return an element as JSON, without what is about people."""
    if isinstance(element, dict):
        element = {key: value for key, value in element.items() if fold(key) not in PEOPLE}
    return msgspec.json.encode(element).decode()


def _as_cell(value: object, *, or_number: bool) -> str:
    """Return what a cell would hold; a bank may come as a number, an identifier may not."""
    if isinstance(value, str):
        return value
    return str(value) if or_number and isinstance(value, bool | int) else ""

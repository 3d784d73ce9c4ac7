"""Excel sheets (.xlsx), read by openpyxl row by row; how a table is read, ``sheet`` says.

Every visible sheet is read. A cell that is merged with those below it holds for each of their rows.
The sizes of a document are bounded before it is opened (``loaders.unpack``), and defusedxml keeps
its XML from growing by entities.
"""

import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import IO, Any

from blacklist.errors import Malformed
from loaders.formats.base import Options, Row, Skipped
from loaders.formats.sheet import Cell, Number, NumberedCells, read_sheet

NAME = "xlsx"

_MOST_ROWS = 1_048_576
_MOST_ZEROS = 30
_MERGED = re.compile(
    rb"<(?:\w{1,20}:)?mergeCell\s[^>]{0,100}?\bref=[\"']([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"
)
_MOST_MERGED = 100_000
_ZERO_FORMAT = re.compile(r"0+")


def parse(file: IO[bytes], options: Options) -> Iterator[Row]:
    """Yield the rows of all sheets; raises ``Malformed`` if it is no workbook."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions, which are not read
            yield from _read_all(file, options)
    except Malformed:
        raise
    except Exception as exc:
        raise Malformed("the sheet is damaged, or is none", flaw="damaged") from exc


def _read_all(file: IO[bytes], options: Options) -> Iterator[Row]:
    # The library takes a third of a second, which only a sheet shall cost.
    import openpyxl  # noqa: PLC0415

    book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # what a sheet says of its size need not be so
        if sheet.sheet_state == "visible":
            yield from read_sheet(_spread(_read_rows(sheet), _find_merged(file, sheet)), options)
        else:
            for number, cells in _read_rows(sheet):
                if any(cells):
                    yield Skipped(line=number, reason="hidden_sheet")


def _read_rows(sheet: Any) -> Iterator[NumberedCells]:
    for number, cells in enumerate(sheet.iter_rows(), 1):
        if number > _MOST_ROWS:
            raise Malformed(f"a sheet has more than {_MOST_ROWS} rows", flaw="too_long")
        yield number, [_read_cell(cell) for cell in cells]


def _read_cell(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        shown = str(cell.number_format or "")
        zeros = len(shown) if _ZERO_FORMAT.fullmatch(shown) and len(shown) <= _MOST_ZEROS else 0
        return Number(value, zeros)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _find_merged(file: IO[bytes], sheet: Any) -> dict[int, list[tuple[int, int]]]:
    """Return, by column from 0, the first and last rows of cells that are merged downwards."""
    path = sheet._worksheet_path  # noqa: SLF001 - a sheet that is read row by row tells no other way
    from openpyxl.utils import column_index_from_string  # noqa: PLC0415

    with zipfile.ZipFile(file) as archive:
        xml = archive.read(path)
    merged: dict[int, list[tuple[int, int]]] = {}
    for count, found in enumerate(_MERGED.finditer(xml)):
        if count >= _MOST_MERGED:
            raise Malformed(f"a sheet has more than {_MOST_MERGED} merged cells", flaw="too_long")
        left, top, right, bottom = found.groups()
        if left == right and int(top) < int(bottom):
            column = column_index_from_string(left.decode()) - 1
            merged.setdefault(column, []).append((int(top), int(bottom)))
    return {column: sorted(spans, reverse=True) for column, spans in merged.items()}


def _spread(
    rows: Iterator[NumberedCells], merged: dict[int, list[tuple[int, int]]]
) -> Iterator[NumberedCells]:
    """Yield the rows with each merged cell's value in every row that it covers."""
    held: dict[int, tuple[int, Cell]] = {}  # by column: to which row, and what
    for number, cells in rows:
        filled = list(cells)
        for column, spans in merged.items():
            while spans and spans[-1][0] <= number:
                top, bottom = spans.pop()
                if top == number and column < len(filled):
                    held[column] = (bottom, filled[column])
            last, value = held.get(column, (0, ""))
            if number <= last and value != "":
                filled += [""] * (column + 1 - len(filled))
                filled[column] = value
        yield number, filled

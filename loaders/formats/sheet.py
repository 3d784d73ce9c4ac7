"""A sheet, or a table of a letter, to rows: its header found below the titles.

Shared by ``xlsx`` and ``docx``. Read are tables whose header names the columns, as in CSV
(``columns``), and tables of one column a bank, whose header cells are names of banks. A header that
stands again on a later page is no row. Cells are texts; what a sheet holds as a number comes as
``Number``.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, zip_longest

import msgspec

from blacklist.errors import Malformed
from blacklist.model import Kind
from loaders.formats.bank_columns import find_banks
from loaders.formats.base import Options, Personal, Record, Row, Skipped, reject
from loaders.formats.cells import is_nothing, read_cells, split_numbers
from loaders.formats.columns import Columns, is_known, resolve
from loaders.formats.letterhead import Letterhead, add_letter, read_letterhead
from loaders.formats.words import fold

TITLE_ROWS = 60
"""How many rows may stand above the header."""

_NOT_SHOWN = "(not shown: the document may hold names)"
_EXACT_DIGITS = 15
"""Excel keeps 15 digits of a number and no more."""


class Number(msgspec.Struct, frozen=True):
    """A number cell. ``zeros`` is the width to which its format shows it (``0000000000``), or 0."""

    value: int | float
    zeros: int = 0

    def as_text(self) -> str:
        """Return the digits that the cell shows, a whole number without a point."""
        if isinstance(self.value, float) and not self.value.is_integer():
            return repr(self.value)
        return f"{int(self.value):0{self.zeros}}"

    def may_be(self, kind: Kind | None) -> bool:
        """Say whether the cell surely holds the identifier that was typed.

        Excel rounds behind 15 digits and drops leading zeros. The zero before a phone number is
        dialled and not part of it, so a phone lacks nothing. An account may have begun with zeros,
        and without them is another's: it counts only where the format shows a fixed width.
        """
        text = self.as_text()
        if not text.isdecimal() or len(text) > _EXACT_DIGITS:
            return False
        return kind in {Kind.PHONE, Kind.LINK} or self.zeros >= len(text)


Cell = str | Number
NumberedCells = tuple[int, Sequence[Cell]]
"""A row's number, counted from 1, and its cells."""


class _Header(msgspec.Struct, frozen=True):
    """What a header says: columns by name, or the columns of banks. ``rows`` are its own cells."""

    rows: frozenset[tuple[str, ...]]
    columns: Columns | None = None
    banks: dict[int, str] = {}
    width: int = 0


def read_sheet(
    rows: Iterable[NumberedCells], options: Options, letter: Letterhead | None = None
) -> Iterator[Row]:
    """Yield the rows of one table, given as its rows' numbers and cells.

    Rows above the header are titles; a letter's number and date in them are every row's reference
    and date, unless ``letter`` tells them. Without a header a table of one column is a list of
    values, and of any other each row is rejected as ``no_header``.
    """
    filled = (row for row in rows if not all(is_nothing(_text(cell)) for cell in row[1]))
    top = list(islice(filled, TITLE_ROWS))
    at = next((at for at, (_, cells) in enumerate(top) if _find_header(cells, options)), None)
    if at is None:
        yield from _read_headless(chain(top, filled), options)
        return
    header, below = _take_header(top[at:], options)
    if header.columns is not None and header.columns.people:
        yield Personal()
    if header.columns is not None:
        _require_told(header, options)
    titles = (_text(cell) for _, cells in top[:at] for cell in cells)
    told = letter or read_letterhead(titles)
    for number, cells in chain(below, filled):
        if _names(cells) not in header.rows:
            yield from (add_letter(row, told) for row in _read_row(header, number, cells))


def _take_header(top: list[NumberedCells], options: Options) -> tuple[_Header, list[NumberedCells]]:
    """Return the header that the first rows are, one row or two, and the rows below it."""
    first = _find_header(top[0][1], options)
    second = _find_header(top[1][1], options) if len(top) > 1 else None
    if first is None:  # never: the caller found it
        raise Malformed("the table has no header")
    if second is None or second.rows == first.rows:
        return first, top[1:]
    both = tuple(low or high for high, low in zip_longest(*first.rows, *second.rows, fillvalue=""))
    names = first.rows | second.rows
    if second.columns is None:
        return _Header(names, None, second.banks, len(both)), top[2:]
    columns = resolve(both, _untold(options, both), numbered=True)
    return _Header(names, columns, {}, len(both)), top[2:]


def _read_headless(rows: Iterable[NumberedCells], options: Options) -> Iterator[Row]:
    for number, cells in rows:
        filled = [cell for cell in cells if not is_nothing(_text(cell))]
        if len(filled) == 1:
            yield from _read_values(number, filled[0], kind=options.kind, bank=None)
        else:
            yield reject(number, "no_header", _NOT_SHOWN)


def _find_header(cells: Sequence[Cell], options: Options) -> _Header | None:
    """Return what a row says as a header, None if it is none."""
    if any(isinstance(cell, Number) for cell in cells):
        return None
    names = _names(cells)
    if "value" in options.columns and "value" not in _untold(options, names).columns:
        return None
    columns = resolve(names, _untold(options, names), numbered=True)
    known = sum(is_known(name, options) for name in names if name)
    filled = sum(bool(name) for name in names)
    told = "value" in options.columns and bool(columns.values) and known > 0
    if columns.values and (told or known * 2 >= filled):
        return _Header(frozenset({names}), columns, {}, len(names))
    banks = find_banks(names)
    return _Header(frozenset({names}), None, banks, len(names)) if banks else None


def _untold(options: Options, names: Sequence[str]) -> Options:
    """Return the options without the columns that a row does not have: it may be a title."""
    words = [fold(name) for name in names]
    told = {
        field: column
        for field, column in options.columns.items()
        if fold(column) in words or (column.isdecimal() and 1 <= int(column) <= len(words))
    }
    return msgspec.structs.replace(options, columns=told)


def _require_told(header: _Header, options: Options) -> None:
    """Raise ``Malformed`` for a told column that the header does not have."""
    names = [name for row in header.rows for name in row]
    resolve(names, options, numbered=True)


def _read_row(header: _Header, number: int, cells: Sequence[Cell]) -> Iterator[Row]:
    if header.columns is None:
        found = False
        for at, bank in header.banks.items():
            if at < len(cells) and not is_nothing(_text(cells[at])):
                found = True
                yield from _read_values(number, cells[at], kind=Kind.ACCOUNT, bank=bank)
        if not found:
            yield Skipped(line=number, reason="no_value")
        return
    texts = [_text(cell) for cell in cells]
    values = dict(header.columns.values)
    texts = [text if at in values else " ".join(text.split()) for at, text in enumerate(texts)]
    texts += [""] * (header.width - len(texts))
    wrong = [
        at
        for at, kind in values.items()
        if at < len(cells) and _is_doubtful(cells[at], kind or header.columns.told_kind)
    ]
    for at in wrong:
        yield reject(number, "number_cell", texts[at])
        texts[at] = ""
    if not wrong or any(not is_nothing(texts[at]) for at in values):
        yield from read_cells(header.columns, number, texts)


def _read_values(number: int, cell: Cell, *, kind: Kind | None, bank: str | None) -> Iterator[Row]:
    text = _text(cell)
    if _is_doubtful(cell, kind):
        yield reject(number, "number_cell", text)
        return
    for part in split_numbers(text) or (" ".join(text.split()),):
        yield Record(line=number, value=part, kind=kind, bank=bank)


def _is_doubtful(cell: Cell, kind: Kind | None) -> bool:
    return isinstance(cell, Number) and not cell.may_be(kind)


def _text(cell: Cell) -> str:
    return cell.as_text() if isinstance(cell, Number) else cell.strip()


def _names(cells: Sequence[Cell]) -> tuple[str, ...]:
    return tuple(" ".join(_text(cell).split()) for cell in cells)

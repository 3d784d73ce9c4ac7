"""CSV, and the same with semicolons, tabs or bars: each row comes back as it came, and its verdict.

The bytes of a row are kept and the verdict's cells written behind them; a row is written anew only
where that would put the verdict into another column. Rows are cut one line at a time, so that one
stray quote cannot swallow the rows behind it: a row runs over several lines only where that gives
exactly the first row's cells, and its value on one line. The rules of quoting are RFC 4180's.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from blacklist.items import UNKNOWN_KIND
from blacklist.lookup import Ask
from blacklist.model import ItemError, Kind, Verdict
from blacklist.screening.cells import (
    ACTION_COLUMN,
    VERDICT_COLUMNS,
    action_cell,
    error_cells,
    quote,
    verdict_cells,
)
from blacklist.screening.columns import Columns, is_known, resolve
from blacklist.screening.form import Row, Told
from blacklist.screening.lines import MAX_LINE_BYTES, Line, Lines
from blacklist.screening.reasons import refusal, row_error

_ONE_COLUMN: Final = "\x1f"  # a delimiter no table has: it is one column wide
_DELIMITERS: Final = (_ONE_COLUMN, ",", ";", "\t", "|")
_DIALECTS, _LITERAL = (
    {
        delimiter: csv.reader((), delimiter=delimiter, strict=True, skipinitialspace=skips).dialect
        for delimiter in _DELIMITERS
    }
    for skips in (True, False)
)
"""How rows are cut; and how readers cut them for which blanks in front of quotes are text."""
_SPACED_QUOTE: Final = {
    delimiter: re.compile(rf'(?:\A|{re.escape(delimiter)}) +"') for delimiter in _DELIMITERS
}

_IDENTIFIER = re.compile(r"[\d.:/@]")  # what every identifier has and hardly any header
_TEXT_FORMULA = re.compile(r'="([^"]*)"')  # how spreadsheets keep leading zeros
_LONGEST_ROW_LINES: Final = 20
_BOM: Final = b"\xef\xbb\xbf"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_PREFIX: Final = "blacklist_"


class Table:
    """A table whose first line is read from ``lines``; raises BadTable."""

    def __init__(self, lines: Lines, told: Told) -> None:
        line = next(lines, None)
        if line is None:
            raise refusal("empty_table")
        mark, text = _read_first(line)
        self._ending = "\r\n" if text.endswith("\r") else "\n"
        text = text.removesuffix("\r")
        self._told = told
        self._delimiter, names = _cut_header(text, told)
        self._width = len(names)
        self._columns = resolve(names, told)
        self._between = "," if self._delimiter == _ONE_COLUMN else self._delimiter
        self.head = mark
        if _is_data(names, self._columns, told):
            self.end = len(mark)
            lines.put_back([Line((line.text or b"").removeprefix(_BOM), line.end)])
        else:
            self.end = line.end
            kept = self._keep(text, names)
            added = (*VERDICT_COLUMNS, ACTION_COLUMN) if told.has_actions else VERDICT_COLUMNS
            self.head += self._row(kept, _added_names(names, added))

    def rows(self, lines: Lines) -> Iterator[Row]:
        """One row a record; blank lines stay as they are."""
        for line in lines:
            if line.text is None:
                kept = self._between * (self._width - 1)
                yield Row(Verdict(error=row_error("line_too_long")), kept, line.end)
            elif not line.text or line.text.isspace():
                yield Row(None, "", line.end)
            else:
                yield self._read(line, lines)

    def write(self, row: Row, verdict: Verdict | None) -> bytes:
        """The row as it came, and the verdict's cells."""
        if verdict is None:
            return self._ending.encode()
        return self._row(row.kept, self._with_action(verdict_cells(verdict), action_cell(verdict)))

    def tail(self, error: ItemError) -> bytes:
        """A last row whose own cells are empty."""
        cells = self._with_action(error_cells(error), "")
        return self._row(self._between * (self._width - 1), cells)

    def _with_action(self, cells: list[str], action: str) -> list[str]:
        return [*cells, action] if self._told.has_actions else cells

    def _row(self, kept: str, cells: Sequence[str]) -> bytes:
        row = self._between.join((kept, *cells)) + self._ending
        return row.encode("utf-8", "surrogateescape")

    def _read(self, line: Line, lines: Lines) -> Row:
        text, end = _decode(line), line.end
        cells = _cut(text, self._delimiter)
        if cells is None:
            found = self._cut_over_lines(line, lines)
            if found is None:
                return self._refuse("broken_row", [text], end)
            text, end, cells = found
        surplus = cells[self._width :]
        if surplus and any(surplus):
            return self._refuse("too_many_columns", cells, end)
        asked = self._ask(cells)
        return Row(asked, self._keep(text, cells), end)

    def _refuse(self, reason: str, cells: Sequence[str], end: int) -> Row:
        """A row of which it is not known what stands where: what is too much joins the last."""
        last = self._width - 1
        kept = [*cells[:last], self._between.join(cells[last:])]
        return Row(Verdict(error=row_error(reason)), self._write_cells(kept), end)

    def _keep(self, text: str, cells: Sequence[str]) -> str:
        """What stands in front of the verdict: the row's own text wherever that can be."""
        is_exact = len(cells) <= self._width and self._delimiter != _ONE_COLUMN
        if not is_exact or self._is_ambiguous(text, cells):
            return self._write_cells(cells[: self._width])
        return text + self._between * (self._width - len(cells))

    def _is_ambiguous(self, text: str, cells: Sequence[str]) -> bool:
        """Whether other readers would cut the row otherwise."""
        if '"' not in text or not _SPACED_QUOTE[self._delimiter].search(text):
            return False
        return _cut(text, self._delimiter, _LITERAL) != list(cells)

    def _write_cells(self, cells: Sequence[str]) -> str:
        missing = self._between * (self._width - len(cells))
        return self._between.join(self._write_cell(cell) for cell in cells) + missing

    def _write_cell(self, cell: str) -> str:
        special = ('"', "\r", "\n", self._between)
        is_special = cell[:1] == " " or any(char in cell for char in special)
        return quote(cell) if is_special else cell

    def _ask(self, cells: Sequence[str]) -> Ask | Verdict:
        columns, told = self._columns, self._told
        value = _cell_at(cells, columns.value)
        kind = told.kind or columns.named_kind
        named = _cell_at(cells, columns.kind).strip().lower()
        if named:
            try:
                kind = Kind(named)
            except ValueError:
                return Verdict(error=UNKNOWN_KIND)
        bank = None
        if kind in {None, Kind.ACCOUNT}:
            bank = _cell_at(cells, columns.bank).strip() or told.bank
        return Ask(value=value, kind=kind, bank=bank, region=told.region)

    def _cut_over_lines(self, line: Line, lines: Lines) -> tuple[str, int, list[str]] | None:
        """The text, end and cells of a row whose quotes close on a later line; None if none does.

        What was read in vain is put back.
        """
        taken: list[Line] = []
        text = (line.text or b"").decode("utf-8", "surrogateescape")
        for following in islice(lines, _LONGEST_ROW_LINES - 1):
            taken.append(following)
            if following.text is None or len(text) + len(following.text) > MAX_LINE_BYTES:
                break
            text += "\n" + following.text.decode("utf-8", "surrogateescape")
            whole = text.removesuffix("\r")
            cells = _cut(whole, self._delimiter) if b'"' in following.text else None
            if cells is not None and self._is_row(cells):
                return whole, following.end, cells
        lines.put_back(taken)
        return None

    def _is_row(self, cells: Sequence[str]) -> bool:
        """Whether no identifier runs over lines: one that does has swallowed the next row's."""
        asked = (self._columns.value, self._columns.bank, self._columns.kind)
        return len(cells) == self._width and not any(
            "\n" in _cell_at(cells, column) for column in asked
        )


def _read_first(line: Line) -> tuple[bytes, str]:
    """The byte order mark, if there is one, and the text of the first line."""
    if line.text is None:
        raise refusal("bad_header")
    if line.text.startswith(_UTF_16) or b"\0" in line.text:
        raise refusal("not_utf8")
    mark = _BOM if line.text.startswith(_BOM) else b""
    return mark, line.text[len(mark) :].decode("utf-8", "surrogateescape")


def _decode(line: Line) -> str:
    text = (line.text or b"").decode("utf-8", "surrogateescape")
    return text.removesuffix("\r")


def _cut_header(text: str, told: Told) -> tuple[str, list[str]]:
    """The delimiter that shows the most known names, else the most cells; and the cells.

    Of equals it is the first, so that a header of one cell makes a table of one column.
    """
    cuts = {delimiter: _cut(text, delimiter) or [] for delimiter in _DELIMITERS}

    def rank(delimiter: str) -> tuple[int, int]:
        names = cuts[delimiter]
        return sum(is_known(name, told) for name in names), len(names)

    best = max(cuts, key=rank)
    if not cuts[best]:
        raise refusal("bad_header")
    return best, [name.strip() for name in cuts[best]]


def _cut(text: str, delimiter: str, dialects: Mapping[str, Any] = _DIALECTS) -> list[str] | None:
    """The cells of one row; None if its quotes are broken or open, or its line ends broken."""
    if '"' not in text:
        return None if "\r" in text else text.split(delimiter)
    try:
        return next(csv.reader((text,), dialects[delimiter]))
    except csv.Error:
        return None


def _is_data(names: Sequence[str], columns: Columns, told: Told) -> bool:
    """Whether the first row is none of names: its column was told by number, and has a value."""
    name = names[columns.value]
    return columns.by_number and bool(_IDENTIFIER.search(name)) and not is_known(name, told)


def _added_names(names: Sequence[str], added: Sequence[str]) -> list[str]:
    """The names of the columns added, told apart from those that the table has."""
    prefix, taken = "", {name.casefold() for name in names}
    while any(prefix + name in taken for name in added):
        prefix += _PREFIX
    return [prefix + name for name in added]


def _cell_at(cells: Sequence[str], column: int | None) -> str:
    cell = cells[column] if column is not None and column < len(cells) else ""
    text = _TEXT_FORMULA.fullmatch(cell.strip()) if cell.lstrip()[:1] == "=" else None
    return text[1] if text else cell

"""Tables with a header: CSV, and the same with semicolons, tabs or bars.

Columns are found by name (``columns``). The header may be commented out, as URLhaus does below a
banner of comments, and titles may stand above it, as in sheets that were saved as CSV. Without a
header the columns must be told by number.

Rows are cut one line at a time, so that one stray quote cannot swallow the rows behind it: a row
runs over several lines only where that gives exactly the header's columns and an identifier on
one line. The rules of quoting are RFC 4180's.
"""

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import msgspec

from blacklist.errors import Malformed
from blacklist.rejected import Rejected
from loaders.formats.base import NOTHING_TOLD, Options, Personal, Row, Skipped, reject
from loaders.formats.cells import is_nothing, read_cells
from loaders.formats.columns import Columns, is_known, resolve
from loaders.formats.head import data_lines

NAME = "csv"

_DELIMITERS = (",", ";", "\t", "|")
_ONE_COLUMN = "\x1f"  # a delimiter no feed has: the table is one column wide
_DIALECTS = {
    delimiter: csv.reader((), delimiter=delimiter, strict=True, skipinitialspace=True).dialect
    for delimiter in (_ONE_COLUMN, *_DELIMITERS)
}
_COMMENT = "#"
_IDENTIFIER = re.compile(r"[\d.:/@]")  # what every identifier has and hardly any header
_LONGEST_ROW_LINES = 20
_MOST_TITLES = 10
_NOT_SHOWN = "(not shown: the table has columns about people)"


class _Layout(msgspec.Struct, frozen=True):
    """How the rows of one table are cut and read; ``width`` is the header's number of cells."""

    delimiter: str
    width: int
    columns: Columns


class _Numbered:
    """Lines with their numbers, of which some can be put back to be read again."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = enumerate(lines, 1)
        self._returned: deque[tuple[int, str]] = deque()

    def __iter__(self) -> Iterator[tuple[int, str]]:
        return self

    def __next__(self) -> tuple[int, str]:
        return self._returned.popleft() if self._returned else next(self._lines)

    def put_back(self, lines: Sequence[tuple[int, str]]) -> None:
        self._returned.extendleft(reversed(lines))


def sniff(head: str, options: Options = NOTHING_TOLD) -> bool:
    """Say whether there is a header that names a column of values, and a row like it.

    Or whether the columns that were told are there.
    """
    lines = _Numbered(data_lines(head, ()))
    try:
        layout = _find_layout(lines, options)
    except Malformed:
        return False
    row = next((line for _, line in lines if not line.startswith(_COMMENT)), None)
    cells = None if row is None else _cut(row, layout.delimiter)
    return layout.width == 1 or cells is None or len(cells) > 1


def explain_header(head: str) -> str | None:
    """Return what is wrong with a table whose header names columns but none of values, or None."""
    lines = data_lines(head, _COMMENT)
    delimiter, names = _cut_header(lines[0], Options()) if lines else ("", [])
    cells = _cut(lines[1], delimiter) if len(lines) > 1 else None
    is_table = cells is not None and len(cells) == len(names) > 1
    if not is_table or not any(is_known(name, Options()) for name in names):
        return None
    if len(resolve(names, Options()).bank) > 1:
        return "a register of banks: its columns name banks and no account"
    return (
        "a table of which no column is known to hold phones, accounts or links; if one does, "
        "tell it (--column value=…)"
    )


def parse(lines: Iterable[str], options: Options) -> Iterator[Row]:
    """Yield the rows of a table; raises ``Malformed`` if no column of values can be found."""
    numbered = _Numbered(lines)
    layout = _find_layout(numbered, options)
    if layout.columns.people:
        yield Personal()
    for number, line in numbered:
        if not line or line.isspace():
            continue
        if line.startswith(_COMMENT):
            if layout.width > 1 and _is_row(layout, line):
                yield Skipped(line=number, reason="commented_row")
            continue
        cells = _cut(line, layout.delimiter)
        if cells is None:
            cells = _cut_over_lines(numbered, line, layout)
        if cells is None:
            yield _reject_whole(layout, number, "broken_quotes", line)
        else:
            yield from _read_row(layout, number, cells)


def _read_row(layout: _Layout, number: int, cells: list[str]) -> Iterator[Row]:
    surplus = cells[layout.width :]
    if surplus and not all(is_nothing(cell.strip()) for cell in surplus):
        yield _reject_whole(layout, number, "too_many_columns", layout.delimiter.join(cells))
    else:
        yield from read_cells(layout.columns, number, cells)


def _reject_whole(layout: _Layout, number: int, reason: str, line: str) -> Rejected:
    """Reject a row of which it is not known what stands where, hence nor where a name stands."""
    return reject(number, reason, _NOT_SHOWN if layout.columns.people else line)


def _find_layout(lines: _Numbered, options: Options) -> _Layout:
    """Read up to the header, and say how to read what follows it.

    A header that is no comment counts before one that is.
    """
    commented = None
    for number, line in lines:
        if not line or line.isspace():
            continue
        if line.startswith(_COMMENT):
            commented = _read_commented_header(line, options) or commented
            continue
        if commented is None and not options.columns and _take_titles(lines, line):
            continue
        if commented is None or _is_plainly_header(line):
            layout, is_header = _read_header(line, options)
        else:
            layout, is_header = commented, False
        if not is_header:
            lines.put_back([(number, line)])
        return _require_values(layout)
    return _require_values(commented)


def _take_titles(lines: _Numbered, line: str) -> bool:
    """Say whether a line is a title above the header, as sheets have that were saved as CSV.

    It is one if it names no values, and a header of several names stands not far below it.
    """
    if _is_plainly_header(line):
        return False
    following = list(islice(lines, _MOST_TITLES))
    lines.put_back(following)
    return any(_has_two_names(text) and _is_plainly_header(text) for _, text in following)


def _has_two_names(line: str) -> bool:
    _, names = _cut_header(line, Options())
    return sum(is_known(name, Options()) for name in names) > 1


def _read_header(line: str, options: Options) -> tuple[_Layout, bool]:
    """Return the layout of a table's first line, and whether that is a header.

    It is one, unless the value's column was told by number and holds an identifier there.
    """
    delimiter, names = _cut_header(line, options)
    columns = resolve(names, options, numbered=True)
    layout = _Layout(delimiter=delimiter, width=len(names), columns=columns)
    told = [names[at] for at, _ in columns.values] if "value" in options.columns else []
    is_data = any(_IDENTIFIER.search(name) and not is_known(name, options) for name in told)
    return layout, not is_data


def _read_commented_header(line: str, options: Options) -> _Layout | None:
    """Return the layout of a comment that is a header of several columns; None if it is none."""
    try:
        layout, is_header = _read_header(line[len(_COMMENT) :], options)
    except Malformed:  # a told column is not in it
        return None
    return layout if is_header and layout.width > 1 and layout.columns.values else None


def _is_plainly_header(line: str) -> bool:
    """Say whether a line names columns of values, and nothing in it looks like an identifier.

    A row may hold such a name, too: the type of what it lists.
    """
    _, names = _cut_header(line, Options())
    is_row = any(_IDENTIFIER.search(name) and not is_known(name, Options()) for name in names)
    return not is_row and bool(resolve(names, Options()).values)


def _cut_header(line: str, options: Options) -> tuple[str, list[str]]:
    """Return the delimiter that shows the most known names, else the most cells; and the cells.

    Of equals it is the first, so that a header of one cell makes a table of one column.
    """
    cuts = {delimiter: _cut(line, delimiter) or [] for delimiter in _DIALECTS}

    def rank(delimiter: str) -> tuple[int, int]:
        names = cuts[delimiter]
        return sum(is_known(name, options) for name in names), len(names)

    best = max(cuts, key=rank)
    return best, [name.strip() for name in cuts[best]]


def _require_values(layout: _Layout | None) -> _Layout:
    if layout is None or not layout.columns.values:
        raise Malformed(
            "no column of the header is known to hold phones, accounts or links", flaw="no_column"
        )
    return layout


def _is_row(layout: _Layout, line: str) -> bool:
    cells = _cut(line, layout.delimiter)
    return cells is not None and len(cells) == layout.width


def _cut(line: str, delimiter: str) -> list[str] | None:
    """Return the cells of one row; None if its quotes are broken or still open."""
    if '"' not in line:
        return line.split(delimiter)
    try:
        return next(csv.reader((line,), _DIALECTS[delimiter]))
    except csv.Error:
        return None


def _cut_over_lines(lines: _Numbered, line: str, layout: _Layout) -> list[str] | None:
    """Return the cells of a row whose quotes close on a later line; None if they do not.

    What was read in vain is put back.
    """
    taken: list[tuple[int, str]] = []
    text = line
    for following in islice(lines, _LONGEST_ROW_LINES - 1):
        taken.append(following)
        text += "\n" + following[1]
        cells = _cut(text, layout.delimiter) if '"' in following[1] else None
        if cells is not None and len(cells) == layout.width and _holds_on_one_line(layout, cells):
            return cells
    lines.put_back(taken)
    return None


def _holds_on_one_line(layout: _Layout, cells: list[str]) -> bool:
    """Say whether no identifier runs over lines: one that does has swallowed the next row's."""
    columns = layout.columns
    return not any("\n" in cells[at] for at, _ in columns.values + columns.otherwise)

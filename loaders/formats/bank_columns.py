"""Tables of one column a bank, whose header cells are names of banks; as text with a delimiter.

Scam lists are passed round so: ``Vietcombank;MB Bank;ACB`` and numbers below. The same tables in
sheets and letters are read by ``sheet``, with :func:`find_banks`.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence

from blacklist.errors import InvalidIdentifier, Malformed
from blacklist.identifiers.banks import find_bank
from blacklist.model import Kind
from loaders.formats.base import Options, Record, Row, Skipped, reject
from loaders.formats.cells import is_nothing, split_numbers
from loaders.formats.head import data_lines
from loaders.formats.words import fold

NAME = "bank_columns"

_DELIMITERS = (",", ";", "\t", "|")
_COMMENT = "#"
_COUNTERS = frozenset({"stt", "tt", "sott", "sothutu", "no", "so", "index", ""})
_FEWEST_COLUMNS = 2


def find_banks(names: Sequence[str]) -> dict[int, str]:
    """Return the columns whose names are banks, if all are but one that counts the rows."""
    filled = {at: name for at, name in enumerate(names) if fold(name) not in _COUNTERS}
    banks = {at: name for at, name in filled.items() if _is_bank(name)}
    whole = len(banks) == len(filled)
    return banks if whole and (len(banks) >= _FEWEST_COLUMNS or len(filled) == len(names)) else {}


def sniff(head: str) -> bool:
    """Say whether the first line names two banks or more, and nothing else."""
    lines = data_lines(head, _COMMENT)
    return bool(lines) and _find_delimiter(lines[0]) is not None


def parse(lines: Iterable[str], options: Options) -> Iterator[Row]:  # noqa: ARG001 - one protocol
    """Yield a row for every filled cell; raises ``Malformed`` if the header names no banks."""
    numbered = ((number, line) for number, line in enumerate(lines, 1) if _is_data(line))
    first = next(numbered, None)
    delimiter = _find_delimiter(first[1]) if first else None
    if first is None or delimiter is None:
        raise Malformed("the header does not name two banks or more and nothing else")
    names = _cut(first[1], delimiter)
    banks = find_banks(names)
    for number, line in numbered:
        cells = _cut(line, delimiter)
        if len(cells) > len(names):
            yield reject(number, "too_many_columns", line)
        else:
            yield from _read_row(banks, number, cells)


def _read_row(banks: dict[int, str], number: int, cells: Sequence[str]) -> Iterator[Row]:
    filled = {at: cells[at] for at in banks if at < len(cells) and not is_nothing(cells[at])}
    if not filled:
        yield Skipped(line=number, reason="no_value")
    for at, cell in filled.items():
        for value in split_numbers(cell) or (" ".join(cell.split()),):
            yield Record(line=number, value=value, kind=Kind.ACCOUNT, bank=banks[at])


def _find_delimiter(header: str) -> str | None:
    """Return the delimiter that parts two names of banks or more, and nothing else."""
    cuts = ((delimiter, _cut(header, delimiter)) for delimiter in _DELIMITERS)
    return next((mark for mark, names in cuts if len(find_banks(names)) >= _FEWEST_COLUMNS), None)


def _cut(line: str, delimiter: str) -> list[str]:
    try:
        cells = next(csv.reader((line,), delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        cells = line.split(delimiter)
    return [cell.strip() for cell in cells]


def _is_data(line: str) -> bool:
    return bool(line.strip()) and not line.startswith(_COMMENT)


def _is_bank(name: str) -> bool:
    if name.isdecimal():
        return False
    try:
        find_bank(name)
    except InvalidIdentifier as exc:
        return exc.reason == "ambiguous_bank"
    return True

"""One row of a table, CSV's, a sheet's or JSON's, to the identifiers it carries.

Texts are stripped; the words with which exporters write "nothing" (``None``, ``NULL``, ``N/A``)
are nothing.
"""

import re
from collections.abc import Container, Iterator, Sequence

import msgspec

from blacklist.model import Category, Kind
from loaders.formats.base import Record, Row, Skipped, Withdrawn, reject
from loaders.formats.columns import Columns
from loaders.formats.dates import parse_date
from loaders.formats.phone_ranges import SHORTEST_RANGE, split_range
from loaders.formats.suspicions import CODES, WITHDRAWN, read_code
from loaders.formats.words import OTHER_TYPES, find_category, find_kind, fold

_NOTHING = frozenset({"", "-", "--", "none", "null", "nan", "nil", "n/a", "#n/a", "na", "\\n"})
_LONGEST_NOTHING = max(map(len, _NOTHING))
_NOT_SUSPECTED = frozenset({"0", "false", "no", "không"})
_ROUNDED = re.compile(r"[+-]?[0-9]{1,20}(?:[.,][0-9]{0,20})?[Ee]\+[0-9]{1,3}")
"""A number as spreadsheets show a long one: ``9.70436E+12``. Its last digits are lost."""

_MAY_BE_PHONES = (None, Kind.PHONE)
_NUMBERS = (Kind.PHONE, Kind.ACCOUNT)
_BETWEEN_NUMBERS = re.compile(r"[;,/|\n]")
_WHOLE_NUMBER = re.compile(r"\+?[0-9](?:[ .()-]{0,3}[0-9]){7,18}")
"""A number of at least eight digits: ``970436/0000000000001`` is a bank and an account."""

_COUNT = re.compile(r"[0-9]{1,9}|[0-9]{1,3}(?:[.,][0-9]{3}){1,2}")


class _Said(msgspec.Struct, frozen=True, gc=False):
    """What a row says of all its identifiers. ``refused`` is why none of them can be listed."""

    type_word: str
    bank: str | None
    category: Category | None
    since: int | None
    expires: int | None
    last_seen: int | None
    reports: int | None
    reference: str | None
    note: str | None
    withdrawn: bool = False
    refused: str | None = None


def read_cells(columns: Columns, line: int, cells: Sequence[str]) -> Iterator[Row]:
    """Yield a row for every identifier in the cells, or one that says why there is none."""
    values = _find_values(columns, cells)
    if not values:
        yield _explain_nothing(columns, line, cells)
        return
    if columns.suspected and _first(columns.suspected, cells).lower() in _NOT_SUSPECTED:
        yield from (Skipped(line=line, reason="not_suspected") for _ in values)
        return
    said = _read_what_is_said(columns, cells, values)
    for text, named_kind in values.items():
        if named_kind is None and said.type_word and fold(said.type_word) in OTHER_TYPES:
            yield Skipped(line=line, reason="other_type")
            continue
        kind = named_kind or _find_kind(columns, said.type_word, said.bank)
        value = _first_part(text) if named_kind is None and "|" in said.type_word else text
        if kind is not Kind.LINK and _is_rounded(value):
            yield reject(line, "number_cell", value)
        elif said.refused is not None:
            yield reject(line, said.refused, "")
        elif said.withdrawn:
            bank = said.bank if kind is Kind.ACCOUNT else None
            yield Withdrawn(line=line, value=value, kind=kind, bank=bank)
        elif len(value) < SHORTEST_RANGE or kind not in _MAY_BE_PHONES:
            yield _make_record(line, value, kind, said)
        else:
            parts = split_range(value) or (value,)
            yield from (_make_record(line, part, kind, said) for part in parts)


def _first_part(text: str) -> str:
    """Return what is meant of a composite, MISP's ``domain|ip``: the first."""
    return text.partition("|")[0].strip() or text


def _make_record(line: int, value: str, kind: Kind | None, said: _Said) -> Record:
    return Record(
        line,
        value,
        kind,
        said.bank if kind is Kind.ACCOUNT else None,
        said.category,
        said.since,
        said.reference,
        said.note,
        said.expires,
        said.last_seen,
        said.reports,
    )


def _read_what_is_said(columns: Columns, cells: Sequence[str], values: Container[str]) -> _Said:
    # Asked only for the columns there are: a call for each of the others took a third of the time.
    type_word = _first(columns.kind, cells) if columns.kind else ""
    category = find_category(_first(columns.category, cells)) if columns.category else None
    reference = _first(columns.reference, cells) if columns.reference else ""
    reports = _find_reports(_first(columns.reports, cells)) if columns.reports else None
    said = _Said(
        type_word,
        (_first(columns.bank, cells) or None) if columns.bank else None,
        category or (find_category(type_word) if type_word else None),
        parse_date(_first(columns.since, cells)) if columns.since else None,
        parse_date(_first(columns.expires, cells)) if columns.expires else None,
        parse_date(_first(columns.last_seen, cells)) if columns.last_seen else None,
        reports or None,
        reference if reference and reference not in values else None,
        (_first(columns.note, cells) or None) if columns.note else None,
        reports == 0 or bool(columns.withdrawn and _first(columns.withdrawn, cells)),
    )
    return _add_suspicion(said, _first(columns.suspicion, cells)) if columns.suspicion else said


def _add_suspicion(said: _Said, text: str) -> _Said:
    """Return what a row says, with what SIMO's code says of it in place of a free remark."""
    code = read_code(text)
    if code is None:
        return msgspec.structs.replace(said, refused="suspicion_not_told")
    if code == WITHDRAWN:
        return msgspec.structs.replace(said, withdrawn=True)
    suspicion = CODES[code]
    return msgspec.structs.replace(
        said, note=suspicion.note, category=said.category or suspicion.category
    )


def _is_rounded(value: str) -> bool:
    return ("E+" in value or "e+" in value) and _ROUNDED.fullmatch(value) is not None


def _find_reports(text: str) -> int | None:
    """Return a count of reports; None for a text that is none."""
    return int(text.replace(",", "").replace(".", "")) if _COUNT.fullmatch(text) else None


def is_nothing(text: str) -> bool:
    """Say whether a stripped cell is blank or a word that exporters write for nothing."""
    return len(text) <= _LONGEST_NOTHING and text.lower() in _NOTHING


def _find_values(columns: Columns, cells: Sequence[str]) -> dict[str, Kind | None]:
    """Return the identifiers in a row, each text once, with the kinds of their columns."""
    found: dict[str, Kind | None] = {}
    for at, kind in columns.values:
        text = cells[at].strip() if at < len(cells) else ""
        if len(text) <= _LONGEST_NOTHING and text.lower() in _NOTHING:
            continue
        parts = split_numbers(text) if len(text) >= SHORTEST_RANGE and kind in _NUMBERS else None
        for part in parts or (_unescape(text),):
            found.setdefault(part, kind)
    if not found and columns.otherwise:
        return _find_values(Columns(values=columns.otherwise), cells)
    return found


def split_numbers(text: str) -> list[str] | None:
    """Return the numbers of a cell that holds several and nothing else; None for another cell."""
    parts = [part.strip() for part in _BETWEEN_NUMBERS.split(text)]
    return parts if len(parts) > 1 and all(map(_WHOLE_NUMBER.fullmatch, parts)) else None


def _unescape(text: str) -> str:
    """Undo the one HTML escape that PhishTank's CSV writes into its addresses."""
    return text.replace("&amp;", "&") if "&amp;" in text and "://" in text else text


def _explain_nothing(columns: Columns, line: int, cells: Sequence[str]) -> Row:
    if all(at < len(cells) for at, _ in columns.values + columns.otherwise):
        return Skipped(line=line, reason="no_value")
    shown = (cell for at, cell in enumerate(cells) if at not in columns.people)
    return reject(line, "too_few_columns", ",".join(shown))


def _first(positions: Sequence[int], cells: Sequence[str]) -> str:
    """Return the first cell of the positions that says something, stripped; or nothing."""
    for at in positions:
        text = cells[at].strip() if at < len(cells) else ""
        if len(text) > _LONGEST_NOTHING or text.lower() not in _NOTHING:
            return text
    return ""


def _find_kind(columns: Columns, type_word: str, bank: str | None) -> Kind | None:
    """Return the kind of a value whose column does not say it.

    Its type's, or the one the user told; and what has a bank is an account.
    """
    typed = find_kind(type_word) if type_word else None
    return typed or columns.told_kind or (Kind.ACCOUNT if bank else None)

"""One row of a table, CSV's or JSON's, to the identifiers it carries.

Texts are stripped; the words with which exporters write "nothing" (``None``, ``NULL``, ``N/A``)
are nothing.
"""

from collections.abc import Iterator, Sequence

from blacklist.model import Category, Kind
from loaders.formats.base import Record, Row, Skipped, reject
from loaders.formats.columns import Columns
from loaders.formats.dates import parse_date
from loaders.formats.words import OTHER_TYPES, find_category, find_kind, fold

_NOTHING = frozenset({"", "-", "--", "none", "null", "nan", "nil", "n/a", "#n/a", "na", "\\n"})
_NOT_SUSPECTED = frozenset({"0", "false", "no", "không"})


def read_cells(columns: Columns, line: int, cells: Sequence[str]) -> Iterator[Row]:
    """Yield a row for every identifier in the cells, or one that says why there is none."""
    values = _find_values(columns, cells)
    if not values:
        yield _explain_nothing(columns, line, cells)
        return
    if _first(columns.suspected, cells).lower() in _NOT_SUSPECTED:
        yield from (Skipped(line=line, reason="not_suspected") for _ in values)
        return
    type_word = _first(columns.kind, cells)
    category = _find_category(columns, cells, type_word)
    since = _find_date(columns.since, cells)
    expires = _find_date(columns.expires, cells)
    reference = _first(columns.reference, cells)
    note = _first(columns.note, cells) or None
    bank = _first(columns.bank, cells) or None
    for value, named_kind in values.items():
        if named_kind is None and type_word and fold(type_word) in OTHER_TYPES:
            yield Skipped(line=line, reason="other_type")
            continue
        kind = named_kind or _find_kind(columns, type_word, bank)
        yield Record(
            line=line,
            value=value,
            kind=kind,
            bank=bank if kind is Kind.ACCOUNT else None,
            category=category,
            since=since,
            reference=reference if reference and reference not in values else None,
            note=note,
            expires=expires,
        )


def is_nothing(text: str) -> bool:
    """Say whether a stripped cell is blank or a word that exporters write for nothing."""
    return len(text) <= 4 and text.lower() in _NOTHING  # noqa: PLR2004 - the longest of them


def _find_values(columns: Columns, cells: Sequence[str]) -> dict[str, Kind | None]:
    """Return the identifiers in a row, each text once, with the kinds of their columns."""
    found: dict[str, Kind | None] = {}
    for at, kind in columns.values:
        text = cells[at].strip() if at < len(cells) else ""
        if not is_nothing(text):
            found.setdefault(_unescape(text), kind)
    if not found and columns.otherwise:
        return _find_values(Columns(values=columns.otherwise), cells)
    return found


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
        if not is_nothing(text):
            return text
    return ""


def _find_date(positions: Sequence[int], cells: Sequence[str]) -> int | None:
    text = _first(positions, cells)
    return parse_date(text) if text else None


def _find_category(columns: Columns, cells: Sequence[str], type_word: str) -> Category | None:
    """Return the category of its column; a type column may hold one, too."""
    word = _first(columns.category, cells)
    category = find_category(word) if word else None
    return category or (find_category(type_word) if type_word else None)


def _find_kind(columns: Columns, type_word: str, bank: str | None) -> Kind | None:
    """Return the kind of a value whose column does not say it.

    Its type's, or the one the user told; and what has a bank is an account.
    """
    typed = find_kind(type_word) if type_word else None
    return typed or columns.told_kind or (Kind.ACCOUNT if bank else None)

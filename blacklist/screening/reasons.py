"""The words with which a table is refused, or one of its rows is not asked.

``docs/reasons.md`` repeats them and a test holds the two equal; the words on values are those of
``identifiers/reasons.py``, the words on items those of ``items.py``.
"""

from typing import Final

from blacklist.errors import BadTable
from blacklist.model import ItemError

REASONS: Final[dict[str, str]] = {
    "empty_table": "The table is empty.",
    "not_utf8": "The table is not text in UTF-8.",
    "bad_header": "The first row has broken quotes or line ends, or is longer than 65,536 bytes.",
    "no_value_column": "No column is known to hold phones, accounts or links; name it.",
    "ambiguous_column": "Several columns may be meant; name one, or tell its number.",
    "unknown_column": "A column that was named is not in the table.",
    "no_columns": "Columns can be named for CSV only; in NDJSON each line is an item.",
    "broken_row": "The quotes or line ends of the row are broken, so its cells are not known.",
    "too_many_columns": "The row is longer than the first, so which cell is which is not known.",
    "line_too_long": "The line is longer than 65,536 bytes and was left out.",
}
"""Those before ``broken_row`` refuse the whole table, the others are errors of one row."""


def refusal(reason: str) -> BadTable:
    """The exception to raise for a table that cannot be screened."""
    return BadTable(reason, REASONS[reason])


def row_error(reason: str) -> ItemError:
    """Why one row was not asked."""
    return ItemError(reason, REASONS[reason])

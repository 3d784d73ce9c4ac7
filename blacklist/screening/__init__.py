"""A whole table: rows in, the same rows with their verdicts out, in order and in bounded memory.

    lines ──form──▶ rows ──batch──▶ lookup.check_many ──form──▶ rows and verdicts

Called by the web (a stream in and out) and the command line (a file). It decides nothing about a
row that ``lookup`` would not: its verdict is what ``/v1/check`` answers for it. A row that cannot
be understood has an error and keeps its cells; a row that could not be looked up is
``unavailable``. At no time are more than :data:`BATCH_ROWS` rows held.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from blacklist.lookup import Answers, Ask
from blacklist.model import Outcome, Verdict
from blacklist.screening.form import Form, Row, Told
from blacklist.screening.lines import Lines
from blacklist.screening.objects import Objects
from blacklist.screening.table import Table

__all__ = ["BATCH_ROWS", "FORMATS", "Form", "Lines", "Piece", "Told", "begin", "screen"]

BATCH_ROWS: Final = 1_000
BATCH_BYTES: Final = 1 << 20
"""A batch ends with its rows, or with so many bytes of them."""

_AWAY: Final = "store_unavailable"

FORMATS: Final = ("csv", "ndjson")


class Piece(msgspec.Struct):
    """A piece of the output, and how far in the input its rows reach, in bytes.

    ``outcomes`` counts its rows by verdict; None are those with an error. ``is_store_away`` says
    that the store did not answer about a row.
    """

    data: bytes
    end: int
    outcomes: Counter[Outcome | None]
    is_store_away: bool


def begin(format_: str, lines: Lines, told: Told) -> Form:
    """Read what stands before the rows. Raises BadTable with a word of ``screening/reasons.py``."""
    return Table(lines, told) if format_ == "csv" else Objects(told)


def screen(lookup: Answers, form: Form, lines: Lines) -> Iterator[Piece]:
    """Ask about every row; the pieces, behind ``form.head``, are the whole output."""
    for rows in _batches(form.rows(lines)):
        verdicts = _check(lookup, rows)
        written = map(form.write, rows, verdicts)
        told = [one for one in verdicts if one is not None]
        yield Piece(
            b"".join(written),
            rows[-1].end,
            outcomes=Counter(one.verdict for one in told),
            is_store_away=any(_AWAY in one.notes for one in told),
        )


def _check(lookup: Answers, rows: list[Row]) -> list[Verdict | None]:
    """One verdict a row, in order; None where a row asks nothing."""
    asks = [row.asked for row in rows if isinstance(row.asked, Ask)]
    told = iter(lookup.check_many(asks))
    return [next(told) if isinstance(row.asked, Ask) else row.asked for row in rows]


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    begun: int | None = None
    for row in rows:
        batch.append(row)
        begun = row.end if begun is None else begun
        if len(batch) >= BATCH_ROWS or row.end - begun >= BATCH_BYTES:
            yield batch
            batch, begun = [], None
    if batch:
        yield batch

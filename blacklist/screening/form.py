"""What every form of a table offers: its rows, and each row with its verdict.

To be told which column is which, and how a form and :func:`~blacklist.screening.screen` speak.
"""

from collections.abc import Iterator, Mapping
from typing import Protocol

import msgspec

from blacklist.lookup import Ask
from blacklist.model import ItemError, Kind, Verdict
from blacklist.screening.lines import Lines


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What the caller tells of a table.

    ``columns`` are names, or numbers from 1, by field (``value``, ``bank``, ``kind``). ``kind`` and
    ``bank`` hold for rows that do not tell theirs; ``region`` is where phone numbers are dialled.
    ``has_actions``: the verdicts say what the caller is to do, and the rows are to say it, too.
    """

    columns: Mapping[str, str] = {}
    kind: Kind | None = None
    bank: str | None = None
    region: str = "VN"
    has_actions: bool = False


class Row(msgspec.Struct, gc=False):
    """One row: what it asks, or the result it has already; None where there is nothing to ask.

    ``kept`` is what stands in front of the verdict's columns, ``end`` where the row ends in the
    input, in bytes.
    """

    asked: Ask | Verdict | None
    kept: str
    end: int


class Form(Protocol):
    """A table whose first row, if it names columns, has been read."""

    head: bytes
    """What the output begins with."""

    end: int
    """Where in the input the rows begin, in bytes."""

    def rows(self, lines: Lines) -> Iterator[Row]:
        """Every row of the lines that follow, in order."""

    def write(self, row: Row, verdict: Verdict | None) -> bytes:
        """One row of the output."""

    def tail(self, error: ItemError) -> bytes:
        """The last row of an output that is incomplete: its ``error`` says why."""

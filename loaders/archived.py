"""What the archive of loads holds of one identifier, and how it is taken out of it.

Rows of a generation are read again as they were when it was loaded. Rejected rows were never
understood: of those it is told which hold its digits, or its host.
"""

import re
from collections.abc import Collection, Iterator
from typing import Final

import msgspec

from blacklist.errors import FeedError, InvalidIdentifier
from blacklist.model import Identifier, Kind, Trust
from loaders.archive import Archive, Kept
from loaders.formats import Record, Rejected, Row
from loaders.formats.base import Withdrawn
from loaders.rows import read_rows
from loaders.staging import identify

_TELLING_DIGITS: Final = 8
"""The last digits of a number, which every way to write it has."""


class Archived(msgspec.Struct, frozen=True):
    """A row of a generation: ``line`` as the feed counts; ``what`` is listed, withdrawn, rejected.

    A row that the guard held back is told twice: as the feed has it, and as it was rejected.
    A generation that cannot be read any more is told as ``unreadable``: it may hold it.
    """

    identifier: Identifier | None
    source: str
    generation: str
    time: int
    state: str
    what: str
    trust: Trust
    line: int = 0


def find(archive: Archive, names: Collection[Identifier]) -> Iterator[Archived]:
    """Yield every row of every generation that names one of these, the newest first."""
    for source in archive.sources():
        for kept in archive.generations(source):
            yield from _find_in(archive, kept, names)


def leave_out(archive: Archive, source: str, identifier: Identifier) -> int:
    """Take the rows that list just this out of the generations of a source; how many it were.

    Raises FeedError where a generation cannot be read or written.
    """
    count = 0
    for kept in archive.generations(source):
        found = list(_rows_of(archive, kept, {identifier}, first_only=True))
        if found:
            count += len(found)
            lines = {(row.what, row.line) for row in found}
            archive.leave_out(
                kept,
                (
                    row
                    for row in _read(archive, kept)
                    if isinstance(row, Record) and ("listed", row.line) not in lines
                ),
                (row for row in archive.find_rejected(kept) if ("rejected", row.line) not in lines),
            )
    return count


def _find_in(archive: Archive, kept: Kept, names: Collection[Identifier]) -> Iterator[Archived]:
    try:
        yield from _rows_of(archive, kept, names)
    except FeedError:
        source = kept.plan.source
        told = source.name, kept.folder, kept.time, kept.state
        yield Archived(None, *told, "unreadable", source.trust)


def _rows_of(
    archive: Archive, kept: Kept, names: Collection[Identifier], *, first_only: bool = False
) -> Iterator[Archived]:
    """Yield the rows that name one of these; ``first_only``: none that only brings it along."""

    def told(identifier: Identifier, what: str, line: int) -> Archived:
        source = kept.plan.source
        place = source.name, kept.folder, kept.time, kept.state
        return Archived(identifier, *place, what, source.trust, line)

    for row in _read(archive, kept):
        if isinstance(row, Record | Withdrawn):
            listed = _named(row, kept)[: 1 if first_only else None]
            named = next((one for one in listed if one in names), None)
            if named is not None:
                what = "listed" if isinstance(row, Record) else "withdrawn"
                yield told(named, what, row.line)
    for rejected in archive.find_rejected(kept):
        held = next((one for one in names if _holds(rejected, one)), None)
        if held is not None:
            yield told(held, "rejected", rejected.line)


def _read(archive: Archive, kept: Kept) -> Iterator[Row]:
    if archive.has_records(kept):
        yield from archive.records(kept)
    else:
        plan = kept.plan
        chunks = archive.chunks(kept)
        yield from read_rows(chunks, format=plan.format, options=plan.options).rows


def _named(row: Record | Withdrawn, kept: Kept) -> tuple[Identifier, ...]:
    try:
        return identify(row, kept.plan)
    except InvalidIdentifier:
        return ()


def _holds(row: Rejected, identifier: Identifier) -> bool:
    if identifier.kind is Kind.LINK:
        return identifier.value in row.text.lower()
    digits = re.sub(r"\D", "", identifier.value.partition("/")[2] or identifier.value)
    return digits[-_TELLING_DIGITS:] in re.sub(r"\D", "", row.text)

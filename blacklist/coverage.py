"""What stands behind an answer: how many lists of a kind, how large, how old; pure."""

from collections.abc import Iterable

from blacklist.model import Coverage, Kind
from blacklist.store.sources import SourceRecord, SourceTable

OVERDUE_TURNS = 2
"""A list is overdue when it missed a whole turn: one that is a little late is not."""


def coverage_of(table: SourceTable, kind: Kind, now: int) -> Coverage:
    """How many lists of a kind there are, their entries, and the age of the oldest in seconds."""
    records = [record for record in table.by_code.values() if record.entries.get(kind)]
    ages = [now - record.loaded for record in records if record.loaded is not None]
    return Coverage(
        sources=len(records),
        entries=sum(record.entries[kind] for record in records),
        oldest_s=max(0, *ages) if ages else None,
    )


def list_notes(table: SourceTable, kinds: Iterable[Kind], now: int) -> list[str]:
    """``no_lists``: a kind has nothing but the sample; ``lists_stale``: a list is overdue."""
    notes = []
    for kind in kinds:
        records = [
            record
            for record in table.by_code.values()
            if record.entries.get(kind) and not record.source.sample
        ]
        if not records:
            notes.append("no_lists")
        if any(_is_overdue(record, now) for record in records):
            notes.append("lists_stale")
    return notes


def _is_overdue(record: SourceRecord, now: int) -> bool:
    every = record.source.refresh_seconds
    if every is None:
        return False
    return record.loaded is None or now - record.loaded > every * OVERDUE_TURNS

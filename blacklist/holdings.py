"""What the entries of the sets mean: listings, clearances, official entries, pointers; pure.

Called by ``lookup.py`` between the store's answer and the judgement.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from blacklist.identifiers.pointers import pointed_to
from blacklist.model import (
    Clearance,
    Holdings,
    Identifier,
    Listing,
    Official,
    Question,
    Reading,
)
from blacklist.store.listings import Entry
from blacklist.store.sources import CLEARANCE, OFFICIAL, SourceRecord, SourceTable

DAY_SECONDS = 86_400


def holdings_of(identifier: Identifier, entries: Iterable[Entry], table: SourceTable) -> Holdings:
    """What the entries of one identifier mean."""
    known, clearance, official = [], None, None
    for entry in entries:
        if entry.code == CLEARANCE:
            reason = entry.detail.note or ""
            clearance = Clearance(identifier, entry.since, reason, entry.detail.expires)
        elif entry.code == OFFICIAL:
            official = Official(identifier, entry.since, entry.detail.note or "")
        elif not _only_points(entry):
            known.append(_listing(identifier, entry, table.by_code[entry.code]))
    return Holdings(tuple(known), clearance, official)


def _only_points(entry: Entry) -> bool:
    """Whether a bare account number stands there only because of a bank's account."""
    return bool(entry.detail.banks) and "" not in entry.detail.banks


def _listing(identifier: Identifier, entry: Entry, record: SourceRecord) -> Listing:
    detail, source = entry.detail, record.source
    ends = [] if detail.expires is None else [detail.expires]
    if source.days is not None:
        seen = max(entry.since, detail.seen or 0, record.whole or 0)
        ends.append(seen + source.days * DAY_SECONDS)
    return Listing(
        identifier,
        source,
        entry.since,
        detail.category or source.category,
        detail.reference,
        detail.note,
        min(ends, default=None),
    )


def with_pointers(question: Question, found: Mapping[Identifier, Sequence[Entry]]) -> Question:
    """The question with the places added that entries only point to."""
    return Question(
        tuple(_widened(reading, found) for reading in question.readings),
        tuple(_widened(reading, found) for reading in question.related),
    )


def _widened(reading: Reading, found: Mapping[Identifier, Sequence[Entry]]) -> Reading:
    more = [
        place
        for candidate in reading.candidates
        for entry in found.get(candidate.identifier, ())
        for place in pointed_to(reading, candidate, entry.detail.banks)
    ]
    if not more:
        return reading
    return msgspec.structs.replace(
        reading, candidates=tuple(dict.fromkeys((*reading.candidates, *more)))
    )

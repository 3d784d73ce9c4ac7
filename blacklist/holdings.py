"""What the entries of the sets mean: listings, clearances, official entries, pointers; pure.

Called by ``lookup.py`` between the store's answer and the judgement.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from blacklist.identifiers.pointers import pointed_to
from blacklist.model import (
    Clearance,
    Flag,
    Holdings,
    Identifier,
    Kind,
    Listing,
    Official,
    Question,
    Reading,
    Source,
)
from blacklist.store.listings import Entry
from blacklist.store.sources import (
    CLEARANCE,
    DISPUTED,
    OFFICIAL,
    PENDING,
    SourceRecord,
    SourceTable,
)

DAY_SECONDS = 86_400
_FLAGS = frozenset({PENDING, DISPUTED})

PHONE_DAYS = 365
"""A number is given to a new owner in time: no listing of one outlives a year without renewal."""


def seconds_to_live(source: Source, kind: Kind) -> int | None:
    """How long an entry of a source lives after it was last seen; None for ever."""
    days = source.days
    if kind is Kind.PHONE:
        days = PHONE_DAYS if days is None else min(days, PHONE_DAYS)
    return None if days is None else days * DAY_SECONDS


def holdings_of(identifier: Identifier, entries: Iterable[Entry], table: SourceTable) -> Holdings:
    """What the entries of one identifier mean."""
    known, clearance, official = [], None, None
    flags: dict[int, Flag] = {}
    for entry in entries:
        if entry.code == CLEARANCE:
            reason = entry.detail.note or ""
            clearance = Clearance(identifier, entry.since, reason, entry.detail.expires)
        elif entry.code == OFFICIAL:
            official = Official(identifier, entry.since, entry.detail.note or "")
        elif entry.code in _FLAGS:
            flags[entry.code] = Flag(entry.since, entry.detail.expires)
        elif not _only_points(entry):
            known.append(_listing(identifier, entry, table.by_code[entry.code]))
    return Holdings(tuple(known), clearance, official, flags.get(PENDING), flags.get(DISPUTED))


def _only_points(entry: Entry) -> bool:
    """Whether a bare account number stands there only because of a bank's account."""
    return bool(entry.detail.banks) and "" not in entry.detail.banks


def _listing(identifier: Identifier, entry: Entry, record: SourceRecord) -> Listing:
    detail, source = entry.detail, record.source
    ends = [] if detail.expires is None else [detail.expires]
    seen = max(entry.since, detail.seen or 0, record.whole or 0)
    lives = seconds_to_live(source, identifier.kind)
    if lives is not None:
        ends.append(seen + lives)
    return Listing(
        identifier=identifier,
        source=source,
        since=entry.since,
        category=detail.category or source.category,
        reference=detail.reference,
        note=detail.note,
        expires=min(ends, default=None),
        last_seen=detail.last or seen,
        reports=detail.reports,
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

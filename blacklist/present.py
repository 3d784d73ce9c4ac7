"""What the sets hold at this moment of some identifiers: asked of the store, past every filter.

Called where an answer must not be older than the journal: by who tells changes, and by who compares
what arrived with watches. Both have read their rows before, so that the table of sources, which is
read here and is written before a source's first row, knows every source that they speak of.
Questions take the quicker way of ``lookup.py``.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from blacklist.errors import Unavailable
from blacklist.holdings import holdings_of, with_pointers
from blacklist.identifiers.number_ranges import every_range, with_ranges
from blacklist.identifiers.pointers import with_wallets
from blacklist.model import Candidate, Holdings, Identifier, Kind, Match, Question
from blacklist.store import Client, listings, meta, sources
from blacklist.store.listings import Entry
from blacklist.store.sources import SourceTable

_ASKED_AT_ONCE: Final = 500

_Entries = dict[Identifier, list[Entry]]


def read(client: Client, identifiers: Sequence[Identifier]) -> dict[Identifier, Holdings]:
    """What is held of each identifier; keys are all of them. Unavailable where it is not known."""
    found: dict[Identifier, Holdings] = {}
    for entries, table in _parts(client, identifiers):
        found |= {one: holdings_of(one, known, table) for one, known in entries.items()}
    return found


def places(client: Client, question: Question) -> dict[Identifier, Match]:
    """Everything that would flag a thing if it were listed, and how; raises as :func:`read`.

    Among it are all ranges that a number could lie in, and the banks that a bare number points to.
    """
    wide = with_wallets(with_ranges(question, every_range))
    bare = [one.identifier for by in wide.readings for one in by.candidates if _is_bare(one)]
    found: _Entries = {}
    for entries, _ in _parts(client, bare):
        found |= entries
    readings = with_pointers(wide, found).readings
    candidates = (one for reading in readings for one in reading.candidates)
    matches: dict[Identifier, Match] = {}
    for one in candidates:
        matches.setdefault(one.identifier, one.match)
    return matches


def _is_bare(candidate: Candidate) -> bool:
    return candidate.identifier.kind is Kind.ACCOUNT and "/" not in candidate.identifier.value


def _parts(
    client: Client, identifiers: Sequence[Identifier]
) -> Iterator[tuple[_Entries, SourceTable]]:
    info, table = meta.require(client), sources.read(client)
    for start in range(0, len(identifiers), _ASKED_AT_ONCE):
        asked, codes = identifiers[start : start + _ASKED_AT_ONCE], list(table.by_code)
        answer = listings.confirm(client, info, asked, codes, None)
        if answer.failed and (now := meta.require(client)) != info:
            # Resharded since: what was asked lay in shards that are no more.
            info = now
            answer = listings.confirm(client, info, asked, codes, None)
        if answer.failed or answer.silent:
            raise Unavailable("a part of the store does not answer, or was lost")
        yield answer.entries, table

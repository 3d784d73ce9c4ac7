"""What a letter would change, for a person to look at before it is applied.

What is new, who lists the rest already, and what is cleared: a clearance masks the letter's rows
until a person who was shown it says that it ends. Called by the command line; changes nothing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from blacklist import identifiers, letters, marks
from blacklist.errors import InvalidIdentifier, Unavailable
from blacklist.holdings import holdings_of
from blacklist.letter_names import reference
from blacklist.letters import Rows
from blacklist.model import Identifier, Kind, Match, Source, Trust
from blacklist.publish import Publisher
from blacklist.store import letters as register
from blacklist.store import listings, sources
from blacklist.store.letters import Letter
from blacklist.store.marks import Mark
from blacklist.store.tallies import day_of

_IDENTIFIERS_A_TRIP: Final = 2_000
_ABOVE: Final = frozenset({Match.EXACT, Match.PATH, Match.PARENT_DOMAIN})
"""Matches by which a clearance of one thing masks another (``verdict.py``)."""


class Cleared(msgspec.Struct, frozen=True):
    """A row of a letter that is masked, and by which clearance: its own, or that of a place above.

    ``may_be_lifted``: the letter is an authority's and dated after the clearance, which is the
    row's own.
    """

    identifier: Identifier
    clearance: Mark
    may_be_lifted: bool


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What applying a file would come to.

    ``changes`` counts the rows that the letter does not say yet; ``withdrawn`` those that were
    taken back from it before and stay so. ``new`` is what nobody lists, by kind; ``listed_by`` how
    many of the rows each source lists, by its name, and ``letters`` how many of them other letters
    of the authority in force do, by reference.
    """

    letter: Letter
    changes: int
    withdrawn: int
    new: dict[Kind, int]
    listed_by: dict[str, int]
    letters: dict[str, int]
    cleared: tuple[Cleared, ...]
    unfinished: bool


def foresee(
    publisher: Publisher, source: Source, letter: Letter, brought: Rows, *, again: bool
) -> Preview:
    """Return what applying the rows would come to. Raises Unavailable."""
    client = publisher.client
    known = register.read(client, letter.authority)
    rows = register.read_rows(client, letter.id)
    changes = letters.find_changes(rows, brought, again=again)
    others = [one for one in known if one != letter.id]
    shared = Counter(
        reference(known[name])
        for said in register.find_rows(client, others, brought).values()
        for name, row in said
        if row.withdrawn is None
    )
    by, new = _find_listed(publisher, list(brought))
    stay = [one for one in brought if one not in changes and _is_withdrawn(rows, one)]
    return Preview(
        letter=letter,
        changes=len(changes),
        withdrawn=len(stay),
        new=dict(new),
        listed_by=dict(by),
        letters=dict(shared),
        cleared=tuple(find_cleared(publisher, source, letter, brought)),
        unfinished=any(one.unfinished for one in known.values()),
    )


def find_cleared(
    publisher: Publisher, source: Source, letter: Letter, rows: Iterable[Identifier]
) -> Iterator[Cleared]:
    """Yield the rows that are masked, with the clearance of each."""
    standing = marks.clearances(publisher)
    for identifier in rows if standing else ():
        place = next((one for one in _places(identifier) if one in standing), None)
        if place is not None:
            clearance = standing[place]
            is_newer = letter.day > day_of(clearance.since)
            yield Cleared(
                identifier,
                clearance,
                place == identifier and source.trust is Trust.AUTHORITY and is_newer,
            )


def _places(identifier: Identifier) -> list[Identifier]:
    """Return a thing and, of a link, what it lies under: there a clearance masks it."""
    if identifier.kind is not Kind.LINK:
        return [identifier]
    try:
        (reading, *_) = identifiers.ask(identifier.value, kind=Kind.LINK).readings
    except InvalidIdentifier:
        return [identifier]
    above = [one.identifier for one in reading.candidates if one.match in _ABOVE]
    return list(dict.fromkeys((identifier, *above)))


def _is_withdrawn(rows: Rows, identifier: Identifier) -> bool:
    row = rows.get(identifier)
    return row is not None and row.withdrawn is not None


def _find_listed(
    publisher: Publisher, rows: Sequence[Identifier]
) -> tuple[Counter[str], Counter[Kind]]:
    """Count how many of the rows each source lists, and by kind those that none lists."""
    table, now = sources.read(publisher.client), publisher.now()
    by: Counter[str] = Counter()
    new: Counter[Kind] = Counter()
    for start in range(0, len(rows), _IDENTIFIERS_A_TRIP):
        part = rows[start : start + _IDENTIFIERS_A_TRIP]
        answer = listings.confirm(publisher.client, publisher.info, part, list(table.by_code), None)
        if answer.failed:
            raise Unavailable("a shard of the store was lost")
        for identifier in part:
            held = holdings_of(identifier, answer.entries[identifier], table)
            names = [
                one.source.name for one in held.listings if one.expires is None or one.expires > now
            ]
            by.update(names)
            new.update([] if names else [identifier.kind])
    return by, new

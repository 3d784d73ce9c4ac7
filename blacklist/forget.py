"""What is held of an identifier is removed, as far as the law allows; what stays is said, and why.

Removed are listings of the community and rows of its feeds that wait for a person. An authority's
letters and listings, and a partner's, are theirs to take back; clearances and decisions protect
whom they name. Every change goes the way of a load: sets, journal, barrier. Called by the command
line.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from blacklist.letter_entries import bare_number
from blacklist.model import Identifier, Kind, Trust
from blacklist.publish import Publisher
from blacklist.store import letters, reviews, sources
from blacklist.store.sources import SourceRecord
from blacklist.store.stage import Withdrawal

STAYS: Final = {
    "listings": "an authority or a partner lists it, who alone can take it back",
    "letters": "an authority's letter names it: 'blacklist letter withdraw' when it is taken back",
    "clearances": "they keep it from being flagged",
    "official": "an institution published it as its own",
    "decisions": "they keep it out of lists, or say why it may stand in them",
    "held_rows": "they wait for a person's decision about an authority's or a partner's list",
    "staged": "a load that is running brings it, or one that was cut off: it goes within 6 hours",
    "history": "what was listed and withdrawn must stay provable; it goes after 400 days at most",
    "pending": "a partner's listing that waits for a second key, which may refuse it",
    "reports": "a case that waits for a reviewer, who may reject it; it is no listing",
    "disputes": "it was opened for whom it is about, and protects him",
    "journal": "the record of changes by which every worker learns of this one; it goes by itself",
    "archive": "kept of the lists of an authority or a partner, until newer ones take their place",
    "audit": "pseudonyms that only the secret's holder can match, of a log that the law demands",
}
"""Why what is left of each sort stays."""


class Forgotten(msgspec.Struct, frozen=True):
    """How many listings and rows that waited were removed, and of which sources."""

    listings: int
    held_rows: int
    sources: tuple[str, ...]


def forgettable(publisher: Publisher) -> list[SourceRecord]:
    """Return the sources whose listings may be removed one by one; raises StoreError."""
    by_letters = {one.authority for one in letters.read(publisher.client).values()}
    return [
        record
        for record in sources.read(publisher.client).by_code.values()
        if record.source.trust is Trust.COMMUNITY and record.source.name not in by_letters
    ]


def forget(publisher: Publisher, identifier: Identifier, listed_by: Iterable[str]) -> Forgotten:
    """Remove what sources of the community hold, and return when every process answers so.

    ``listed_by`` names the sources that list it or of which a row waits; others are passed over.
    Raises Busy or Unavailable (run it again).
    """
    names = frozenset(listed_by)
    gone = [one for one in forgettable(publisher) if one.source.name in names]
    removed = held = 0
    for record in gone:
        with publisher.load(record.source, full=False) as load:
            held += _drop_held(publisher, record.source.name, identifier)
            load.withdraw(_withdrawals(identifier))
            removed += sum(one.removed for one in load.take_out().values())
    if gone:
        publisher.tidy()
    return Forgotten(removed, held, tuple(one.source.name for one in gone))


def _withdrawals(identifier: Identifier) -> list[Withdrawal]:
    if identifier.kind is Kind.ACCOUNT and "/" not in identifier.value:
        return [Withdrawal(identifier, "")]
    bare = bare_number(identifier)
    if bare is None:
        return [Withdrawal(identifier)]
    bank = identifier.value.partition("/")[0]
    return [Withdrawal(identifier), Withdrawal(Identifier(Kind.ACCOUNT, bare), bank)]


def _drop_held(publisher: Publisher, source: str, identifier: Identifier) -> int:
    """Take a row out of those that wait, under the source's lock."""
    waiting = [one for one in reviews.read_held(publisher.client) if one.source == source]
    left = [one for one in waiting if one.identifier != identifier]
    if len(left) < len(waiting):
        reviews.replace(publisher.client, source, left)
    return len(waiting) - len(left)

"""What people say of single identifiers, published as loads are: sets, journal, barrier.

A *clearance* says that an identifier is not to be flagged: it masks every listing, later imports
included, until it ends. An *official entry* says whose the identifier is. What is *being verified*
or *disputed* is only noted. All are in the filters, so that a question meets them. Called by the
command line and the cases; what follows from them is ``verdict``'s.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from blacklist.model import Identifier
from blacklist.publish import Publisher
from blacklist.store import marks
from blacklist.store.marks import Mark, Sort


class Reason(StrEnum):
    """Why somebody or something is cleared."""

    NUMBER_REASSIGNED = "number_reassigned"
    """The number was given to a new owner."""

    WRONGLY_LISTED = "wrongly_listed"
    OWNER_VERIFIED = "owner_verified"
    """The owner was looked into and is not the swindler."""

    CASE_CLOSED = "case_closed"
    COURT_DECISION = "court_decision"
    SITE_CLEANED = "site_cleaned"
    """A site that was broken into is its owner's again."""

    OTHER = "other"


def clear(
    publisher: Publisher,
    identifiers: Iterable[Identifier],
    reason: Reason,
    *,
    until: int | None = None,
) -> None:
    """Clear identifiers until a Unix second, or for good; returns when every process knows."""
    now = publisher.now()
    cleared = [Mark(one, now, reason.value, until) for one in identifiers]
    publish(publisher, Sort.CLEARANCE, cleared)


def lift(publisher: Publisher, identifiers: Iterable[Identifier]) -> None:
    """End clearances: what is listed is flagged again. Returns when every process answers so."""
    withdraw(publisher, Sort.CLEARANCE, identifiers)


def clearances(publisher: Publisher) -> dict[Identifier, Mark]:
    """The clearances that stand."""
    now = publisher.now()
    known = marks.read(publisher.client, Sort.CLEARANCE)
    return {
        identifier: mark
        for identifier, mark in known.items()
        if mark.until is None or mark.until > now
    }


def replace_official(publisher: Publisher, entries: Sequence[Mark]) -> tuple[int, int]:
    """Make these the whole official directory; returns how many came and how many went."""
    known = marks.read(publisher.client, Sort.OFFICIAL)
    wanted = {entry.identifier: entry for entry in entries}
    gone = [one for one in known if one not in wanted]
    new = [
        entry
        for one, entry in wanted.items()
        if one not in known or not _is_same(known[one], entry)
    ]
    publish(publisher, Sort.OFFICIAL, new)
    withdraw(publisher, Sort.OFFICIAL, gone)
    return len([one for one in wanted if one not in known]), len(gone)


def _is_same(known: Mark, entry: Mark) -> bool:
    return (known.text, known.hotline) == (entry.text, entry.hotline)


def publish(publisher: Publisher, sort: Sort, new: Sequence[Mark]) -> None:
    """Make marks of a sort; returns when every process knows. Raises Busy or Unavailable."""
    if not new:
        return
    with publisher.marking() as lock:
        marks.put(publisher.client, publisher.info, sort, new)
        lock.extend()
        for kind, values in marks.by_kind(mark.identifier for mark in new).items():
            publisher.tell(kind, values, [])
        marks.note(publisher.client, sort, new)
    publisher.acknowledge()


def withdraw(publisher: Publisher, sort: Sort, identifiers: Iterable[Identifier]) -> None:
    """Take marks of a sort away; returns when every process knows. Raises like :func:`publish`."""
    gone = list(identifiers)
    if not gone:
        return
    with publisher.marking() as lock:
        marks.remove(publisher.client, publisher.info, sort, gone, now=publisher.now())
        lock.extend()
        for kind, values in marks.by_kind(gone).items():
            publisher.tell(kind, [], values)
        marks.forget(publisher.client, sort, gone)
    publisher.acknowledge()

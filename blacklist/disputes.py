"""Disputes: whoever finds himself listed says so, a reviewer clears the listing or keeps it.

While one is open the thing is shown as disputed, at the same level as before. Two working days to
answer, ten to act (``working_days.py``). To clear is a clearance like any other, with a reason and,
where one is told, an end; it ends every dispute of that thing. Called by the web and the command
line, which have seen that the thing is listed.

The order of a dispute is the hash, then the note; of a decision the clearance, the note, the hash:
what was cut off is done by doing it again.
"""

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import msgspec
from msgspec import UNSET, UnsetType

from blacklist import marks, working_days
from blacklist.errors import Busy, TooMuch, Undecided
from blacklist.marks import Reason
from blacklist.model import Identifier
from blacklist.publish import Publisher
from blacklist.store import Client, durability, repeats, tellers
from blacklist.store import disputes as stored
from blacklist.store.disputes import Dispute, Outcome
from blacklist.store.locks import hold
from blacklist.store.marks import Mark, Sort

ANSWER_DAYS: Final = 2
ACT_DAYS: Final = 10
MAX_OPEN: Final = 5_000
MAX_OF_ONE_THING: Final = 5
MAX_A_TELLER: Final = 20
"""Disputes that one address may open a day; a carrier's is shared by many."""

_WAIT_SECONDS: Final = 10.0

Seen = int | None | UnsetType
"""When a dispute was answered as far as who decides knows; UNSET: he decides whatever it is."""


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody says of a thing that is listed, and why. ``teller`` is his address or key.

    ``seed``: 32 bytes that are the same whenever he says so again in the same request, and that
    nobody guesses. A dispute that it opened within a day is that dispute, and not another one.
    """

    identifier: Identifier
    claim: Reason
    note: str
    contact: str
    teller: str
    seed: bytes | None = None


class Full(Busy):
    """As many disputes are open as may be."""


def open_dispute(publisher: Publisher, told: Claim) -> Dispute:
    """Open a dispute; returns when every process shows it.

    Raises TooMuch (this teller opened enough today), Undecided (enough are open of this thing),
    Full, Busy or Unavailable.
    """
    with _queue(publisher.client):
        known = stored.read(publisher.client)
        dispute = _opened_before(publisher, known, told)
        if dispute is None:
            dispute = _new(publisher, known, told)
            stored.add(publisher.client, dispute)
        if dispute.ended is None:
            mark = Mark(dispute.identifier, dispute.opened, "")
            marks.publish(publisher, Sort.DISPUTED, [mark])
    return dispute


def _opened_before(publisher: Publisher, known: dict[str, Dispute], told: Claim) -> Dispute | None:
    """The dispute that the same telling opened and was not answered, not long ago."""
    if told.seed is None:
        return None
    reference = stored.new_reference(told.seed)
    found = known.get(reference) or stored.find_ended(publisher.client, reference)
    is_new = found is not None and publisher.now() - found.opened < repeats.KEPT_SECONDS
    return found if is_new else None


def _new(publisher: Publisher, known: dict[str, Dispute], told: Claim) -> Dispute:
    """A dispute that may be opened; raises like :func:`open_dispute`."""
    client, now = publisher.client, publisher.now()
    if len(known) >= MAX_OPEN:
        raise Full("too many disputes are open")
    day = tellers.day_of(now)
    teller = tellers.DaySecret(client, day).digest(told.teller)
    of_thing = sum(one.identifier == told.identifier for one in known.values())
    if of_thing >= MAX_OF_ONE_THING:
        raise Undecided("already_disputed", "this is disputed already and being looked into")
    if tellers.count(client, day, "disputes", teller) > MAX_A_TELLER:
        raise TooMuch("too many disputes today from this network", tellers.seconds_left(now))
    reference = _free_reference(client, known, told.seed)
    return Dispute(
        reference=reference,
        identifier=told.identifier,
        claim=told.claim.value,
        opened=now,
        answer_by=working_days.deadline(now, ANSWER_DAYS),
        act_by=working_days.deadline(now, ACT_DAYS),
        note=told.note,
        contact=stored.contact_digest(reference, told.contact) if told.contact else "",
    )


def _free_reference(client: Client, known: dict[str, Dispute], seed: bytes | None) -> str:
    """The telling's own, unless the same telling had it long ago: then another."""
    reference = stored.new_reference(seed)
    is_taken = reference in known or stored.find_ended(client, reference) is not None
    return stored.new_reference() if seed is not None and is_taken else reference


def answer(
    publisher: Publisher,
    reference: str,
    *,
    by: str,
    reason: str,
    person: str = "",
    seen: Seen = UNSET,
) -> Dispute:
    """Write down that a reviewer has answered; it stays open. Raises like :func:`clear`."""
    with _queue(publisher.client):
        dispute = _find(stored.read(publisher.client), reference, seen)
        now = publisher.now()
        answered = msgspec.structs.replace(
            dispute,
            answered=dispute.answered or now,
            by=by,
            person=person,
            reason=reason,
        )
        is_first = dispute.answered is None
        stored.answer(publisher.client, answered, now=now, is_first=is_first)
        return answered


def clear(
    publisher: Publisher,
    reference: str,
    *,
    by: str,
    reason: str,
    person: str = "",
    seen: Seen = UNSET,
    why: Reason | None = None,
    until: int | None = None,
) -> Dispute:
    """Clear what is disputed, for good or until a second; returns when every process knows.

    ``why`` is the clearance's reason, else what was claimed. Every dispute of the thing ends.
    ``seen`` is when it was answered, as far as who decides knows. Raises Undecided, Busy or
    Unavailable (do it again).
    """
    with _queue(publisher.client):
        known = stored.read(publisher.client)
        dispute = _find(known, reference, seen)
        identifier = dispute.identifier
        marks.clear(publisher, [identifier], why or Reason(dispute.claim), until=until)
        marks.withdraw(publisher, Sort.DISPUTED, [identifier])
        ended = [
            _ended(one, Outcome.CLEARED, by=by, person=person, reason=reason, now=publisher.now())
            for one in known.values()
            if one.identifier == identifier
        ]
        stored.close(publisher.client, ended)
    return next(one for one in ended if one.reference == reference)


def keep(
    publisher: Publisher,
    reference: str,
    *,
    by: str,
    reason: str,
    person: str = "",
    seen: Seen = UNSET,
) -> Dispute:
    """Leave the thing listed and end this dispute of it; raises like :func:`clear`."""
    with _queue(publisher.client):
        known = stored.read(publisher.client)
        dispute = _find(known, reference, seen)
        others = [one for one in known.values() if one.identifier == dispute.identifier]
        if others == [dispute]:
            marks.withdraw(publisher, Sort.DISPUTED, [dispute.identifier])
        ended = _ended(
            dispute, Outcome.KEPT, by=by, person=person, reason=reason, now=publisher.now()
        )
        stored.close(publisher.client, [ended])
    return ended


def _ended(
    dispute: Dispute, outcome: Outcome, *, by: str, person: str, reason: str, now: int
) -> Dispute:
    return msgspec.structs.replace(
        dispute, outcome=outcome, by=by, person=person, reason=reason, ended=now
    )


def _find(known: dict[str, Dispute], reference: str, seen: Seen) -> Dispute:
    if reference not in known:
        raise Undecided("no_such_case", "there is no such open dispute")
    found = known[reference]
    if seen is not UNSET and found.answered != seen:
        raise Undecided("case_changed", "somebody else has answered this meanwhile")
    return found


def is_contact(client: Client, reference: str, contact: str) -> bool:
    """Whether somebody who calls is who opened a dispute, by how he said he can be reached."""
    dispute = stored.find(client, reference)
    return bool(
        dispute is not None
        and dispute.contact
        and hmac.compare_digest(dispute.contact, stored.contact_digest(reference, contact))
    )


@contextmanager
def _queue(client: Client) -> Iterator[None]:
    """Let nobody else change disputes inside the block."""
    durability.require(client)
    with hold(client, "disputes", wait_seconds=_WAIT_SECONDS) as lock:
        if lock is None:
            raise Busy("somebody else changes disputes at this moment")
        yield

"""``/v1/disputes``: whoever finds himself listed says so, a reviewer clears or keeps the listing.

No key is needed. What is told is a claim and a note; how to reach whoever tells is kept as a hash
only. The reference in the answer is what he calls with (``blacklist/disputes.py``).
"""

import time
from datetime import date
from typing import Any

import msgspec
from flask import Blueprint, Response
from msgspec import UNSET

from blacklist import disputes as queue
from blacklist.callers import Scope
from blacklist.disputes import Claim, Seen
from blacklist.identifiers.free_text import clean_note
from blacklist.lookup import Ask
from blacklist.marks import Reason
from blacklist.model import Identifier, ItemError, Kind, Outcome
from blacklist.store import disputes as stored
from blacklist.store.disputes import Dispute
from blacklist.verdict import rfc3339
from blacklist.web import case_items, idempotency, writes
from blacklist.web.answers import (
    COULD_NOT_LOOK,
    METERED,
    NOBODY_COULD_LOOK,
    encode,
    home_region,
    lookup,
)
from blacklist.web.auth import needs
from blacklist.web.case_items import Page, Thing, problems_of, read_page
from blacklist.web.cases import DECIDING, DecidedView, Decision, decided, deciding, teller
from blacklist.web.described import describes
from blacklist.web.idempotency import idempotent
from blacklist.web.problems import Refusal
from blacklist.working_days import end_of

MAX_CONTACT_CHARACTERS = 200

disputes = Blueprint("disputes", __name__)


class NewDispute(Thing, forbid_unknown_fields=True, kw_only=True):
    """A dispute as it comes."""

    claim: Reason
    note: str | None = None
    contact: str = ""


class DisputeDecision(Decision, forbid_unknown_fields=True, kw_only=True):
    """A reviewer's word: ``answer``, ``keep`` or ``clear`` (why, and until which day)."""

    clearance: Reason | None = None
    until: date | None = None


class Called(msgspec.Struct, forbid_unknown_fields=True):
    """Somebody calls about a dispute, and says how he can be reached."""

    case: str
    contact: str


class Opened(msgspec.Struct, frozen=True):
    """What whoever disputes is told."""

    reference: str
    answer_by: str
    act_by: str


class DisputeView(msgspec.Struct, frozen=True):
    """A dispute as a reviewer is shown it."""

    case: str
    kind: Kind
    value: str
    claim: str
    note: str
    has_contact: bool
    opened: str
    answered: str | None
    answer_by: str
    act_by: str
    is_late: bool


class Disputes(msgspec.Struct, frozen=True):
    """Some open disputes, of so many in all."""

    total: int
    disputes: list[DisputeView]


class SameContact(msgspec.Struct, frozen=True):
    """Whether somebody who calls is who opened the dispute."""

    is_same: bool


@disputes.post("/v1/disputes")
@needs(Scope.REPORT, is_public=True)
@describes(
    body=NewDispute,
    answers={202: Opened},
    problems={
        *("too_many_open", "not_one_thing", "not_listed", "already_disputed"),
        *(*problems_of(NewDispute), *METERED, *NOBODY_COULD_LOOK, *writes.PROBLEMS),
    },
)
@idempotent(asks=1)
def tell() -> Response:
    """Open a dispute of what is listed at this moment."""
    opened = receive(case_items.read_body(NewDispute), seed=idempotency.seed())
    shown = Opened(opened.reference, rfc3339(opened.answer_by), rfc3339(opened.act_by))
    return Response(encode(shown), 202, content_type="application/json")


def receive(told: NewDispute, *, seed: bytes | None) -> Dispute:
    """Open a dispute for whoever asks: the way of the API and of the page.

    ``seed`` is what knows the same telling again (``blacklist/disputes.py``). Raises Refusal,
    InvalidIdentifier (the note), TooMuch or StoreError; then no dispute is open.
    """
    if len(told.contact) > MAX_CONTACT_CHARACTERS or not told.contact.isprintable():
        raise Refusal(400, "bad_contact", f"at most {MAX_CONTACT_CHARACTERS} characters, one line")
    note = clean_note(told.note) if told.note is not None else ""
    identifier = _listed(told)
    claim = Claim(
        identifier=identifier,
        claim=told.claim,
        note=note,
        contact=told.contact,
        teller=teller(),
        seed=seed,
    )
    with decided(), writes.writing() as publisher:
        try:
            return queue.open_dispute(publisher, claim)
        except queue.Full as exc:
            raise Refusal(503, "too_many_open", "too many disputes are open; try later") from exc


@disputes.get("/v1/disputes")
@needs(Scope.ADMIN)
@describes(parameters=Page, answers={200: Disputes}, problems={"bad_page", "store_unavailable"})
def show() -> Response:
    """Show open disputes, the oldest first."""
    page = read_page(Page)
    found, now = list(stored.read(writes.reader()).values()), int(time.time())
    shown = [_shown(one, now) for one in found[page.offset : page.offset + page.limit]]
    return Response(encode(Disputes(len(found), shown)), content_type="application/json")


@disputes.post("/v1/disputes/decide")
@needs(Scope.ADMIN)
@describes(
    body=DisputeDecision,
    answers={200: DecidedView},
    problems={*problems_of(DisputeDecision), *DECIDING},
)
@idempotent()
def decide() -> Response:
    """Answer a dispute, clear what is disputed, or keep it listed."""
    word = case_items.read_body(DisputeDecision)
    settle(word)
    told = DecidedView(word.case, word.decision)
    return Response(encode(told), content_type="application/json")


def settle(word: DisputeDecision, *, seen: Seen = UNSET) -> None:
    """Answer, clear or keep in the name of whoever asks: the way of API and page.

    ``seen`` is when it was answered, as far as he knows.
    """
    case, reason = word.case, word.clean_reason()
    how: dict[str, Any] = {**deciding(), "reason": reason, "seen": seen}
    until = None if word.until is None else end_of(word.until)
    if until is not None and until <= time.time():
        raise Refusal(400, "bad_expires", "'until' is the last day, later than today")
    with decided(), writes.writing() as publisher:
        match word.decision:
            case "answer":
                queue.answer(publisher, case, **how)
            case "keep":
                queue.keep(publisher, case, **how)
            case "clear":
                queue.clear(publisher, case, **how, why=word.clearance, until=until)
            case _:
                raise Refusal(400, "bad_decision", "'decision' is answer, clear or keep")


@disputes.post("/v1/disputes/contact")
@needs(Scope.ADMIN)
@describes(
    body=Called,
    answers={200: SameContact},
    problems={"store_unavailable", *problems_of(Called)},
)
def contact() -> Response:
    """Tell whether somebody who calls is who opened a dispute."""
    called = case_items.read_body(Called)
    is_same = queue.is_contact(writes.reader(), called.case, called.contact)
    return Response(encode(SameContact(is_same)), content_type="application/json")


def _listed(told: Thing) -> Identifier:
    """What is disputed; Refusal where it is not one thing that is listed."""
    region = told.region or home_region()
    verdict = lookup().check(Ask(told.value, told.kind, told.bank or None, region))
    if isinstance(verdict.error, ItemError):
        raise Refusal(400, verdict.error.reason, verdict.error.detail)
    if verdict.verdict is Outcome.UNAVAILABLE:
        raise Refusal(503, verdict.notes[-1], COULD_NOT_LOOK)
    one, *more = verdict.identifiers
    if more or (one.kind is Kind.ACCOUNT and "/" not in one.value):
        raise Refusal(400, "not_one_thing", "name one thing, and of an account its bank")
    if verdict.verdict is not Outcome.LISTED:
        raise Refusal(409, "not_listed", "nothing lists this at the moment")
    return Identifier(one.kind, one.value)


def _shown(one: Dispute, now: int) -> DisputeView:
    return DisputeView(
        case=one.reference,
        kind=one.identifier.kind,
        value=one.identifier.value,
        claim=one.claim,
        note=one.note,
        has_contact=bool(one.contact),
        opened=rfc3339(one.opened),
        answered=None if one.answered is None else rfc3339(one.answered),
        answer_by=rfc3339(one.answer_by),
        act_by=rfc3339(one.act_by),
        is_late=one.is_late(now),
    )

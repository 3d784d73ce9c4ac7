"""``/v1/disputes``: whoever finds himself listed says so, a reviewer clears or keeps the listing.

No key is needed. What is told is a claim and a note; how to reach whoever tells is kept as a hash
only. The reference in the answer is what he calls with (``blacklist/disputes.py``).
"""

import time
from datetime import date

import msgspec
from flask import Blueprint, Response, current_app

from blacklist import disputes as queue
from blacklist.callers import Scope
from blacklist.disputes import Claim
from blacklist.identifiers.free_text import clean_note
from blacklist.lookup import Ask
from blacklist.marks import Reason
from blacklist.model import Identifier, ItemError, Kind, Outcome
from blacklist.store import disputes as stored
from blacklist.store.disputes import Dispute
from blacklist.verdict import rfc3339
from blacklist.web import auth, case_items, writes
from blacklist.web.answers import COULD_NOT_LOOK, encode, lookup, take
from blacklist.web.auth import needs
from blacklist.web.case_items import Thing
from blacklist.web.cases import Decision, decided, teller
from blacklist.web.problems import Refusal
from blacklist.working_days import end_of

MAX_CONTACT_CHARACTERS = 200

disputes = Blueprint("disputes", __name__)


class Told(Thing, forbid_unknown_fields=True, kw_only=True):
    """A dispute as it comes."""

    claim: Reason
    note: str | None = None
    contact: str = ""


class Decided(Decision, forbid_unknown_fields=True, kw_only=True):
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


class Shown(msgspec.Struct, frozen=True):
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


@disputes.post("/v1/disputes")
@needs(Scope.REPORT, is_public=True)
def tell() -> Response:
    """Open a dispute of what is listed at this moment."""
    take(1)
    told = case_items.read_body(Told)
    if len(told.contact) > MAX_CONTACT_CHARACTERS or not told.contact.isprintable():
        raise Refusal(400, "bad_contact", f"at most {MAX_CONTACT_CHARACTERS} characters, one line")
    note = clean_note(told.note) if told.note is not None else ""
    identifier = _listed(told)
    claim = Claim(
        identifier=identifier, claim=told.claim, note=note, contact=told.contact, teller=teller()
    )
    with decided(), writes.writing() as publisher:
        try:
            opened = queue.open_dispute(publisher, claim)
        except queue.Full as exc:
            raise Refusal(503, "too_many_open", "too many disputes are open; try later") from exc
    shown = Opened(opened.reference, rfc3339(opened.answer_by), rfc3339(opened.act_by))
    return Response(encode(shown), 202, content_type="application/json")


@disputes.get("/v1/disputes")
@needs(Scope.ADMIN)
def show() -> Response:
    """Show open disputes, the oldest first."""
    first, size = case_items.page()
    found, now = list(stored.read(writes.reader()).values()), int(time.time())
    shown = [_shown(one, now) for one in found[first : first + size]]
    document = {"total": len(found), "disputes": shown}
    return Response(encode(document), content_type="application/json")


@disputes.post("/v1/disputes/decide")
@needs(Scope.ADMIN)
def decide() -> Response:
    """Answer a dispute, clear what is disputed, or keep it listed."""
    word = case_items.read_body(Decided)
    by, case, reason = auth.require_caller().id, word.case, word.clean_reason()
    until = None if word.until is None else end_of(word.until)
    if until is not None and until <= time.time():
        raise Refusal(400, "bad_expires", "'until' is the last day, later than today")
    with decided(), writes.writing() as publisher:
        match word.decision:
            case "answer":
                queue.answer(publisher, case, by=by, reason=reason)
            case "keep":
                queue.keep(publisher, case, by=by, reason=reason)
            case "clear":
                why = word.clearance
                queue.clear(publisher, case, by=by, reason=reason, why=why, until=until)
            case _:
                raise Refusal(400, "bad_decision", "'decision' is answer, clear or keep")
    document = {"case": case, "status": word.decision}
    return Response(encode(document), content_type="application/json")


@disputes.post("/v1/disputes/contact")
@needs(Scope.ADMIN)
def contact() -> Response:
    """Tell whether somebody who calls is who opened a dispute."""
    called = case_items.read_body(Called)
    is_same = queue.is_contact(writes.reader(), called.case, called.contact)
    return Response(encode({"is_same": is_same}), content_type="application/json")


def _listed(told: Thing) -> Identifier:
    """What is disputed; Refusal where it is not one thing that is listed."""
    region = told.region or current_app.config["REGION"]
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


def _shown(one: Dispute, now: int) -> Shown:
    return Shown(
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

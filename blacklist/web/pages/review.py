"""``/review``: the reviewer's desk. What waits, one case with its evidence, and the decision.

It decides by the API's own functions, and keeps what a reviewer typed: who comes second is told
who decided what and when, with his own words still in the form.
"""

import time
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from flask import Blueprint, Response, request

from blacklist import identifiers
from blacklist.callers import Scope
from blacklist.errors import BlacklistError
from blacklist.lookup import Ask
from blacklist.model import Identifier, ItemError
from blacklist.pending import Decision
from blacklist.store import Client
from blacklist.store import disputes as disputed
from blacklist.store import reports as reported
from blacklist.verdict import rfc3339
from blacklist.web import auth, case_items, disputes, listings, reports, writes
from blacklist.web.answers import home_region, lookup
from blacklist.web.auth import needs
from blacklist.web.forms import Form, read_form
from blacklist.web.history import history_of
from blacklist.web.pages import complaints, page, review_queue
from blacklist.web.pages.review_queue import Sort, Waiting
from blacklist.web.pages.words import N_
from blacklist.web.problems import Refusal, refused

pages = Blueprint("review", __name__)

DONE: Final = {
    "accept": N_("Accepted: it is listed."),
    "reject": N_("Rejected: it is not listed."),
    "merge": N_("Merged into the other case."),
    "answer": N_("Noted that it was answered; it stays open."),
    "clear": N_("Cleared: it is not flagged any more."),
    "keep": N_("Kept: it stays listed."),
    "confirm": N_("Confirmed: it is listed."),
    "refuse": N_("Refused: it is not listed."),
}
"""What became of a case, by the decision's word."""

_TAKEN: Final = frozenset({"no_such_case", "case_changed", "not_waiting"})
"""Refusals that mean that somebody else was there before."""


class DeskPage(case_items.Page):
    """Which part of the queue; ``done``: what was decided last, ``lang``: in which language."""

    done: str = ""
    lang: str = ""


@pages.get("/review")
@needs(Scope.ADMIN, purpose="review")
def show() -> Response:
    """What waits, what is due first at the top."""
    which = case_items.read_page(DeskPage)
    cases, total = review_queue.queue(writes.reader(), which.offset, which.limit)
    return page.render(
        "review.html",
        cases=cases,
        total=total,
        first=which.offset,
        size=which.limit,
        done=DONE.get(which.done),
        rfc3339=rfc3339,
    )


@pages.get("/review/<name>")
@needs(Scope.ADMIN, purpose="review")
def show_case(name: str) -> Response:
    """One case with all that is known about it."""
    return _page(_require(name), Form())


@pages.post("/review/<name>")
@needs(Scope.ADMIN, purpose="review")
def decide(name: str) -> Response:
    """Decide a case; where somebody else has, tell it and keep what was typed."""
    form = read_form(request)
    before = _require(name, form.text("item"))
    try:
        _settle(before, form)
    except (Refusal, BlacklistError) as exc:
        after = _require(name, form.text("item"))
        if _is_mine(after, form):
            return page.sent_to("review.show", done=form.text("decision"))
        is_taken = isinstance(exc, Refusal) and exc.reason in _TAKEN and _has_moved(after, form)
        response = refused(exc)
        complaint = None if is_taken else complaints.complaint_of(response)
        status = 409 if is_taken else response.status_code
        return _page(after, form, status, complaint=complaint, is_taken=is_taken)
    return page.sent_to("review.show", done=form.text("decision"))


def _require(name: str, item: str = "") -> Waiting:
    found = review_queue.find(writes.reader(), name, item)
    if found is None:
        raise Refusal(404, "no_such_case", "there is no such case")
    return found


def _settle(case: Waiting, form: Form) -> None:
    """Do what a form says, the API's own way; raises Refusal, InvalidIdentifier or StoreError."""
    match case.sort:
        case Sort.REPORT:
            reports.settle(_word(case, form, reports.ReportDecision, "category", "into"))
        case Sort.DISPUTE:
            seen = form.text("seen")
            disputes.settle(
                _word(case, form, disputes.DisputeDecision, "clearance", "until"),
                seen=int(seen) if seen.isdecimal() else None,
            )
        case Sort.PENDING:
            _confirm(form)


def _word(case: Waiting, form: Form, shape: type[case_items.Shape], *more: str) -> case_items.Shape:
    """A form's decision as the API reads it; of the fields that only one decision has, its own."""
    own = {"accept": "category", "merge": "into"}
    left_out = set(own.values()) - {own.get(form.text("decision"))}
    told = {
        name: text for name in more if name not in left_out and (text := form.text(name).strip())
    }
    sent = {"case": case.name, "decision": form.text("decision"), "reason": form.text("reason")}
    found = case_items.read(sent | told, shape)
    if isinstance(found, ItemError):
        raise Refusal(400, found.reason, found.detail)
    return found


def _confirm(form: Form) -> None:
    word = form.text("decision")
    if word not in {"confirm", "refuse"}:
        raise Refusal(400, "bad_decision", "'decision' is 'confirm' or 'refuse'")
    (result,) = listings.settle([Decision(form.text("item"), word == "confirm")])
    error = listings.error_of(result)
    if error is not None:
        raise Refusal(409, error.reason, error.detail)


def _is_mine(case: Waiting, form: Form) -> bool:
    """Whether it was decided by this very form, sent a moment ago: a double click."""
    end = case.end or case.answered
    return (
        end is not None
        and (end.by, end.person) == (auth.require_caller().id, auth.person() or "")
        and end.word == form.text("decision")
        and end.reason == " ".join(form.text("reason").split())
    )


def _has_moved(case: Waiting, form: Form) -> bool:
    return case.end is not None or case.version != form.text("seen")


def _page(
    case: Waiting,
    form: Form,
    status: int = 200,
    *,
    complaint: str | None = None,
    is_taken: bool = False,
) -> Response:
    evidence = {} if case.identifier is None else _evidence(writes.reader(), case, case.identifier)
    return page.render(
        "review_case.html",
        status,
        case=case,
        form=form,
        complaint=complaint,
        is_taken=is_taken,
        done=DONE,
        rfc3339=rfc3339,
        now=int(time.time()),
        **evidence,
    )


def _evidence(client: Client, case: Waiting, one: Identifier) -> dict[str, Any]:
    """What is listed, reported, disputed and was known of a thing."""
    question = identifiers.ask(one.value, kind=one.kind, region=home_region())
    told: Sequence[Any] = [
        other
        for other in reported.find_by(client, [one])
        if case.report is None or other.id != case.report.id
    ]
    claims = [
        other
        for other in disputed.read(client).values()
        if other.identifier == one and other.reference != case.name
    ]
    return {
        "result": lookup().check(Ask(one.value, one.kind, region=home_region())),
        "events": msgspec.to_builtins(history_of(question))["events"],
        "reported": [case.report] if case.report is not None else told,
        "claims": [case.dispute, *claims] if case.dispute is not None else claims,
    }

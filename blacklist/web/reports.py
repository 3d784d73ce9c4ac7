"""``/v1/reports``: citizens and partners tell of a fraud, reviewers decide.

Whoever tells is answered the same, whatever is known of the thing: a swindler who reports himself
learns nothing. One report lists nothing (``blacklist/reports.py``).
"""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec
from flask import Blueprint, Response

from blacklist import reports as queue
from blacklist.callers import Scope
from blacklist.errors import TooMuch
from blacklist.guard import REASONS
from blacklist.identifiers.free_text import clean_note
from blacklist.model import Category, ItemError, Kind
from blacklist.store import reports as stored
from blacklist.store import tellers
from blacklist.store.reports import Case, Counted, Order, Report
from blacklist.verdict import rfc3339
from blacklist.web import auth, case_items, writes
from blacklist.web.answers import METERED, encode, home_region
from blacklist.web.auth import needs
from blacklist.web.case_items import Page, Thing, problems_of, read_page
from blacklist.web.cases import DECIDING, DecidedView, Decision, decided, deciding, teller
from blacklist.web.described import describes
from blacklist.web.idempotency import idempotent
from blacklist.web.problems import Refusal

reports = Blueprint("reports", __name__)


class NewReport(Thing, forbid_unknown_fields=True, kw_only=True):
    """A report as it comes."""

    category: Category
    note: str | None = None


class ReportDecision(Decision, forbid_unknown_fields=True, kw_only=True):
    """A reviewer's word: ``accept``, ``reject`` or ``merge`` (``into`` another case)."""

    category: Category | None = None
    into: str | None = None


class CaseView(msgspec.Struct, frozen=True):
    """A case as a reviewer is shown it."""

    case: str
    kind: Kind
    value: str
    reports: int
    citizens: int
    partners: int
    categories: Mapping[Category, int]
    notes: tuple[str, ...]
    first: str
    last: str


class CasePage(Page):
    """Which part of the open cases, in which order."""

    order: Order = Order.NEWEST


class Cases(msgspec.Struct, frozen=True):
    """Some open cases, of so many in all."""

    total: int
    reports: list[CaseView]


class Received(msgspec.Struct, frozen=True):
    """A report was taken."""

    status: Literal["received"]


_BAD_ORDER: Final = ItemError("bad_order", f"'order' is {' or '.join(Order)}")


@reports.post("/v1/reports")
@needs(Scope.REPORT, is_public=True)
@describes(
    body=NewReport,
    answers={202: Received},
    problems={"too_many_reports", *problems_of(NewReport), *REASONS, *METERED, *writes.PROBLEMS},
)
@idempotent(asks=1)
def tell() -> Response:
    """Count a report; 202 whether it is the first or was told before."""
    receive(case_items.read_body(NewReport))
    return Response(encode(Received("received")), 202, content_type="application/json")


def receive(told: NewReport) -> None:
    """Count what whoever asks tells: the way of the API and of the page.

    Raises Refusal, InvalidIdentifier (the note), TooMuch or StoreError; then nothing is counted.
    """
    identifier = case_items.identify(told, region=home_region())
    if isinstance(identifier, ItemError):
        raise Refusal(400, identifier.reason, identifier.detail)
    note = clean_note(told.note) if told.note is not None else ""
    caller = auth.caller()
    with writes.writing() as publisher:
        word = writes.keeper(publisher).hold(identifier)
        if word is not None:
            raise Refusal(422, word, REASONS[word])
        counted = queue.count(
            publisher, Report(identifier, told.category, note, teller(), is_key=caller is not None)
        )
    if counted is Counted.FULL:
        raise Refusal(503, "too_many_reports", "too many reports wait; call the police (113)")
    if counted is Counted.MANY:
        raise TooMuch("too many reports today from here", tellers.seconds_left(publisher.now()))


@reports.get("/v1/reports")
@needs(Scope.ADMIN)
@describes(
    parameters=CasePage,
    answers={200: Cases},
    problems={"bad_page", "bad_order", "store_unavailable"},
)
def show() -> Response:
    """Show open cases, the newest or (``order=most``) the most reported first."""
    page = read_page(CasePage, {"order": _BAD_ORDER})
    client = writes.reader()
    found = stored.page(client, page.order, page.offset, page.limit)
    cases = Cases(stored.length(client), [_shown(one) for one in found])
    return Response(encode(cases), content_type="application/json")


@reports.post("/v1/reports/decide")
@needs(Scope.ADMIN)
@describes(
    body=ReportDecision,
    answers={200: DecidedView},
    problems={*problems_of(ReportDecision), *DECIDING},
)
@idempotent()
def decide() -> Response:
    """Accept, reject or merge a case."""
    word = case_items.read_body(ReportDecision)
    settle(word)
    told = DecidedView(word.case, word.decision)
    return Response(encode(told), content_type="application/json")


def settle(word: ReportDecision) -> None:
    """Accept, reject or merge a case in the name of whoever asks: the way of API and page."""
    by, case, reason = deciding(), word.case, word.clean_reason()
    with decided(), writes.writing() as publisher:
        match word.decision, word.into:
            case "accept", None:
                queue.accept(publisher, case, **by, reason=reason, category=word.category)
            case "reject", None:
                queue.reject(publisher, case, **by, reason=reason)
            case "merge", str(into):
                queue.merge(publisher, case, **by, reason=reason, into=into)
            case _:
                raise Refusal(400, "bad_decision", "'accept', 'reject', or 'merge' with 'into'")


def _shown(case: Case) -> CaseView:
    return CaseView(
        case=case.id,
        kind=case.identifier.kind,
        value=case.identifier.value,
        reports=case.citizens + case.partners,
        citizens=case.citizens,
        partners=case.partners,
        categories=case.categories,
        notes=case.notes,
        first=rfc3339(case.first),
        last=rfc3339(case.last),
    )

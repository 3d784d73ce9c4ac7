"""``/v1/reports``: citizens and partners tell of a fraud, reviewers decide.

Whoever tells is answered the same, whatever is known of the thing: a swindler who reports himself
learns nothing. One report lists nothing (``blacklist/reports.py``).
"""

from collections.abc import Mapping

import msgspec
from flask import Blueprint, Response, current_app, request

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
from blacklist.web.answers import encode, take
from blacklist.web.auth import needs
from blacklist.web.case_items import Thing
from blacklist.web.cases import Decision, decided, teller
from blacklist.web.problems import Refusal

reports = Blueprint("reports", __name__)


class Told(Thing, forbid_unknown_fields=True, kw_only=True):
    """A report as it comes."""

    category: Category
    note: str | None = None


class Decided(Decision, forbid_unknown_fields=True, kw_only=True):
    """A reviewer's word: ``accept``, ``reject`` or ``merge`` (``into`` another case)."""

    category: Category | None = None
    into: str | None = None


class Shown(msgspec.Struct, frozen=True):
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


@reports.post("/v1/reports")
@needs(Scope.REPORT, is_public=True)
def tell() -> Response:
    """Count a report; 202 whether it is the first or was told before."""
    take(1)
    told = case_items.read_body(Told)
    identifier = case_items.identify(told, region=current_app.config["REGION"])
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
    return Response(encode({"status": "received"}), 202, content_type="application/json")


@reports.get("/v1/reports")
@needs(Scope.ADMIN)
def show() -> Response:
    """Show open cases, the newest or (``order=most``) the most reported first."""
    first, size = case_items.page()
    order = request.args.get("order", Order.NEWEST)
    if order not in set(Order):
        raise Refusal(400, "bad_order", f"'order' is {' or '.join(Order)}")
    client = writes.reader()
    found = stored.page(client, Order(order), first, size)
    document = {"total": stored.length(client), "reports": [_shown(one) for one in found]}
    return Response(encode(document), content_type="application/json")


@reports.post("/v1/reports/decide")
@needs(Scope.ADMIN)
def decide() -> Response:
    """Accept, reject or merge a case."""
    word = case_items.read_body(Decided)
    by, case, reason = auth.require_caller().id, word.case, word.clean_reason()
    with decided(), writes.writing() as publisher:
        match word.decision, word.into:
            case "accept", None:
                queue.accept(publisher, case, by=by, reason=reason, category=word.category)
            case "reject", None:
                queue.reject(publisher, case, by=by, reason=reason)
            case "merge", str(into):
                queue.merge(publisher, case, by=by, reason=reason, into=into)
            case _:
                raise Refusal(400, "bad_decision", "'accept', 'reject', or 'merge' with 'into'")
    return Response(
        encode({"case": case, "status": word.decision}), content_type="application/json"
    )


def _shown(case: Case) -> Shown:
    return Shown(
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

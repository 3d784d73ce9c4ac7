"""``/v1/listings``: what a key with the scope ``list`` lists by hand, and who confirms it.

An authority's listings count at once, a partner's when a second key has confirmed them
(``blacklist/pending.py``). Batches of up to 1,000 items, each with a result of its own, in order;
the same batch again changes nothing. What is answered as done, every worker answers so.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from flask import Blueprint, Response

from blacklist import hand, pending
from blacklist.callers import Caller, Scope
from blacklist.guard import REASONS
from blacklist.hand import Keeper, Row
from blacklist.model import Category, Identifier, ItemError, Kind, Trust
from blacklist.pending import Decision, Full, Result
from blacklist.publish import Publisher
from blacklist.store import callers
from blacklist.store.pending import Pending
from blacklist.verdict import rfc3339
from blacklist.web import auth, case_items
from blacklist.web.answers import METERED, encode, home_region, take
from blacklist.web.api import BATCH_PROBLEMS, Batch, items_from_body
from blacklist.web.auth import needs
from blacklist.web.case_items import Listed, Page, Thing, problems_of, read_page
from blacklist.web.cases import deciding
from blacklist.web.described import describes
from blacklist.web.idempotency import idempotent
from blacklist.web.problems import Refusal
from blacklist.web.writes import PROBLEMS as OF_WRITES
from blacklist.web.writes import reader, writing

listings = Blueprint("listings", __name__)

_UNDECIDED = {
    Result.UNKNOWN: ItemError("not_waiting", "nothing waits under this id (any more)"),
    Result.OWN: ItemError("own_listing", "who would list it cannot confirm it"),
    Result.HELD: ItemError("held", "the guard lets nobody list this"),
    Result.NO_MAKER: ItemError("maker_revoked", "the key that would list it was revoked"),
}


class ListingResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """The result of one item. ``id`` is what a second key confirms."""

    ref: str | None = None
    status: str | None = None
    kind: Kind | None = None
    listed: str | None = None
    id: str | None = None
    notes: tuple[str, ...] = ()
    error: ItemError | None = None


class Confirmation(msgspec.Struct, forbid_unknown_fields=True):
    """A second key's word."""

    id: str
    decision: str


class WaitingListing(msgspec.Struct, frozen=True):
    """A listing that waits, as who confirms it is shown it."""

    id: str
    kind: Kind
    value: str
    category: Category | None
    reference: str | None
    note: str | None
    expires: str | None
    maker: str
    maker_name: str
    since: str
    lapses: str


class ListingResults(msgspec.Struct, frozen=True):
    """One result an item, in order."""

    results: Sequence[ListingResult]


_BESIDE = {"no_valid_item": ListingResults}


class Pendings(msgspec.Struct, frozen=True):
    """Some of what waits for a second key, of so many in all."""

    total: int
    pending: list[WaitingListing]


@listings.put("/v1/listings")
@needs(Scope.LIST)
@describes(
    body=Batch[Listed],
    answers={200: ListingResults, 202: ListingResults},
    problems={"too_many_waiting", *BATCH_PROBLEMS, *METERED, *OF_WRITES},
    in_items={*problems_of(Listed), *REASONS},
    beside=_BESIDE,
)
def put() -> Response:
    """List things; 202 where they wait for a second key.

    The same again changes nothing.
    """
    caller, raw = auth.require_caller(), items_from_body()
    take(len(raw))
    with writing() as publisher:
        keeper = Keeper(publisher.client)
        read = [_row(one, keeper, now=publisher.now()) for one in raw]
        rows = [row for _, row in read if isinstance(row, Row)]
        _require_some(rows, read)
        is_partner = caller.trust is not Trust.AUTHORITY
        publish = _submit if is_partner else _publish
        told = iter(publish(publisher, caller, rows))
    results = [
        _told(ref, row, next(told)) if isinstance(row, Row) else ListingResult(ref, error=row)
        for ref, row in read
    ]
    return _answer(results, 202 if is_partner else 200)


@listings.delete("/v1/listings")
@needs(Scope.LIST)
@describes(
    body=Batch[Thing],
    answers={200: ListingResults},
    problems={*BATCH_PROBLEMS, *METERED, *OF_WRITES},
    in_items=problems_of(Thing),
    beside=_BESIDE,
)
def delete() -> Response:
    """Take back what this key listed, and what of it waits."""
    caller, raw = auth.require_caller(), items_from_body()
    take(len(raw))
    read = [_thing(one) for one in raw]
    things = [thing for _, thing in read if isinstance(thing, Identifier)]
    _require_some(things, read)
    with writing() as publisher:
        waited = pending.withdraw(publisher, caller.id, things)
        listed = hand.withdraw(publisher, hand.own_source(caller), things)
    gone = iter([one or other for one, other in zip(waited, listed, strict=True)])
    results = [
        ListingResult(ref, error=thing)
        if isinstance(thing, ItemError)
        else ListingResult(ref, "withdrawn" if next(gone) else "not_listed")
        for ref, thing in read
    ]
    return _answer(results)


@listings.get("/v1/listings/pending")
@needs(Scope.LIST, Scope.ADMIN)
@describes(parameters=Page, answers={200: Pendings}, problems={"bad_page", "store_unavailable"})
def show_pending() -> Response:
    """Show what waits for a second key, oldest first."""
    page = read_page(Page)
    client = reader()
    names = {one.id: one.name for one in callers.read(client).by_id.values()}
    found = pending.waiting(client, now=int(time.time()))
    shown = [_waiting(one, names) for one in found[page.offset : page.offset + page.limit]]
    return _answer_document(Pendings(len(found), shown))


@listings.post("/v1/listings/confirm")
@needs(Scope.LIST, Scope.ADMIN)
@describes(
    body=Batch[Confirmation],
    answers={200: ListingResults},
    problems={*BATCH_PROBLEMS, *OF_WRITES},
    in_items={*problems_of(Confirmation), *(one.reason for one in _UNDECIDED.values())},
    beside=_BESIDE,
)
@idempotent()
def confirm() -> Response:
    """Confirm what another key would list, or refuse it."""
    read = [_word(one) for one in items_from_body()]
    decisions = [one for one in read if isinstance(one, Decision)]
    _require_some(decisions, [(None, one) for one in read])
    done = iter(settle(decisions))
    results = [
        _decided(next(done)) if isinstance(one, Decision) else ListingResult(error=one)
        for one in read
    ]
    return _answer(results)


def settle(decisions: Sequence[Decision]) -> list[Result]:
    """Confirm or refuse in the name of whoever asks: the way of API and page."""
    who = deciding()
    with writing() as publisher:
        return pending.decide(publisher, who["by"], decisions, person=who["person"])


def error_of(result: Result) -> ItemError | None:
    """Why nothing was decided; None where something was."""
    return _UNDECIDED.get(result)


def _row(raw: Any, keeper: Keeper, *, now: int) -> tuple[str | None, Row | ItemError]:
    """An item's reference, and what it would list or what is wrong with it."""
    told = case_items.read(raw, Listed)
    if isinstance(told, ItemError):
        return None, told
    identifier = case_items.identify(told, region=home_region())
    if isinstance(identifier, ItemError):
        return _ref(told, identifier), identifier
    word = keeper.hold(identifier)
    if word is not None:
        return told.ref, ItemError(word, REASONS[word])
    detail = case_items.detail_of(told, now=now)
    return told.ref, detail if isinstance(detail, ItemError) else Row(identifier, detail)


def _thing(raw: Any) -> tuple[str | None, Identifier | ItemError]:
    told = case_items.read(raw, Thing)
    if isinstance(told, ItemError):
        return None, told
    identifier = case_items.identify(told, region=home_region())
    return _ref(told, identifier), identifier


def _ref(told: Thing, found: Identifier | ItemError) -> str | None:
    """The reference, unless it is what is wrong."""
    return None if isinstance(found, ItemError) and found.reason == "bad_ref" else told.ref


def _word(raw: Any) -> Decision | ItemError:
    word = case_items.read(raw, Confirmation)
    if isinstance(word, ItemError):
        return word
    if word.decision not in {"confirm", "refuse"}:
        return ItemError("bad_decision", "'decision' is 'confirm' or 'refuse'")
    return Decision(word.id, word.decision == "confirm")


def _publish(publisher: Publisher, caller: Caller, rows: Sequence[Row]) -> list[ListingResult]:
    done = hand.publish(publisher, hand.own_source(caller), rows)
    return [
        ListingResult(status="listed", notes=("cleared",) if one.is_masked else ()) for one in done
    ]


def _submit(publisher: Publisher, caller: Caller, rows: Sequence[Row]) -> list[ListingResult]:
    try:
        waiting = pending.submit(publisher, caller, rows)
    except Full as exc:
        raise Refusal(503, "too_many_waiting", str(exc)) from exc
    return [ListingResult(status="being_verified", id=one.id) for one in waiting]


def _told(ref: str | None, row: Row, told: ListingResult) -> ListingResult:
    return msgspec.structs.replace(
        told, ref=ref, kind=row.identifier.kind, listed=row.identifier.value
    )


def _decided(result: Result) -> ListingResult:
    error = error_of(result)
    return ListingResult(status=result) if error is None else ListingResult(error=error)


def _waiting(one: Pending, names: Mapping[str, str]) -> WaitingListing:
    detail = one.detail
    return WaitingListing(
        id=one.id,
        kind=one.identifier.kind,
        value=one.identifier.value,
        category=detail.category,
        reference=detail.reference,
        note=detail.note,
        expires=None if detail.expires is None else rfc3339(detail.expires),
        maker=one.maker,
        maker_name=names.get(one.maker, ""),
        since=rfc3339(one.since),
        lapses=rfc3339(one.until),
    )


def _require_some(good: Sequence[object], read: Sequence[tuple[str | None, object]]) -> None:
    """Refusal 400 with each item's error where nothing can be done."""
    if not good:
        results = [ListingResult(ref, error=one) for ref, one in read if isinstance(one, ItemError)]
        detail = "no item can be done; see each result"
        raise Refusal(400, "no_valid_item", detail, beside=ListingResults(results))


def _answer(results: Sequence[ListingResult], status: int = 200) -> Response:
    response = _answer_document(ListingResults(results))
    response.status_code = status
    return response


def _answer_document(document: msgspec.Struct) -> Response:
    return Response(encode(document), content_type="application/json")

"""The HTTP interface: ``/v1/check``, ``/healthz``, ``/readyz``.

Requests become :class:`~blacklist.lookup.Ask` objects, verdicts become JSON; what lies between is
``lookup.py``. A bad item of a batch is a result with ``error``; a request of which nothing can be
answered is a problem document that carries the results it has.
"""

import json
from collections.abc import Sequence
from typing import Annotated, Any, Generic, Literal, TypeVar
from urllib.parse import parse_qsl

import msgspec
from flask import Blueprint, Response, request

from blacklist import __version__
from blacklist.callers import Scope
from blacklist.errors import BlacklistError
from blacklist.items import Item, ask_of, field_of, item_error, read_item
from blacklist.lookup import Ask
from blacklist.model import AsOf, ItemError, Kind, Outcome, Verdict
from blacklist.web import auth, receipts
from blacklist.web.answers import (
    COULD_NOT_LOOK,
    METERED,
    NOBODY_COULD_LOOK,
    advised,
    anonymous,
    encode,
    home_region,
    is_account_get_open,
    lookup,
    take,
)
from blacklist.web.asker import current
from blacklist.web.auth import needs
from blacklist.web.body import read_json
from blacklist.web.described import describes
from blacklist.web.problems import Refusal, respond
from blacklist.web.things import PROBLEMS as OF_THINGS

MAX_ITEMS = 1_000

BATCH_PROBLEMS = ("not_a_batch", "no_items", "too_many_items", "no_valid_item")
"""Words of a batch of which nothing can be done."""

api = Blueprint("api", __name__)

Told = TypeVar("Told")

Items = Annotated[
    list[Told], msgspec.Meta(extra_json_schema={"minItems": 1, "maxItems": MAX_ITEMS})
]


class Batch(msgspec.Struct, Generic[Told], forbid_unknown_fields=True):
    """Items that are looked at one by one, so that a bad one does not spoil the others.

    ``receipt``: the answer is to carry a token that proves it; only keys are given any.
    """

    items: Items[Told]
    receipt: bool = False


class AskedByAddress(Item):
    """One item in an address line; ``receipt=1`` asks for a token that proves the answer."""

    receipt: Literal["0", "1"] = "0"


class Proven(Verdict, frozen=True, kw_only=True):
    """A verdict; with ``receipt``, if that was asked for."""

    receipt: str | msgspec.UnsetType = msgspec.UNSET


class Verdicts(msgspec.Struct, frozen=True):
    """One result an item, in order; with ``receipt``, if that was asked for."""

    results: Sequence[Verdict]
    receipt: str | msgspec.UnsetType = msgspec.UNSET


class NotAnswered(msgspec.Struct, frozen=True):
    """What a refused batch tells beside why: what is wrong with each item, in order."""

    results: Sequence[Verdict]


class Alive(msgspec.Struct, frozen=True):
    """The process runs."""

    status: Literal["alive"]
    version: str


class Ready(msgspec.Struct, frozen=True):
    """Questions can be answered, on these lists."""

    status: Literal["ready"]
    as_of: AsOf


class Signpost(msgspec.Struct, frozen=True):
    """What is here, and where."""

    service: str
    version: str
    check: str
    ready: str
    docs: str
    openapi: str


_PARAMETERS = frozenset(AskedByAddress.__struct_fields__)
_BAD_RECEIPT = ItemError("bad_receipt", "'receipt' must be 1, or left out")

_decode_batch = msgspec.json.Decoder(Batch[msgspec.Raw]).decode


@api.get("/v1/check")
@needs(Scope.CHECK, is_public=True, has_test_answers=True)
@describes(
    parameters=AskedByAddress,
    answers={200: Proven},
    problems={"bad_receipt", "use_post", *OF_THINGS, *METERED, *NOBODY_COULD_LOOK},
    beside=dict.fromkeys(NOBODY_COULD_LOOK, Verdict),
)
def check_one() -> Response:
    """Answer one question from the address line."""
    item, wants_receipt = _item_from_address()
    asked = ask_of(item, region=home_region())
    if isinstance(asked, ItemError):
        raise Refusal(400, asked.reason, asked.detail)
    take(1)
    verdict = lookup().check(asked)
    if isinstance(verdict.error, ItemError):
        raise Refusal(400, verdict.error.reason, verdict.error.detail)
    _refuse_closed_kinds(verdict)
    if verdict.verdict is Outcome.UNAVAILABLE:
        return respond(503, verdict.notes[-1], COULD_NOT_LOOK, anonymous([verdict])[0])
    answers = advised([verdict])
    told = answers[0]
    if wants_receipt:
        told = Proven(**msgspec.structs.asdict(told), receipt=receipts.issue(answers))
    return Response(encode(told), content_type="application/json")


@api.post("/v1/check")
@needs(Scope.CHECK, is_public=True, has_test_answers=True)
@describes(
    body=Batch[Item],
    answers={200: Verdicts},
    problems={*BATCH_PROBLEMS, *METERED, *NOBODY_COULD_LOOK},
    in_items=OF_THINGS,
    beside=dict.fromkeys(("no_valid_item", *NOBODY_COULD_LOOK), NotAnswered),
)
def check_many() -> Response:
    """Answer up to 1,000 questions, in order.

    An item that is wrong has a result with ``error``, and leaves the others alone.
    """
    items, wants_receipt = _items_and_wish()
    take(len(items))
    results = _check_all(items)
    if all(result.error for result in results):
        detail = "no item can be understood; see each result"
        return respond(400, "no_valid_item", detail, NotAnswered(anonymous(results)))
    if not any(result.verdict not in {None, Outcome.UNAVAILABLE} for result in results):
        reason = next(one.notes[-1] for one in results if one.verdict is Outcome.UNAVAILABLE)
        return respond(503, reason, COULD_NOT_LOOK, NotAnswered(anonymous(results)))
    told = advised(results)
    receipt = receipts.issue(told) if wants_receipt else msgspec.UNSET
    return Response(encode(Verdicts(told, receipt)), content_type="application/json")


@api.get("/healthz")
@describes(answers={200: Alive})
def healthz() -> Response:
    """Tell that the process is alive; says nothing about whether it can answer."""
    return Response(encode(Alive("alive", __version__)), content_type="application/json")


@api.get("/readyz")
@describes(answers={200: Ready}, problems={"store_unavailable", "no_lists"})
def readyz() -> Response:
    """Tell whether questions can be answered, and on what lists."""
    try:
        state = lookup().as_of()
    except BlacklistError as exc:
        return respond(503, "store_unavailable", str(exc))
    if not any(coverage.entries for coverage in state.lists.values()):
        return respond(503, "no_lists", "no list is loaded: an answer would be worth nothing")
    return Response(encode(Ready("ready", state)), content_type="application/json")


def pointers() -> Response:
    """What is here, for programs that ask at the service's own address (``pages/ask.py``)."""
    told = Signpost(
        service="blacklist",
        version=__version__,
        check="/v1/check?value=vn-bank.example",
        ready="/readyz",
        docs="/docs",
        openapi="/openapi.json",
    )
    return Response(encode(told), content_type="application/json")


def _item_from_address() -> tuple[Item, bool]:
    """Return the one item, and whether a receipt is wanted."""
    # Read here and not by werkzeug, whose table of parameters costs as much as the whole answer.
    query = current().environ["QUERY_STRING"].encode("latin-1")  # PEP 3333
    pairs = parse_qsl(query.decode("utf-8", "replace"), keep_blank_values=True)
    fields = dict(pairs)
    repeated = len(fields) < len(pairs)
    if not fields.keys() <= _PARAMETERS:
        told = f"known parameters: {', '.join(sorted(_PARAMETERS))}"
        raise Refusal(400, "unknown_parameter", told)
    if repeated:
        raise Refusal(400, "repeated_parameter", "give every parameter once")
    if "value" not in fields:
        raise Refusal(400, "no_value", "the parameter 'value' is missing")
    try:
        asked = msgspec.convert(fields, AskedByAddress, strict=False)
    except msgspec.ValidationError as exc:
        error = _BAD_RECEIPT if field_of(exc) == "receipt" else item_error(exc)
        raise Refusal(400, error.reason, error.detail) from exc
    return asked, _may_have_receipt(is_wanted=asked.receipt == "1")


def _may_have_receipt(*, is_wanted: bool) -> bool:
    if is_wanted:
        auth.require_caller()
    return is_wanted


def items_from_body() -> list[Any]:
    """The items of a batch, each for itself to be looked at; Refusal where there are none."""
    items, _ = _items_and_wish()
    return items


def _items_and_wish() -> tuple[list[Any], bool]:
    """Return the items, and whether a receipt is wanted."""
    items, wants_receipt = _decode_items(read_json(request))
    if not items:
        raise Refusal(400, "no_items", "the batch is empty")
    if len(items) > MAX_ITEMS:
        raise Refusal(413, "too_many_items", f"at most {MAX_ITEMS} items a batch")
    return items, _may_have_receipt(is_wanted=wants_receipt)


def _decode_items(body: bytes) -> tuple[list[Any], bool]:
    try:
        batch = _decode_batch(body)
    except msgspec.ValidationError as exc:
        raise Refusal(400, "not_a_batch", 'send {"items": [{"value": …}, …]}') from exc
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _decode_items_leniently(body)
    return list(batch.items), batch.receipt


def _decode_items_leniently(body: bytes) -> tuple[list[Any], bool]:
    """Half a surrogate pair in one text must not spoil a batch: json takes it, we refuse it."""
    try:
        document = json.loads(body)
        items, wants_receipt = document["items"], document.get("receipt", False)
    except (ValueError, RecursionError, KeyError, TypeError) as exc:
        raise Refusal(400, "not_json", "the body is not JSON") from exc
    if not isinstance(items, list) or not isinstance(wants_receipt, bool):
        raise Refusal(400, "not_a_batch", 'send {"items": [{"value": …}, …]}')
    return items, wants_receipt


def _check_all(raw: Sequence[Any]) -> list[Verdict]:
    """One result an item, in order; what cannot be understood is a result with ``error``."""
    region = home_region()
    asked = [read_item(item, region=region) for item in raw]
    answers = iter(lookup().check_many([one for one in asked if isinstance(one, Ask)]))
    return [next(answers) if isinstance(one, Ask) else one for one in asked]


def _refuse_closed_kinds(verdict: Verdict) -> None:
    if not is_account_get_open() and any(
        identifier.kind is Kind.ACCOUNT for identifier in verdict.identifiers
    ):
        raise Refusal(403, "use_post", "ask for accounts by POST: addresses are kept in logs")

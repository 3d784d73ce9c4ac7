"""The HTTP interface: ``/v1/check``, ``/healthz``, ``/readyz``.

Requests become :class:`~blacklist.lookup.Ask` objects, verdicts become JSON; what lies between is
``lookup.py``. A bad item of a batch is a result with ``error``; a request of which nothing can be
answered is a problem document that carries the results it has.
"""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from flask import Blueprint, Response, current_app, request

from blacklist import __version__
from blacklist.callers import Scope
from blacklist.errors import BlacklistError
from blacklist.items import FIELDS, Item, ask_of, item_error, read_item
from blacklist.lookup import Ask
from blacklist.model import ItemError, Kind, Outcome, Verdict
from blacklist.web.answers import COULD_NOT_LOOK, advised, anonymous, encode, lookup, take
from blacklist.web.auth import needs
from blacklist.web.body import read_json
from blacklist.web.problems import Refusal, respond

MAX_ITEMS = 1_000

api = Blueprint("api", __name__)


class Batch(msgspec.Struct, forbid_unknown_fields=True):
    """A batch; its items are looked at one by one, so that a bad one does not spoil the others."""

    items: list[msgspec.Raw]


_decode_batch = msgspec.json.Decoder(Batch).decode


@api.get("/v1/check")
@needs(Scope.CHECK, is_public=True, has_test_answers=True)
def check_one() -> Response:
    """Answer one question from the address line."""
    item = _item_from_address()
    asked = ask_of(item, region=current_app.config["REGION"])
    if isinstance(asked, ItemError):
        raise Refusal(400, asked.reason, asked.detail)
    take(1)
    verdict = lookup().check(asked)
    if isinstance(verdict.error, ItemError):
        raise Refusal(400, verdict.error.reason, verdict.error.detail)
    _refuse_closed_kinds(verdict)
    if verdict.verdict is Outcome.UNAVAILABLE:
        members = msgspec.to_builtins(anonymous([verdict])[0])
        return respond(503, verdict.notes[-1], COULD_NOT_LOOK, members)
    return Response(encode(advised([verdict])[0]), content_type="application/json")


@api.post("/v1/check")
@needs(Scope.CHECK, is_public=True, has_test_answers=True)
def check_many() -> Response:
    """Answer up to :data:`MAX_ITEMS` questions, in order."""
    items = _items_from_body()
    take(len(items))
    results = _check_all(items)
    if all(result.error for result in results):
        members = {"results": anonymous(results)}
        return respond(400, "no_valid_item", "no item can be understood; see each result", members)
    if not any(result.verdict not in {None, Outcome.UNAVAILABLE} for result in results):
        members = {"results": anonymous(results)}
        reason = next(one.notes[-1] for one in results if one.verdict is Outcome.UNAVAILABLE)
        return respond(503, reason, COULD_NOT_LOOK, members)
    return Response(encode({"results": advised(results)}), content_type="application/json")


@api.get("/healthz")
def healthz() -> dict[str, str]:
    """Tell that the process is alive; says nothing about whether it can answer."""
    return {"status": "alive", "version": __version__}


@api.get("/readyz")
def readyz() -> Response:
    """Tell whether questions can be answered, and on what lists."""
    try:
        state = lookup().as_of()
    except BlacklistError as exc:
        return respond(503, "store_unavailable", str(exc))
    if not any(coverage.entries for coverage in state.lists.values()):
        return respond(503, "no_lists", "no list is loaded: an answer would be worth nothing")
    return Response(encode({"status": "ready", "as_of": state}), content_type="application/json")


@api.get("/")
def index() -> dict[str, Any]:
    """Point to what is here."""
    return {
        "service": "blacklist",
        "version": __version__,
        "check": "/v1/check?value=vn-bank.example",
        "ready": "/readyz",
    }


def _item_from_address() -> Item:
    # Read here and not by werkzeug, whose table of parameters costs as much as the whole answer.
    query = request.environ["QUERY_STRING"].encode("latin-1").decode("utf-8", "replace")  # PEP 3333
    pairs = parse_qsl(query, keep_blank_values=True)
    fields = dict(pairs)
    if not fields.keys() <= FIELDS:
        raise Refusal(400, "unknown_parameter", f"known parameters: {', '.join(sorted(FIELDS))}")
    if len(fields) < len(pairs):
        raise Refusal(400, "repeated_parameter", "give every parameter once")
    if "value" not in fields:
        raise Refusal(400, "no_value", "the parameter 'value' is missing")
    try:
        return msgspec.convert(fields, Item, strict=False)
    except msgspec.ValidationError as exc:
        error = item_error(exc)
        raise Refusal(400, error.reason, error.detail) from exc


def _items_from_body() -> list[Any]:
    items = _decode_items(read_json(request))
    if not items:
        raise Refusal(400, "no_items", "the batch is empty")
    if len(items) > MAX_ITEMS:
        raise Refusal(413, "too_many_items", f"at most {MAX_ITEMS} items a batch")
    return items


def _decode_items(body: bytes) -> list[Any]:
    try:
        return list(_decode_batch(body).items)
    except msgspec.ValidationError as exc:
        raise Refusal(400, "not_a_batch", 'send {"items": [{"value": …}, …]}') from exc
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _decode_items_leniently(body)


def _decode_items_leniently(body: bytes) -> list[Any]:
    """Half a surrogate pair in one text must not spoil a batch: json takes it, we refuse it."""
    try:
        items = json.loads(body)["items"]
    except (ValueError, RecursionError, KeyError, TypeError) as exc:
        raise Refusal(400, "not_json", "the body is not JSON") from exc
    if not isinstance(items, list):
        raise Refusal(400, "not_a_batch", 'send {"items": [{"value": …}, …]}')
    return items


def _check_all(raw: Sequence[Any]) -> list[Verdict]:
    """One result an item, in order; what cannot be understood is a result with ``error``."""
    region = current_app.config["REGION"]
    asked = [read_item(item, region=region) for item in raw]
    answers = iter(lookup().check_many([one for one in asked if isinstance(one, Ask)]))
    return [next(answers) if isinstance(one, Ask) else one for one in asked]


def _refuse_closed_kinds(verdict: Verdict) -> None:
    if current_app.config["ACCOUNT_GET"]:
        return
    if any(identifier.kind is Kind.ACCOUNT for identifier in verdict.identifiers):
        raise Refusal(403, "use_post", "ask for accounts by POST: addresses are kept in logs")

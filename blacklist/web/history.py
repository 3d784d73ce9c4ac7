"""``POST /v1/history``: what was known of a thing when, for keys that list and for institutions."""

import time
from typing import Any, Final

import msgspec
from flask import Blueprint, Flask, Response, current_app, request

from blacklist import history
from blacklist.callers import Caller, Scope
from blacklist.items import Item
from blacklist.model import Audience
from blacklist.store import Client
from blacklist.store.time_limit import within
from blacklist.web import auth
from blacklist.web.answers import encode, take
from blacklist.web.body import read_json
from blacklist.web.problems import Refusal
from blacklist.web.things import understood

ANSWER_SECONDS: Final = 10.0
"""How long the store may take: some hundred shards, and every letter."""

histories = Blueprint("histories", __name__)


_CLIENT: Final = "blacklist.history"


def install(app: Flask, client: Client) -> None:
    """Let the application read history over this client."""
    app.extensions[_CLIENT] = client
    app.register_blueprint(histories)


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    """The thing, as it comes."""

    value: str
    kind: str | None = None
    bank: str | None = None
    region: str | None = None


@histories.post("/v1/history")
def tell_history() -> Response:
    """Tell what was known of one thing when."""
    _require_permission(auth.require_caller())
    question = understood(_item())
    take(1)
    client = current_app.extensions[_CLIENT]
    with within(ANSWER_SECONDS):
        told = history.tell(client, question, audience=auth.audience(), now=int(time.time()))
    readings = [
        {"kind": one.identifier.kind, "value": one.identifier.value, "display": one.display}
        for one in question.readings
    ]
    answer: dict[str, Any] = {"identifiers": readings} | msgspec.to_builtins(told)
    return Response(encode(answer), content_type="application/json")


def _require_permission(caller: Caller) -> None:
    """Who lists may see it all; who asks, if it is an institution."""
    is_institution = caller.audience is Audience.INSTITUTIONS
    if not (caller.may(Scope.LIST) or (caller.may(Scope.CHECK) and is_institution)):
        detail = "this needs the scope 'list', or 'check' and a key of an institution"
        raise Refusal(403, "not_allowed", detail)
    if caller.test:
        raise Refusal(403, "not_allowed", "there are no fixed answers for test keys here")


def _item() -> Item:
    try:
        asked = msgspec.json.decode(read_json(request), type=Asked)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        detail = 'send {"value": …, "kind": …, "bank": …, "region": …}'
        raise Refusal(400, "not_an_item", detail) from exc
    return Item(asked.value, kind=asked.kind, bank=asked.bank, region=asked.region)

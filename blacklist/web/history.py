"""``POST /v1/history``: what was known of a thing when, for keys that list and for institutions."""

import time
from typing import Final

import msgspec
from flask import Blueprint, Flask, Response, current_app, request

from blacklist import history
from blacklist.callers import Caller, Scope
from blacklist.history import HistoryView
from blacklist.items import Item, KindWord
from blacklist.model import Audience, IdentifierView, Question
from blacklist.store import Client
from blacklist.store.time_limit import within
from blacklist.web import auth
from blacklist.web.answers import METERED, encode, take
from blacklist.web.auth import needs
from blacklist.web.body import read_json
from blacklist.web.described import describes
from blacklist.web.problems import Refusal
from blacklist.web.things import PROBLEMS as OF_THINGS
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
    kind: KindWord | None = None
    bank: str | None = None
    region: str | None = None


class Known(HistoryView, frozen=True, kw_only=True):
    """What was known when, of what the thing is understood as."""

    identifiers: tuple[IdentifierView, ...]


@histories.post("/v1/history")
@needs(Scope.LIST, Scope.CHECK)
@describes(
    body=Asked,
    answers={200: Known},
    problems={"not_an_item", "store_unavailable", *OF_THINGS, *METERED},
)
def tell_history() -> Response:
    """Tell what was known of one thing when.

    With the scope ``check`` only a key of an institution may ask.
    """
    _require_permission(auth.require_caller())
    question = understood(_item())
    take(1)
    told = history_of(question)
    readings = tuple(
        IdentifierView(one.identifier.kind, one.identifier.value, one.display)
        for one in question.readings
    )
    answer = Known(**msgspec.structs.asdict(told), identifiers=readings)
    return Response(encode(answer), content_type="application/json")


def history_of(question: Question) -> HistoryView:
    """What was known of a thing when, as far as whoever asks may know; the store has its time."""
    client = current_app.extensions[_CLIENT]
    with within(ANSWER_SECONDS):
        return history.tell(client, question, audience=auth.audience(), now=int(time.time()))


def _require_permission(caller: Caller) -> None:
    """Who lists may see it all; who asks, if it is an institution."""
    if not caller.may(Scope.LIST) and caller.audience is not Audience.INSTITUTIONS:
        detail = "this needs the scope 'list', or 'check' and a key of an institution"
        raise Refusal(403, "not_allowed", detail)


def _item() -> Item:
    try:
        asked = msgspec.json.decode(read_json(request), type=Asked)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        detail = 'send {"value": …, "kind": …, "bank": …, "region": …}'
        raise Refusal(400, "not_an_item", detail) from exc
    return Item(asked.value, kind=asked.kind, bank=asked.bank, region=asked.region)

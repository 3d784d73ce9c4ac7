"""``POST /v1/outcomes``: what came of a transfer that was asked about, told with its receipt.

The receipt proves what was answered; nothing else of an answer is kept here, so that nobody has to
say again whom the money was for. The counter (``pages/counter.py``) tells in the same way.
"""

import time
from typing import Annotated, Final, Literal

import msgspec
from flask import Blueprint, Response, request

from blacklist.callers import Scope
from blacklist.receipts import Said, short_id
from blacklist.store import durability, outcomes
from blacklist.store.outcomes import MAX_AMOUNT, TOLD_DAYS, Ending, Outcome
from blacklist.store.tellers import day_of
from blacklist.web import auth, writes
from blacklist.web.answers import encode
from blacklist.web.auth import needs
from blacklist.web.body import read_json
from blacklist.web.described import describes
from blacklist.web.idempotency import idempotent
from blacklist.web.problems import Refusal
from blacklist.web.receipts import receipts

telling = Blueprint("outcomes", __name__)

_SHAPE: Final = (
    f'send {{"receipt": …, "outcome": {" | ".join(Ending)}, "amount": VND, "result": 0}}: '
    f"'amount' is a whole number up to {MAX_AMOUNT}, or left out"
)


class OutcomeTold(msgspec.Struct, forbid_unknown_fields=True):
    """What came of one answer. ``result`` says which of the receipt's, where it has several."""

    receipt: str
    outcome: Ending
    amount: Annotated[int, msgspec.Meta(ge=0, le=MAX_AMOUNT)] | None = None
    result: Annotated[int, msgspec.Meta(ge=0)] | None = None


class OutcomeCounted(msgspec.Struct, frozen=True):
    """An outcome was counted; ``id`` is the receipt's as people read it."""

    status: Literal["counted"]
    id: str
    outcome: Ending


_decode = msgspec.json.Decoder(OutcomeTold).decode


@telling.post("/v1/outcomes")
@needs(Scope.CHECK, has_test_answers=True)
@describes(
    body=OutcomeTold,
    answers={200: OutcomeCounted},
    problems={
        *("not_an_outcome", "receipt_not_genuine", "receipt_not_yours", "receipt_too_old"),
        *("no_such_result", *writes.PROBLEMS),
    },
)
@idempotent()
def tell() -> Response:
    """Count an outcome; told again it is counted once, told otherwise the last word counts."""
    told = _from_body()
    count(told)
    counted = OutcomeCounted("counted", short_id(told.receipt), told.outcome)
    return Response(encode(counted), content_type="application/json")


def count(told: OutcomeTold) -> None:
    """Count an outcome under the key of this request; what a test key tells counts for nothing.

    Raises Refusal where the receipt proves no answer to this key of the last days.
    """
    receipt = receipts().read(told.receipt)
    if receipt is None:
        raise Refusal(422, "receipt_not_genuine", "this is no receipt of this service")
    caller = auth.require_caller()
    if receipt.caller != caller.id:
        raise Refusal(403, "receipt_not_yours", "this receipt was given to another key")
    day = day_of(receipt.at)
    if day_of(int(time.time())) - day > TOLD_DAYS:
        detail = f"an outcome is told within {TOLD_DAYS} days of the answer"
        raise Refusal(422, "receipt_too_old", detail)
    place, said = _place(receipt.results, told.result)
    if said.level is None or said.kind is None:
        raise Refusal(422, "no_such_result", "nothing could be said of this: there is no outcome")
    if receipt.is_test:
        return
    name = receipts().name(told.receipt, place)
    amount = told.amount or 0
    outcome = Outcome(day, name, told.outcome, said.level, said.kind, caller.id, amount)
    with writes.writing() as publisher:
        outcomes.count(publisher.client, outcome)
        # No process answers from it: that it is kept is all that there is to wait for.
        durability.replicate(publisher.client)


def _place(results: tuple[Said, ...], result: int | None) -> tuple[int, Said]:
    if result is None and len(results) > 1:
        detail = "the receipt speaks of several things: say which, as 'result', from 0"
        raise Refusal(422, "no_such_result", detail)
    place = result or 0
    if place >= len(results):
        raise Refusal(422, "no_such_result", "the receipt has not so many results")
    return place, results[place]


def _from_body() -> OutcomeTold:
    try:
        return _decode(read_json(request))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
        raise Refusal(400, "not_an_outcome", _SHAPE) from exc

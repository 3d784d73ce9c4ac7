"""``POST /v1/receipts/verify``: whether a receipt is genuine, and what it says of what."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from flask import Blueprint, Flask, Response, current_app, request

from blacklist import identifiers
from blacklist.callers import Scope
from blacklist.errors import InvalidIdentifier
from blacklist.items import read_item
from blacklist.lookup import Ask
from blacklist.model import Identifier, ItemError, Question
from blacklist.receipts import Receipt
from blacklist.verdict import rfc3339
from blacklist.web import receipts
from blacklist.web.answers import encode, take
from blacklist.web.api import MAX_ITEMS
from blacklist.web.auth import needs
from blacklist.web.body import read_json
from blacklist.web.problems import Refusal

proofs = Blueprint("proofs", __name__)

_KIND_OF_REQUEST: Final = 'send {"receipt": "br1.…", "items": [{"value": …}, …]}'


class Claim(msgspec.Struct, forbid_unknown_fields=True):
    """A receipt, and what it is said to speak of."""

    receipt: str
    items: list[msgspec.Raw] = []


def install(app: Flask, secret: bytes) -> None:
    """Let receipts be given with answers, signed by the installation's secret, and verified."""
    receipts.install(app, secret)
    app.register_blueprint(proofs)


_decode = msgspec.json.Decoder(Claim).decode


@proofs.post("/v1/receipts/verify")
@needs(Scope.CHECK, has_test_answers=True)
def verify() -> Response:
    """Tell what a receipt proves; one that is not ours to the last character proves nothing."""
    claim = _claim_from_body()
    take(max(1, len(claim.items)))
    receipt = receipts.receipts().read(claim.receipt)
    if receipt is None:
        return _answer({"genuine": False})
    told: dict[str, Any] = {"genuine": True, "says": _says(receipt)}
    if claim.items:
        told["items"] = [_compare(receipt, one) for one in claim.items]
    return _answer(told)


def _claim_from_body() -> Claim:
    try:
        claim = _decode(read_json(request))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise Refusal(400, "not_a_receipt", _KIND_OF_REQUEST) from exc
    if len(claim.items) > MAX_ITEMS:
        raise Refusal(413, "too_many_items", f"at most {MAX_ITEMS} items a batch")
    return claim


def _says(receipt: Receipt) -> dict[str, Any]:
    results: Sequence[dict[str, Any]] = [
        {"verdict": one.verdict, "level": one.level, "action": one.action}
        for one in receipt.results
    ]
    return {
        "at": rfc3339(receipt.at),
        "caller": receipt.caller,
        "policy": receipt.policy,
        "position": receipt.position,
        "test": receipt.is_test,
        "results": results,
    }


def _compare(receipt: Receipt, raw: msgspec.Raw) -> dict[str, Any]:
    """Tell which answer of the receipt speaks of an item, if one does."""
    asked = read_item(raw, region=current_app.config["REGION"])
    if not isinstance(asked, Ask):
        return {"speaks": False, "result": None, "error": asked.error}
    try:
        question = identifiers.ask(
            asked.value, kind=asked.kind, bank=asked.bank, region=asked.region
        )
    except InvalidIdentifier as exc:
        return {"speaks": False, "result": None, "error": ItemError(exc.reason, exc.detail)}
    place = receipts.receipts().find(receipt, _identifiers(question))
    return {"speaks": place is not None, "result": place}


def _identifiers(question: Question) -> Sequence[Identifier]:
    return [reading.identifier for reading in question.readings]


def _answer(told: dict[str, Any]) -> Response:
    return Response(encode(told), content_type="application/json")

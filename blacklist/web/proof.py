"""``POST /v1/receipts/verify``: whether a receipt is genuine, and what it says of what."""

from collections.abc import Sequence
from typing import Final, Generic, TypeVar

import msgspec
from flask import Blueprint, Flask, Response, request

from blacklist import identifiers
from blacklist.callers import Scope
from blacklist.errors import InvalidIdentifier
from blacklist.items import Item, read_item
from blacklist.lookup import Ask
from blacklist.model import Action, Identifier, ItemError, Kind, Level, Outcome, Question
from blacklist.receipts import Receipt, short_id
from blacklist.verdict import rfc3339
from blacklist.web import receipts
from blacklist.web.answers import METERED, encode, home_region, take
from blacklist.web.api import MAX_ITEMS
from blacklist.web.auth import needs
from blacklist.web.body import read_json
from blacklist.web.described import describes
from blacklist.web.problems import Refusal
from blacklist.web.things import PROBLEMS as OF_THINGS

proofs = Blueprint("proofs", __name__)

_KIND_OF_REQUEST: Final = 'send {"receipt": "br1.…", "items": [{"value": …}, …]}'


Told = TypeVar("Told")


class Claim(msgspec.Struct, Generic[Told], forbid_unknown_fields=True):
    """A receipt, and what it is said to speak of."""

    receipt: str
    items: list[Told] = []


class SaidOfOne(msgspec.Struct, frozen=True):
    """What a receipt says of one item; what that was, only its hash tells."""

    verdict: Outcome | None
    level: Level | None
    action: Action | None
    kind: Kind | None


class Says(msgspec.Struct, frozen=True):
    """What a receipt says, and to whom it was given when; ``position`` is the journal's."""

    at: str
    caller: str
    policy: str
    position: str | None
    test: bool
    results: Sequence[SaidOfOne]


class Compared(msgspec.Struct, frozen=True):
    """Whether a receipt speaks of an item, and which of its results does."""

    speaks: bool
    result: int | None
    error: ItemError | msgspec.UnsetType = msgspec.UNSET


class Verified(msgspec.Struct, frozen=True):
    """``id`` (as people read it) and ``says`` where it is genuine; ``items`` where some were sent.

    One each, in order.
    """

    genuine: bool
    id: str | msgspec.UnsetType = msgspec.UNSET
    says: Says | msgspec.UnsetType = msgspec.UNSET
    items: Sequence[Compared] | msgspec.UnsetType = msgspec.UNSET


def install(app: Flask, secret: bytes) -> None:
    """Let receipts be given with answers, signed by the installation's secret, and verified."""
    receipts.install(app, secret)
    app.register_blueprint(proofs)


_decode = msgspec.json.Decoder(Claim[msgspec.Raw]).decode


@proofs.post("/v1/receipts/verify")
@needs(Scope.CHECK, has_test_answers=True)
@describes(
    body=Claim[Item],
    answers={200: Verified},
    problems={"not_a_receipt", *METERED},
    in_items=OF_THINGS,
)
def verify() -> Response:
    """Tell what a receipt proves; one that is not ours to the last character proves nothing."""
    claim = _claim_from_body()
    take(max(1, len(claim.items)))
    receipt = receipts.receipts().read(claim.receipt)
    if receipt is None:
        return _answer(Verified(genuine=False))
    compared = [_compare(receipt, one) for one in claim.items]
    return _answer(
        Verified(
            genuine=True,
            id=short_id(claim.receipt),
            says=_says(receipt),
            items=compared or msgspec.UNSET,
        )
    )


def _claim_from_body() -> Claim[msgspec.Raw]:
    try:
        claim = _decode(read_json(request))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise Refusal(400, "not_a_receipt", _KIND_OF_REQUEST) from exc
    if len(claim.items) > MAX_ITEMS:
        raise Refusal(413, "too_many_items", f"at most {MAX_ITEMS} items a batch")
    return claim


def _says(receipt: Receipt) -> Says:
    return Says(
        at=rfc3339(receipt.at),
        caller=receipt.caller,
        policy=receipt.policy,
        position=receipt.position,
        test=receipt.is_test,
        results=[
            SaidOfOne(one.verdict, one.level, one.action, one.kind) for one in receipt.results
        ],
    )


def _compare(receipt: Receipt, raw: msgspec.Raw) -> Compared:
    """Tell which answer of the receipt speaks of an item, if one does."""
    asked = read_item(raw, region=home_region())
    if not isinstance(asked, Ask):
        return Compared(speaks=False, result=None, error=asked.error)
    try:
        question = identifiers.ask(
            asked.value, kind=asked.kind, bank=asked.bank, region=asked.region
        )
    except InvalidIdentifier as exc:
        error = ItemError(exc.reason, exc.detail)
        return Compared(speaks=False, result=None, error=error)
    place = receipts.receipts().find(receipt, _identifiers(question))
    return Compared(speaks=place is not None, result=place)


def _identifiers(question: Question) -> Sequence[Identifier]:
    return [reading.identifier for reading in question.readings]


def _answer(told: Verified) -> Response:
    return Response(encode(told), content_type="application/json")

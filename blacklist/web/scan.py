"""``POST /v1/scan``: a whole message. The address has no other method: a message is never in it."""

import json
import re
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from flask import Blueprint, Response, request

from blacklist.callers import Scope
from blacklist.identifiers.reasons import REASONS as OF_TEXTS
from blacklist.items import MAX_REF_CHARACTERS, NO_REF, NO_REGION, is_text
from blacklist.model import ItemError, Outcome
from blacklist.scan import MAX_CHARACTERS, Found, Scan, scan
from blacklist.web.answers import (
    COULD_NOT_LOOK,
    METERED,
    NOBODY_COULD_LOOK,
    anonymous,
    encode,
    home_region,
    lookup_for_caller,
)
from blacklist.web.auth import needs
from blacklist.web.body import read_json
from blacklist.web.described import describes
from blacklist.web.problems import Refusal, respond

scans = Blueprint("scan", __name__)


class Message(msgspec.Struct, forbid_unknown_fields=True):
    """A message, as it comes; ``region`` is the country (two letters) of its phone numbers."""

    text: Annotated[str, msgspec.Meta(extra_json_schema={"maxLength": MAX_CHARACTERS})]
    region: str | None = None
    ref: Annotated[str, msgspec.Meta(max_length=MAX_REF_CHARACTERS)] | None = None


class NotLookedUp(msgspec.Struct, frozen=True):
    """What a message that could not be looked up tells beside why: what was found in it."""

    ref: str | None
    found: Sequence[Found]


_decode = msgspec.json.Decoder(Message).decode

_FIELD_ERRORS = {
    "text": ItemError("not_text", "'text' must be text"),
    "region": NO_REGION,
    "ref": NO_REF,
}


@scans.post("/v1/scan")
@needs(Scope.CHECK, is_public=True, has_test_answers=True)
@describes(
    body=Message,
    answers={200: Scan},
    problems={
        *("no_text", "not_text", "unknown_region", "bad_ref", "unknown_field", "not_a_message"),
        *("empty", "text_too_long", *METERED, *NOBODY_COULD_LOOK),
    },
    in_items=OF_TEXTS,
    beside=dict.fromkeys(NOBODY_COULD_LOOK, NotLookedUp),
)
def scan_message() -> Response:
    """Answer about everything in a message; 503 when nothing of it could be looked up."""
    message = _message_from_body()
    region = message.region or home_region()
    answer = scan(lookup_for_caller(), message.text, region=region, ref=message.ref)
    if answer.verdict is Outcome.UNAVAILABLE and not _has_answer(answer):
        reason = next(
            one.result.notes[-1]
            for one in answer.found
            if one.result.verdict is Outcome.UNAVAILABLE
        )
        beside = NotLookedUp(answer.ref, _anonymous_places(answer))
        return respond(503, reason, COULD_NOT_LOOK, beside)
    return Response(encode(answer), content_type="application/json")


def _has_answer(answer: Scan) -> bool:
    return any(one.result.verdict not in {None, Outcome.UNAVAILABLE} for one in answer.found)


def _anonymous_places(answer: Scan) -> list[Found]:
    results = anonymous([one.result for one in answer.found])
    return [
        Found(one.start, one.end, None, result)
        for one, result in zip(answer.found, results, strict=True)
    ]


def _message_from_body() -> Message:
    message = _decode_message(read_json(request))
    for name in ("text", "region", "ref"):
        if not is_text(getattr(message, name) or ""):
            error = _FIELD_ERRORS[name]
            raise Refusal(400, error.reason, error.detail)
    if len(message.text) > MAX_CHARACTERS:
        raise Refusal(413, "text_too_long", f"at most {MAX_CHARACTERS:,} characters a message")
    return message


def _decode_message(body: bytes) -> Message:
    try:
        return _decode(body)
    except msgspec.ValidationError as exc:
        raise _refusal(exc) from exc
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _decode_leniently(body)


def _decode_leniently(body: bytes) -> Message:
    """Half a surrogate pair is legal JSON: json takes it, so that it is refused by its own word."""
    try:
        document: Any = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise Refusal(400, "not_json", "the body is not JSON") from exc
    try:
        return msgspec.convert(document, Message)
    except (msgspec.ValidationError, UnicodeEncodeError) as exc:
        raise _refusal(exc) from exc


def _refusal(exc: Exception) -> Refusal:
    """Which field is wrong; the message itself can quote the text and stays here."""
    said = str(exc)
    place = re.search(r"`\$\.(\w+)`", said)
    if place and place[1] in _FIELD_ERRORS:
        error = _FIELD_ERRORS[place[1]]
        return Refusal(400, error.reason, error.detail)
    if "missing required field" in said:
        return Refusal(400, "no_text", "'text' is missing")
    if "unknown field" in said:
        return Refusal(400, "unknown_field", "known fields: ref, region, text")
    return Refusal(400, "not_a_message", 'send {"text": …}')

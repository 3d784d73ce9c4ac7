"""``Idempotency-Key``: a write that is sent again is done once, and answered as it was.

    key, caller, route ──▶ keyed hash ──▶ claimed? ──▶ the view ──▶ its answer is kept

After draft-ietf-httpapi-idempotency-key-header-07. :func:`idempotent` marks a view that writes by
POST; without the header a request is as before, and no other view is touched. What a view writes
must bear being done twice, since a worker can be killed between its write and its answer: a view
whose write would not is given :func:`seed`, which is the same for both.
"""

import hmac
import re
import time
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from io import BytesIO
from typing import Final

from flask import Flask, Response, after_this_request, current_app, g, request

from blacklist.errors import BlacklistError
from blacklist.secret import derive
from blacklist.store import Client, repeats, tellers
from blacklist.store.repeats import Answer, Claim, Standing
from blacklist.web import auth
from blacklist.web.answers import take
from blacklist.web.asker import current
from blacklist.web.body import read_body
from blacklist.web.cases import teller
from blacklist.web.described import Header, describes
from blacklist.web.problems import RETRY_SECONDS, Refusal

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
MAX_CHARACTERS: Final = 255
MAX_KEYLESS_A_DAY: Final = 200_000
"""Of all callers without a key, as many as their reports: some 80 MB. A flood fills no memory."""

_ENVIRON: Final = "HTTP_IDEMPOTENCY_KEY"
_STRING: Final = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])+)"')
"""A string of RFC 9651, which the draft asks for; no parameters, no list."""
_BARE: Final = re.compile(r"[!#-+\--:<-\[\]-~]+")
"""What most clients send: visible ASCII without what would end a string, a list or an item."""
_ESCAPED: Final = re.compile(r'\\(["\\])')
_NOT_KEPT: Final = frozenset({401, 403, 429})
"""With all of 500 and more: who may, how much, and whether it works, may soon be otherwise."""
_NAME: Final = "blacklist.idempotency"

View = Callable[[], Response]

_SENT: Final = Header(
    HEADER,
    "A name of the request: one that is sent again within 24 hours is done once, and answered as "
    f"the first was, with ``{REPLAYED}``.",
    {"type": "string", "minLength": 1, "maxLength": MAX_CHARACTERS},
)
PROBLEMS: Final = frozenset(
    {
        "bad_idempotency_key",
        "idempotency_key_in_use",
        "idempotency_key_reused",
        "too_many_idempotency_keys",
    }
)


class Repeats:
    """What a process knows repeated requests by: nothing of them stands in the store in clear."""

    def __init__(self, client: Client, secret: bytes) -> None:
        self.client = client
        self._key = derive(secret, "idempotency")

    def claim(self, caller: str, value: str, body: bytes) -> Claim:
        """Return the claim of a request to this route, by whoever calls."""
        route = f"{request.method} {request.url_rule}"
        name = self._hash(b"name", "\0".join((caller, route, value)).encode())
        # The name salts the body's hash, so that equal bodies of two requests cannot be told.
        return Claim(name.hex(), self._hash(b"body", name + body))

    def seed(self, claim: Claim) -> bytes:
        """Return 32 bytes that are a claim's own, whoever takes it and however often."""
        return self._hash(b"seed", claim.key.encode() + claim.body)

    def _hash(self, what: bytes, text: bytes) -> bytes:
        return hmac.digest(self._key, what + b"\0" + text, "sha256")


def install(app: Flask, client: Client, secret: bytes) -> None:
    """Let the application know requests that it was sent before."""
    app.extensions[_NAME] = Repeats(client, secret)


def idempotent(*, asks: int = 0) -> Callable[[View], View]:
    """Mark a view that writes; put it under what says who may call.

    ``asks`` things are counted against the caller's limit first, for a repeated request as for any:
    else whoever has one answer could ask for it without end.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def once() -> Response:
            if asks:
                take(asks)
            text: str | None = current().environ.get(_ENVIRON)
            return view() if text is None else _once(view, read_key(text))

        once.is_idempotent = True  # type: ignore[attr-defined]
        return describes(headers=(_SENT,), problems=PROBLEMS)(once)

    return mark


def seed() -> bytes | None:
    """Return 32 bytes that this request has whenever it is repeated; None without the header."""
    found: bytes | None = g.get("idempotency_seed")
    return found


def seed_of(once: str, told: bytes) -> bytes:
    """Return 32 bytes that a form has whenever it is sent again: told so, by the same person.

    ``once`` is a text that stands in one form and no other, ``told`` what is told with it.
    """
    known: Repeats = current_app.extensions[_NAME]
    return known.seed(known.claim(teller(), once, told))


def read_key(text: str) -> str:
    """Return what the header says; Refusal 400 where it is neither a string nor a bare word."""
    quoted = _STRING.fullmatch(text)
    value = _ESCAPED.sub(r"\1", quoted[1]) if quoted else text
    if len(value) > MAX_CHARACTERS or not (quoted or _BARE.fullmatch(text)):
        detail = f"{HEADER} is 1 to {MAX_CHARACTERS} printable ASCII characters, best a random UUID"
        raise Refusal(400, "bad_idempotency_key", detail)
    return value


def _once(view: View, value: str) -> Response:
    known: Repeats = current_app.extensions[_NAME]
    body = read_body(request)
    request.environ["wsgi.input"] = BytesIO(body)  # the view reads it, too
    claim = known.claim(teller(), value, body)
    match repeats.take(known.client, claim):
        case Answer() as answer:
            return Response(
                answer.body,
                answer.status,
                {REPLAYED: "true"},
                content_type=answer.media_type,
            )
        case Standing.OTHER:
            detail = f"this {HEADER} was sent with another body: take a new one for a new request"
            raise Refusal(422, "idempotency_key_reused", detail)
        case Standing.RUNNING:
            detail = f"the first request with this {HEADER} is not answered yet; try again"
            headers = {"Retry-After": str(RETRY_SECONDS)}
            raise Refusal(409, "idempotency_key_in_use", detail, headers)
    after_this_request(lambda response: _end(known.client, claim, response))
    _require_room(known.client)
    g.idempotency_seed = known.seed(claim)
    return view()


def _require_room(client: Client) -> None:
    if auth.caller() is not None:
        return
    now = int(time.time())
    if repeats.count(client, tellers.day_of(now)) > MAX_KEYLESS_A_DAY:
        detail = f"enough is kept today for callers without a key: send it without {HEADER}"
        headers = {"Retry-After": str(tellers.seconds_left(now))}
        raise Refusal(503, "too_many_idempotency_keys", detail, headers)


def _end(client: Client, claim: Claim, response: Response) -> Response:
    """Keep what is answered. Where that fails it is answered all the same, and the claim lapses."""
    status = response.status_code
    is_kept = status < 500 and status not in _NOT_KEPT  # noqa: PLR2004
    answer = Answer(status, response.content_type, response.get_data()) if is_kept else None
    with suppress(BlacklistError):
        repeats.end(client, claim, answer)
    return response

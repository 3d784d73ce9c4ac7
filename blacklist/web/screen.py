"""``POST /v1/screen``: a table of any length, in and out at once and in bounded memory.

The answer begins when the first batch is judged, while the rest is still being sent. What goes
wrong before that is a problem document. What goes wrong later ends the answer with one row that
says ``incomplete``, and the connection is closed without the end of the chunked coding, so that a
client sees a broken transfer whether it looks at rows or not. A stream takes a thread for as long
as it lasts: at most half of a worker's threads do, so that questions are answered beside it.
"""

import errno
import logging
from collections.abc import Iterator
from threading import BoundedSemaphore

from flask import Blueprint, Flask, Response, current_app, request

from blacklist.callers import Scope
from blacklist.errors import StoreError, TooMuch
from blacklist.identifiers.phone import require_region
from blacklist.model import ItemError, Kind
from blacklist.screening import Form, Lines, Piece, Told, begin, screen
from blacklist.web.answers import lookup_for_caller
from blacklist.web.auth import needs
from blacklist.web.body import Received
from blacklist.web.parameters import require_parameters
from blacklist.web.problems import Refusal

MEDIA_TYPES = {
    "text/csv": "csv",
    "application/x-ndjson": "ndjson",
    "application/ndjson": "ndjson",
}

screens = Blueprint("screen", __name__)

log = logging.getLogger(__name__)

_COLUMNS = {"column": "value", "bank_column": "bank", "kind_column": "kind"}
_PARAMETERS = frozenset({*_COLUMNS, "kind", "bank", "region"})
_SLOTS = "blacklist.screens"


def limit(app: Flask, threads: int) -> None:
    """Let half of a worker's threads screen, and at least one."""
    app.extensions[_SLOTS] = BoundedSemaphore(max(1, threads // 2))


@screens.post("/v1/screen")
@needs(Scope.CHECK, has_test_answers=True)
def screen_table() -> Response:
    """Answer about every row of a table, in order."""
    received = Received(request)
    try:
        return _answer(received)
    except Exception:
        received.drain()  # who still sends would not see the refusal
        raise


def _answer(received: Received) -> Response:
    format_ = MEDIA_TYPES.get(request.mimetype)
    if format_ is None:
        raise Refusal(415, "not_a_table", f"send one of {', '.join(MEDIA_TYPES)}")
    told = _told_by_address()
    slots: BoundedSemaphore = current_app.extensions[_SLOTS]
    if not slots.acquire(blocking=False):
        raise Refusal(503, "too_many_screens", "as many tables are being screened as may be")
    try:
        answer = _begin(format_, told, received)
    except BaseException:
        slots.release()
        raise
    response = Response(answer, mimetype=request.mimetype)
    response.call_on_close(slots.release)
    return response


def _begin(format_: str, told: Told, received: Received) -> Iterator[bytes]:
    """The answer, once its first batch is judged: until then it may still be refused."""
    lookup = lookup_for_caller()
    lookup.as_of()  # raises StoreError where nothing could be answered
    lines = Lines(received.read)
    form = begin(format_, lines, told)
    pieces = screen(lookup, form, lines)
    first = next(pieces, None)
    if first is None and format_ != "csv":
        raise Refusal(400, "no_items", "the body holds no item")
    return _stream(form, first, pieces, received)


def _stream(
    form: Form, first: Piece | None, pieces: Iterator[Piece], received: Received
) -> Iterator[bytes]:
    yield form.head + (first.data if first is not None else b"")
    try:
        for piece in pieces:
            yield piece.data
    except Exception as exc:  # noqa: BLE001 - whatever it is, the answer must not look whole
        error = _error(exc)
    else:
        return
    yield form.tail(ItemError("incomplete", f"{error.detail}; the rows behind were not asked"))
    received.drain()
    # Told to gunicorn as a client that went away: it closes the connection and logs nothing.
    raise ConnectionResetError(errno.ECONNRESET, "the answer is incomplete")


def _error(exc: Exception) -> ItemError:
    """Why a stream ends; never with what was asked."""
    if isinstance(exc, Refusal):
        return ItemError(exc.reason, exc.detail)
    if isinstance(exc, TooMuch):
        return ItemError("too_many_requests", str(exc))
    if isinstance(exc, StoreError):
        return ItemError("store_unavailable", "the lists could not be looked at")
    # The class only: a message or a traceback can hold what was asked.
    log.error("unforeseen %s", type(exc).__name__)
    return ItemError("internal_error", "the service failed")


def _told_by_address() -> Told:
    require_parameters(_PARAMETERS)
    told = {name: request.args[name] for name in request.args if request.args[name]}
    kind = told.get("kind")
    if kind not in {None, *Kind}:
        raise Refusal(400, "unknown_kind", f"known kinds: {', '.join(Kind)}")
    region = told.get("region") or current_app.config["REGION"]
    require_region(region)
    return Told(
        columns={field: told[name] for name, field in _COLUMNS.items() if name in told},
        kind=Kind(kind) if kind else None,
        bank=told.get("bank"),
        region=region,
    )

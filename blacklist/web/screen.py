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

import msgspec
from flask import Blueprint, Flask, Response, current_app, request

from blacklist.callers import Scope
from blacklist.errors import StoreError, TooMuch
from blacklist.identifiers.phone import require_region
from blacklist.items import UNKNOWN_KIND, KindWord
from blacklist.model import ItemError, Kind
from blacklist.screening import Form, Lines, Piece, Told, begin, screen
from blacklist.screening.reasons import REASONS as OF_TABLES
from blacklist.web.answers import METERED, home_region, lookup_for_caller
from blacklist.web.auth import needs
from blacklist.web.body import Received
from blacklist.web.described import Media, describes
from blacklist.web.parameters import read_parameters
from blacklist.web.problems import Refusal
from blacklist.web.things import PROBLEMS as OF_THINGS

MEDIA_TYPES = {
    "text/csv": "csv",
    "application/x-ndjson": "ndjson",
    "application/ndjson": "ndjson",
}

screens = Blueprint("screen", __name__)

log = logging.getLogger(__name__)

_COLUMNS = {"column": "value", "bank_column": "bank", "kind_column": "kind"}
_SLOTS = "blacklist.screens"


class HowToRead(msgspec.Struct):
    """Which column is which, and what holds for rows that do not tell theirs; empty is not told."""

    column: str = ""
    bank_column: str = ""
    kind_column: str = ""
    kind: KindWord = ""
    bank: str = ""
    region: str = ""


def limit(app: Flask, threads: int) -> None:
    """Let half of a worker's threads screen, and at least one."""
    app.extensions[_SLOTS] = BoundedSemaphore(max(1, threads // 2))


@screens.post("/v1/screen")
@needs(Scope.CHECK, has_test_answers=True)
@describes(
    parameters=HowToRead,
    body=Media(tuple(MEDIA_TYPES), "A table: a row a line, or in NDJSON an item a line."),
    answers={200: Media(tuple(MEDIA_TYPES), "The same rows in order, each with its verdict.")},
    problems={
        *("not_a_table", "too_many_screens", "no_items", "bad_body"),
        *("unknown_kind", "unknown_region", "store_unavailable", *OF_TABLES, *METERED),
    },
    in_items={"incomplete", *OF_TABLES, *OF_THINGS},
)
def screen_table() -> Response:
    """Answer about every row of a table, in order.

    The answer begins while the table is still being sent. One that breaks off says so in its last
    row, and the connection is closed without the end of the chunked coding.
    """
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
    told = read_parameters(HowToRead)
    if told.kind not in {"", *Kind}:
        raise Refusal(400, UNKNOWN_KIND.reason, UNKNOWN_KIND.detail)
    region = told.region or home_region()
    require_region(region)
    columns = {field: getattr(told, name) for name, field in _COLUMNS.items()}
    return Told(
        columns={field: name for field, name in columns.items() if name},
        kind=Kind(told.kind) if told.kind else None,
        bank=told.bank or None,
        region=region,
        has_actions=True,  # a key asks, and every key has a policy
    )

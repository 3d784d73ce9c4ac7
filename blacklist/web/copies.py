"""``GET /v1/export`` and ``GET /v1/changes``: the lists for whoever keeps a copy of them.

An export is written while it is read, in bounded memory. One that breaks off ends without its last
line and without the end of the chunked coding, so that a client sees a broken transfer. It takes a
thread for as long as it lasts: at most a quarter of a worker's threads do.
"""

import errno
import logging
from collections.abc import Callable, Iterator, Sequence
from threading import BoundedSemaphore
from typing import Annotated, Final, Literal

import msgspec
from flask import Blueprint, Flask, Response, current_app

from blacklist import copies
from blacklist.callers import Scope
from blacklist.copies import ChangesView, RowView
from blacklist.errors import Forgotten
from blacklist.model import ItemError
from blacklist.screening.cells import cell, quote
from blacklist.store import Client
from blacklist.store.journal import Position
from blacklist.store.time_limit import within
from blacklist.web import auth
from blacklist.web.answers import encode
from blacklist.web.auth import needs
from blacklist.web.described import Media, describes
from blacklist.web.parameters import exactly, read_parameters
from blacklist.web.problems import Refusal

POSITION_HEADER: Final = "Blacklist-Position"
MEDIA_TYPES: Final = {"csv": "text/csv", "ndjson": "application/x-ndjson"}

ANSWER_SECONDS: Final = 10.0
"""How long the store may take for one answer about changes."""

lists = Blueprint("copies", __name__)

log = logging.getLogger(__name__)

_COLUMNS: Final = RowView.__struct_fields__
_POSITION: Final = "[0-9]{1,16}-[0-9]{1,16}/[0-9a-f]{16}"
_BAD_POSITION: Final = ItemError("bad_position", "'since' must be a position as an answer told it")
_BAD_FORMAT: Final = ItemError("unknown_format", f"known formats: {', '.join(MEDIA_TYPES)}")
_STORE: Final = "blacklist.copies"

_Write = Callable[[Sequence[RowView]], bytes]


class Since(msgspec.Struct):
    """``since``: a position, as the last answer or an export told it."""

    since: Annotated[str, exactly(_POSITION)]


class Written(msgspec.Struct):
    """``format``: how the lists are written."""

    format: Literal["csv", "ndjson"]


class LoadAnew(msgspec.Struct, frozen=True):
    """``export``: the address of all lists."""

    export: str


class _Copying(msgspec.Struct, frozen=True):
    """What exports share in a process."""

    client: Client
    slots: BoundedSemaphore


def install(app: Flask, client: Client, threads: int) -> None:
    """Let a quarter of a worker's threads write exports, and at least one."""
    app.extensions[_STORE] = _Copying(client, BoundedSemaphore(max(1, threads // 4)))
    app.register_blueprint(lists)


@lists.get("/v1/changes")
@needs(Scope.LIST)
@describes(
    parameters=Since,
    answers={200: ChangesView},
    problems={"bad_position", "position_forgotten", "store_unavailable"},
    beside={"position_forgotten": LoadAnew},
)
def tell_changes() -> Response:
    """Tell what changed since a position; 410 where the journal does not tell all of it."""
    since = Position.from_text(read_parameters(Since, {"since": _BAD_POSITION}).since)
    try:
        with within(ANSWER_SECONDS):
            told = copies.changes(_copying().client, since, audience=auth.audience())
    except Forgotten as exc:
        detail = "what changed since then is not told any more: load the lists anew"
        export = "/v1/export?format=ndjson"
        headers = {"Link": f'<{export}>; rel="alternate"'}
        raise Refusal(410, "position_forgotten", detail, headers, beside=LoadAnew(export)) from exc
    return Response(encode(told), content_type="application/json")


@lists.get("/v1/export")
@needs(Scope.LIST)
@describes(
    parameters=Written,
    answers={200: Media(tuple(MEDIA_TYPES.values()), "A listing or a clearance a line.")},
    problems={"unknown_format", "too_many_exports", "store_unavailable"},
)
def export() -> Response:
    """Write every listing, with the position from which changes tell what it may not show.

    Only a whole export has the last line ``end``, with the number of rows.
    """
    format_ = read_parameters(Written, {"format": _BAD_FORMAT}).format
    copying = _copying()
    if not copying.slots.acquire(blocking=False):
        raise Refusal(503, "too_many_exports", "as many exports are being written as may be")
    try:
        position = copies.begin(copying.client)
        rows = copies.export(copying.client, position, audience=auth.audience())
        first = next(rows, [])  # raises where nothing can be read
    except BaseException:
        copying.slots.release()
        raise
    head, write, tail = _WRITERS[format_]
    response = Response(
        _stream(head(position), write, tail, _chained(first, rows)),
        mimetype=MEDIA_TYPES[format_],
        headers={POSITION_HEADER: str(position)},
    )
    response.call_on_close(copying.slots.release)
    return response


def _chained(first: list[RowView], rows: Iterator[list[RowView]]) -> Iterator[list[RowView]]:
    yield first
    yield from rows


def _stream(
    head: bytes, write: _Write, tail: Callable[[int], bytes], parts: Iterator[list[RowView]]
) -> Iterator[bytes]:
    yield head
    count = 0
    try:
        for rows in parts:
            count += len(rows)
            if rows:
                yield write(rows)
    except Exception as exc:
        # The class only: a message can hold what is listed.
        log.error("an export broke off: %s", type(exc).__name__)
        # Told to gunicorn as a client that went away: it closes the connection and logs nothing.
        raise ConnectionResetError(errno.ECONNRESET, "the export is incomplete") from exc
    yield tail(count)


def _csv_head(position: Position) -> bytes:
    return f"# position: {position}\r\n{','.join(_COLUMNS)}\r\n".encode()


def _csv(rows: Sequence[RowView]) -> bytes:
    return "".join(_csv_line(row) for row in rows).encode()


def _csv_line(row: RowView) -> str:
    # The value stands as it is, for programs; no listed value begins like a formula but a phone.
    cells = [
        quote(row.value) if name == "value" else cell(getattr(row, name) or "") for name in _COLUMNS
    ]
    return ",".join(cells) + "\r\n"


def _csv_tail(count: int) -> bytes:
    return f"# end: {count} rows\r\n".encode()


def _ndjson_head(position: Position) -> bytes:
    return encode({"position": str(position)}) + b"\n"


def _ndjson(rows: Sequence[RowView]) -> bytes:
    return b"".join(encode(row) + b"\n" for row in rows)


def _ndjson_tail(count: int) -> bytes:
    return encode({"end": count}) + b"\n"


_WRITERS: Final = {
    "csv": (_csv_head, _csv, _csv_tail),
    "ndjson": (_ndjson_head, _ndjson, _ndjson_tail),
}


def _copying() -> _Copying:
    found: _Copying = current_app.extensions[_STORE]
    return found

"""Request bodies: read whole or refused, never answered in part; or received piece by piece.

A client that still sends while we refuse would see a broken connection in place of the refusal, so
what it sends is taken and thrown away, up to a bound.
"""

from contextlib import suppress
from typing import Any

from flask import Request
from gunicorn.http.errors import ParseException

from blacklist.web.patience import lift
from blacklist.web.problems import Refusal

JSON_PROBLEMS = ("not_json", "bad_body", "too_large")
"""Words of what :func:`read_json` refuses."""

MAX_BYTES = 4 << 20
_DRAIN_BYTES = 64 << 20
_CHUNK_BYTES = 1 << 16


def read_json(request: Request) -> bytes:
    """The whole body of a request that says it is JSON; Refusal 415 when it does not say so."""
    if not (request.is_json or request.mimetype.endswith("+json")):
        raise Refusal(415, "not_json", "send the body as application/json")
    return read_body(request)


def read_body(request: Request, *, max_bytes: int = MAX_BYTES) -> bytes:
    """The whole body; Refusal 413 past ``max_bytes``, 400 when it is cut off or broken."""
    length = request.content_length
    stream = request.environ["wsgi.input"]
    if length is not None and length > max_bytes:
        raise _too_large(stream, max_bytes)
    try:
        body: bytes = stream.read(max_bytes + 1)
    except (OSError, ParseException) as exc:
        raise Refusal(400, "bad_body", "the body cannot be read to its end") from exc
    if len(body) > max_bytes:
        raise _too_large(stream, max_bytes)
    if length is not None and len(body) < length:
        raise Refusal(400, "bad_body", "the body is shorter than its Content-Length")
    return body


class Received:
    """A body of any length that is read as it comes."""

    def __init__(self, request: Request) -> None:
        self._length = request.content_length
        self._stream = request.environ["wsgi.input"]
        lift(self._stream)
        self._received = 0
        self._is_broken = False

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes, none at the end; Refusal 400 when it is cut off or broken."""
        try:
            data: bytes = self._stream.read(size)
        except (OSError, ParseException) as exc:
            self._is_broken = True
            raise Refusal(400, "bad_body", "the body cannot be read to its end") from exc
        self._received += len(data)
        if not data and self._length is not None and self._received < self._length:
            raise Refusal(400, "bad_body", "the body is shorter than its Content-Length")
        return data

    def drain(self) -> None:
        """Throw away what still comes, up to a bound."""
        if not self._is_broken:
            _drain(self._stream)


def _drain(stream: Any) -> None:
    drained = 0
    with suppress(OSError, ParseException):
        while drained < _DRAIN_BYTES and (chunk := stream.read(_CHUNK_BYTES)):
            drained += len(chunk)


def _too_large(stream: Any, max_bytes: int) -> Refusal:
    """The refusal to raise, once the client has sent the rest."""
    _drain(stream)
    return Refusal(413, "too_large", f"the body is larger than {max_bytes >> 20} MiB")

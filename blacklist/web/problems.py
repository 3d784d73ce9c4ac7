"""The one table from errors to HTTP, and the RFC 9457 documents they become."""

import logging
from collections.abc import Mapping
from typing import Any

import msgspec
from flask import Flask, Response, has_request_context, request
from werkzeug.exceptions import HTTPException

from blacklist.errors import (
    BadTable,
    BlacklistError,
    ConfigError,
    InvalidIdentifier,
    Mismatch,
    StoreError,
    TooMuch,
)
from blacklist.web.logs import event
from blacklist.web.request_ids import given

RETRY_SECONDS = 2
"""What a caller is told to wait when nothing could be answered."""

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

_STATUS: list[tuple[type[BlacklistError], int, str]] = [
    (InvalidIdentifier, 400, "invalid_identifier"),
    (BadTable, 400, "bad_table"),
    (TooMuch, 429, "too_many_requests"),
    (Mismatch, 503, "store_mismatch"),
    (StoreError, 503, "store_unavailable"),
    (ConfigError, 503, "misconfigured"),
]

_REASONS = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    408: "timeout",
    411: "length_required",
    413: "too_large",
    414: "address_too_long",
    415: "not_json",
    431: "headers_too_large",
}


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why a request was refused, after RFC 9457; further members stand beside these.

    ``reason`` is a word for programs. ``suspicious`` is null: a refusal says nothing about the
    thing asked. ``request_id`` is the answer's ``X-Request-Id``.
    """

    type: str
    title: str
    status: int
    detail: str
    reason: str
    suspicious: None = None
    request_id: str | None = None


def type_of(reason: str) -> str:
    """The URI that names a problem of this word."""
    return f"urn:blacklist:problem:{reason}"


def title_of(reason: str) -> str:
    """A word as people read it."""
    return reason.replace("_", " ")


class Refusal(Exception):
    """A request that cannot be served: becomes a problem document, with the members ``beside``."""

    def __init__(
        self,
        status: int,
        reason: str,
        detail: str,
        headers: Mapping[str, str] = {},
        *,
        beside: msgspec.Struct | None = None,
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.detail = detail
        self.headers = headers
        self.beside = beside


def document(status: int, reason: str, detail: str, members: Mapping[str, Any] = {}) -> bytes:
    """A problem document, with further members."""
    problem = Problem(
        type=type_of(reason), title=title_of(reason), status=status, detail=detail, reason=reason
    )
    return msgspec.json.encode({**msgspec.structs.asdict(problem), **members})


def respond(
    status: int, reason: str, detail: str, beside: msgspec.Struct | None = None
) -> Response:
    """A problem document as a response; with ``Retry-After`` where trying again may help."""
    members = {} if beside is None else msgspec.to_builtins(beside)
    members["request_id"] = given()
    response = Response(document(status, reason, detail, members), status, content_type=MEDIA_TYPE)
    if status == 503:  # noqa: PLR2004
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def install(app: Flask) -> None:
    """Make every error of the application a problem document."""
    app.register_error_handler(Refusal, _refusal)
    app.register_error_handler(BlacklistError, _ours)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unforeseen)


def refused(exc: Refusal | BlacklistError) -> Response:
    """What an error becomes, for whoever shows it in another way."""
    return _refusal(exc) if isinstance(exc, Refusal) else _ours(exc)


def answer_to(exc: Exception) -> Response:
    """What any error becomes that a view raised, outside of Flask."""
    if isinstance(exc, Refusal | BlacklistError):
        return refused(exc)
    return _http(exc) if isinstance(exc, HTTPException) else _unforeseen(exc)


def _refusal(exc: Refusal) -> Response:
    response = respond(exc.status, exc.reason, exc.detail, exc.beside)
    response.headers.update(exc.headers)
    return response


def _ours(exc: BlacklistError) -> Response:
    status, reason = next((s, r) for kind, s, r in _STATUS if isinstance(exc, kind))
    if isinstance(exc, InvalidIdentifier | BadTable):
        return respond(status, exc.reason, exc.detail)
    # Outside of Flask only readings are answered (``short_way.py``).
    if has_request_context() and request.method not in {"GET", "HEAD"}:
        _tell_refused(reason, exc)
    response = respond(status, reason, str(exc))
    if isinstance(exc, TooMuch):
        response.headers["Retry-After"] = str(exc.wait_seconds)
    return response


def _tell_refused(reason: str, exc: BlacklistError) -> None:
    """Nothing was written: whoever runs the service is to know of it as well."""
    rule = request.url_rule
    event(
        log,
        logging.WARNING,
        "refused",
        endpoint=f"{request.method} {rule.rule}" if rule is not None else None,
        reason=reason,
        error=type(exc).__name__,
        request_id=given(),
    )


def _http(exc: HTTPException) -> Response:
    status = exc.code or 500
    response = respond(status, _REASONS.get(status, "http_error"), exc.description or exc.name)
    for name, value in exc.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def _unforeseen(exc: Exception) -> Response:
    # The class only: a message or a traceback can hold what was asked.
    event(log, logging.ERROR, "defect", error=type(exc).__name__, request_id=given())
    return respond(500, "internal_error", "the service failed; this is a defect of the service")

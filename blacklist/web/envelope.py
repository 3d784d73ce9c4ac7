"""What each answer is put into: its id, the headers all carry, what is left of the caller's limit.

It is counted and timed here, too, and logged if that is wanted. All this is done around Flask,
where a response is a list of fields: to add one through werkzeug costs as much as ten here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import perf_counter, time
from typing import TYPE_CHECKING, Any, Final

from flask import Request

from blacklist.web import asker, headers
from blacklist.web.addresses import whence_of
from blacklist.web.answers import left
from blacklist.web.request_ids import ENVIRON, HEADER, RequestIds
from blacklist.web.request_log import Logged
from blacklist.web.short_way import ENDPOINT

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Answered = tuple[str, int, float]
"""Endpoint, status, seconds."""

_REQUEST: Final = "werkzeug.request"
"""Where werkzeug leaves the request in the WSGI environment, with the route that was found."""

_NO_ROUTE: Final = "none"
_TOO_MANY: Final = 429


def enclose(
    inner: WSGIApplication, add: Callable[[Answered], None], log: Callable[[Logged], None] | None
) -> WSGIApplication:
    """Return the application whose answers are complete; each is told to ``add`` and ``log``."""
    take = RequestIds().take

    def outer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began = perf_counter()
        asker.begin(None)
        request_id = take(environ)

        def begin(
            status: str, fields: list[tuple[str, str]], exc_info: Any = None
        ) -> Callable[[bytes], object]:
            fields.append((HEADER, request_id))
            code = int(status[:3])
            _tell_limit(code, fields)
            headers.complete(fields)
            endpoint = environ.get(ENDPOINT) or _endpoint_of(environ[_REQUEST])
            took = perf_counter() - began
            add((endpoint, code, took))
            if log is not None:
                log(_logged(environ, endpoint, code, took))
            return start_response(status, fields, exc_info)

        return inner(environ, begin)

    return outer


def _endpoint_of(asked: Request) -> str:
    rule = asked.url_rule
    return f"{asked.method} {rule.rule}" if rule is not None else _NO_ROUTE


def _tell_limit(status: int, fields: list[tuple[str, str]]) -> None:
    one = asker.found()
    now_left = None if one is None else left(one)
    if now_left is not None and status != _TOO_MANY:  # a refusal says it itself
        fields += now_left.fields().items()


def _logged(environ: WSGIEnvironment, endpoint: str, status: int, took: float) -> Logged:
    one = asker.found()
    caller = one.caller if one is not None else None
    key = caller.id if caller is not None else None
    return Logged(time(), environ[ENVIRON], endpoint, status, took, whence_of(environ), key)

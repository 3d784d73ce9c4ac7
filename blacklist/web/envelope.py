"""What each answer is put into: its id, the headers all carry, what is left of the caller's limit.

It is counted and timed here, too, and logged if that is wanted. All this is done around Flask,
where a response is a list of fields: to add one through werkzeug costs as much as ten here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import perf_counter, time
from typing import TYPE_CHECKING, Any, Final

from blacklist.web import asker, headers
from blacklist.web.addresses import whence_of
from blacklist.web.answers import left
from blacklist.web.asker import NO_ROUTE, Asker
from blacklist.web.request_ids import ENVIRON, HEADER, RequestIds
from blacklist.web.request_log import Logged

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Answered = tuple[str, int, float]
"""Endpoint, status, seconds."""

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
            code, one = int(status[:3]), asker.found()
            _tell_limit(one, code, fields)
            headers.complete(fields)
            endpoint = NO_ROUTE if one is None else one.endpoint
            took = perf_counter() - began
            add((endpoint, code, took))
            if log is not None:
                log(_logged(one, environ, endpoint, code, took))
            return start_response(status, fields, exc_info)

        return inner(environ, begin)

    return outer


def _tell_limit(one: Asker | None, status: int, fields: list[tuple[str, str]]) -> None:
    now_left = None if one is None else left(one)
    if now_left is not None and status != _TOO_MANY:  # a refusal says it itself
        fields += now_left.fields().items()


def _logged(
    one: Asker | None, environ: WSGIEnvironment, endpoint: str, status: int, took: float
) -> Logged:
    caller = one.caller if one is not None else None
    key = caller.id if caller is not None else None
    return Logged(time(), environ[ENVIRON], endpoint, status, took, whence_of(environ), key)

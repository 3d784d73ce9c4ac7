"""The short way for what is asked most: ``GET /v1/check`` without Flask's contexts.

They, its table of routes and its signals are a third of what a short answer costs, and this view
needs none of it. What stands around every view is done here by the same functions as there: who
asks (``auth.py``), the trail (``audit.py``), refusals (``problems.py``).

Whoever brings a cookie, uses another method or writes the address in another way takes the usual
way, which does not know of this one and stays the truth: ``tests/contract/test_short_way.py`` holds
the two equal.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from flask import Flask, Response

from blacklist.web import api, asker, problems
from blacklist.web.asker import Asker
from blacklist.web.audit import Around
from blacklist.web.auth import Admit
from blacklist.web.session_cookies import Cookies

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_METHOD: Final = "GET"
_PATH: Final = "/v1/check"
_NAME: Final = f"{_METHOD} {_PATH}"


def install(app: Flask, cookies: Cookies, admit: Admit, around: Around) -> None:
    """Answer here what can be; everything else is answered as before."""
    usual, extensions = app.wsgi_app, app.extensions

    def short(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not _is_short(environ):
            return usual(environ, start_response)
        one = Asker(environ, cookies, extensions, _NAME)
        asker.begin(one)
        response = answer(one)
        around.end(one, response.status_code)
        return response(environ, start_response)

    def answer(one: Asker) -> Response:
        try:
            admit(one, api.check_one)
            around.begin(one)
            return api.check_one()
        except Exception as exc:  # noqa: BLE001 - as Flask does for every view
            return problems.answer_to(exc)

    app.wsgi_app = short  # type: ignore[method-assign]


def _is_short(environ: WSGIEnvironment) -> bool:
    return (
        environ["PATH_INFO"] == _PATH
        and environ["REQUEST_METHOD"] == _METHOD
        and "HTTP_COOKIE" not in environ
    )

"""``/openapi.json`` and ``/docs``: what can be asked here, for programs and for people.

Both are made of the application itself (``blacklist/web/openapi``), once a process, when somebody
asks first. The page is plain HTML with a style sheet of ours: it runs nothing and needs no other
host.
"""

import threading
from functools import cached_property
from typing import Any, Final

import msgspec
from flask import Blueprint, Flask, Response, current_app, render_template, request

from blacklist.web.answers import encode
from blacklist.web.described import Media, describes
from blacklist.web.openapi import document
from blacklist.web.openapi.page import page_of
from blacklist.web.pages.page import dress

KEEP_SECONDS: Final = 60
_MANUAL: Final = "blacklist.manual"

manuals = Blueprint("manual", __name__)


class OpenApi(msgspec.Struct, frozen=True):
    """An OpenAPI 3.1 document; its own specification says what stands in it."""

    openapi: str
    info: dict[str, Any]
    paths: dict[str, Any]
    components: dict[str, Any]


class Manual:
    """The document of one application, and the page made of it."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._lock = threading.Lock()

    def document(self) -> bytes:
        """The document as JSON."""
        with self._lock:
            return encode(self._document)

    def page(self) -> bytes:
        """The page as HTML."""
        with self._lock:
            return self._page

    @cached_property
    def _document(self) -> dict[str, Any]:
        return document(self._app)

    @cached_property
    def _page(self) -> bytes:
        return render_template("docs.html", **page_of(self._document)).encode()


def install(app: Flask) -> None:
    """Let the application tell what can be asked of it."""
    app.extensions[_MANUAL] = Manual(app)
    app.register_blueprint(manuals)


@manuals.get("/openapi.json")
@describes(answers={200: OpenApi, 304: None})
def openapi() -> Response:
    """Give this document."""
    return _kept(_manual().document(), "application/json")


@manuals.get("/docs")
@describes(answers={200: Media(("text/html",), "The page."), 304: None})
def docs() -> Response:
    """Show this document as a page."""
    return dress(_kept(_manual().page(), "text/html; charset=utf-8"))


def _kept(body: bytes, content_type: str) -> Response:
    response = Response(body, content_type=content_type)
    response.headers["Cache-Control"] = f"public, max-age={KEEP_SECONDS}"
    response.add_etag()
    response.make_conditional(request)
    return response


def _manual() -> Manual:
    found: Manual = current_app.extensions[_MANUAL]
    return found

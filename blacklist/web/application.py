"""Flask, as this service uses it: without what it looks for at each request and never finds."""

from collections.abc import Callable
from typing import Any, Final

from flask import Flask, Request, Response
from flask.sessions import NullSession, SessionInterface, SessionMixin
from werkzeug.utils import cached_property


class Asked(Request):
    """A request whose blueprints are found out once: Flask asks for them three times."""

    @cached_property
    def blueprints(self) -> list[str]:
        """The blueprints of the route, from the innermost out."""
        return super().blueprints


class NoSessions(SessionInterface):
    """Flask's own sessions, which are not used (``session_cookies.py``): always empty."""

    _EMPTY: Final = NullSession()

    def open_session(self, app: Flask, request: Request) -> SessionMixin:  # noqa: ARG002 - Flask's
        """Return the empty session, which nothing can be written to."""
        return self._EMPTY

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Leave it as it is; Flask does not ask for it."""


class Application(Flask):
    """A Flask application none of whose functions is ``async``."""

    request_class = Asked
    session_interface = NoSessions()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function: to find out that it is not async takes 3 µs, at each call."""
        return func

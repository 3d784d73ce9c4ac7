"""Flask, as this service uses it: without what it looks for at each request and never finds.

It is a sixth of a short answer (docs/measurements.md). A blueprint that would need what is left out
is refused when the application is put together.
"""

from collections.abc import Callable
from typing import Any, Final

from flask import Flask, Request, Response
from flask.sansio.blueprints import Blueprint
from flask.sessions import NullSession, SessionInterface, SessionMixin
from flask.typing import ResponseReturnValue
from werkzeug.routing import MapAdapter
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
    """A Flask application without hosts in its routes, ``async`` or functions of blueprints."""

    request_class = Asked
    session_interface = NoSessions()

    def register_blueprint(self, blueprint: Blueprint, **options: Any) -> None:
        """Take a blueprint; TypeError where it wants to be called before or after its views."""
        super().register_blueprint(blueprint, **options)
        for functions in (
            self.url_value_preprocessors,
            self.before_request_funcs,
            self.teardown_request_funcs,
        ):
            if functions.keys() - {None}:
                raise TypeError(f"functions of the blueprint {blueprint.name} would not be called")

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function: to find out that it is not async takes 3 µs, at each call."""
        return func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Return what finds a request's route, by its path alone.

        Flask reads the host three times and encodes it, in case that a route has one.
        """
        if request is None:
            return None
        return MapAdapter(
            self.url_map,
            server_name=request.environ.get("HTTP_HOST", ""),
            script_name=request.root_path or "/",
            subdomain="",
            url_scheme=request.scheme,
            path_info=request.path,
            default_method=request.method,
            query_args=request.environ.get("QUERY_STRING", ""),
        )

    def preprocess_request(self) -> ResponseReturnValue | None:
        """Call the application's own functions; what the first returns that does is the answer."""
        for function in self.before_request_funcs[None]:
            answer: Any = function()
            if answer is not None:
                return answer  # type: ignore[no-any-return]
        return None

    def do_teardown_request(self, exc: BaseException | None = None) -> None:
        """Leave it out: nothing is torn down."""

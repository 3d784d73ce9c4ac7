"""Who asks in a request, and what is known of the asking so far.

``auth.py`` makes one for each request; everything that answers reads it. It lies in a variable of
the request's own context: to look at Flask's ``request`` or ``g`` costs 2 µs each time, and an
answer needs to know who asks half a dozen times.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, Final

from flask import Request

from blacklist.audit.notes import Asked
from blacklist.callers import Caller
from blacklist.model import Audience
from blacklist.sessions import Session
from blacklist.web.session_cookies import Cookies


class Asker:
    """Who asks in one request: ``caller`` is None without a key, ``session`` without a browser's.

    ``endpoint`` is the method and the route and not the path: what was asked may stand in a path.
    ``extensions`` are the application's; ``needed`` is what the view needs, None where it says
    nothing; ``is_over`` says that the browser's session is; ``account`` is what ``answers.py``
    counts on; ``purpose`` and ``asked`` are for the audit trail.
    """

    __slots__ = (
        *("account", "asked", "caller", "cookies", "endpoint", "environ", "extensions"),
        *("_request", "is_over", "needed", "purpose", "session"),
    )

    def __init__(
        self,
        environ: dict[str, Any],
        cookies: Cookies,
        extensions: Mapping[str, Any],
        endpoint: str,
        request: Request | None = None,
    ) -> None:
        self._request = request
        self.environ = environ
        self.endpoint = endpoint
        self.cookies = cookies
        self.extensions = extensions
        self.caller: Caller | None = None
        self.session: Session | None = None
        self.needed: Any = None
        self.is_over = False
        self.account: Any = None
        self.purpose: str | None = None
        self.asked: Asked | None = None

    @property
    def request(self) -> Request:
        """The request as Flask has it, for who brings a cookie or a body."""
        assert self._request is not None, "it took the short way"  # noqa: S101
        return self._request

    @property
    def audience(self) -> Audience:
        """To whom the answer goes."""
        return Audience.PUBLIC if self.caller is None else self.caller.audience


NO_ROUTE: Final = "none"
"""The endpoint of a request for which there is no route."""


def endpoint_of(request: Request) -> str:
    """What a request of Flask's was for."""
    rule = request.url_rule
    return NO_ROUTE if rule is None else f"{request.method} {rule.rule}"


_CURRENT: Final[ContextVar[Asker | None]] = ContextVar("blacklist.asker", default=None)

begin = _CURRENT.set
"""Say who asks from now on; None until somebody was looked at: no request sees another's."""

found = _CURRENT.get
"""Who asks in this request; None where a refusal came before anybody looked."""


def current() -> Asker:
    """Who asks in this request, in whatever runs after ``auth.py`` has looked."""
    asker = _CURRENT.get()
    assert asker is not None, "no request is being answered"  # noqa: S101
    return asker

"""The cookie of a session, and the token that shows that a request is the page's own.

The cookie is ``HttpOnly`` and ``SameSite=Strict``, and ``Secure`` but for a browser on this very
machine. Every request with it that is not a mere reading must bring the token, in a header or in a
form's hidden field: another site's page could make a browser send the cookie, and cannot read it.
"""

import hmac
import time
from collections.abc import Callable
from ipaddress import ip_address
from typing import Final

import msgspec
from flask import Request, Response

from blacklist.secret import derive
from blacklist.sessions import Session, csrf_token, seal, unseal
from blacklist.web.described import Header
from blacklist.web.forms import CSRF_FIELD, read_form

CSRF_HEADER: Final = "X-CSRF-Token"
RENEW_SECONDS: Final = 15
"""How old a cookie may be before an answer brings a newer one: idleness is told to within that."""

_NAME: Final = "blacklist_session"
_SECURE_NAME: Final = f"__Host-{_NAME}"
"""Browsers take a cookie of this prefix only from the host itself, and over TLS."""

COOKIE_NAMES: Final = (_NAME, _SECURE_NAME)
CSRF: Final = Header(CSRF_HEADER, "The session's token; where a session and no key is sent.")

_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_FORWARDED: Final = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO")


class Cookies:
    """Seals and reads the cookies of one installation."""

    def __init__(
        self,
        secret: bytes,
        *,
        idle_minutes: int,
        is_proxied: bool,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._key = derive(secret, "session")
        self._csrf_key = derive(secret, "session csrf")
        self.idle_minutes = idle_minutes
        self._is_proxied = is_proxied
        self._wall = wall

    def now(self) -> int:
        """The Unix second."""
        return int(self._wall())

    def is_sent(self, request: Request) -> bool:
        """Whether a request brings a session's cookie, of whatever worth."""
        return self._name(request) in request.cookies

    def read(self, request: Request) -> Session | None:
        """The session of a request; None where it is over, or its cookie not ours."""
        session = unseal(request.cookies.get(self._name(request), ""), self._key)
        if session is None or session.is_over(self._wall(), idle_seconds=self.idle_minutes * 60):
            return None
        return session

    def token(self, session: Session) -> str:
        """The token that requests of this session must bring."""
        return csrf_token(session, self._csrf_key)

    def is_own(self, request: Request, session: Session) -> bool:
        """Whether a request is a mere reading, or brings the session's token."""
        if is_reading(request.method):
            return True
        sent = request.headers.get(CSRF_HEADER) or read_form(request).text(CSRF_FIELD)
        return hmac.compare_digest(sent.encode(), self.token(session).encode())

    def write(self, request: Request, response: Response, session: Session) -> None:
        """Give the browser the session as used now."""
        used = msgspec.structs.replace(session, used=self.now())
        self._set(request, response, seal(used, self._key))

    def renew(self, request: Request, response: Response, session: Session) -> None:
        """As :meth:`write`, where the cookie has become old enough."""
        if self._wall() - session.used >= RENEW_SECONDS:
            self.write(request, response, session)

    def drop(self, request: Request, response: Response) -> None:
        """Take the session from the browser."""
        self._set(request, response, "", max_age=0)

    def _set(
        self, request: Request, response: Response, value: str, max_age: int | None = None
    ) -> None:
        response.set_cookie(
            self._name(request),
            value,
            max_age=max_age,
            path="/",
            secure=self._is_secure(request),
            httponly=True,
            samesite="Strict",
        )

    def _name(self, request: Request) -> str:
        return _SECURE_NAME if self._is_secure(request) else _NAME

    def _is_secure(self, request: Request) -> bool:
        """All but what comes from a browser on this machine, and not through a proxy on it."""
        environ = request.environ
        return (
            self._is_proxied
            or any(name in environ for name in _FORWARDED)
            or not _is_loopback(environ.get("REMOTE_ADDR") or "")
            or not _is_loopback(request.host.rpartition(":")[0] or request.host)
        )


def is_reading(method: str) -> bool:
    """Whether requests of a method only read, so that a session's need no token."""
    return method in _READING


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"

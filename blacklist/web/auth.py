"""Who asks: the key of a request, and whether it may do what the address stands for.

Each view says what it needs with :func:`needs`; one that says nothing is open to all. Without a key
only the public views are open, and ``BLACKLIST_PUBLIC`` closes those, too. A browser brings the
cookie of a session in place of its key. Called before each view.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from flask import Flask, Response, g, request

from blacklist.audit.notes import Asked
from blacklist.callers import Caller, Scope
from blacklist.errors import StoreError
from blacklist.model import Audience
from blacklist.replica import Replica
from blacklist.sessions import Session
from blacklist.store import Client
from blacklist.web.problems import Refusal
from blacklist.web.session_cookies import CSRF_HEADER, Cookies

_BEARER: Final = "bearer "
_CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="blacklist"'}

View = TypeVar("View", bound=Callable[..., object])


class Asker:
    """Who asks in one request: ``caller`` is None without a key, ``session`` without a browser's.

    ``extensions`` are the application's; ``is_over`` says that the browser's session is;
    ``account`` is what ``answers.py`` counts on; ``purpose`` and ``asked`` are for the audit trail.
    """

    __slots__ = (
        *("account", "asked", "caller", "cookies", "environ", "extensions", "is_over", "purpose"),
        "session",
    )

    def __init__(
        self, environ: dict[str, Any], cookies: Cookies, extensions: Mapping[str, Any]
    ) -> None:
        self.environ = environ
        self.cookies = cookies
        self.extensions = extensions
        self.caller: Caller | None = None
        self.session: Session | None = None
        self.is_over = False
        self.account: Any = None
        self.purpose: str | None = None
        self.asked: Asked | None = None

    @property
    def audience(self) -> Audience:
        """To whom the answer goes."""
        return Audience.PUBLIC if self.caller is None else self.caller.audience


class Needs:
    """What a view needs: a scope, and whether everybody has it who brings no key.

    Test keys may call only what has fixed answers for them: they never touch the lists.
    """

    __slots__ = ("has_test_answers", "is_public", "scope")

    def __init__(self, scope: Scope, *, is_public: bool, has_test_answers: bool) -> None:
        self.scope = scope
        self.is_public = is_public
        self.has_test_answers = has_test_answers


def needs(
    scope: Scope, *, is_public: bool = False, has_test_answers: bool = False
) -> Callable[[View], View]:
    """Mark a view: only keys with this scope may call it, or everybody while that is not closed."""

    def mark(view: View) -> View:
        needed = Needs(scope, is_public=is_public, has_test_answers=has_test_answers)
        view.needs = needed  # type: ignore[attr-defined]
        return view

    return mark


def install(
    app: Flask, replica: Replica, client: Client, cookies: Cookies, *, is_open: bool
) -> None:
    """Let every request be looked at before its view; ``is_open``: public views need no key."""

    def admit() -> None:
        # Each look at ``request``, ``g`` or ``current_app`` costs 2 µs, so there is one.
        environ = request.environ
        asker = g.asker = Asker(environ, cookies, app.extensions)
        token = _token(environ)
        if token is not None:
            asker.caller = _find(lambda: replica.find_caller(token, client))
            if asker.caller is None:
                raise _unknown("this key is not known, or was revoked")
        elif "HTTP_COOKIE" in environ and cookies.is_sent(request):
            _admit_session(asker, replica, client)
        view = app.view_functions.get(request.endpoint or "")
        needed: Needs | None = getattr(view, "needs", None)
        if needed is not None:
            _require(asker.caller, needed, is_open=is_open)

    app.before_request(admit)


def asker() -> Asker:
    """Who asks in this request, and what is known of the asking so far."""
    found: Asker = g.asker
    return found


def keep_session(asker: Asker, response: Response) -> None:
    """Let an answer renew the browser's cookie, or take it away where the session is over."""
    if asker.is_over:
        asker.cookies.drop(request, response)
    elif asker.session is not None:
        asker.cookies.renew(request, response, asker.session)


def person() -> str | None:
    """Who sits at the browser of this request; None where it brings a key itself, or nothing."""
    session = asker().session
    return None if session is None else session.person


def require_key() -> Caller:
    """Whose key this request brings itself, not by a session."""
    if asker().session is not None:
        raise Refusal(401, "no_key", "this needs the key itself", headers=_CHALLENGE)
    return require_caller()


def require_session() -> Session:
    """The session of this request."""
    found = asker().session
    if found is None:
        raise Refusal(401, "session_over", "there is no session: open one with a key")
    return found


def caller() -> Caller | None:
    """Whose key this request brings; None where it brings none."""
    return asker().caller


def require_caller() -> Caller:
    """Whose key this request brings, in a view that none without a key can reach."""
    found = caller()
    if found is None:
        raise Refusal(401, "no_key", "this needs a key", headers=_CHALLENGE)
    return found


def audience() -> Audience:
    """To whom this request's answer goes."""
    return asker().audience


def _token(environ: Mapping[str, Any]) -> str | None:
    header: str | None = environ.get("HTTP_AUTHORIZATION")
    if header is None:
        return None
    if header[: len(_BEARER)].lower() != _BEARER:
        raise _unknown("send the key as 'Authorization: Bearer …'")
    return header[len(_BEARER) :].strip()


def _find(look_up: Callable[[], Caller | None]) -> Caller | None:
    try:
        return look_up()
    except StoreError as exc:
        detail = "the key could not be looked up; try again"
        raise Refusal(503, "store_unavailable", detail) from exc


def _admit_session(asker: Asker, replica: Replica, client: Client) -> None:
    session = asker.cookies.read(request)
    found = None
    if session is not None:
        key_id, session_id = session.key_id, session.id
        found = _find(lambda: replica.find_session(key_id, session_id, client))
    if session is None or found is None:
        asker.is_over = True
        raise Refusal(401, "session_over", "the session is over: open another with the key")
    if not asker.cookies.is_own(request, session):
        detail = f"send the session's token as {CSRF_HEADER}: GET /v1/session tells it"
        raise Refusal(403, "bad_csrf_token", detail)
    asker.caller, asker.session = found, session


def _unknown(detail: str) -> Refusal:
    return Refusal(401, "bad_key", detail, headers=_CHALLENGE)


def _require(found: Caller | None, needed: Needs, *, is_open: bool) -> None:
    if found is None:
        if not (needed.is_public and is_open):
            raise Refusal(401, "no_key", "this needs a key", headers=_CHALLENGE)
    elif not found.may(needed.scope):
        raise Refusal(403, "not_allowed", f"this key has not the scope '{needed.scope}'")
    elif found.test and not needed.has_test_answers:
        raise Refusal(403, "not_allowed", "there are no fixed answers for test keys here")

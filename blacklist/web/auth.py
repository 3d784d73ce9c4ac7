"""Who asks: the key of a request, and whether it may do what the address stands for.

Each view says what it needs with :func:`needs`; one that says nothing is open to all. Without a key
only the public views are open, and ``BLACKLIST_PUBLIC`` closes those, too. A browser brings the
cookie of a session in place of its key. Called before each view.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from flask import Flask, Response, current_app, g, request

from blacklist.callers import Caller, Scope
from blacklist.errors import StoreError
from blacklist.model import Audience
from blacklist.replica import Replica
from blacklist.sessions import Session
from blacklist.store import Client
from blacklist.web.problems import Refusal
from blacklist.web.session_cookies import CSRF_HEADER, Cookies

_BEARER: Final = "bearer "
_COOKIES: Final = "blacklist.cookies"
_CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="blacklist"'}

View = TypeVar("View", bound=Callable[..., object])


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
        g.caller = g.session = None
        token = _token()
        if token is not None:
            g.caller = _find(lambda: replica.find_caller(token, client))
            if g.caller is None:
                raise _unknown("this key is not known, or was revoked")
        elif request.environ.get("HTTP_COOKIE") and cookies.is_sent(request):
            _admit_session(replica, client, cookies)
        view = app.view_functions.get(request.endpoint or "")
        needed: Needs | None = getattr(view, "needs", None)
        if needed is not None:
            _require(g.caller, needed, is_open=is_open)

    def renew_cookie(response: Response) -> Response:
        if g.get("session_is_over"):
            cookies.drop(request, response)
        elif (session := g.get("session")) is not None:
            cookies.renew(request, response, session)
        return response

    app.extensions[_COOKIES] = cookies
    app.before_request(admit)
    app.after_request(renew_cookie)


def cookies() -> Cookies:
    """With what this process seals sessions."""
    found: Cookies = current_app.extensions[_COOKIES]
    return found


def person() -> str | None:
    """Who sits at the browser of this request; None where it brings a key itself, or nothing."""
    session: Session | None = g.session
    return None if session is None else session.person


def require_key() -> Caller:
    """Whose key this request brings itself, not by a session."""
    if g.session is not None:
        raise Refusal(401, "no_key", "this needs the key itself", headers=_CHALLENGE)
    return require_caller()


def require_session() -> Session:
    """The session of this request."""
    found: Session | None = g.session
    if found is None:
        raise Refusal(401, "session_over", "there is no session: open one with a key")
    return found


def forget_session() -> None:
    """Let this answer take the session from the browser."""
    g.session_is_over = True


def caller() -> Caller | None:
    """Whose key this request brings; None where it brings none."""
    found: Caller | None = g.caller
    return found


def require_caller() -> Caller:
    """Whose key this request brings, in a view that none without a key can reach."""
    found = caller()
    if found is None:
        raise Refusal(401, "no_key", "this needs a key", headers=_CHALLENGE)
    return found


def audience() -> Audience:
    """To whom this request's answer goes."""
    found = caller()
    return Audience.PUBLIC if found is None else found.audience


def _token() -> str | None:
    header: str | None = request.environ.get("HTTP_AUTHORIZATION")
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


def _admit_session(replica: Replica, client: Client, cookies: Cookies) -> None:
    session = cookies.read(request)
    found = None
    if session is not None:
        key_id, session_id = session.key_id, session.id
        found = _find(lambda: replica.find_session(key_id, session_id, client))
    if session is None or found is None:
        forget_session()
        raise Refusal(401, "session_over", "the session is over: open another with the key")
    if not cookies.is_own(request, session):
        detail = f"send the session's token as {CSRF_HEADER}: GET /v1/session tells it"
        raise Refusal(403, "bad_csrf_token", detail)
    g.caller, g.session = found, session


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

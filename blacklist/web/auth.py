"""Who asks: the key of a request, and whether it may do what the address stands for.

Each view says what it needs with :func:`needs`; one that says nothing is open to all. Without a key
only the public views are open, and ``BLACKLIST_PUBLIC`` closes those, too. A browser brings the
cookie of a session in place of its key. Called before each view.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final, TypeVar

import msgspec
from flask import Flask, Request, Response, request

from blacklist.callers import Caller, Scope
from blacklist.errors import StoreError
from blacklist.model import Audience
from blacklist.replica import Replica
from blacklist.sessions import Session
from blacklist.store import Client
from blacklist.web import asker
from blacklist.web.asker import Asker, current, endpoint_of
from blacklist.web.guesses import Guesses
from blacklist.web.problems import Refusal
from blacklist.web.session_cookies import CSRF_HEADER, Cookies

_BEARER: Final = "bearer "
_CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="blacklist"'}
_FIND: Final = "blacklist.find_caller"

View = TypeVar("View", bound=Callable[..., object])

Admit = Callable[[Asker, object], None]
"""Looks at who asks before a view is called: Refusal where he may not."""


class By(Enum):
    """By what a request may show whose it is."""

    EITHER = "either"
    KEY = "key"
    """The key itself."""

    SESSION = "session"
    """A browser's session."""


class Needs(msgspec.Struct, frozen=True):
    """What a view needs: one of some scopes (any key where there are none), and who else may.

    ``is_public``: everybody who brings no key, unless that is closed. ``unless`` says whether a
    request is let in whatever it brings. Test keys may call only what has fixed answers for them:
    they never touch the lists. ``purpose`` is what a page is for, whose forms cannot send
    ``X-Purpose`` (``audit.py``).
    """

    scopes: tuple[Scope, ...]
    is_public: bool = False
    has_test_answers: bool = False
    by: By = By.EITHER
    unless: Callable[[], bool] | None = None
    purpose: str | None = None

    def lets_in(self, caller: Caller | None) -> bool:
        """Whether somebody has the scope, or brings no key where none is needed."""
        if caller is None:
            return self.is_public
        return not self.scopes or any(map(caller.may, self.scopes))


def needs(
    *scopes: Scope,
    is_public: bool = False,
    has_test_answers: bool = False,
    by: By = By.EITHER,
    unless: Callable[[], bool] | None = None,
    purpose: str | None = None,
) -> Callable[[View], View]:
    """Mark a view: who may call it, as :class:`Needs` says."""

    def mark(view: View) -> View:
        view.needs = Needs(  # type: ignore[attr-defined]
            scopes,
            is_public=is_public,
            has_test_answers=has_test_answers,
            by=by,
            unless=unless,
            purpose=purpose,
        )
        return view

    return mark


def is_the_same_for_all(view: View) -> View:
    """Mark a view for which nobody is looked up: it is sent while the store is away, too."""
    view.is_the_same_for_all = True  # type: ignore[attr-defined]
    return view


def install(
    app: Flask,
    replica: Replica,
    client: Client,
    cookies: Cookies,
    *,
    guesses: Guesses,
    is_open: bool,
) -> Admit:
    """Let every request be looked at before its view; ``is_open``: public views need no key.

    Returns what looks at it.
    """

    def find(token: str, environ: dict[str, Any]) -> Caller | None:
        caller = _find(lambda: replica.find_caller(token, client))
        if caller is None:
            guesses.count(environ)
        return caller

    def begin() -> None:
        # Each look at Flask's ``request`` costs 2 µs, so there is one.
        asking: Request = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
        one = Asker(asking.environ, cookies, app.extensions, endpoint_of(asking), asking)
        asker.begin(one)
        admit(one, views.get(asking.endpoint or ""))

    admit, views = _admission(replica, client, find, is_open=is_open), app.view_functions
    app.extensions[_FIND] = find
    app.before_request(begin)
    app.after_request(_keep_session)
    return admit


def _admission(
    replica: Replica,
    client: Client,
    find: Callable[[str, dict[str, Any]], Caller | None],
    *,
    is_open: bool,
) -> Admit:
    def admit(one: Asker, view: object) -> None:
        if hasattr(view, "is_the_same_for_all"):
            return
        one.needed = getattr(view, "needs", None)
        token = _token(one.environ)
        if token is not None:
            one.caller = find(token, one.environ)
            if one.caller is None:
                raise _unknown("this key is not known, or was revoked")
        elif "HTTP_COOKIE" in one.environ and one.cookies.is_sent(one.request):
            _admit_session(one, replica, client)
        if one.needed is not None:
            _require(one, one.needed, is_open=is_open)

    return admit


def _keep_session(response: Response) -> Response:
    """Let an answer renew the browser's cookie, or take it away where the session is over."""
    one = current()
    if one.is_over:
        one.cookies.drop(one.request, response)
    elif one.session is not None:
        one.cookies.renew(one.request, response, one.session)
    return response


def person() -> str | None:
    """Who sits at the browser of this request; None where it brings a key itself, or nothing."""
    session = current().session
    return None if session is None else session.person


def caller_of_key(token: str) -> Caller | None:
    """Whose key a form brings; None for nobody's. Refusal 503 where that is not known."""
    one = current()
    caller: Caller | None = one.extensions[_FIND](token, one.environ)
    return caller


def require_session() -> Session:
    """The session of this request."""
    found = current().session
    if found is None:
        raise Refusal(401, "session_over", "there is no session: open one with a key")
    return found


def caller() -> Caller | None:
    """Whose key this request brings; None where it brings none."""
    return current().caller


def require_caller() -> Caller:
    """Whose key this request brings, in a view that none without a key can reach."""
    found = caller()
    if found is None:
        raise Refusal(401, "no_key", "this needs a key", headers=_CHALLENGE)
    return found


def audience() -> Audience:
    """To whom this request's answer goes."""
    return current().audience


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


def _admit_session(one: Asker, replica: Replica, client: Client) -> None:
    session = one.cookies.read(one.request)
    found = None
    if session is not None:
        key_id, session_id = session.key_id, session.id
        found = _find(lambda: replica.find_session(key_id, session_id, client))
    if session is None or found is None:
        one.is_over = True
        raise Refusal(401, "session_over", "the session is over: open another with the key")
    if not one.cookies.is_own(one.request, session):
        detail = f"send the session's token as {CSRF_HEADER}: GET /v1/session tells it"
        raise Refusal(403, "bad_csrf_token", detail)
    one.caller, one.session = found, session


def _unknown(detail: str) -> Refusal:
    return Refusal(401, "bad_key", detail, headers=_CHALLENGE)


def _require(asker: Asker, needed: Needs, *, is_open: bool) -> None:
    found = asker.caller
    if needed.unless is not None and needed.unless():
        return
    if needed.by is not By.EITHER:
        _require_by(asker, needed.by)
    if found is None:
        if not (needed.is_public and is_open):
            raise Refusal(401, "no_key", "this needs a key", headers=_CHALLENGE)
    elif not needed.lets_in(found):
        wanted = "' or '".join(needed.scopes)
        raise Refusal(403, "not_allowed", f"this key has not the scope '{wanted}'")
    elif found.test and not needed.has_test_answers:
        raise Refusal(403, "not_allowed", "there are no fixed answers for test keys here")


def _require_by(asker: Asker, by: By) -> None:
    if by is By.SESSION:
        require_session()
    elif by is By.KEY and asker.session is not None:
        raise Refusal(401, "no_key", "this needs the key itself", headers=_CHALLENGE)

"""The cookie of a session: to whom it is given, when it is renewed, and when it is over."""

from typing import Any

import pytest
from flask import Response
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from blacklist.sessions import open_session
from blacklist.web.session_cookies import CSRF_HEADER, RENEW_SECONDS, Cookies

SECRET = b"s" * 32
IDLE_MINUTES = 15


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cookies(clock: Clock) -> Cookies:
    return Cookies(SECRET, idle_minutes=IDLE_MINUTES, is_proxied=False, wall=clock)


def request(
    cookie: str = "", *, method: str = "GET", host: str = "127.0.0.1:8000", **more: Any
) -> Any:
    headers = {"Cookie": cookie} if cookie else {}
    environ = {"REMOTE_ADDR": "127.0.0.1"} | more
    builder = EnvironBuilder(
        method=method, base_url=f"http://{host}", headers=headers, environ_overrides=environ
    )
    return Request(builder.get_environ())


def given(cookies: Cookies, to: Any, session: Any) -> str:
    """The ``Set-Cookie`` field that a browser is given."""
    response = Response()
    cookies.write(to, response, session)
    return response.headers["Set-Cookie"]


def test_what_was_given_is_read_again(cookies: Cookies, clock: Clock) -> None:
    session = open_session("0123456789ab", "Không Ai", now=1_000)
    cookie = given(cookies, request(), session).partition(";")[0]
    assert cookies.read(request(cookie)) == session
    assert cookies.is_sent(request(cookie))
    assert not cookies.is_sent(request())
    clock.now += IDLE_MINUTES * 60
    assert cookies.read(request(cookie)) == session
    clock.now += 1
    assert cookies.read(request(cookie)) is None


def test_use_keeps_it_alive(cookies: Cookies, clock: Clock) -> None:
    session = open_session("0123456789ab", "Không Ai", now=1_000)
    for _ in range(10):
        clock.now += IDLE_MINUTES * 60 - 1
        response = Response()
        cookies.renew(request(), response, session)
        renewed = cookies.read(request(response.headers["Set-Cookie"].partition(";")[0]))
        assert renewed is not None
        session = renewed
    clock.now += RENEW_SECONDS - 1
    response = Response()
    cookies.renew(request(), response, session)
    assert "Set-Cookie" not in response.headers


def test_another_installation_does_not_know_it(cookies: Cookies, clock: Clock) -> None:
    session = open_session("0123456789ab", "Không Ai", now=1_000)
    cookie = given(cookies, request(), session).partition(";")[0]
    other = Cookies(b"o" * 32, idle_minutes=IDLE_MINUTES, is_proxied=False, wall=clock)
    assert other.read(request(cookie)) is None


@pytest.mark.parametrize(
    ("to", "is_secure"),
    [
        (request(), False),
        (request(host="localhost:8000"), False),
        (request(host="[::1]:8000", REMOTE_ADDR="::1"), False),
        (request(host="check.example"), True),
        (request(REMOTE_ADDR="192.0.2.1"), True),
        (request(REMOTE_ADDR=""), True),
        (request(HTTP_X_FORWARDED_FOR="192.0.2.1"), True),
        (request(HTTP_X_FORWARDED_PROTO="https"), True),
        (request(HTTP_FORWARDED="for=192.0.2.1"), True),
    ],
)
def test_it_is_secure_unless_the_browser_is_on_this_machine(
    cookies: Cookies, to: Any, is_secure: bool
) -> None:
    session = open_session("0123456789ab", "Không Ai", now=1_000)
    field = given(cookies, to, session)
    assert ("; Secure" in field) == is_secure
    assert field.startswith("__Host-") == is_secure
    assert "; HttpOnly" in field
    assert "; SameSite=Strict" in field
    assert "; Path=/" in field
    assert "Domain" not in field


def test_behind_trusted_proxies_it_is_always_secure(clock: Clock) -> None:
    cookies = Cookies(SECRET, idle_minutes=IDLE_MINUTES, is_proxied=True, wall=clock)
    session = open_session("0123456789ab", "Không Ai", now=1_000)
    assert "; Secure" in given(cookies, request(), session)


def test_only_readings_need_no_token(cookies: Cookies) -> None:
    session = open_session("0123456789ab", "Không Ai", now=1_000)
    other = open_session("0123456789ab", "Không Ai", now=1_000)
    assert cookies.is_own(request(), session)
    name = "HTTP_" + CSRF_HEADER.upper().replace("-", "_")
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert not cookies.is_own(request(method=method), session)
        for wrong in ("", "é", cookies.token(other)):
            assert not cookies.is_own(request(method=method, **{name: wrong}), session)
        right = request(method=method, **{name: cookies.token(session)})
        assert cookies.is_own(right, session)

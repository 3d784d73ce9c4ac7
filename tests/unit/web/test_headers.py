"""Headers of every response, whatever is done to it behind the view."""

from flask import Response
from werkzeug.datastructures import Headers

from blacklist.web import headers


def answer(*, sets_cookie: bool, **fields: str) -> Response:
    response = Response("x", headers=fields)
    if sets_cookie:
        response.set_cookie("session", "x")
    complete = response.headers.to_wsgi_list()
    headers.complete(complete)
    response.headers = Headers(complete)
    return response


def test_what_sets_a_cookie_is_kept_by_nobody() -> None:
    kept = {"Cache-Control": "public, max-age=60"}
    assert answer(sets_cookie=True, **kept).headers["Cache-Control"] == "no-store"
    assert answer(sets_cookie=False, **kept).headers["Cache-Control"] == "public, max-age=60"
    assert answer(sets_cookie=False).headers["Cache-Control"] == "no-store"


def test_a_page_keeps_its_own_policy() -> None:
    policy = {"Content-Security-Policy": "default-src 'self'"}
    own = answer(sets_cookie=False, **policy).headers
    assert own["Content-Security-Policy"] == "default-src 'self'"
    assert own["X-Content-Type-Options"] == "nosniff"
    other = answer(sets_cookie=False).headers
    assert other["Content-Security-Policy"].startswith("default-src 'none'")

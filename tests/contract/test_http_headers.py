"""Every response carries the security headers, whatever the address, the method or the mistake."""

import pytest
from flask import Flask

from blacklist.web.headers import HEADERS
from blacklist.web.pages.page import POLICY

KNOWN = {"kind": "phone"}
"""What stands for a variable part of an address that takes some words only; else it is 1."""

MAY_BE_KEPT = ("/v1/range", "/v1/filter", "/openapi.json", "/docs", "/static/")

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "NONSENSE")


def require(headers: dict[str, str], *, is_kept: bool = False, is_page: bool = False) -> None:
    """All of them, as they are; an answer that may be kept says so itself, a page what it loads."""
    expected = HEADERS | ({"Content-Security-Policy": POLICY} if is_page else {})
    for name, value in expected.items():
        if not (is_kept and name == "Cache-Control"):
            assert headers[name.lower()] == value, name
    assert "strict-transport-security" not in headers


def headers_say_page(headers: dict[str, str]) -> bool:
    """Whether what comes is a page of ours: all declare their characters, empty answers none."""
    return headers.get("content-type") == "text/html; charset=utf-8" and (
        headers.get("content-length") != "0"
    )


def targets_of(app: Flask) -> list[str]:
    """An address of every rule."""
    addresses = app.url_map.bind("127.0.0.1")
    found = set()
    for rule in app.url_map.iter_rules():
        filled = {name: KNOWN.get(name, "1") for name in rule.arguments} | (rule.defaults or {})
        found.add(addresses.build(rule.endpoint, filled))
    return sorted(found)


def test_every_address_and_method_answers_with_them(app: Flask, service) -> None:
    targets = targets_of(app)
    assert {"/", "/signin", "/v1/check", "/healthz", "/v1/range/link/1", "/v1/scan"} <= set(targets)
    statuses = set()
    for target in targets:
        for method in METHODS:
            answer = service.request(method, target)
            statuses.add(answer.status)
            is_kept = "max-age=" in answer.headers.get("cache-control", "")
            assert not is_kept or target.startswith(MAY_BE_KEPT)
            is_page = headers_say_page(answer.headers)
            require(answer.headers, is_kept=is_kept, is_page=is_page)
    assert {200, 400, 401, 405} <= statuses
    assert 500 not in statuses


@pytest.mark.parametrize(
    ("method", "target", "body", "headers", "status"),
    [
        ("GET", "/v1/check?value=vn-bank.example", None, {}, 200),
        ("GET", "/v1/check?value=hello", None, {}, 400),
        ("GET", "/v1/check?value=x", None, {"Authorization": "Bearer x"}, 401),
        ("GET", "/nowhere", None, {}, 404),
        ("POST", "/v1/check", b"x" * ((4 << 20) + 1), {"Content-Type": "application/json"}, 413),
        ("GET", "/" + "x" * 9_000, None, {}, 414),
        ("POST", "/v1/check", b"{}", {"Content-Type": "text/plain"}, 415),
        ("GET", "/healthz", None, {"X-Long": "x" * 70_000}, 431),
    ],
)
def test_every_mistake_is_answered_with_them(
    service, method: str, target: str, body: bytes | None, headers: dict[str, str], status: int
) -> None:
    """Those too that the server refuses before the application sees them."""
    answer = service.request(method, target, body, headers)
    assert answer.status == status
    require(answer.headers)


def test_what_is_not_http_is_answered_with_them(service) -> None:
    answer = service.send_raw(b"nonsense\r\n\r\n")
    assert answer is not None
    assert answer.status == 400
    require(answer.headers)

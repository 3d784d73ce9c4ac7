"""The short way for ``GET /v1/check`` answers as the usual one, which a cookie leads to.

A cookie that is none of a session changes nothing else.
"""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from blacklist.callers import Scope
from blacklist.web import api

USUAL = {"Cookie": "nobodys=1"}
CHANGING = {"date", "x-request-id"}
LIMITS = {"ratelimit", "retry-after"}
VALUES = [
    *("vn-bank.example", "hxxp://Login.VN-bank[.]example/otp?x=1", "clean.example"),
    *("0912345678", "+84 912 345 678", "0000000000001", "com.vn", "", " ", "4111111111111111"),
    *(
        "địa-chỉ.example",
        "a" * 3_000,
        "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    ),
]
QUERIES = [
    *(urlencode({"value": value}) for value in VALUES),
    *(
        urlencode({"value": value, "kind": kind})
        for value in VALUES[:6]
        for kind in ("phone", "link")
    ),
    urlencode({"value": "0000000000001", "kind": "account", "bank": "970436", "ref": "row 17"}),
    urlencode({"value": "0912345678", "kind": "account", "bank": "no such bank"}),
    urlencode({"value": "0912345678", "region": "GB", "max_age_s": "5"}),
    *("", "value=", "kind=phone", "value=a&value=b", "value=a&other=b", "value=a&kind=car"),
    *("value=a&max_age_s=-1", "value=a&region=XX", "value=a&receipt=1", "value=a&receipt=2"),
    *(
        "value=%ff%fe",
        "value=%00",
        "value=a.example&",
        "&&value=a.example",
        f"value={quote('a;b=c')}",
    ),
]


def alike(answer: Any) -> tuple[int, dict[str, str], Any]:
    """An answer without what differs from one moment to the next."""
    headers = {
        name: re.sub(r"\d+", "N", value) if name in LIMITS else value
        for name, value in answer.headers.items()
        if name not in CHANGING
    }
    document = json.loads(answer.body) if answer.body else None
    if isinstance(document, dict):
        document.pop("request_id", None)
        document.pop("receipt", None)
        if document.get("as_of"):
            document["as_of"] |= {"age_ms": None, "position": None}
            for told in document["as_of"]["lists"].values():
                told["oldest_s"] = None
    headers.pop("content-length")
    return answer.status, headers, document


Ask = Callable[..., list[Any]]


@pytest.fixture(scope="module")
def ask() -> Ask:
    """Ask the same over both ways."""

    def ask(service: Any, query: str, headers: dict[str, str] | None = None) -> list[Any]:
        target, own = f"/v1/check?{query}", headers or {}
        return [service.request("GET", target, None, own | more) for more in ({}, USUAL)]

    return ask


@pytest.mark.parametrize("query", QUERIES)
def test_both_ways_answer_alike(service, ask: Ask, query: str) -> None:
    short, usual = ask(service, query)
    assert alike(short) == alike(usual)


@pytest.mark.parametrize("query", QUERIES[:4] + QUERIES[-9:-7])
def test_under_a_key_and_a_quota(service, key_of, ask: Ask, query: str) -> None:
    key = key_of(service.data_dir, Scope.CHECK, quota=1_000)
    short, usual = ask(service, query, {"Authorization": f"Bearer {key}"})
    assert alike(short) == alike(usual)


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer nobodys"},
        {"Authorization": "Basic YTpi"},
        {"Authorization": ""},
        {"X-Purpose": "loan-check"},
        {"X-Purpose": "0912345678"},
        {"Accept": "text/html"},
        {"X-Request-Id": "a" * 32},
        {"Content-Length": "3"},
    ],
    ids=repr,
)
def test_whoever_asks(service, ask: Ask, headers: dict[str, str]) -> None:
    short, usual = ask(service, "value=vn-bank.example", headers)
    assert alike(short) == alike(usual)


def test_a_key_that_may_not_ask_and_one_for_trying_out(service, key_of, ask: Ask) -> None:
    for scopes, told in ((Scope.REPORT, {}), (Scope.CHECK, {"test": True})):
        key = {"Authorization": f"Bearer {key_of(service.data_dir, scopes, **told)}"}
        for value in ("vn-bank.example", "unavailable.example", "limited.example"):
            short, usual = ask(service, f"value={value}", key)
            assert alike(short) == alike(usual)


def test_where_nobody_may_ask_without_a_key(module_service, ask: Ask) -> None:
    closed = module_service(BLACKLIST_PUBLIC="no")
    short, usual = ask(closed, "value=vn-bank.example")
    assert short.status == 401
    assert alike(short) == alike(usual)


def test_past_the_limit(module_service, ask: Ask) -> None:
    limited = module_service(BLACKLIST_PUBLIC_PER_MINUTE="2", BLACKLIST_WORKERS="1")
    for _ in range(3):
        short, usual = ask(limited, "value=clean.example")
    assert short.status == 429
    assert alike(short) == alike(usual)


def test_with_the_store_away(app) -> None:
    client = app.test_client(use_cookies=False)
    short, usual = (client.get("/v1/check?value=a.example", headers=more) for more in ({}, USUAL))
    assert (short.status_code, usual.status_code) == (503, 503)
    assert {**short.json, "request_id": None} == {**usual.json, "request_id": None}


def test_an_unforeseen_error_is_the_same_problem(app, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also a proof that a question without a cookie does take the short way."""

    def fail() -> None:
        raise RuntimeError("vn-bank.example")

    monkeypatch.setattr(api, "check_one", fail)
    client = app.test_client(use_cookies=False)
    short = client.get("/v1/check?value=a.example")
    assert (short.status_code, short.json["reason"]) == (500, "internal_error")
    assert b"vn-bank" not in short.data
    assert client.get("/v1/check?value=a.example", headers=USUAL).status_code == 503

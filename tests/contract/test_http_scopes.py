"""Who may call what: one table of every address and method, asked by everybody there is.

Whoever adds an address adds its row. What is sent is harmless: where an answer would write, the
body says nothing that could be written, and 400 shows that the caller was let in.
"""

import json
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from blacklist.callers import Scope
from blacklist.config import Settings
from blacklist.store.place import Place
from blacklist.web import create_app

JSON, NDJSON = "application/json", "application/x-ndjson"
FORM = "application/x-www-form-urlencoded"
CHECK, REPORT, LIST, ADMIN = {Scope.CHECK}, {Scope.REPORT}, {Scope.LIST}, {Scope.ADMIN}
EVERY_SCOPE = set(Scope)
FROM_AFAR = {"X-Forwarded-For": "192.0.2.1"}
"""As through a proxy that nobody declared: the caller is near nothing."""


class To(Enum):
    """To whom an address is open, before any scope counts."""

    ALL = "whoever asks, whatever the key's scopes are"
    PUBLIC = "whoever brings no key, and keys"
    KEYS = "keys, and sessions of theirs"
    KEYS_ALONE = "keys, and no sessions"
    SESSIONS = "sessions alone"


class Row(NamedTuple):
    """An address: a key needs one of ``scopes``; ``status`` is what is answered who is let in."""

    rule: str
    target: str
    to: To
    scopes: set[Scope]
    status: int = 200
    document: object = None
    media_type: str = JSON
    has_test_answers: bool = False
    headers: Mapping[str, str] = {}

    @property
    def method(self) -> str:
        return self.rule.partition(" ")[0]


ITEM = {"value": "clean.example"}
NUMBER_RANGE = "GET /v1/range/<any(phone, account):kind>/<prefix>"
NUMBER_FILTER = "GET /v1/filter/<any(phone, account):kind>"

# fmt: off
ROWS = [
    Row("GET /", "/", To.ALL, EVERY_SCOPE, has_test_answers=True),
    Row("POST /", "/", To.PUBLIC, CHECK, 200, "text=clean.example", FORM, has_test_answers=True),
    Row("GET /signin", "/signin", To.ALL, EVERY_SCOPE, has_test_answers=True),
    Row("POST /signin", "/signin", To.ALL, EVERY_SCOPE, 400, "person=&key=", FORM,
        has_test_answers=True),
    Row("POST /signout", "/signout", To.SESSIONS, EVERY_SCOPE, 303, "", FORM,
        has_test_answers=True),
    Row("GET /static/<digest>/<name>", "/static/x/page.css", To.ALL, EVERY_SCOPE,
        has_test_answers=True),
    Row("GET /counter", "/counter", To.SESSIONS, CHECK, has_test_answers=True),
    Row("POST /counter", "/counter", To.SESSIONS, CHECK, 200, "", FORM, has_test_answers=True),
    Row("POST /counter/outcome", "/counter/outcome", To.SESSIONS, CHECK, 200, "", FORM,
        has_test_answers=True),
    Row("POST /counter/sheet", "/counter/sheet", To.SESSIONS, CHECK, 200, "", FORM,
        has_test_answers=True),
    Row("GET /report", "/report", To.PUBLIC, REPORT),
    Row("POST /report", "/report", To.PUBLIC, REPORT, 400, "", FORM),
    Row("POST /report/form", "/report/form", To.PUBLIC, REPORT, 200, "value=clean.example", FORM),
    Row("GET /report/received", "/report/received", To.PUBLIC, REPORT),
    Row("GET /dispute", "/dispute", To.PUBLIC, REPORT),
    Row("POST /dispute", "/dispute", To.PUBLIC, REPORT, 400, "", FORM),
    Row("POST /dispute/form", "/dispute/form", To.PUBLIC, REPORT, 200, "value=x.example", FORM),
    Row("GET /dispute/<reference>", "/dispute/none", To.PUBLIC, REPORT, 404),
    Row("GET /lists", "/lists", To.KEYS, LIST),
    Row("POST /lists", "/lists", To.KEYS, LIST, 400, "", FORM),
    Row("GET /lists/letter", "/lists/letter", To.KEYS, LIST, 404),
    Row("POST /lists/letter", "/lists/letter", To.KEYS, LIST, 404, "", FORM),
    Row("GET /lists/drafts/<draft_id>", "/lists/drafts/none", To.KEYS, LIST, 404),
    Row("POST /lists/drafts/<draft_id>", "/lists/drafts/none", To.KEYS, LIST, 404, "", FORM),
    Row("GET /review", "/review", To.KEYS, ADMIN),
    Row("GET /review/<name>", "/review/none", To.KEYS, ADMIN, 404),
    Row("POST /review/<name>", "/review/none", To.KEYS, ADMIN, 404, "", FORM),
    Row("GET /status", "/status", To.PUBLIC, EVERY_SCOPE),
    Row("GET /status/report", "/status/report", To.KEYS, ADMIN),
    Row("GET /status/report.csv", "/status/report.csv", To.KEYS, ADMIN),
    Row("GET /openapi.json", "/openapi.json", To.ALL, EVERY_SCOPE, has_test_answers=True),
    Row("GET /docs", "/docs", To.ALL, EVERY_SCOPE, has_test_answers=True),
    Row("GET /healthz", "/healthz", To.ALL, EVERY_SCOPE, has_test_answers=True),
    Row("GET /readyz", "/readyz", To.ALL, EVERY_SCOPE, has_test_answers=True),
    Row("GET /metrics", "/metrics", To.KEYS, ADMIN, headers=FROM_AFAR),
    Row("GET /v1/check", "/v1/check?value=clean.example", To.PUBLIC, CHECK, has_test_answers=True),
    Row("POST /v1/check", "/v1/check", To.PUBLIC, CHECK, 200, {"items": [ITEM]},
        has_test_answers=True),
    Row("POST /v1/scan", "/v1/scan", To.PUBLIC, CHECK, 200, {"text": "clean.example"},
        has_test_answers=True),
    Row("POST /v1/screen", "/v1/screen", To.KEYS, CHECK, 200, ITEM, NDJSON, has_test_answers=True),
    Row("POST /v1/receipts/verify", "/v1/receipts/verify", To.KEYS, CHECK, 200, {"receipt": "x"},
        has_test_answers=True),
    Row("POST /v1/session", "/v1/session", To.KEYS_ALONE, EVERY_SCOPE, 201, {"person": "Không Ai"},
        has_test_answers=True),
    Row("GET /v1/session", "/v1/session", To.SESSIONS, EVERY_SCOPE, has_test_answers=True),
    Row("DELETE /v1/session", "/v1/session", To.SESSIONS, EVERY_SCOPE, 204, has_test_answers=True),
    Row("POST /v1/history", "/v1/history", To.KEYS, CHECK | LIST, 400, {}),
    Row("POST /v1/outcomes", "/v1/outcomes", To.KEYS, CHECK, 400, {}, has_test_answers=True),
    Row("POST /v1/watches", "/v1/watches", To.KEYS, CHECK, 400, {}),
    Row("DELETE /v1/watches", "/v1/watches", To.KEYS, CHECK, 400, {"watches": 1}),
    Row("GET /v1/watches/hits", "/v1/watches/hits", To.KEYS, CHECK),
    Row("PUT /v1/listings", "/v1/listings", To.KEYS, LIST, 400, {"items": [{}]}),
    Row("DELETE /v1/listings", "/v1/listings", To.KEYS, LIST, 400, {"items": [{}]}),
    Row("GET /v1/listings/pending", "/v1/listings/pending", To.KEYS, LIST | ADMIN),
    Row("POST /v1/listings/confirm", "/v1/listings/confirm", To.KEYS, LIST | ADMIN, 400,
        {"items": [{}]}),
    Row("POST /v1/reports", "/v1/reports", To.PUBLIC, REPORT, 400, {}),
    Row("GET /v1/reports", "/v1/reports", To.KEYS, ADMIN),
    Row("POST /v1/reports/decide", "/v1/reports/decide", To.KEYS, ADMIN, 400, {}),
    Row("POST /v1/disputes", "/v1/disputes", To.PUBLIC, REPORT, 400, {}),
    Row("GET /v1/disputes", "/v1/disputes", To.KEYS, ADMIN),
    Row("POST /v1/disputes/decide", "/v1/disputes/decide", To.KEYS, ADMIN, 400, {}),
    Row("POST /v1/disputes/contact", "/v1/disputes/contact", To.KEYS, ADMIN, 400, {}),
    Row("GET /v1/changes", "/v1/changes", To.KEYS, LIST, 400),
    Row("GET /v1/export", "/v1/export?format=csv", To.KEYS, LIST),
    Row("GET /v1/range", "/v1/range", To.PUBLIC, CHECK),
    Row("GET /v1/range/link/<prefix>", "/v1/range/link/3", To.PUBLIC, CHECK),
    Row("GET /v1/range/phone/ranges", "/v1/range/phone/ranges", To.KEYS, LIST),
    Row(NUMBER_RANGE, "/v1/range/phone/3", To.KEYS, LIST),
    Row(NUMBER_RANGE, "/v1/range/account/3", To.KEYS, LIST),
    Row("GET /v1/filter/link", "/v1/filter/link", To.PUBLIC, CHECK),
    Row(NUMBER_FILTER, "/v1/filter/phone", To.KEYS, LIST),
    Row(NUMBER_FILTER, "/v1/filter/account", To.KEYS, LIST),
]
# fmt: on


class Who(NamedTuple):
    """Somebody who asks: by a key or a session of one, with one scope, or all for trying out."""

    way: str
    scope: Scope | None = None

    def __str__(self) -> str:
        return f"{self.way}-{self.scope or 'test'}" if self.way != "nobody" else self.way


NOBODY = Who("nobody")
EVERYBODY = [NOBODY, *(Who(way, one) for way in ("key", "session") for one in (*Scope, None))]


@pytest.fixture(scope="module")
def keys(service, key_of) -> dict[Scope | None, str]:
    """A key of each single scope, and a test key of all."""
    made = {scope: key_of(service.data_dir, scope) for scope in Scope}
    return made | {None: key_of(service.data_dir, *Scope, test=True)}


def session_headers(service: Any, key: str) -> dict[str, str]:
    """What a browser sends with a new session, under both names that its cookie may have."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": JSON}
    opened = service.request("POST", "/v1/session", b'{"person": "x"}', headers)
    name, _, value = opened.headers["set-cookie"].partition(";")[0].partition("=")
    cookie = f"{name}={value}; __Host-{name}={value}"
    return {"Cookie": cookie, "X-CSRF-Token": opened.json()["csrf_token"]}


def ask(service: Any, keys: Mapping[Scope | None, str], row: Row, who: Who) -> Any:
    headers = {"Content-Type": row.media_type} | row.headers
    if who.way == "key":
        headers["Authorization"] = f"Bearer {keys[who.scope]}"
    elif who.way == "session":
        headers |= session_headers(service, keys[who.scope])
    body = None if row.document is None else json.dumps(row.document).encode()
    if row.media_type == FORM:
        body = str(row.document).encode()
    return service.request(row.method, row.target, body, headers)


def refusal_of(row: Row, who: Who) -> tuple[int, str] | None:
    """How the table has somebody refused; None where he is let in."""
    if row.to is To.ALL or (who is NOBODY and row.to is To.PUBLIC):
        return None
    if row.to is To.SESSIONS and who.way != "session":
        return 401, "session_over"
    if who is NOBODY or (row.to is To.KEYS_ALONE and who.way == "session"):
        return 401, "no_key"
    may = row.has_test_answers if who.scope is None else who.scope in row.scopes
    return None if may else (403, "not_allowed")


@pytest.mark.parametrize("who", EVERYBODY, ids=str)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method} {row.target}")
def test_who_may_call_what(service, keys, row: Row, who: Who) -> None:
    """Each scope alone, as a key and as a session of one; no key; test keys, which list nothing."""
    answer = ask(service, keys, row, who)
    refusal = refusal_of(row, who)
    if refusal is None:
        assert answer.status == row.status, answer.body
    else:
        answer.problem(*refusal)


def test_every_address_and_method_has_its_row(data_dir: Path) -> None:
    place = Place("unix:///nonexistent/store.sock", data_dir)
    app = create_app(Settings(data_dir=data_dir), place)
    app.extensions["blacklist.replica"].stop()
    rules = {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert rules == {row.rule for row in ROWS}

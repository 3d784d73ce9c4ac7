"""Who may call what: every address, with each scope, without a key, and with a test key."""

import json
from typing import Any, NamedTuple

import pytest

from blacklist.callers import Scope

JSON, NDJSON = "application/json", "application/x-ndjson"


class Call(NamedTuple):
    """One address, how it is called, the scope it needs (None: any key), and who else may."""

    method: str
    path: str
    body: bytes | None
    media_type: str
    scope: Scope | None
    is_public: bool
    has_test_answers: bool


ITEM = {"value": "clean.example"}
CALLS = {
    "check one": Call(
        "GET",
        "/v1/check?value=clean.example",
        None,
        JSON,
        Scope.CHECK,
        is_public=True,
        has_test_answers=True,
    ),
    "check many": Call(
        "POST",
        "/v1/check",
        json.dumps({"items": [ITEM]}).encode(),
        JSON,
        Scope.CHECK,
        is_public=True,
        has_test_answers=True,
    ),
    "scan": Call(
        "POST",
        "/v1/scan",
        b'{"text": "clean.example"}',
        JSON,
        Scope.CHECK,
        is_public=True,
        has_test_answers=True,
    ),
    "screen": Call(
        "POST",
        "/v1/screen",
        json.dumps(ITEM).encode(),
        NDJSON,
        Scope.CHECK,
        is_public=False,
        has_test_answers=True,
    ),
    "open a session": Call(
        "POST",
        "/v1/session",
        '{"person": "Không Ai"}'.encode(),
        JSON,
        None,
        is_public=False,
        has_test_answers=True,
    ),
    "reports": Call(
        "GET",
        "/v1/reports",
        None,
        JSON,
        Scope.ADMIN,
        is_public=False,
        has_test_answers=False,
    ),
    "disputes": Call(
        "GET",
        "/v1/disputes",
        None,
        JSON,
        Scope.ADMIN,
        is_public=False,
        has_test_answers=False,
    ),
}
"""Whoever adds an address adds its row; what lists, reports and disputes is called on stores of its
own (test_http_listings.py, test_http_reports.py, test_http_disputes.py)."""

CALLS |= {
    path: Call("GET", path, None, JSON, scope, is_public=is_public, has_test_answers=False)
    for scope, is_public, paths in (
        (Scope.CHECK, True, ("/v1/range", "/v1/range/link/3", "/v1/filter/link")),
        (Scope.LIST, False, ("/v1/range/phone/3", "/v1/range/account/3", "/v1/range/phone/ranges")),
        (Scope.LIST, False, ("/v1/filter/phone", "/v1/filter/account")),
    )
    for path in paths
}


@pytest.fixture(scope="module")
def keys(service, key_of) -> dict[str, str]:
    """A key of each single scope, and a test key of all."""
    made = {str(scope): key_of(service.data_dir, scope) for scope in Scope}
    return made | {"test": key_of(service.data_dir, *Scope, test=True)}


def ask(service: Any, call: Call, key: str | None) -> Any:
    headers = {"Content-Type": call.media_type} if call.body else {}
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    return service.request(call.method, call.path, call.body, headers)


@pytest.mark.parametrize("scope", list(Scope))
@pytest.mark.parametrize("name", CALLS)
def test_a_key_may_call_what_its_scope_says(service, keys, name: str, scope: Scope) -> None:
    call = CALLS[name]
    answer = ask(service, call, keys[scope])
    if call.scope in {None, scope}:
        assert answer.status in {200, 201}
    else:
        answer.problem(403, "not_allowed")


@pytest.mark.parametrize("name", CALLS)
def test_without_a_key_only_the_public_is_open(service, name: str) -> None:
    answer = ask(service, CALLS[name], None)
    if CALLS[name].is_public:
        assert answer.status == 200
    else:
        answer.problem(401, "no_key")


@pytest.mark.parametrize("name", CALLS)
def test_a_test_key_may_call_what_has_fixed_answers(service, keys, name: str) -> None:
    answer = ask(service, CALLS[name], keys["test"])
    if CALLS[name].has_test_answers:
        assert answer.status in {200, 201}
    else:
        answer.problem(403, "not_allowed")

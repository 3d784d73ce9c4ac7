"""Every operation of the document, asked at random over a real service: what it says is so.

schemathesis makes requests that fit the document and such that do not; each is sent without a key,
with a key of one scope, with a key of all or with a session. Same requests at every run.
"""

import json
from collections import defaultdict
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from blacklist.callers import Scope

EXAMPLES = 10
"""Of each operation and sort (fitting, not fitting); some forty operations are asked in all."""

CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
VALUES = [
    "vn-bank.example",
    "+44 7700 900123",
    "970436/0000000000001",
    "sites.example/view/abc",
    "hello",
]
"""Real things among the random ones, so that answers are reached."""

ENDING = "DELETE /v1/session"
"""The others need the session."""

NOT_COMPARED = (b'{"genuine":false}',)
"""An answer for which items were not looked at."""

SHAPE = {"not_a_batch", "not_an_item", "not_a_message", "not_a_receipt", "not_a_watch"} | {
    *("unknown_field", "unknown_parameter", "not_json", "no_value", "no_text")
}
"""Words that no request deserves which the document allows."""

LINES = st.lists(st.sampled_from([json.dumps({"value": one}) for one in VALUES] + ["{", '"x"']))
schemathesis.openapi.media_type(
    "application/x-ndjson",
    LINES.map(lambda lines: "\n".join(lines).encode()),
    aliases=["application/ndjson"],
)
schemathesis.openapi.media_type(
    "text/csv", LINES.map(lambda lines: "\n".join(["value,ref", *lines]).encode())
)


@pytest.fixture(scope="module")
def fuzzed(module_service) -> Any:
    """A service that tests may write into."""
    return module_service()


@pytest.fixture(scope="module")
def ways(fuzzed, key_of) -> dict[str, dict[str, str]]:
    """Headers of each way to ask: no key, a key of each scope and of all, a session."""
    keys = {str(scope): key_of(fuzzed.data_dir, scope) for scope in Scope}
    keys["all"] = key_of(fuzzed.data_dir, *Scope)
    ways = {name: {"Authorization": f"Bearer {key}"} for name, key in keys.items()}
    told = fuzzed.request(
        "POST",
        "/v1/session",
        b'{"person": "Ai"}',
        ways["all"] | {"Content-Type": "application/json"},
    )
    cookie = told.headers["set-cookie"].partition(";")[0]
    session = {"Cookie": cookie, "X-CSRF-Token": told.json()["csrf_token"]}
    return ways | {"none": {}, "session": session}


def allowed(operation: dict[str, Any], way: str) -> bool:
    """Whether the document lets a way of asking through; tests are near (``/metrics``)."""
    security = operation["security"]
    if not security or operation["operationId"] == "metrics_metrics":
        return True
    if way == "none":
        return {} in security
    scheme = "session" if way == "session" else "key"
    scopes = [one[scheme] for one in security if scheme in one]
    return any(not one or way in {"all", "session", *one} for one in scopes)


def with_values(value: Any, draw: Any) -> Any:
    """The same with a real thing in some places."""
    if isinstance(value, dict):
        return {
            name: draw(st.sampled_from(VALUES))
            if name == "value" and isinstance(one, str) and draw(st.booleans())
            else with_values(one, draw)
            for name, one in value.items()
        }
    return [with_values(one, draw) for one in value] if isinstance(value, list) else value


def require_refused(context, response, case) -> None:
    """A request that does not fit is refused; of a batch each wrong item is, by itself."""
    has_own_errors = "x-item-reasons" in case.operation.definition.raw and (
        b'"error":{' in response.content or response.content in NOT_COMPARED
    )
    if response.status_code >= 400 or has_own_errors:
        return
    negative_data_rejection(context, response, case)


def test_what_the_document_says_is_so(fuzzed, ways, subtests) -> None:
    """No defect, no status, type, member or reason that is not told, nobody let in or kept out."""
    schema = schemathesis.openapi.from_dict(fuzzed.request("GET", "/openapi.json").json())
    schema.config.update(base_url=f"http://127.0.0.1:{fuzzed.port}")
    schema.config.generation.update(with_security_parameters=False)
    statuses: dict[str, set[int]] = defaultdict(set)
    operations = [one.ok() for one in schema.get_all_operations()]
    for operation in sorted(operations, key=lambda one: one.label == ENDING):
        for mode in GenerationMode if takes_something(operation) else [GenerationMode.POSITIVE]:
            with subtests.test(operation.label, mode=mode.value):
                ask_at_random(operation, mode, ways, statuses[operation.label])
    assert statuses.keys() == {one.label for one in operations}
    let_in = {label for label, seen in statuses.items() if seen - {401, 403}}
    assert let_in == statuses.keys()


def takes_something(operation: Any) -> bool:
    """Whether there is anything that could not fit."""
    raw = operation.definition.raw
    return bool(raw.get("parameters") or raw.get("requestBody"))


def ask_at_random(operation: Any, mode: Any, ways: dict[str, Any], seen: set[int]) -> None:
    """Send some requests of one operation, each in one of the ways, and look at each answer."""
    raw = operation.definition.raw
    is_fitting = mode is GenerationMode.POSITIVE
    good = [way for way in ways if allowed(raw, way)]

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def ask(data: Any) -> None:
        way = data.draw(st.sampled_from([*good, *good, *ways]))
        case = data.draw(operation.as_strategy(generation_mode=mode))
        if is_fitting:
            case.body = with_values(case.body, data.draw)
            case.query = with_values(dict(case.query), data.draw)
        case.headers = {name: value for name, value in case.headers.items() if name != "Cookie"}
        response = case.call(headers=ways[way], timeout=10)
        seen.add(response.status_code)
        assert response.status_code != 500
        checks = CHECKS if is_fitting else [*CHECKS, require_refused]
        case.validate_response(response, checks=checks, headers=ways[way])
        if way not in good:
            assert response.status_code >= 400
        if is_fitting:
            require_shape(response, way if way in good else None)

    try:
        ask()
    except requests.ConnectionError as exc:  # pragma: no cover
        pytest.fail(f"{operation.label}: {exc}")


def require_shape(response: Any, way: str | None) -> None:
    """What fits is not refused for its shape, nor for who asks who may."""
    reason = response.json()["reason"] if response.status_code >= 400 else ""
    assert reason not in SHAPE
    if way is not None:
        assert reason not in {"not_allowed", "bad_csrf_token"}
    if way not in {None, "none"}:  # a receipt is given to keys only
        assert reason != "no_key"

"""Test keys: every row of the README's table gives what it says, and no list is touched."""

import json
from typing import Any

import pytest

from blacklist.callers import Scope
from documents import read, table, words

ROWS = [
    [words(cell)[0] for cell in row]
    for row in table(read("README.md"), "answer", "link", "phone", "account (`bank`: `VCB`)")
]
CASES = [
    pytest.param(answer, kind, value, id=f"{kind}-{answer}")
    for answer, *values in ROWS
    for kind, value in zip(("link", "phone", "account"), values, strict=True)
]
LEVELS = {"danger", "warning", "caution"}


@pytest.fixture(scope="module")
def key(service, key_of) -> dict[str, str]:
    """The header of a test key."""
    made = key_of(service.data_dir, *Scope, test=True)
    return {"Authorization": f"Bearer {made}"}


@pytest.fixture(scope="module")
def post(service, key) -> Any:
    """Send something with a test key."""

    def post(path: str, body: object, media_type: str = "application/json") -> Any:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return service.request("POST", path, data, key | {"Content-Type": media_type})

    return post


def item(kind: str, value: str) -> dict[str, str]:
    return {"value": value, "kind": kind} | ({"bank": "VCB"} if kind == "account" else {})


def assert_is(result: dict[str, Any], answer: str) -> None:
    """A result is what a row of the table calls it."""
    if answer in LEVELS:
        assert result["level"] == answer
        assert result["suspicious"] == (answer != "caution")
    else:
        assert result["verdict"] == answer
        assert result["level"] == (None if answer == "unavailable" else "none")


def assert_is_refused(answer: Any, status: int) -> None:
    answer.problem(status, "too_many_requests" if status == 429 else "store_unavailable")
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(("answer", "kind", "value"), CASES)
def test_each_value_gives_what_the_table_says(post, answer, kind, value) -> None:
    """Beside others in a batch, in a message and in a table, too."""
    other = {"value": "elsewhere.example"}
    batch = post("/v1/check", {"items": [item(kind, value), other]})
    line = json.dumps(item(kind, value)).encode() + b"\n"
    table = post("/v1/screen", line, "application/x-ndjson")
    text = f"STK {value} Vietcombank" if kind == "account" else f"see {value} there"
    message = post("/v1/scan", {"text": text})
    if answer.isdecimal():
        for one in (batch, table, message):
            assert_is_refused(one, int(answer))
        return
    first, second = batch.json()["results"]
    assert_is(first, answer)
    assert_is(second, "no_record")
    assert_is(table.json(), answer)
    if answer == "unavailable":
        message.problem(503, "store_unavailable")
    else:
        assert_is(message.json()["found"][0]["result"], answer)


@pytest.mark.parametrize(("answer", "kind", "value"), CASES)
def test_one_question_by_its_address(service, key, answer, kind, value) -> None:
    target = f"/v1/check?value={value.replace('+', '%2B')}&kind={kind}&bank=VCB"
    found = service.request("GET", target, None, key)
    if answer in {"unavailable", "503"}:
        found.problem(503, "store_unavailable")
    elif answer == "429":
        assert_is_refused(found, 429)
    else:
        assert_is(found.json(), answer)


def test_the_answers_never_change(post) -> None:
    """Nothing in them depends on when, or on which worker."""
    items = [item(one.values[1], one.values[2]) for one in CASES if one.values[0] != "503"]
    items = [one for one in items if "907" not in one["value"] and "limited" not in one["value"]]
    answers = {post("/v1/check", {"items": items}).body for _ in range(5)}
    assert len(answers) == 1


def test_no_list_is_touched(post) -> None:
    """What the sample lists is unknown to a test key."""
    (result,) = post("/v1/check", {"items": [{"value": "vn-bank.example"}]}).json()["results"]
    assert (result["verdict"], result["action"]["do"]) == ("no_record", "allow")


def test_what_is_not_understood_is_refused_as_always(post) -> None:
    post("/v1/check", {"items": [{"value": "hello"}]}).problem(400, "no_valid_item")


def test_the_command_makes_a_test_key(service, run) -> None:
    done = run(service.data_dir, "keys", "create", "--name", "x", "--test", "--json")
    headers = {"Authorization": f"Bearer {json.loads(done.stdout)['key']}"}
    answer = service.request("GET", "/v1/check?value=danger.example", None, headers)
    assert answer.json()["level"] == "danger"


def test_without_a_test_key_the_values_mean_nothing(service) -> None:
    assert service.check("danger.example")["verdict"] == "no_record"
    assert service.get(value="limited.example").status == 200

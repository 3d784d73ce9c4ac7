"""Keys over HTTP: who may do what, what each is told to do, and how much each may ask."""

import http.client
import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

BATCH = json.dumps({"items": [{"value": "vn-bank.example"}, {"value": "clean.example"}]}).encode()
JSON = {"Content-Type": "application/json"}
LISTED = "/v1/check?value=vn-bank.example"
NDJSON = {"Content-Type": "application/x-ndjson"}
CLEAN = "/v1/check?value=clean.example"


class Keyed(NamedTuple):
    """A service and how to make keys of its store."""

    service: Any
    create: Callable[..., dict[str, Any]]
    revoke: Callable[[str], None]

    def screen(self, body: bytes, key: str) -> bytes:
        """What came of a table's answer, whether or not it was whole."""
        connection = http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=10)
        try:
            connection.request("POST", "/v1/screen", body, NDJSON | bearer(key))
            response = connection.getresponse()
            assert response.status == 200
            return response.read()
        except http.client.IncompleteRead as exc:
            return exc.partial
        finally:
            connection.close()


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture(scope="module")
def keyed(run, module_service) -> Keyed:
    service = module_service(BLACKLIST_PUBLIC_PER_MINUTE="8")

    def create(*arguments: str) -> dict[str, Any]:
        done = run(service.data_dir, "keys", "create", "--name", "A bank", "--json", *arguments)
        assert done.returncode == 0, done.stderr
        made: dict[str, Any] = json.loads(done.stdout)
        return made

    def revoke(key_id: str) -> None:
        assert run(service.data_dir, "keys", "revoke", key_id).returncode == 0

    return Keyed(service, create, revoke)


@pytest.fixture(scope="module")
def closed(module_service) -> Any:
    return module_service(BLACKLIST_PUBLIC="no")


def test_a_key_is_told_what_to_do(keyed: Keyed) -> None:
    key = keyed.create("--policy", "pause")["key"]
    listed = keyed.service.request("GET", LISTED, None, bearer(key)).json()
    assert listed["action"]["do"] == "confirm"
    assert listed["action"]["policy"] == "pause"
    assert all(listed["action"][language] for language in ("vi", "en"))
    assert keyed.service.request("GET", CLEAN, None, bearer(key)).json()["action"]["do"] == "allow"
    answer = keyed.service.request("POST", "/v1/check", BATCH, JSON | bearer(key)).json()
    assert [one["action"]["do"] for one in answer["results"]] == ["confirm", "allow"]


def test_without_a_key_nobody_is_told_what_to_do(keyed: Keyed) -> None:
    assert "action" not in keyed.service.request("GET", LISTED).json()


@pytest.mark.parametrize(
    "header",
    [
        "Bearer nonsense",
        "Bearer bl_000000000000_" + "A" * 43,
        "Bearer ",
        "Basic YTpi",
        "bl_000000000000_" + "A" * 43,
    ],
)
def test_a_wrong_key_is_refused_also_where_none_is_needed(keyed: Keyed, header: str) -> None:
    """Who sends one believes to be known; to answer as to a stranger would hide the mistake."""
    for target in (CLEAN, "/healthz"):
        answer = keyed.service.request("GET", target, None, {"Authorization": header})
        answer.problem(401, "bad_key")
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_tables_are_screened_with_a_key_only(keyed: Keyed) -> None:
    body, headers = b"value\nclean.example\n", {"Content-Type": "text/csv"}
    keyed.service.request("POST", "/v1/screen", body, headers).problem(401, "no_key")
    key = keyed.create()["key"]
    assert keyed.service.request("POST", "/v1/screen", body, headers | bearer(key)).status == 200


def test_a_revoked_key_is_refused_by_every_worker_at_once(keyed: Keyed) -> None:
    made = keyed.create()
    for _ in range(10):
        answer = keyed.service.request("GET", CLEAN, None, bearer(made["key"]))
        assert answer.status == 200
    keyed.revoke(made["id"])
    for _ in range(20):
        answer = keyed.service.request("GET", CLEAN, None, bearer(made["key"]))
        answer.problem(401, "bad_key")


def test_a_quota_ends_the_day(keyed: Keyed, eventually) -> None:
    """Counted by things, not by requests, over all workers."""
    key = keyed.create("--quota", "4")["key"]
    for _ in range(2):
        assert keyed.service.request("POST", "/v1/check", BATCH, JSON | bearer(key)).status == 200

    def answer_to(key: str) -> Any:
        return keyed.service.request("POST", "/v1/check", BATCH, JSON | bearer(key))

    # A worker learns of the others' counts with its own next one: all of them, not the first.
    eventually(lambda: {answer_to(key).status for _ in range(20)} == {429}, 10)
    answer = answer_to(key)
    answer.problem(429, "too_many_requests")
    assert int(answer.headers["retry-after"]) > 0
    assert "q=4;w=86400" in answer.headers["ratelimit-policy"]


def test_what_is_left_of_a_quota_is_told_with_each_answer(keyed: Keyed) -> None:
    key = keyed.create("--quota", "100")["key"]
    answer = keyed.service.request("POST", "/v1/check", BATCH, JSON | bearer(key))
    assert answer.headers["ratelimit-policy"] == '"day";q=100;w=86400'
    assert answer.headers["ratelimit"].startswith('"day";r=98;t=')
    free = keyed.create()["key"]
    answer = keyed.service.request("POST", "/v1/check", BATCH, JSON | bearer(free))
    assert answer.status == 200
    assert "ratelimit" not in answer.headers


def test_each_thing_in_a_message_counts(keyed: Keyed) -> None:
    """And of each it is told what is to be done; a message of nothing is one thing."""
    key = keyed.create("--quota", "100")["key"]

    def scan(text: str) -> Any:
        body = json.dumps({"text": text}).encode()
        return keyed.service.request("POST", "/v1/scan", body, JSON | bearer(key))

    answer = scan("vn-bank.example, clean.example")
    assert answer.headers["ratelimit"].startswith('"day";r=98;')
    actions = [one["result"]["action"]["do"] for one in answer.json()["found"]]
    assert actions == ["inform", "allow"]
    alone = keyed.create("--quota", "1")["key"]
    body = json.dumps({"text": "vn-bank.example, clean.example"}).encode()
    answer = keyed.service.request("POST", "/v1/scan", body, JSON | bearer(alone))
    answer.problem(429, "too_many_requests")
    body = json.dumps({"text": "nothing at all"}).encode()
    answer = keyed.service.request("POST", "/v1/scan", body, JSON | bearer(alone))
    assert answer.headers["ratelimit"].startswith('"day";r=0;')


def test_a_table_ends_where_the_quota_does(keyed: Keyed) -> None:
    """Its batches of 1,000 rows are counted; what was answered before stays."""
    key = keyed.create("--quota", "1500")["key"]
    rows = b"".join(b'{"value": "clean-%d.example"}\n' % number for number in range(2_500))
    answer = keyed.screen(rows, key)
    assert answer.count(b'"no_record"') == 1_000
    last = json.loads(answer.splitlines()[-1])
    assert last["incomplete"]["reason"] == "incomplete"
    assert "quota" in last["incomplete"]["detail"]
    first = b"".join(rows.splitlines(keepends=True)[:1])
    assert b'"allow"' in keyed.screen(first, key)


def test_a_table_that_is_more_than_is_left_is_refused(keyed: Keyed) -> None:
    key = keyed.create("--quota", "2")["key"]
    answer = keyed.service.request(
        "POST", "/v1/screen", b'{"value": "a.example"}\n' * 3, NDJSON | bearer(key)
    )
    answer.problem(429, "too_many_requests")


def test_an_address_without_a_key_is_limited_and_told_whom_to_call(keyed: Keyed) -> None:
    for _ in range(30):
        answer = keyed.service.request("GET", CLEAN)
        if answer.status == 429:
            break
    document = answer.problem(429, "too_many_requests")
    assert "113" in document["detail"]
    assert document["suspicious"] is None
    key = keyed.create()["key"]
    assert keyed.service.request("GET", CLEAN, None, bearer(key)).status == 200


def test_a_closed_service_answers_keys_only(closed) -> None:
    closed.request("GET", CLEAN).problem(401, "no_key")
    closed.request("POST", "/v1/check", BATCH, JSON).problem(401, "no_key")
    assert closed.request("GET", "/readyz").status == 200


def test_a_key_is_listed_without_its_secret(keyed: Keyed, run) -> None:
    made = keyed.create("--scope", "check,list", "--trust", "authority")
    shown = run(keyed.service.data_dir, "keys", "list", "--json").stdout
    assert made["key"].rpartition("_")[2] not in shown
    (found,) = [one for one in json.loads(shown)["keys"] if one["id"] == made["id"]]
    assert (found["scopes"], found["trust"], "digest" in found) == (
        ["check", "list"],
        "authority",
        False,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["--scope", "everything"],
        ["--policy", "nonsense"],
        ["--quota", "0"],
        ["--trust", "community"],
        ["--audience", "nobody"],
    ],
)
def test_a_key_that_means_nothing_is_not_made(keyed: Keyed, run, arguments: list[str]) -> None:
    done = run(keyed.service.data_dir, "keys", "create", "--name", "x", *arguments)
    assert done.returncode == 2
    assert not done.stdout

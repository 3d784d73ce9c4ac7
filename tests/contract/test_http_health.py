"""``/healthz`` and ``/readyz``, and what a service says that cannot look at its lists."""

import contextlib

import pytest

from blacklist.config import Settings
from blacklist.store.place import Place
from blacklist.web import create_app


@pytest.fixture
def open_client():
    """Applications in this process, over any store; their threads are ended afterwards."""
    with contextlib.ExitStack() as stack:

        def open_client(url, data_dir):
            app = create_app(Settings(), Place(url, data_dir))
            stack.callback(app.extensions["blacklist.replica"].stop)
            return app.test_client()

        yield open_client


@pytest.fixture
def lost_client(open_client, data_dir):
    """A client of a service whose store does not exist."""
    return open_client("unix:///nonexistent/store.sock", data_dir)


def assert_problem(response, reason: str) -> dict:
    """A 503 problem document that asks to come back."""
    assert response.status_code == 503
    assert response.content_type == "application/problem+json"
    assert int(response.headers["Retry-After"]) > 0
    document = response.get_json(force=True)
    assert (document["status"], document["reason"]) == (503, reason)
    assert document["suspicious"] is None
    return document


def test_alive_says_alive(service) -> None:
    """And which version it is."""
    answer = service.request("GET", "/healthz")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json().keys() == {"status", "version"}
    assert answer.json()["status"] == "alive"


def test_ready_says_how_fresh_and_on_what_lists(service) -> None:
    """Every kind, with the filter's age."""
    answer = service.request("GET", "/readyz")
    assert (answer.status, answer.json()["status"]) == (200, "ready")
    as_of = answer.json()["as_of"]
    assert 0 <= as_of["age_ms"] < 1000
    assert {kind: one["entries"] for kind, one in as_of["lists"].items()} == {
        "phone": 10,
        "account": 12,
        "link": 12,
    }


def test_the_root_points_to_what_is_there(service) -> None:
    """Every address it names answers."""
    pointers = service.request("GET", "/").json()
    for name in ("check", "ready"):
        assert service.request("GET", pointers[name]).status == 200


def test_a_store_with_no_lists_is_alive_and_not_ready(open_client, server, info) -> None:
    """An answer over nothing would be worth nothing."""
    client = open_client(server.url, None)
    assert client.get("/healthz").status_code == 200
    assert_problem(client.get("/readyz"), "no_lists")


def test_a_service_without_its_store_is_alive_and_not_ready(lost_client) -> None:
    """Being restarted would not help it."""
    assert lost_client.get("/healthz").status_code == 200
    assert_problem(lost_client.get("/readyz"), "store_unavailable")


@pytest.mark.parametrize("value", ["vn-bank.example", "ok.example", "+447700900123"])
def test_without_the_store_no_answer_reads_as_harmless(lost_client, value: str) -> None:
    """Whatever is asked, the verdict is unavailable and ``suspicious`` is null."""
    one = assert_problem(
        lost_client.get("/v1/check", query_string={"value": value}), "store_unavailable"
    )
    assert one["verdict"] == "unavailable"
    items = [{"value": value, "ref": "a"}, {"value": "???", "ref": "b"}]
    many = assert_problem(lost_client.post("/v1/check", json={"items": items}), "store_unavailable")
    first, second = many["results"]
    assert (first["verdict"], first["suspicious"], first["level"]) == ("unavailable", None, None)
    assert (second["verdict"], second["error"]["reason"]) == (None, "not_understood")
    assert [result["ref"] for result in many["results"]] == ["a", "b"]


def test_without_the_store_an_age_accepted_does_not_help(lost_client) -> None:
    """There is no older filter to answer from."""
    items = [{"value": "ok.example", "max_age_s": 3600}]
    assert_problem(lost_client.post("/v1/check", json={"items": items}), "store_unavailable")


def test_without_the_store_a_message_is_not_answered_nor_repeated(lost_client) -> None:
    """The places are told, not what stands there; what needs no store is answered."""
    body = {"text": "xem ok.example, so the 4111111111111111", "ref": "a"}
    response = lost_client.post("/v1/scan", json=body)
    document = assert_problem(response, "store_unavailable")
    assert b"ok.example" not in response.data
    link, card = document["found"]
    assert (document["ref"], link["start"], link["end"], link["text"]) == ("a", 4, 14, None)
    assert (link["result"]["verdict"], link["result"]["suspicious"]) == ("unavailable", None)
    assert card["result"]["error"]["reason"] == "card_number"
    empty = lost_client.post("/v1/scan", json={"text": "hello"})
    assert (empty.status_code, empty.get_json()["notes"]) == (200, ["nothing_found"])

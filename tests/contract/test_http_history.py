"""History over HTTP: who may read it, and what it says after a listing went."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from blacklist.callers import Scope
from blacklist.model import Audience, Identifier, Kind, Source
from blacklist.publish import Publisher
from blacklist.store import connect, meta
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.listings import Detail
from blacklist.store.stage import Staged

POLICE = Source("police", "Police", audience=Audience.INSTITUTIONS)


class Desk:
    """A service, and a writer beside it."""

    def __init__(self, service: Any, key_of: Callable[..., str]) -> None:
        self.service = service
        self._key_of = key_of
        self.client = connect.writer(EmbeddedServer(service.data_dir).url)
        self.publisher = Publisher(self.client, meta.require(self.client))

    def ask(self, document: Any, *scopes: Scope, **told: Any) -> Any:
        headers = {"Content-Type": "application/json"}
        if scopes:
            key = self._key_of(self.service.data_dir, *scopes, **told)
            headers["Authorization"] = f"Bearer {key}"
        body = json.dumps(document).encode()
        return self.service.request("POST", "/v1/history", body, headers)

    def put(self, *values: str) -> None:
        """List these and nothing else."""
        with self.publisher.load(POLICE, full=True) as load:
            load.put(
                Staged(Identifier(Kind.LINK, value), None, Detail(reference="12/2026"))
                for value in values
            )
            load.commit()


@pytest.fixture(scope="module")
def desk(module_service: Callable[..., Any], key_of: Callable[..., str]) -> Iterator[Desk]:
    one = Desk(module_service(), key_of)
    one.put("gone.example")
    one.put("stays.example")
    yield one
    one.client.close()


def test_what_went_and_what_stands_is_told(desk: Desk) -> None:
    answer = desk.ask({"value": "hxxp://www.gone[.]example"}, Scope.LIST)
    assert answer.status == 200, answer.body
    told = answer.json()
    assert [one["value"] for one in told["identifiers"]] == ["www.gone.example"]
    (event,) = told["events"]
    assert (event["what"], event["value"], event["match"], event["source"], event["reference"]) == (
        "withdrawn",
        "gone.example",
        "parent_domain",
        "police",
        "12/2026",
    )
    assert event["since"] <= event["at"]
    assert told["complete_from"] <= event["at"]
    (standing,) = desk.ask({"value": "stays.example"}, Scope.LIST).json()["events"]
    assert standing["what"] == "listed"
    assert desk.ask({"value": "never.example"}, Scope.LIST).json()["events"] == []


@pytest.mark.parametrize("scope", [Scope.CHECK, Scope.LIST])
def test_institutions_that_ask_and_whoever_lists_may_read_it(desk: Desk, scope: Scope) -> None:
    (event,) = desk.ask({"value": "gone.example"}, scope).json()["events"]
    assert event["reference"] == "12/2026"


def test_a_key_of_the_public_that_lists_nothing_may_not(desk: Desk) -> None:
    answer = desk.ask({"value": "gone.example"}, Scope.CHECK, audience=Audience.PUBLIC)
    answer.problem(403, "not_allowed")


def test_the_public_is_shown_no_reference_of_institutions(desk: Desk) -> None:
    answer = desk.ask({"value": "gone.example"}, Scope.LIST, audience=Audience.PUBLIC)
    assert "reference" not in answer.json()["events"][0]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({}, "not_an_item"),
        ([], "not_an_item"),
        ({"value": "x.example", "since": 1}, "not_an_item"),
        ({"value": "x.example", "kind": "name"}, "unknown_kind"),
        ({"value": "hello"}, "not_understood"),
    ],
)
def test_what_is_no_question_is_refused(desk: Desk, document: Any, reason: str) -> None:
    desk.ask(document, Scope.LIST).problem(400, reason)

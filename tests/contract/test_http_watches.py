"""Watches over HTTP: who may leave one, and that a hit outlives workers that are killed."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from blacklist.callers import Scope
from blacklist.model import Audience, Identifier, Kind, Source
from blacklist.publish import Publisher
from blacklist.store import connect, meta
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.locks import LEASE_SECONDS
from blacklist.store.stage import Staged

ARRIVES_SECONDS = 10
AFTER_A_KILL_SECONDS = LEASE_SECONDS + 15
"""A worker that was killed while it compared leaves a lock that has to run out."""


class Bank:
    """A caller of a service, and a writer beside it."""

    def __init__(self, service: Any, key: str) -> None:
        self.service = service
        self.key = key
        self.client = connect.writer(EmbeddedServer(service.data_dir).url)
        self.publisher = Publisher(self.client, meta.require(self.client))

    def send(self, method: str, path: str, document: Any = None, key: str | None = "") -> Any:
        headers = {"Content-Type": "application/json"}
        if key is not None:
            headers["Authorization"] = f"Bearer {key or self.key}"
        body = None if document is None else json.dumps(document).encode()
        return self.service.request(method, path, body, headers)

    def watch(self, value: str, **fields: Any) -> dict[str, Any]:
        answer = self.send("POST", "/v1/watches", {"value": value, **fields})
        assert answer.status == 201, answer.body
        document: dict[str, Any] = answer.json()
        return document

    def hits(self, since: str = "") -> dict[str, Any]:
        answer = self.send("GET", f"/v1/watches/hits?since={since}")
        assert answer.status == 200, answer.body
        document: dict[str, Any] = answer.json()
        return document

    def watched(self) -> set[str]:
        return {one["watch"] for one in self.hits()["hits"]}

    def put(self, *values: str) -> None:
        with self.publisher.load(Source("police", "Police"), full=False) as load:
            load.put(Staged(Identifier(Kind.LINK, value)) for value in values)
            load.commit()


@pytest.fixture(scope="module")
def bank(module_service: Callable[..., Any], key_of: Callable[..., str]) -> Iterator[Bank]:
    service = module_service()
    one = Bank(service, key_of(service.data_dir, Scope.CHECK))
    yield one
    one.client.close()


def workers(service: Any) -> list[int]:
    """The processes of the workers: children of the master with its command line."""
    master = service.process.pid
    own = Path(f"/proc/{master}/cmdline").read_bytes()
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return [int(one) for one in children if Path(f"/proc/{one}/cmdline").read_bytes() == own]


def test_a_listing_that_arrives_later_is_a_hit(
    bank: Bank, eventually: Callable[[Callable[[], bool], float], None]
) -> None:
    left = bank.watch("a.later.example", days=3)
    assert left["listed"] is False
    assert left["until"].endswith("Z")
    bank.put("later.example")
    eventually(lambda: left["watch"] in bank.watched(), ARRIVES_SECONDS)
    told = bank.hits()
    (hit,) = [one for one in told["hits"] if one["watch"] == left["watch"]]
    assert (hit["match"], hit["source"], hit["kind"]) == ("parent_domain", "police", "link")
    assert hit["at"].endswith("Z")
    assert "later.example" not in json.dumps(told)
    assert bank.hits(told["next"]) == {"hits": [], "next": told["next"], "more": False}


def test_what_is_listed_already_is_told_at_once(bank: Bank) -> None:
    left = bank.watch("vn-bank.example")
    assert left["listed"] is True
    assert left["watch"] in bank.watched()


def test_a_watch_that_was_taken_back_is_hit_no_more(
    bank: Bank, eventually: Callable[[Callable[[], bool], float], None]
) -> None:
    gone, stays = bank.watch("taken-back.example")["watch"], bank.watch("stays.example")["watch"]
    answer = bank.send("DELETE", "/v1/watches", {"watches": [gone, "0" * 24]})
    assert (answer.status, answer.json()) == (200, {"removed": 1})
    bank.put("taken-back.example", "stays.example")
    eventually(lambda: stays in bank.watched(), ARRIVES_SECONDS)
    assert gone not in bank.watched()


def test_nothing_is_lost_when_workers_are_killed(
    bank: Bank, eventually: Callable[[Callable[[], bool], float], None]
) -> None:
    """All workers are killed while listings arrive; others follow from where they were."""
    left = set()
    for turn in range(4):
        names = [f"killed{turn}-{number}.example" for number in range(10)]
        left |= {bank.watch(name)["watch"] for name in names}
        bank.publisher._sleep = lambda _seconds: None
        for number, name in enumerate(names):
            bank.put(name)
            if number == turn * 2:
                found = workers(bank.service)
                assert found
                for pid in found:
                    os.kill(pid, signal.SIGKILL)
        bank.service.wait_until_ready()
    eventually(lambda: left <= bank.watched(), AFTER_A_KILL_SECONDS)
    told = [one["watch"] for one in bank.hits()["hits"] if one["watch"] in left]
    assert sorted(told) == sorted(left)


def test_nothing_is_lost_while_no_service_runs(
    data_dir: Any,
    start_service: Callable[..., Any],
    quick_data_dir: Any,
    key_of: Callable[..., str],
    eventually: Callable[[Callable[[], bool], float], None],
) -> None:
    """The master is killed with its workers, and lists are loaded meanwhile."""
    server = EmbeddedServer(quick_data_dir)
    server.use()
    first = start_service(quick_data_dir)
    bank = Bank(first, key_of(quick_data_dir, Scope.CHECK))
    left = bank.watch("meanwhile.example")["watch"]
    os.killpg(first.process.pid, signal.SIGKILL)
    first.process.wait()
    bank.put("meanwhile.example")
    bank.service = start_service(quick_data_dir)
    eventually(lambda: left in bank.watched(), AFTER_A_KILL_SECONDS)
    bank.client.close()
    server.leave()


def test_a_key_of_the_public_watches_nothing(bank: Bank, key_of: Callable[..., str]) -> None:
    places = [
        ("POST", "/v1/watches", {"value": "x.example"}),
        ("GET", "/v1/watches/hits", None),
        ("DELETE", "/v1/watches", {"watches": []}),
    ]
    public = key_of(bank.service.data_dir, Scope.CHECK, audience=Audience.PUBLIC)
    for method, path, document in places:
        bank.send(method, path, document, public).problem(403, "not_for_the_public")


def test_nobody_is_told_of_another_keys_watches(bank: Bank, key_of: Callable[..., str]) -> None:
    left = bank.watch("vn-bank.example")["watch"]
    other = key_of(bank.service.data_dir, Scope.CHECK)
    assert bank.send("GET", "/v1/watches/hits", None, other).json()["hits"] == []
    answer = bank.send("DELETE", "/v1/watches", {"watches": [left]}, other)
    assert answer.json() == {"removed": 0}
    assert bank.send("DELETE", "/v1/watches", {}, other).json() == {"removed": 0}


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({}, "not_a_watch"),
        ({"value": "x.example", "days": 31}, "not_a_watch"),
        ({"value": "x.example", "days": 0}, "not_a_watch"),
        ({"value": "x.example", "ref": "1"}, "not_a_watch"),
        ({"value": "x.example", "kind": "name"}, "unknown_kind"),
        ({"value": "hello"}, "not_understood"),
        ([], "not_a_watch"),
    ],
)
def test_what_is_no_watch_is_refused(bank: Bank, document: Any, reason: str) -> None:
    bank.send("POST", "/v1/watches", document).problem(400, reason)


def test_places_that_were_not_given_out_are_refused(bank: Bank) -> None:
    bank.send("GET", "/v1/watches/hits?since=yesterday").problem(400, "bad_position")
    bank.send("GET", "/v1/watches/hits?from=1-1").problem(400, "unknown_parameter")

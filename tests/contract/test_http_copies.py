"""Exports and changes over HTTP: what is written, who may read it, and when to load anew."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from blacklist.callers import Scope
from blacklist.model import Audience, Category, Identifier, Kind, Source
from blacklist.publish import Publisher
from blacklist.store import connect, meta
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.listings import Detail
from blacklist.store.stage import Staged

LIST = Source("letters", "Letters", category=Category.MULE_ACCOUNT, audience=Audience.INSTITUTIONS)
REFERENCE = '=cmd|"12/2026"'


class Following:
    """A service with the sample, a key that may list, and a writer beside it."""

    def __init__(self, service: Any, key_of: Callable[..., str]) -> None:
        self.service = service
        self.key_of = key_of
        self.key = key_of(service.data_dir, Scope.LIST)
        self.client = connect.writer(EmbeddedServer(service.data_dir).url)
        self.publisher = Publisher(self.client, meta.require(self.client))

    def get(self, path: str, key: str | None = "", **parameters: str) -> Any:
        headers = {} if key is None else {"Authorization": f"Bearer {key or self.key}"}
        return self.service.request("GET", f"{path}?{urlencode(parameters)}", None, headers)

    def changes(self, since: str, key: str = "") -> dict[str, Any]:
        answer = self.get("/v1/changes", key, since=since)
        assert answer.status == 200, answer.body
        document: dict[str, Any] = answer.json()
        return document

    def put(self, *values: str) -> None:
        with self.publisher.load(LIST, full=False) as load:
            load.put(
                Staged(Identifier(Kind.LINK, value), None, Detail(reference=REFERENCE))
                for value in values
            )
            load.commit()


@pytest.fixture(scope="module")
def following(
    module_service: Callable[..., Any], key_of: Callable[..., str]
) -> Iterator[Following]:
    one = Following(module_service(), key_of)
    yield one
    one.client.close()


def ndjson(answer: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.body.splitlines()]


def test_an_export_and_the_changes_after_it_are_everything(following: Following) -> None:
    answer = following.get("/v1/export", format="ndjson")
    assert answer.headers["content-type"] == "application/x-ndjson"
    first, *rows, last = ndjson(answer)
    assert first == {"position": answer.headers["blacklist-position"]}
    assert last == {"end": len(rows)}
    assert {
        "what": "listed",
        "kind": "link",
        "value": "vn-bank.example",
        "source": "sample-links",
    }.items() <= next(one for one in rows if one["value"] == "vn-bank.example").items()
    following.put("arrived.example")
    told = following.changes(first["position"])
    assert [(one["change"], one["value"]) for one in told["changes"]] == [
        ("added", "arrived.example")
    ]
    (listing,) = told["changes"][0]["listings"]
    assert listing["reference"] == REFERENCE
    assert (told["more"], following.changes(told["next"])["changes"]) == (False, [])


def test_the_same_as_csv(following: Following) -> None:
    """For programs and for spreadsheets: the value as it is, and no cell of others a formula."""
    following.put("formula.example")
    answer = following.get("/v1/export", format="csv")
    assert answer.headers["content-type"].startswith("text/csv")
    lines = answer.body.decode().splitlines()
    assert lines[0] == f"# position: {answer.headers['blacklist-position']}"
    assert lines[-1] == f"# end: {len(lines) - 3} rows"
    rows = list(csv.DictReader(io.StringIO("\n".join(lines[1:-1]))))
    (row,) = [one for one in rows if one["value"] == "formula.example"]
    assert (row["what"], row["category"], row["expires"]) == ("listed", "mule_account", "")
    assert row["reference"] == "'" + REFERENCE
    assert any(one["value"].startswith("+") for one in rows if one["kind"] == "phone")
    _, *same, _ = ndjson(following.get("/v1/export", format="ndjson"))
    assert [one["value"] for one in rows] == [one["value"] for one in same]


def test_the_public_is_shown_no_reference_of_institutions(following: Following) -> None:
    key = following.key_of(following.service.data_dir, Scope.LIST, audience=Audience.PUBLIC)
    _, *rows, _ = ndjson(following.get("/v1/export", key, format="ndjson"))
    mine = [one for one in rows if one["source"] == LIST.name]
    assert mine
    assert all(one["reference"] is None for one in mine)


@pytest.mark.parametrize("of", ["unknown", "set_back"])
def test_what_the_journal_does_not_tell_is_gone(following: Following, of: str) -> None:
    here = following.get("/v1/export", format="ndjson").headers["blacklist-position"]
    since = {"unknown": "1-1/" + "0" * 16, "set_back": here.split("/")[0] + "/" + "0" * 16}[of]
    answer = following.get("/v1/changes", since=since)
    assert answer.problem(410, "position_forgotten")["export"] == "/v1/export?format=ndjson"
    assert answer.headers["link"] == '</v1/export?format=ndjson>; rel="alternate"'


def test_a_load_too_large_for_rows_makes_positions_gone(
    following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blacklist.load.SNAPSHOT_CHANGES", 1)
    before = following.get("/v1/export", format="ndjson").headers["blacklist-position"]
    following.put("large1.example", "large2.example")
    following.get("/v1/changes", since=before).problem(410, "position_forgotten")
    after = following.get("/v1/export", format="ndjson").headers["blacklist-position"]
    assert following.changes(after)["changes"] == []


@pytest.mark.parametrize(
    ("path", "parameters", "reason"),
    [
        ("/v1/export", {}, "unknown_format"),
        ("/v1/export", {"format": "xml"}, "unknown_format"),
        ("/v1/export", {"format": "csv", "kind": "link"}, "unknown_parameter"),
        ("/v1/changes", {}, "bad_position"),
        ("/v1/changes", {"since": "0"}, "bad_position"),
        ("/v1/changes", {"since": "1-1/" + "0" * 16 + "\n"}, "bad_position"),
        ("/v1/changes", {"since": "9" * 400 + "-1/" + "0" * 16}, "bad_position"),
    ],
)
def test_what_is_no_request_is_refused(
    following: Following, path: str, parameters: dict[str, str], reason: str
) -> None:
    following.get(path, **parameters).problem(400, reason)

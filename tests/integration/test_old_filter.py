"""Over HTTP: while the store is away an older filter answers those who accept its age."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from blacklist.model import Source
from blacklist.store.embedded import EmbeddedServer
from servers import kill_server
from service import Service, serving

JSON = {"Content-Type": "application/json"}

Check = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def lonely(
    server: EmbeddedServer, data_dir: Path, tmp_path: Path, list_values: Callable[..., None]
) -> Iterator[Service]:
    """A service that knew a list and has lost its store some seconds ago."""
    list_values(Source("s1", "Source one"), "evil.example", full=True)
    with serving(tmp_path, BLACKLIST_REDIS_URL=server.url, BLACKLIST_WORKERS="1") as service:
        assert service.verdicts("evil.example", "clean.example") == ["listed", "no_record"]
        kill_server(data_dir)
        time.sleep(0.8)  # more than the lease of this store, and than a poll
        yield service


@pytest.mark.slow
def test_who_accepts_an_older_filter_is_told_that_it_is_one(lonely: Service) -> None:
    items = [
        {"value": "clean.example", "max_age_s": 60},
        {"value": "clean.example", "max_age_s": 0.1},
        {"value": "clean.example"},
        {"value": "evil.example", "max_age_s": 60},
        {"value": "x.evil.example", "max_age_s": 60},
    ]
    body = json.dumps({"items": items}).encode()
    status, answer = lonely.request("POST", "/v1/check", body, **JSON)
    verdicts = [result["verdict"] for result in answer["results"]]
    assert (status, verdicts) == (200, ["no_record", *["unavailable"] * 4])
    old, *others = answer["results"]
    assert "filter_old" in old["notes"]
    assert 500 < old["as_of"]["age_ms"] < 60_000
    assert old["as_of"]["lists"]["link"]["entries"] == 1
    assert all(one["suspicious"] is None for one in others)
    assert all(one["notes"][-1] == "store_unavailable" for one in others)

    status, answer = lonely.request("GET", "/v1/check?value=clean.example&max_age_s=60")
    assert (status, answer["verdict"], answer["suspicious"]) == (200, "no_record", False)
    assert "filter_old" in answer["notes"]
    for query in ("value=clean.example", "value=evil.example&max_age_s=60"):
        status, answer = lonely.request("GET", f"/v1/check?{query}")
        assert (status, answer["suspicious"]) == (503, None)
    for age in ("86401", "-0.1", "1e309"):
        status, answer = lonely.request("GET", f"/v1/check?value=clean.example&max_age_s={age}")
        assert (status, answer["reason"]) == (400, "bad_max_age")

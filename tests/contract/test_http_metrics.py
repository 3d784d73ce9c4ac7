"""``/metrics`` and request ids: right under several workers, and without what was asked."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from blacklist.audit import queue
from blacklist.callers import Scope
from blacklist.web.api import MAX_ITEMS

UUID = "0b9f7f3e-7d3c-4c55-9f64-2f0f8f6f6a11"
VALUE = "zq9unlikely7.example"
BOTH_WAYS = ("serve", "gunicorn")


@pytest.fixture(scope="module", params=BOTH_WAYS)
def served(request, module_service) -> Any:
    """A service of three workers, by each way of starting it."""
    return module_service(way=request.param, BLACKLIST_WORKERS="3", BLACKLIST_ACCESS_LOG="yes")


def scrape(service: Any, headers: Mapping[str, str] = {}) -> dict[tuple[str, ...], float]:
    """Every sample by its name and its labels' values, in the order of the labels' names."""
    answer = service.request("GET", "/metrics", None, headers)
    assert answer.status == 200, answer.body
    assert answer.headers["content-type"].startswith("text/plain")
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.body.decode())
        for sample in family.samples
    }


def test_requests_and_answers_of_all_workers_are_added_up(served, eventually) -> None:
    eventually(lambda: scrape(served).get(("blacklist_workers",)) == 3, 5)
    before = scrape(served)
    for _ in range(40):
        served.get(value=VALUE)
    served.get(value="vn-bank.example")
    served.get(value="???")

    def grew(*key: str) -> float:
        return scrape(served)[key] - before.get(key, 0)

    requests = "blacklist_requests_total", "GET /v1/check"
    eventually(lambda: grew(*requests, "200") == 41, 5)
    eventually(lambda: grew(*requests, "400") == 1, 5)
    by_layer = [("blacklist_answers_total", layer) for layer in ("filter", "store", "nobody")]
    eventually(lambda: sum(grew(*one) for one in by_layer) == 41, 5)
    assert grew(*by_layer[0]) > 0  # a worker without its filter asks the store
    assert grew(*by_layer[1]) > 0
    assert grew(*by_layer[2]) == 0
    eventually(lambda: grew("blacklist_request_seconds_count", "GET /v1/check") == 42, 5)
    assert grew("blacklist_request_seconds_sum", "GET /v1/check") > 0


def test_the_state_of_all_workers_is_told(served, eventually) -> None:
    eventually(lambda: scrape(served).get(("blacklist_workers",)) == 3, 5)
    found = scrape(served)
    assert 0 <= found["blacklist_filter_age_seconds",] < 2
    assert found["blacklist_workers_in_trouble",] == found["blacklist_workers_in_doubt",] == 0
    assert found["blacklist_store_up",] == 1
    assert found["blacklist_journal_rows",] > 0
    assert found["blacklist_queue_length", "held"] == 0
    for kind in ("phone", "account", "link"):
        assert found["blacklist_filter_keys", kind] > 0
        assert found["blacklist_filter_capacity_keys", kind] > 0
        assert 0 < found["blacklist_filter_fill_ratio", kind] < 0.5
    assert 0 <= found["blacklist_source_age_seconds", "sample-links"] < 60
    assert found["blacklist_source_entries", "link", "sample-links"] > 0


def test_a_worker_that_died_counts_no_longer_but_what_it_answered_does(
    served, left_running, eventually
) -> None:
    served.get(value=VALUE)
    requests = "blacklist_requests_total", "GET /v1/check", "200"
    eventually(lambda: scrape(served)[requests] > 0, 5)
    eventually(lambda: scrape(served).get(("blacklist_workers",)) == 3, 5)
    before = scrape(served)[requests]
    served.kill_worker()
    eventually(lambda: scrape(served).get(("blacklist_workers",)) == 3, 10)
    assert scrape(served)[requests] >= before


def test_no_label_and_no_log_line_holds_what_was_asked(served, eventually) -> None:
    served.get(value=VALUE)
    served.request("GET", f"/{VALUE}")
    served.request("GET", f"/v1/check/{VALUE}?{VALUE}")
    served.request(VALUE.replace(".", ""), "/v1/check")
    served.request("GET", "/v1/check?value=a", None, {"X-Request-Id": VALUE})
    served.request("GET", "/" + VALUE * 1_000)
    text = served.request("GET", "/metrics").body.decode()
    assert "zq9unlikely7" not in text
    assert "zq9unlikely7" not in served.complained + served.printed
    endpoints = set(re.findall(r'endpoint="([^"]*)"', text))
    assert endpoints <= {"GET /metrics", "GET /v1/check", "GET /readyz", "none", "unread"}


def test_an_access_line_tells_the_request(served, eventually) -> None:
    served.request("GET", f"/v1/check?value={VALUE}", None, {"X-Request-Id": UUID})
    eventually(lambda: any(line.get("request_id") == UUID for line in served.told()), 5)
    line = next(line for line in served.told() if line.get("request_id") == UUID)
    assert (line["event"], line["endpoint"], line["status"]) == ("request", "GET /v1/check", 200)
    assert line["address"] == "127.0.0.1"
    assert line["key"] is None


def test_start_and_readiness_are_told(served) -> None:
    events = [line["event"] for line in served.told()]
    assert events.index("start") < events.index("listening")
    assert "replica_follows" in events


def test_an_id_is_echoed_everywhere(served) -> None:
    headers = {"X-Request-Id": UUID}
    for target in ("/healthz", "/v1/check?value=a.example", "/v1/check?value=???", "/nowhere"):
        answer = served.request("GET", target, None, headers)
        assert answer.headers["x-request-id"] == UUID
        if answer.status >= 400:
            assert answer.json()["request_id"] == UUID


@pytest.mark.parametrize("sent", ["0900000123", "a b", 'x","event":"forged', "\t"])
def test_an_unsafe_id_is_replaced(served, sent: str) -> None:
    answer = served.request("GET", "/v1/check?value=???", None, {"X-Request-Id": sent})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])
    assert answer.problem(400)["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    "head",
    [
        b"GET /v1/check?value=a HTTP/1.1\r\nX-Request-Id: x\r\n{forged}\r\n\r\n",
        b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n",
    ],
)
def test_what_is_refused_before_it_is_read_has_an_id_too(served, head: bytes) -> None:
    answer = served.send_raw(head)
    assert answer.problem(answer.status)["request_id"]
    assert all(line["event"] != "forged" for line in served.told())


FORGED = [
    "/v1/check?value=%0a%7b%22event%22%3a%22forged%22%7d",
    "/%0d%0a%7b%22event%22%3a%22forged%22%7d",
    '/"},{"event":"forged"}',
]


@pytest.mark.parametrize("target", FORGED)
def test_no_address_forges_a_log_line(served, target: str) -> None:
    sent = {"User-Agent": '"}\t{"event": "forged"}', "X-Forwarded-For": '"}{"event":"forged"}'}
    served.request("GET", target, None, sent)
    assert all(line["event"] != "forged" for line in served.told())  # each line was one document
    assert "forged" not in served.complained


def test_nobody_far_reads_the_metrics_without_a_key(served, key_of) -> None:
    far = {"X-Forwarded-For": "192.0.2.7"}
    served.request("GET", "/metrics", None, far).problem(401, "no_key")
    lesser = {"Authorization": "Bearer " + key_of(served.data_dir, Scope.CHECK)}
    served.request("GET", "/metrics", None, far | lesser).problem(403, "not_allowed")
    admin = {"Authorization": "Bearer " + key_of(served.data_dir, Scope.ADMIN)}
    assert scrape(served, far | admin)


@pytest.fixture(scope="module")
def behind_a_proxy(module_service: Callable[..., Any]) -> Any:
    return module_service(
        BLACKLIST_TRUSTED_PROXIES="127.0.0.1", BLACKLIST_METRICS_FROM="192.0.2.0/24"
    )


def test_a_trusted_proxy_says_who_is_near(behind_a_proxy) -> None:
    ask = behind_a_proxy.request
    assert ask("GET", "/metrics", None, {"X-Forwarded-For": "192.0.2.7"}).status == 200
    for sent in ("198.51.100.7", "192.0.2.7, 198.51.100.7", "unknown"):
        ask("GET", "/metrics", None, {"X-Forwarded-For": sent}).problem(401, "no_key")
    ask("GET", "/metrics").problem(401, "no_key")


BATCHES = queue.MAX_WEIGHT // MAX_ITEMS + 2


def test_what_the_audit_trail_loses_is_counted(module_service, eventually) -> None:
    """Its folder is gone and cannot be made again: more than waits for its disk is lost."""
    service = module_service(BLACKLIST_WORKERS="1")
    folder = service.data_dir / "audit"
    assert scrape(service)["blacklist_audit_lost_total",] == 0
    for path in sorted(folder.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    folder.rmdir()
    folder.write_text("no folder")
    items = [{"value": "07700900123"}] + [{"value": "!"}] * (MAX_ITEMS - 1)  # refused is quick
    for _ in range(BATCHES):
        assert service.post_items(*items).status == 200
    eventually(lambda: scrape(service)["blacklist_audit_lost_total",] >= 1, 5)
    assert scrape(service)["blacklist_audit_lost_total",] <= BATCHES

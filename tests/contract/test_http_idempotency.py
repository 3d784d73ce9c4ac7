"""``Idempotency-Key`` over HTTP: done once and answered alike, also when a worker is killed."""

import json
import re
import signal
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException
from os import kill
from pathlib import Path
from typing import Any

import pytest

from blacklist.callers import Scope
from blacklist.config import Settings
from blacklist.model import Audience, Trust
from blacklist.store import connect, disputes, keys, repeats, tellers
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.locks import LEASE_SECONDS
from blacklist.store.place import Place
from blacklist.web import create_app
from blacklist.web.idempotency import HEADER, MAX_KEYLESS_A_DAY

DISPUTES, REPORTS, WATCHES = "/v1/disputes", "/v1/reports", "/v1/watches"
CONFIRM = "/v1/listings/confirm"
REPLAYED = "idempotency-replayed"
SLOW_MILLISECONDS, QUICK_MILLISECONDS = 1_000, 200
"""How long a write waits for its readers: enough to kill its worker in the middle, or not."""

WRITES_NOTHING = {
    "/v1/check": "asks",
    "/v1/scan": "asks",
    "/v1/screen": "asks",
    "/v1/history": "asks",
    "/v1/receipts/verify": "asks",
    "/v1/disputes/contact": "asks",
    "/v1/session": "its answer is a cookie: to keep it would be to keep who may come in",
}
"""The addresses of POST that a repeated request does no harm to, each with why."""


class Desk:
    """A service with a listed thing, callers of every sort, and a look into its store."""

    def __init__(self, service: Any, key_of: Any) -> None:
        self.service = service
        self.client = connect.writer(EmbeddedServer(service.data_dir).url)
        self.partner = key_of(
            service.data_dir,
            *(Scope.LIST, Scope.REPORT, Scope.CHECK),
            trust=Trust.PARTNER,
            audience=Audience.INSTITUTIONS,
        )
        self.reviewer = key_of(service.data_dir, Scope.ADMIN)
        self._authority = key_of(service.data_dir, Scope.LIST, trust=Trust.AUTHORITY)

    def send(
        self,
        target: str,
        document: Any,
        name: str | None = None,
        *,
        key: str | None = None,
        at: str = "203.0.113.1",
        method: str = "POST",
    ) -> Any:
        headers = {"Content-Type": "application/json", "X-Forwarded-For": at}
        if name is not None:
            headers[HEADER] = name
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        return self.service.request(method, target, json.dumps(document).encode(), headers)

    def put(self, value: str) -> None:
        items = [{"value": value, "kind": "link", "category": "other"}]
        put = {"key": self._authority, "method": "PUT"}
        assert self.send("/v1/listings", {"items": items}, **put).status == 200

    def dispute(self, value: str, name: str | None = None, **told: Any) -> Any:
        return self.send(DISPUTES, disputed(value), name, **told)

    def references(self, value: str) -> list[str]:
        """The open disputes of a thing."""
        known = disputes.read(self.client).values()
        return [one.reference for one in known if one.identifier.value == value]

    def kept(self) -> list[dict[bytes, bytes]]:
        """Everything that is kept of repeated requests."""
        names = list(self.client.scan_iter(keys.repeat("*"), count=1_000))
        return [{b"key": name, **self.client.hgetall(name)} for name in names]


def disputed(value: str) -> dict[str, str]:
    return {"value": value, "kind": "link", "claim": "wrongly_listed"}


def reported(value: str) -> dict[str, str]:
    return {"value": value, "kind": "link", "category": "other"}


@pytest.fixture(scope="module")
def desk(module_service, key_of) -> Desk:
    return Desk(module_service(BLACKLIST_TRUSTED_PROXIES="127.0.0.1"), key_of)


def test_every_post_that_writes_knows_repeated_requests(data_dir: Path) -> None:
    """And no other address looks for the header; forms of pages cannot send one."""
    app = create_app(Settings(), Place("unix:///nonexistent/store.sock", data_dir))
    known = {
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if getattr(app.view_functions[rule.endpoint], "is_idempotent", False)
    }
    every = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/v1/")]
    posts = {rule.rule for rule in every if "POST" in (rule.methods or ())}
    writes = {(rule, "POST") for rule in posts - WRITES_NOTHING.keys()}
    assert {one for one in known if one[1] != "OPTIONS"} == writes
    assert WRITES_NOTHING.keys() <= posts


def test_a_repeated_dispute_is_answered_as_the_first_and_opened_once(desk: Desk) -> None:
    desk.put("once.example")
    first = desk.dispute("once.example", "dispute-once")
    assert (first.status, REPLAYED in first.headers) == (202, False)
    for name in ("dispute-once", '"dispute-once"'):
        again = desk.dispute("once.example", name)
        assert (again.status, again.body) == (first.status, first.body)
        assert again.headers["content-type"] == first.headers["content-type"]
        assert again.headers[REPLAYED] == "true"
        assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert desk.references("once.example") == [first.json()["reference"]]


def test_without_the_header_each_request_is_its_own(desk: Desk) -> None:
    desk.put("each.example")
    answers = [desk.dispute("each.example") for _ in range(2)]
    assert [one.status for one in answers] == [202, 202]
    assert len(desk.references("each.example")) == 2


def test_a_name_is_bound_to_caller_address_and_route(desk: Desk) -> None:
    """So nobody is shown what another was answered."""
    desk.put("bound.example")
    first = desk.dispute("bound.example", "bound")
    for told in ({"at": "203.0.113.2"}, {"key": desk.partner}):
        other = desk.dispute("bound.example", "bound", **told)
        assert (other.status, REPLAYED in other.headers) == (202, False)
    assert REPLAYED not in desk.send(REPORTS, reported("bound.example"), "bound").headers
    assert REPLAYED in desk.dispute("bound.example", "bound", at="203.0.113.1").headers
    assert len(desk.references("bound.example")) == 3
    assert first.status == 202


def test_the_same_name_with_another_body_is_refused(desk: Desk) -> None:
    assert desk.send(REPORTS, reported("one.example"), "reused").status == 202
    again = desk.send(REPORTS, reported("two.example"), "reused")
    again.problem(422, "idempotency_key_reused")
    assert b"two.example" not in b"".join(desk.client.hkeys(keys.REPORTED))


@pytest.mark.parametrize("name", ["", "two words", '"a", "b"', "a;b=1", "x" * 256])
def test_a_name_that_is_none_is_refused_and_nothing_is_written(desk: Desk, name: str) -> None:
    desk.send(REPORTS, reported("bad-name.example"), name).problem(400, "bad_idempotency_key")
    assert b"link:bad-name.example" not in desk.client.hkeys(keys.REPORTED)


def test_what_was_wrong_is_answered_again(desk: Desk) -> None:
    """Also when it would be right by now: a new request has a new name."""
    desk.dispute("later.example", "wrong").problem(409, "not_listed")
    desk.put("later.example")
    again = desk.dispute("later.example", "wrong")
    assert (again.status, again.json()["reason"]) == (409, "not_listed")
    assert again.headers[REPLAYED] == "true"
    assert desk.dispute("later.example", "right").status == 202


def test_who_may_not_leaves_no_trace(desk: Desk) -> None:
    before = len(desk.kept())
    desk.send(CONFIRM, {"items": []}, "may-not").problem(401, "no_key")
    desk.send(f"{DISPUTES}/decide", {}, "may-not", key=desk.partner).problem(403, "not_allowed")
    assert len(desk.kept()) == before


def test_every_write_is_replayed(desk: Desk) -> None:
    """Each would be answered otherwise if it were done twice."""
    desk.put("decided.example")
    reference = desk.dispute("decided.example", key=desk.partner).json()["reference"]
    case = {"case": reference, "decision": "keep", "reason": "looked at"}
    assert_replayed(desk, f"{DISPUTES}/decide", case, key=desk.reviewer)
    desk.send(REPORTS, reported("case.example"))
    case = {"case": case_of(desk, "case.example"), "decision": "reject", "reason": "looked at"}
    assert_replayed(desk, f"{REPORTS}/decide", case, key=desk.reviewer)
    assert_replayed(desk, WATCHES, {"value": "watched.example"}, key=desk.partner)
    items = [{"value": "pending.example", "kind": "link", "category": "other"}]
    put = desk.send("/v1/listings", {"items": items}, key=desk.partner, method="PUT")
    word = {"id": put.json()["results"][0]["id"], "decision": "confirm"}
    assert_replayed(desk, CONFIRM, {"items": [word]}, key=desk.reviewer)
    assert desk.service.check("pending.example")["verdict"] == "listed"


def assert_replayed(desk: Desk, target: str, document: Any, *, key: str) -> None:
    first, again = (desk.send(target, document, "every-write", key=key) for _ in range(2))
    assert first.status in {200, 201}, first.body
    assert (again.status, again.body) == (first.status, first.body)
    assert (REPLAYED in first.headers, again.headers[REPLAYED]) == (False, "true")


def case_of(desk: Desk, value: str) -> str:
    found: bytes = desk.client.hget(keys.REPORTED, f"link:{value}")
    return found.decode()


def test_nothing_that_is_kept_names_anything_or_anybody(desk: Desk) -> None:
    """Neither names of requests, addresses and keys, nor what was told, nor equal hashes of it."""
    desk.put("secret-name.example")
    for name in ("told-twice-a", "told-twice-b"):
        assert desk.dispute("secret-name.example", name).status == 202
    kept = desk.kept()
    assert len(kept) >= 2
    everything = b"\n".join(b"".join(one.values()) for one in kept)
    for text in (b"secret-name", b".example", b"told-twice", b"203.0.113", b"every-write"):
        assert text not in everything
    assert desk.partner.encode() not in everything
    assert re.search(rb"\+?[0-9]{9}", b"".join(one[b"body"] for one in kept)) is None
    bodies = [one[b"body"] for one in kept]
    assert len(set(bodies)) == len(bodies)


def test_a_repeated_request_counts_as_any(module_service, key_of) -> None:
    """Else whoever has one answer could ask for it without end."""
    limits = {"BLACKLIST_PUBLIC_PER_MINUTE": "4", "BLACKLIST_WORKERS": "1"}
    desk = Desk(module_service(**limits, BLACKLIST_TRUSTED_PROXIES="127.0.0.1"), key_of)
    answers = [desk.send(REPORTS, reported("much.example"), "much") for _ in range(5)]
    # A minute may end in between; of nine, five come in one.
    answers += [desk.send(REPORTS, reported("much.example"), "much") for _ in range(4)]
    refused = [one for one in answers if one.status == 429]
    assert refused
    assert all(REPLAYED not in one.headers for one in refused)
    other = {"at": "203.0.113.9"}
    assert REPLAYED not in desk.send(REPORTS, reported("much.example"), "much", **other).headers


def test_callers_without_a_key_fill_no_memory(desk: Desk) -> None:
    """Of them all so much is kept a day; keys, and requests without a name, are served on."""
    now = int(time.time())
    for day in (tellers.day_of(now), tellers.day_of(now) + 1):  # midnight may pass
        desk.client.set(keys.repeats(day), MAX_KEYLESS_A_DAY)
    before = len(desk.kept())
    told = reported("flood.example")
    refused = desk.send(REPORTS, told, "flood")
    refused.problem(503, "too_many_idempotency_keys")
    assert 0 < int(refused.headers["retry-after"]) <= tellers.DAY_SECONDS
    assert len(desk.kept()) == before
    assert desk.send(REPORTS, told).status == 202
    assert desk.send(REPORTS, told, "flood", key=desk.partner).status == 202
    for day in (tellers.day_of(now), tellers.day_of(now) + 1):
        desk.client.delete(keys.repeats(day))


class Midway:
    """A dispute on its way: written, and not acknowledged for some seconds."""

    def __init__(self, desk: Desk, pool: ThreadPoolExecutor, eventually: Any, value: str) -> None:
        self.desk, self.value = desk, value
        desk.put(value)
        self.answer: Future[Any] = pool.submit(self.send)
        eventually(lambda: bool(desk.references(value)), 10)

    def send(self) -> Any:
        with suppress(OSError, HTTPException):
            return self.desk.dispute(self.value, self.value)
        return None


@pytest.fixture(scope="module")
def slow_desk(module_service, key_of) -> Desk:
    """One worker, whose writes take seconds."""
    service = module_service(BLACKLIST_TRUSTED_PROXIES="127.0.0.1", BLACKLIST_WORKERS="1")
    desk = Desk(service, key_of)
    desk.client.hset(keys.STORE, "max_lag_ms", SLOW_MILLISECONDS)
    return desk


def test_while_the_first_is_on_its_way_the_second_is_told_to_wait(
    slow_desk: Desk, eventually
) -> None:
    with ThreadPoolExecutor(1) as pool:
        midway = Midway(slow_desk, pool, eventually, "busy.example")
        problem = slow_desk.dispute("busy.example", "busy.example")
        problem.problem(409, "idempotency_key_in_use")
        assert int(problem.headers["retry-after"]) > 0
        assert midway.answer.result().status == 202
    again = slow_desk.dispute("busy.example", "busy.example")
    assert (again.status, again.headers[REPLAYED]) == (202, "true")
    assert len(slow_desk.references("busy.example")) == 1


def test_a_worker_killed_between_write_and_answer_leaves_one_dispute(
    slow_desk: Desk, eventually
) -> None:
    """Its claim runs out; then the same request finds what was written, and is answered for it."""
    service = slow_desk.service
    with ThreadPoolExecutor(1) as pool:
        midway = Midway(slow_desk, pool, eventually, "killed.example")
        (worker,) = service.workers()
        kill(worker, signal.SIGKILL)
        assert midway.answer.result() is None
    service.wait_until_ready()
    slow_desk.dispute("killed.example", "killed.example").problem(409, "idempotency_key_in_use")
    let_time_go_by(slow_desk)
    again = slow_desk.dispute("killed.example", "killed.example")
    assert (again.status, REPLAYED in again.headers) == (202, False)
    assert slow_desk.references("killed.example") == [again.json()["reference"]]
    assert slow_desk.dispute("killed.example", "killed.example").headers[REPLAYED] == "true"
    assert service.check("killed.example")["notes"] == ["disputed"]


def let_time_go_by(desk: Desk) -> None:
    """As if the locks that the killed one held had run out, and then its claim."""
    assert repeats.CLAIM_SECONDS > LEASE_SECONDS
    desk.client.hset(keys.STORE, "max_lag_ms", QUICK_MILLISECONDS)
    desk.client.delete(keys.lock("disputes"), keys.lock("marks"))
    for one in desk.kept():
        desk.client.hset(one[b"key"], "until", 0)

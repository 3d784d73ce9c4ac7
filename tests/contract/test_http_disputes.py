"""Disputes over HTTP: who may, what is shown meanwhile, and how they end."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count
from threading import Event
from typing import Any

import msgspec
import pytest

from api_caller import PROXY, Caller
from blacklist.callers import Scope
from blacklist.model import Trust
from blacklist.store import connect, disputes, keys
from blacklist.store.embedded import EmbeddedServer
from blacklist.working_days import deadline

DISPUTES = "/v1/disputes"
DECIDE = "/v1/disputes/decide"
CONTACT = "/v1/disputes/contact"
ADDRESS = "owner@shop.example"


class Disputes(Caller):
    """A service behind a proxy of ours, with things that an authority lists."""

    def __init__(self, service: Any, key_of: Any) -> None:
        super().__init__(service, key_of)
        self.reviewer = self.key(Scope.ADMIN)
        self.authority = self.key(Scope.LIST, trust=Trust.AUTHORITY)
        self._places = iter(range(1, 250))

    def list(self, *values: str, kind: str = "link", **told: Any) -> None:
        items = [{"value": value, "kind": kind, "category": "other", **told} for value in values]
        assert self.send("PUT", "/v1/listings", {"items": items}, key=self.authority).status == 200

    def dispute(self, value: str, *, at: str | None = None, **told: Any) -> Any:
        thing = {"value": value, "kind": "link", "claim": "wrongly_listed", **told}
        return self.send("POST", DISPUTES, thing, at=at or f"203.0.113.{next(self._places)}")

    def decide(self, case: str, decision: str, **told: Any) -> Any:
        word = {"case": case, "decision": decision, "reason": "looked at", **told}
        return self.send("POST", DECIDE, word, key=self.reviewer)

    def shown(self) -> dict[str, Any]:
        answer = self.send("GET", f"{DISPUTES}?limit=500", key=self.reviewer)
        return {one["case"]: one for one in answer.json()["disputes"]}

    def check(self, value: str, **fields: Any) -> Any:
        """What every worker answers."""
        told = [self.service.check(value, **fields) for _ in range(8)]
        assert all(one["notes"] == told[0]["notes"] for one in told)
        return told[0]


@pytest.fixture(scope="module")
def desk(module_service, key_of) -> Disputes:
    return Disputes(module_service(**PROXY), key_of)


def test_a_disputed_listing_is_shown_so_at_the_same_level_until_it_is_kept(desk: Disputes) -> None:
    desk.list("kept.example")
    before = desk.check("kept.example")
    answer = desk.dispute("kept.example", note="Trang của tôi", contact=ADDRESS)
    assert answer.status == 202
    opened = answer.json()
    meanwhile = desk.check("www.kept.example/page")
    assert meanwhile["notes"] == ["disputed"]
    assert (meanwhile["verdict"], meanwhile["level"]) == (before["verdict"], before["level"])
    assert meanwhile["matches"][0]["match"] == "parent_domain"
    shown = desk.shown()[opened["reference"]]
    assert (shown["value"], shown["claim"], shown["note"], shown["has_contact"]) == (
        "kept.example",
        "wrongly_listed",
        "Trang của tôi",
        True,
    )
    assert desk.decide(opened["reference"], "keep").status == 200
    after = desk.check("kept.example")
    assert (after["verdict"], after["notes"]) == ("listed", before["notes"])
    assert opened["reference"] not in desk.shown()
    desk.decide(opened["reference"], "keep").problem(404, "no_such_case")


def test_what_is_cleared_stays_cleared_and_ends_every_dispute_of_it(desk: Disputes) -> None:
    desk.list("cleared.example")
    first, second = (desk.dispute("cleared.example").json()["reference"] for _ in range(2))
    told = {"clearance": "site_cleaned", "until": "2099-12-31"}
    assert desk.decide(second, "clear", **told).status == 200
    desk.list("cleared.example")
    verdict = desk.check("cleared.example")
    assert (verdict["verdict"], verdict["suspicious"]) == ("cleared", False)
    assert "cleared_because:site_cleaned" in verdict["notes"]
    assert "disputed" not in verdict["notes"]
    assert {first, second}.isdisjoint(desk.shown())


def test_one_of_two_disputes_that_is_kept_leaves_the_other_open(desk: Disputes) -> None:
    desk.list("twice.example")
    first, second = (desk.dispute("twice.example").json()["reference"] for _ in range(2))
    assert desk.decide(first, "keep").status == 200
    assert desk.check("twice.example")["notes"] == ["disputed"]
    assert desk.decide(second, "keep").status == 200
    assert desk.check("twice.example")["notes"] == []


def test_deadlines_are_working_days_and_shown_when_they_have_passed(desk: Disputes) -> None:
    desk.list("late.example")
    reference = desk.dispute("late.example").json()["reference"]
    shown = desk.shown()[reference]
    opened = datetime.fromisoformat(shown["opened"]).timestamp()
    for field, days in (("answer_by", 2), ("act_by", 10)):
        assert datetime.fromisoformat(shown[field]).timestamp() == deadline(opened, days)
    assert shown["is_late"] is False
    turn_back(desk, reference, answer_by=1)
    assert desk.shown()[reference]["is_late"] is True
    assert desk.decide(reference, "answer").status == 200
    answered = desk.shown()[reference]
    assert answered["is_late"] is False
    assert datetime.fromisoformat(answered["answered"]) <= datetime.now(UTC)
    turn_back(desk, reference, act_by=1)
    assert desk.shown()[reference]["is_late"] is True


def turn_back(desk: Disputes, reference: str, **seconds: int) -> None:
    """Put a deadline into the past, as if time had gone by."""
    client = connect.writer(EmbeddedServer(desk.service.data_dir).url)
    one = msgspec.structs.replace(disputes.read(client)[reference], **seconds)
    disputes.add(client, one)
    client.close()


def test_only_the_hash_of_a_contact_is_kept(desk: Disputes) -> None:
    desk.list("contact.example")
    reference = desk.dispute("contact.example", contact=ADDRESS).json()["reference"]
    client = connect.writer(EmbeddedServer(desk.service.data_dir).url)
    everything = b"".join(client.hgetall(keys.DISPUTES).values())
    client.close()
    assert b"owner" not in everything
    assert b"203.0.113" not in everything
    for text, is_same in ((ADDRESS, True), (" OWNER@shop.example ", True), ("other", False)):
        answer = desk.send("POST", CONTACT, {"case": reference, "contact": text}, key=desk.reviewer)
        assert answer.json() == {"is_same": is_same}


@pytest.mark.parametrize(
    ("thing", "status", "reason"),
    [
        ({"value": "unlisted.example"}, 409, "not_listed"),
        ({"claim": "nonsense"}, 400, "unknown_claim"),
        ({"kind": "nonsense"}, 400, "unknown_kind"),
        ({"value": "0000000000001", "kind": "account"}, 400, "not_one_thing"),
        ({"note": "số 000000000000"}, 400, "identity_number"),
        ({"contact": "x" * 201}, 400, "bad_contact"),
        ({"contact": 5}, 400, "bad_contact"),
        ({"name": "somebody"}, 400, "unknown_field"),
        ({"value": "hello"}, 400, "not_a_domain"),
    ],
)
def test_what_cannot_be_disputed_is_refused(
    desk: Disputes, thing: dict[str, Any], status: int, reason: str
) -> None:
    desk.list("disputable.example")
    told = {"value": "disputable.example", "kind": "link", "claim": "other", **thing}
    desk.send("POST", DISPUTES, told).problem(status, reason)


def test_a_thing_is_disputed_five_times_at_most_and_an_address_disputes_twenty_a_day(
    desk: Disputes,
) -> None:
    desk.list("often.example", *(f"flood-{number}.example" for number in range(21)))
    for _ in range(5):
        assert desk.dispute("often.example").status == 202
    desk.dispute("often.example").problem(409, "already_disputed")
    answers = [
        desk.dispute(f"flood-{number}.example", at="192.0.2.200").status for number in range(21)
    ]
    assert answers == [202] * 20 + [429]


def test_an_owner_of_an_account_disputes_it_with_its_bank(desk: Disputes) -> None:
    number = "0000000000077"
    desk.list(number, kind="account", bank="970436")
    thing = {"kind": "account", "bank": "970436"}
    reference = desk.dispute(number, **thing).json()["reference"]
    assert desk.check(number, **thing)["notes"] == ["disputed"]
    assert "disputed" not in desk.check(number, kind="account", bank="970415")["notes"]
    assert desk.decide(reference, "clear").status == 200
    assert desk.check(number, **thing)["verdict"] == "cleared"


def test_who_floods_without_a_key_keeps_no_authority_from_listing(module_service, key_of) -> None:
    """Of the two threads that may write here, requests without a key have one."""
    desk = Disputes(module_service(BLACKLIST_THREADS="8", BLACKLIST_WORKERS="1", **PROXY), key_of)
    desk.list(*(f"crowd-{number}.example" for number in range(100)))
    places, is_over = count(), Event()

    def flood() -> Counter[int]:
        statuses: Counter[int] = Counter()
        while not is_over.is_set():
            number = next(places)
            place = f"10.0.{number // 250}.{number % 250}"
            answer = desk.dispute(f"crowd-{number % 100}.example", at=place)
            statuses[answer.status] += 1
        return statuses

    with ThreadPoolExecutor(4) as pool:
        floods = [pool.submit(flood) for _ in range(4)]
        try:
            for number in range(5):
                desk.list(f"beside-{number}.example")
        finally:
            is_over.set()
        statuses = sum((one.result() for one in floods), Counter())
    assert statuses[202] >= 1
    assert statuses[503] >= 1

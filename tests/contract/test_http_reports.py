"""Reports over HTTP: who may tell and decide, what counts, and that one lists nothing."""

import re
from typing import Any

import pytest

from api_caller import PROXY, Caller
from blacklist.callers import Scope
from blacklist.reports import CITIZENS

REPORTS = "/v1/reports"
DECIDE = "/v1/reports/decide"


class Reports(Caller):
    """A service behind a proxy of ours, so that a test is at any address."""

    def __init__(self, service: Any, key_of: Any) -> None:
        super().__init__(service, key_of)
        self.reviewer = self.key(Scope.ADMIN)

    def tell(
        self, value: str, *, key: str | None = None, at: str = "192.0.2.1", **told: Any
    ) -> Any:
        thing = {"value": value, "kind": "link", "category": "phishing", **told}
        return self.send("POST", REPORTS, thing, key=key, at=at)

    def cases(self, query: str = "") -> list[dict[str, Any]]:
        answer = self.send("GET", f"{REPORTS}?limit=500{query}", key=self.reviewer)
        assert answer.status == 200, answer.body
        return answer.json()["reports"]

    def case(self, value: str) -> dict[str, Any]:
        (found,) = [one for one in self.cases() if one["value"] == value]
        return found

    def decide(self, case: str, decision: str, **told: Any) -> Any:
        word = {"case": case, "decision": decision, "reason": "looked at", **told}
        return self.send("POST", DECIDE, word, key=told.pop("key", None) or self.reviewer)

    def verdict(self, value: str) -> Any:
        return self.service.check(value)


@pytest.fixture(scope="module")
def desk(module_service, key_of) -> Reports:
    return Reports(module_service(**PROXY), key_of)


def test_a_report_lists_nothing_and_waits_with_what_was_told(desk: Reports) -> None:
    answer = desk.tell("told.example", note="Gửi tin nhắn giả")
    assert (answer.status, answer.json()) == (202, {"status": "received"})
    assert desk.verdict("told.example")["verdict"] == "no_record"
    case = desk.case("told.example")
    assert (case["kind"], case["reports"], case["citizens"], case["partners"]) == ("link", 1, 1, 0)
    assert (case["categories"], case["notes"]) == ({"phishing": 1}, ["Gửi tin nhắn giả"])


def test_the_same_teller_counts_once_and_is_told_the_same(desk: Reports) -> None:
    """A key as long as the case is open, an address once a day; two spellings are one thing."""
    bank = desk.key(Scope.REPORT)
    for value in ("once.example", "https://ONCE[.]example/", "once.example"):
        for key in (None, bank):
            assert desk.tell(value, key=key).json() == {"status": "received"}
    case = desk.case("once.example")
    assert (case["citizens"], case["partners"]) == (1, 1)
    desk.tell("once.example", at="192.0.2.2", category="other")
    case = desk.case("once.example")
    assert (case["citizens"], case["categories"]) == (2, {"other": 1, "phishing": 2})


@pytest.mark.parametrize(
    ("thing", "reason"),
    [
        ({"kind": "nonsense"}, "unknown_kind"),
        ({"category": "nonsense"}, "unknown_category"),
        ({"value": 7}, "not_text"),
        ({"value": "com.vn"}, "public_suffix"),
        ({"note": "số 000000000000"}, "identity_number"),
        ({"note": "thẻ 4111 1111 1111 1111"}, "card_number"),
        ({"note": "x" * 501}, "too_long"),
        ({"name": "somebody"}, "unknown_field"),
    ],
)
def test_what_cannot_be_kept_is_refused(desk: Reports, thing: dict[str, Any], reason: str) -> None:
    document = {"value": "refused.example", "kind": "link", "category": "other", **thing}
    answer = desk.send("POST", REPORTS, document)
    answer.problem(400, reason)
    assert re.search(rb"1111 ?1111", answer.body) is None
    assert all(one["value"] != "refused.example" for one in desk.cases())


def test_the_queue_is_shown_newest_or_most_reported_first_page_by_page(desk: Reports) -> None:
    for number in range(4):
        desk.tell("most.example", at=f"198.51.100.{number}")
    desk.tell("newest.example")
    assert [one["value"] for one in desk.cases()[:2]] == ["newest.example", "most.example"]
    assert desk.cases("&order=most")[0]["value"] == "most.example"
    answer = desk.send("GET", f"{REPORTS}?order=most&limit=1&offset=1", key=desk.reviewer).json()
    assert len(answer["reports"]) == 1
    assert answer["total"] == len(desk.cases())
    for query in ("order=odd", "limit=0", "limit=501", "offset=-1", "limit=x"):
        desk.send("GET", f"{REPORTS}?{query}", key=desk.reviewer).problem(400)


def test_an_accepted_case_is_a_listing_with_its_reference(desk: Reports) -> None:
    desk.tell("accepted.example")
    desk.tell("accepted.example", at="192.0.2.9", category="investment")
    desk.tell("accepted.example", at="192.0.2.10", category="investment")
    case = desk.case("accepted.example")["case"]
    answer = desk.decide(case, "accept")
    assert (answer.status, answer.json()) == (200, {"case": case, "status": "accept"})
    verdict = desk.verdict("accepted.example")
    (match,) = verdict["matches"]
    assert (verdict["level"], match["source"], match["trust"]) == (
        "warning",
        "reports",
        "community",
    )
    assert (match["category"], match["reference"]) == ("investment", case)
    assert all(one["case"] != case for one in desk.cases())
    desk.decide(case, "accept").problem(404, "no_such_case")


def test_a_rejected_case_ends_and_later_reports_are_another_case(desk: Reports) -> None:
    desk.tell("rejected.example")
    case = desk.case("rejected.example")["case"]
    assert desk.decide(case, "reject").status == 200
    assert desk.verdict("rejected.example")["verdict"] == "no_record"
    desk.tell("rejected.example", at="192.0.2.77")
    assert desk.case("rejected.example")["case"] != case


def test_a_merged_case_adds_its_reports_to_the_other(desk: Reports) -> None:
    desk.tell("one.merged.example")
    desk.tell("other.merged.example", at="192.0.2.3")
    one, other = (desk.case(f"{name}.merged.example")["case"] for name in ("one", "other"))
    desk.decide(one, "merge").problem(400, "bad_decision")
    desk.decide(one, "merge", into="R-none").problem(404, "no_such_case")
    desk.decide(one, "merge", into=one).problem(404, "no_such_case")
    assert desk.decide(one, "merge", into=other).status == 200
    assert desk.case("other.merged.example")["citizens"] == 2
    assert all(case["case"] != one for case in desk.cases())


def test_who_told_does_not_decide(desk: Reports) -> None:
    both = desk.key(Scope.REPORT, Scope.ADMIN)
    desk.tell("own.example", key=both)
    case = desk.case("own.example")["case"]
    word = {"case": case, "decision": "accept", "reason": "mine"}
    desk.send("POST", DECIDE, word, key=both).problem(409, "own_case")
    assert desk.verdict("own.example")["verdict"] == "no_record"
    assert desk.decide(case, "accept").status == 200


@pytest.mark.parametrize(
    ("word", "status", "reason"),
    [
        ({"decision": "shrug"}, 400, "bad_decision"),
        ({"decision": "accept", "reason": "  "}, 400, "no_reason"),
        ({"decision": "accept", "reason": "số 000000000000"}, 400, "identity_number"),
        ({"decision": "accept", "case": "R-none"}, 404, "no_such_case"),
    ],
)
def test_a_decision_says_what_and_why(
    desk: Reports, word: dict[str, Any], status: int, reason: str
) -> None:
    document = {"case": "R-none", "reason": "why", **word}
    desk.send("POST", DECIDE, document, key=desk.reviewer).problem(status, reason)


def test_an_address_that_told_enough_today_is_told_when_to_come_again(desk: Reports) -> None:
    answers = [
        desk.tell(f"flood-{number}.example", at="192.0.2.250")
        for number in range(CITIZENS.a_teller + 1)
    ]
    assert {one.status for one in answers[:-1]} == {202}
    answers[-1].problem(429, "too_many_requests")
    assert 0 < int(answers[-1].headers["retry-after"]) <= 86_400
    assert desk.tell("flood-last.example", at="192.0.2.251").status == 202
    assert desk.tell("flood-last.example", key=desk.key(Scope.REPORT)).status == 202

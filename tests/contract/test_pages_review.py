"""The reviewer's desk as a browser without JavaScript sees it: the queue, a case, two reviewers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest

from blacklist.callers import Scope
from blacklist.model import Identifier, Kind, Trust
from blacklist.store import keys, meta
from browsing import FORM, MARKUP, Browser, Page, text_of
from desk import Desk
from own_store import reading

LAN, MAI = "Lan", "Mai"


@pytest.fixture(scope="module")
def desk(module_service, key_of) -> Desk:
    return Desk(module_service(BLACKLIST_TRUSTED_PROXIES="127.0.0.1"), key_of)


@pytest.fixture(scope="module")
def lan(desk: Desk) -> Browser:
    return desk.reviewer(LAN)


@pytest.fixture(scope="module")
def mai(desk: Desk) -> Browser:
    return desk.reviewer(MAI)


def case_of(browser: Browser, value: str) -> Page:
    """The page of the case about a value, opened from the queue."""
    (link,) = [one for one in queue(browser) if value in text_of(one)]
    return browser.open(link.get("href", ""))


def queue(browser: Browser) -> list[Any]:
    return browser.open("/review?limit=500").all(".//ol[@class='queue']/li/a")


def place(page: Page) -> str:
    return page.find(".//form[@id='decide']").get("action", "")


def decide(browser: Browser, page: Page, decision: str, **more: str) -> Any:
    return browser.send(page, place(page), decision=decision, **more)


@pytest.mark.parametrize("target", ["/review", "/review/R-000000000000"])
def test_only_keys_that_decide_see_the_desk(desk: Desk, target: str) -> None:
    assert Browser(desk.service).open(target).status == 401
    for scope in Scope:
        page = desk.reviewer(LAN, desk.key(scope)).open(target)
        expected = 404 if target != "/review" else 200
        assert page.status == (expected if scope is Scope.ADMIN else 403)
    test_key = desk.key(*Scope, test=True)
    assert desk.reviewer(LAN, test_key).open(target).status == 403


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_queue_has_what_is_due_first_at_the_top(desk: Desk, language: str) -> None:
    """Disputes and what waits by deadline, then reports, the most reported first."""
    prefix = f"order-{language}"
    one, two = desk.report(f"{prefix}-1.example"), desk.report(f"{prefix}-2.example")
    desk.report(f"{prefix}-2.example")
    desk.submit(f"{prefix}-3.example")
    desk.dispute(f"{prefix}-4.example")
    browser = desk.reviewer(LAN)
    page = browser.open(f"/review?limit=500&lang={language}")
    assert page.language == language
    values = [text_of(one) for one in page.all(".//ol[@class='queue']/li/a/strong")]
    ours = [one for one in values if one.startswith(prefix)]
    assert ours == [f"{prefix}-{number}.example" for number in (4, 3, 2, 1)]
    assert all(one.get("datetime") for one in page.all(".//ol[@class='queue']//time"))
    assert page.all(".//ol[@class='queue']/li/a")[0].get("accesskey") == "n"
    assert {one, two} <= {href.rpartition("/")[2] for href in hrefs(page)}


def hrefs(page: Page) -> list[str]:
    return [one.get("href", "") for one in page.all(".//ol[@class='queue']/li/a")]


def test_nothing_that_is_reviewed_stands_in_an_address(desk: Desk, lan: Browser) -> None:
    """Nor an id that is made of it: those of pending listings are a hash that could be tried."""
    item = desk.submit("no-address.example")
    page = case_of(lan, "no-address.example")
    assert item.partition("-")[0] not in place(page)
    assert all("example" not in one for one in hrefs(lan.open("/review?limit=500")))


@pytest.mark.parametrize(
    ("decision", "verdict", "ended"),
    [("accept", "listed", "accept"), ("reject", "no_record", "reject")],
)
def test_a_report_is_accepted_or_rejected(desk, lan, decision, verdict, ended) -> None:
    value = f"report-{decision}.example"
    case = desk.report(value, note="Gọi xưng công an")
    page = case_of(lan, value)
    assert "Gọi xưng công an" in page.html
    answer = decide(lan, page, decision, reason="đã xem", category="phishing")
    assert (answer.status, answer.headers["location"]) == (303, f"/review?done={decision}")
    assert text_of(lan.open(answer.headers["location"]).by_id("done"))
    assert desk.verdict(value) == verdict
    end = desk.ended(case).end
    assert (end.decision, end.reason, end.person) == (ended, "đã xem", LAN)


def test_a_report_is_merged_into_another(desk: Desk, lan: Browser) -> None:
    case, into = desk.report("merge-from.example"), desk.report("merge-into.example")
    page = case_of(lan, "merge-from.example")
    wrong = Page(decide(lan, page, "merge", reason="cùng vụ", into="R-000000000000"))
    assert wrong.status == 404
    assert text_of(wrong.by_id("complaint"))
    assert text_of(wrong.by_id("reason")) == "cùng vụ"
    assert decide(lan, wrong, "merge", reason="cùng vụ", into=into).status == 303
    assert desk.ended(case).end.into == into
    assert desk.ended(into).citizens == 2


@pytest.mark.parametrize(("decision", "verdict"), [("clear", "cleared"), ("keep", "listed")])
def test_a_dispute_is_answered_then_decided(desk, lan, decision: str, verdict: str) -> None:
    value = f"dispute-{decision}.example"
    reference = desk.dispute(value)
    page = case_of(lan, value)
    assert decide(lan, page, "answer", reason="đã gọi lại").status == 303
    page = case_of(lan, value)
    assert "đã gọi lại" in page.html
    assert not page.all(".//button[@value='answer']")
    sent = {"reason": "đã xem giấy tờ", "clearance": "owner_verified", "until": ""}
    assert decide(lan, page, decision, **sent).status == 303
    assert desk.verdict(value) == verdict
    assert desk.ended(reference).outcome == decision


@pytest.mark.parametrize(("decision", "verdict"), [("confirm", "listed"), ("refuse", "no_record")])
def test_a_partners_listing_is_confirmed_or_refused(desk, lan, decision, verdict) -> None:
    value = f"pending-{decision}.example"
    desk.submit(value)
    assert decide(lan, case_of(lan, value), decision).status == 303
    assert desk.verdict(value) == verdict


def test_nobody_decides_about_what_his_own_key_told(desk: Desk) -> None:
    own = desk.key(Scope.ADMIN, Scope.REPORT, Scope.LIST, trust=Trust.PARTNER)
    reviewer = desk.reviewer(LAN, own)
    case, item = desk.report("own-report.example", own), desk.submit("own-listing.example", own)
    for value, decision in (("own-report.example", "accept"), ("own-listing.example", "confirm")):
        page = Page(decide(reviewer, case_of(reviewer, value), decision, reason="của tôi"))
        assert page.status == 409
        assert text_of(page.by_id("complaint"))
        assert not page.all(".//div[@class='taken']")
    assert desk.ended(case).end is None
    assert desk.ended(item) is None


REPORTED: Callable[[Desk, str], str] = Desk.report
DISPUTED: Callable[[Desk, str], str] = Desk.dispute
SUBMITTED: Callable[[Desk, str], str] = Desk.submit


@pytest.mark.parametrize(
    ("make", "first", "second"),
    [
        (REPORTED, "accept", "reject"),
        (DISPUTED, "clear", "keep"),
        (SUBMITTED, "confirm", "refuse"),
    ],
)
def test_the_second_of_two_is_told_who_decided_and_keeps_what_she_typed(
    desk: Desk, lan: Browser, mai: Browser, make: Any, first: str, second: str
) -> None:
    value = f"two-{first}.example"
    make(desk, value)
    hers, other = case_of(mai, value), case_of(lan, value)
    fields = {"category": "phishing"} if first == "accept" else {}
    assert decide(lan, other, first, reason="Lan đã xem", **fields).status == 303
    verdict = desk.verdict(value)
    page = Page(decide(mai, hers, second, reason=f"Mai gõ dài {MARKUP}"))
    assert page.status == 409
    decided = text_of(page.find(".//dl[@class='decided']"))
    assert LAN in decided
    assert page.find(".//dl[@class='decided']//time").get("datetime")
    assert ("Lan đã xem" in decided) == (make is not SUBMITTED)
    assert " ".join(f"Mai gõ dài {MARKUP}".split()) in text_of(page.find(".//textarea"))
    assert "<script>alert" not in page.html
    assert not page.all(".//form[@id='decide']")
    assert desk.verdict(value) == verdict


def test_of_two_at_the_same_moment_one_decides(desk: Desk, lan: Browser, mai: Browser) -> None:
    case = desk.report("same-moment.example")
    pages = [(lan, case_of(lan, "same-moment.example")), (mai, case_of(mai, "same-moment.example"))]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda one: decide(*one, "reject", reason="cùng lúc"), pages))
    assert sorted(one.status for one in answers) == [303, 409]
    (winner,) = [
        person for person, answer in zip((LAN, MAI), answers, strict=True) if answer.status == 303
    ]
    assert desk.ended(case).end.person == winner


def test_who_did_not_see_an_answer_is_told_of_it_first(desk, lan, mai) -> None:
    """And can decide then: his reason stands in a form that knows the answer."""
    desk.dispute("seen.example")
    hers, other = case_of(mai, "seen.example"), case_of(lan, "seen.example")
    assert decide(lan, other, "answer", reason="Lan đã trả lời").status == 303
    page = Page(decide(mai, hers, "keep", reason="Mai giữ lại"))
    assert page.status == 409
    assert "Lan đã trả lời" in text_of(page.find(".//dl[@class='decided']"))
    assert text_of(page.by_id("reason")) == "Mai giữ lại"
    assert decide(mai, page, "keep", reason="Mai giữ lại").status == 303


def test_a_double_click_is_one_decision_and_no_conflict(desk: Desk, lan: Browser) -> None:
    case = desk.report("double.example")
    page = case_of(lan, "double.example")
    for _ in range(2):
        assert decide(lan, page, "reject", reason="nhấn hai lần").status == 303
    assert desk.ended(case).end.decision == "reject"


@pytest.mark.parametrize(
    "fields",
    [
        {"reason": ""},
        {"reason": "x" * 501},
        {"reason": "thẻ 4111 1111 1111 1111"},
        {"decision": "ship"},
        {"decision": ""},
        {"decision": "merge"},
        {"category": "ship"},
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_decided(desk, lan, fields: dict[str, str]) -> None:
    case = desk.report("wrong-word.example")
    page = lan.open(f"/review/{case}")
    sent = {"decision": "accept", "reason": "lý do", "category": "phishing", **fields}
    page = Page(lan.send(page, place(page), **sent))
    assert page.status == 400
    assert text_of(page.by_id("complaint"))
    assert text_of(page.by_id("reason")) == " ".join(sent["reason"].split())
    assert desk.ended(case).end is None


def test_what_could_not_be_looked_up_does_not_read_as_nothing(desk: Desk, lan: Browser) -> None:
    """The part of the lists where it would stand is gone, while the case itself can be read."""
    value = "part-gone.example"
    reference = desk.dispute(value)
    with reading(desk.service.data_dir) as client:
        bits = meta.require(client).bits[Kind.LINK]
        shard = keys.shard_of(Identifier(Kind.LINK, value), bits)
        part = keys.entries(Kind.LINK, bits, shard)
        client.rename(part, f"{part}:away")
        try:
            page = lan.open(f"/review/{reference}")
        finally:
            client.rename(f"{part}:away", part)
    assert (page.status, page.all(".//section[@class='proof']")) == (503, [])
    assert lan.open(f"/review/{reference}").status == 200


def test_a_decision_without_the_sessions_token_is_refused(desk, lan, mai) -> None:
    case = desk.report("csrf.example")
    body = {"decision": "accept", "reason": "x", "category": "phishing"}
    token = mai.open("/review").find(".//input[@name='csrf_token']").get("value")
    for sent in (body, body | {"csrf_token": token}):
        answer = lan.request("POST", f"/review/{case}", urlencode(sent).encode(), FORM)
        assert Page(answer).status == 403
    assert desk.ended(case).end is None


def test_markup_of_notes_claims_and_listings_is_shown_as_text(desk: Desk, lan: Browser) -> None:
    """Side by side: what is disputed, listed, reported and was known of one thing."""
    desk.dispute("markup.example")
    desk.report("markup.example", note=MARKUP)
    desk.submit("markup.example")
    shown = " ".join(MARKUP.split())
    pages = [
        lan.open(one.get("href", "")) for one in queue(lan) if "markup.example" in text_of(one)
    ]
    assert len(pages) == 3
    for page in pages:
        assert "<script>alert" not in page.html
        assert "<img" not in page.html
        proofs = page.all(".//section[@class='proof']")
        assert len(proofs) >= 4
        assert sum(shown in text_of(one) for one in proofs) >= 3


def test_everything_is_reached_by_keys_that_are_shown(desk: Desk, lan: Browser) -> None:
    """Each key once a page, and written on what it presses."""
    desk.dispute("keys.example")
    desk.report("keys.example")
    desk.submit("keys.example")
    for link in [one for one in queue(lan) if "keys.example" in text_of(one)]:
        page = lan.open(link.get("href", ""))
        keyed = page.all(".//*[@accesskey]")
        assert len({one.get("accesskey") for one in keyed}) == len(keyed)
        hints = {text_of(one) for one in page.all(".//main//kbd")}
        assert {one.get("accesskey") for one in keyed} <= hints
        first, *buttons = page.all(".//form[@id='decide']//button")
        assert first.get("value") == "", "Enter in a field presses it, and decides nothing"
        assert buttons
        assert all(one.get("accesskey") for one in buttons)

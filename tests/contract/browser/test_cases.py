"""Reports and disputes in Chromium: a citizen sends them, reviewers decide them by the keyboard."""

from typing import Any

import pytest
from chromium import PHONE, ask
from playwright.sync_api import Page, expect

from blacklist.web.pages.review import DONE
from desk import Desk
from looks import ENGLISH_DESK, LOOKS, VIETNAMESE_PHONE, name_of, words_of
from scenes import PERSON, REVIEWER

LISTED = "vn-bank.example"
"""The sample lists it."""

NOTE = "Xưng là công an, đòi chuyển tiền vào «tài khoản tạm giữ»"
REASON = "Đã xem giấy tờ và gọi lại"

ALT = 1

each_look = pytest.mark.parametrize("look", LOOKS, ids=name_of)
each_way = pytest.mark.parametrize(
    ("look", "script"),
    [(VIETNAMESE_PHONE, False), (ENGLISH_DESK, True)],
    ids=["vi-320-no-script", "en-1280-script"],
)


@pytest.fixture(scope="module")
def site(module_service: Any) -> Any:
    """A service with the sample; a proxy of ours, so that cases come from many places."""
    return module_service(BLACKLIST_TRUSTED_PROXIES="127.0.0.1", BLACKLIST_WORKERS="1")


@pytest.fixture(scope="module")
def desk(site: Any, key_of: Any) -> Desk:
    return Desk(site, key_of)


def fill_report(page: Page, value: str) -> None:
    page.goto("/report")
    page.locator("#value").fill(value)
    page.locator("#category").select_option("phishing")
    page.locator("#note").fill(NOTE)


def fill_dispute(page: Page) -> None:
    """Begun from the answer, which hands over what it is about."""
    ask(page, LISTED)
    page.locator("[formaction='/dispute/form']").click()
    expect(page.locator("#value")).to_have_value(LISTED)
    page.locator("#claim").select_option("wrongly_listed")
    page.locator("#note").fill(NOTE)


def send(page: Page) -> None:
    page.locator("main form .go").press("Enter")


def press_with_alt(page: Page, letter: str) -> None:
    """An access key as a keyboard sends it; playwright's own ``press`` leaves the letter out."""
    key = {"key": letter, "code": f"Key{letter.upper()}", "unmodifiedText": letter}
    keyboard = page.context.new_cdp_session(page)
    for turn in ("keyDown", "keyUp"):
        keyboard.send("Input.dispatchKeyEvent", {"type": turn, "modifiers": ALT, **key})
    keyboard.detach()


def open_case(page: Page, value: str) -> None:
    """From the queue, by the keyboard."""
    page.get_by_role("link", name=value).focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(value)


def say_why(page: Page, reason: str = REASON) -> None:
    press_with_alt(page, "r")
    expect(page.locator("#reason")).to_be_focused()
    page.keyboard.insert_text(reason)


@each_way
def test_a_citizen_reports(visit: Any, desk: Desk, look: Any, script: bool) -> None:
    """And is told that it was received; reloading sends nothing again."""
    page = visit(java_script_enabled=script, **look).page
    value = f"reported-{look['language']}.example"
    fill_report(page, value)
    send(page)
    page.wait_for_url("**/report/received")
    expect(page.locator("h1")).to_have_text(words_of(look)("Your report was received"))
    page.reload()
    (case,) = desk.cases(value)
    assert (case.citizens, case.notes) == (1, (NOTE,))


@each_way
def test_who_is_listed_disputes_and_follows_it(visit: Any, look: Any, script: bool) -> None:
    """The reference is shown, and leads back from anywhere; what it is about is shown nowhere."""
    page, said = visit(java_script_enabled=script, **look).page, words_of(look)
    fill_dispute(page)
    send(page)
    page.wait_for_url("**/dispute/D-*")
    reference = page.locator("dl .value").inner_text()
    assert page.url.endswith(f"/{reference}")
    later = visit(java_script_enabled=script, **look)
    later.page.goto(f"/dispute/{reference}")
    was_received = said("It was received and is being looked into.")
    expect(later.page.locator(".lead")).to_have_text(was_received)
    assert LISTED not in later.page.content()
    if script:
        later.assert_good_in_every_look()


@each_look
def test_with_the_store_gone_nothing_is_received(
    visit: Any, desk: Desk, store_away: Any, look: Any
) -> None:
    """What was filled in stays, and can be sent by the same button when the store is back."""
    report, dispute = visit(**look).page, visit(**look).page
    value = f"away-{look['language']}.example"
    fill_report(report, value)
    fill_dispute(dispute)
    with store_away():
        for page, path in ((report, "/report"), (dispute, "/dispute")):
            send(page)
            expect(page.locator("#complaint")).not_to_be_empty()
            expect(page.locator("#complaint")).to_contain_text("113")
            expect(page.locator("#note")).to_have_value(NOTE)
            assert page.url.endswith(path)
    assert not desk.cases(value)
    send(report)
    report.wait_for_url("**/report/received")
    send(dispute)
    dispute.wait_for_url("**/dispute/D-*")


@each_look
def test_cases_are_decided_by_the_keyboard_alone(visit: Any, desk: Desk, look: Any) -> None:
    """One is accepted, one rejected, one cleared; each leads back to what still waits."""
    page, said, name = visit(role=REVIEWER, **look).page, words_of(look), look["language"]
    cleared, accepted, rejected = (f"{word}-{name}.example" for word in ("clear", "accept", "no"))
    reference = desk.dispute(cleared)
    desk.report(accepted, note=NOTE)
    desk.report(rejected)
    page.goto("/review")
    for letter, place in (("n", "#decide"), ("q", ".queue")):
        press_with_alt(page, letter)
        expect(page.locator(place)).to_be_visible()
    for value, key, word in (
        (accepted, "a", "accept"),
        (rejected, "x", "reject"),
        (cleared, "c", "clear"),
    ):
        open_case(page, value)
        press_with_alt(page, key)
        expect(page.locator("#reason")).to_be_focused()
        page.keyboard.insert_text(REASON)
        press_with_alt(page, key)
        page.wait_for_url(f"**/review?done={word}")
        expect(page.locator("#done")).to_have_text(said(DONE[word]))
    verdicts = [desk.verdict(one) for one in (accepted, rejected, cleared)]
    assert verdicts == ["listed", "no_record", "cleared"]
    told = visit(**look).page
    told.goto(f"/dispute/{reference}")
    cleared_now = "It was looked into and cleared: it is not flagged any more."
    expect(told.locator(".lead")).to_have_text(said(cleared_now))


def test_all_the_evidence_stands_beside_the_decision(visit: Any, desk: Desk) -> None:
    """Of what is disputed, listed, reported and to be listed by a partner; on a telephone above it.

    Enter in a field decides nothing.
    """
    value = "evidence.example"
    desk.dispute(value)
    case = desk.report(value, note=NOTE * 8)
    desk.submit(value)
    window = visit(role=REVIEWER, **ENGLISH_DESK)
    page = window.page
    page.goto(f"/review/{case}")
    say_why(page)
    page.locator("#into").press("Enter")
    expect(page.locator("#complaint")).not_to_be_empty()
    expect(page.locator("#reason")).to_have_value(REASON)
    evidence, decision = page.locator(".evidence"), page.locator(".decide")
    wide, beside = evidence.bounding_box(), decision.bounding_box()
    assert wide["x"] + wide["width"] <= beside["x"]
    window.assert_good_in_every_look()
    page.set_viewport_size(PHONE)
    narrow, below = evidence.bounding_box(), decision.bounding_box()
    assert narrow["y"] + narrow["height"] <= below["y"]


@each_look
def test_the_second_of_two_reviewers_loses_nothing(visit: Any, desk: Desk, look: Any) -> None:
    """She is told that another was quicker, who and why; her own reason still stands there."""
    case = desk.report(f"two-{look['language']}.example")
    first, second = (visit(role=REVIEWER, person=one, **look).page for one in (PERSON, "Mai"))
    for page, reason in ((first, "Không đủ căn cứ"), (second, REASON)):
        page.goto(f"/review/{case}")
        say_why(page, reason)
    press_with_alt(first, "x")
    first.wait_for_url("**/review?done=reject")
    press_with_alt(second, "a")
    expect(second.locator(".taken")).to_be_visible()
    for text in (PERSON, "Không đủ căn cứ"):
        expect(second.locator(".decided")).to_contain_text(text)
    expect(second.locator(".decide textarea")).to_have_value(REASON)
    expect(second.locator("#decide")).to_have_count(0)
    assert desk.ended(case).end.person == PERSON


@each_look
def test_with_the_store_gone_nothing_is_decided(
    visit: Any, desk: Desk, store_away: Any, look: Any
) -> None:
    """It is said; Enter then sends the same decision with the same reason."""
    case = desk.report(f"undecided-{look['language']}.example")
    window, said = visit(role=REVIEWER, **look), words_of(look)
    page = window.page
    page.goto(f"/review/{case}")
    say_why(page)
    with store_away():
        press_with_alt(page, "x")
        expect(page.locator("#verdict")).to_have_text(said("Nobody could look"))
    window.assert_fits()
    window.assert_accessible()
    assert desk.ended(case).end is None
    page.keyboard.press("Enter")
    page.wait_for_url("**/review?done=reject")
    assert desk.ended(case).end.reason == REASON

"""The box at ``/`` as people use it in Chromium: with script and without, telephone and desk."""

from typing import Any

import pytest
from chromium import ask
from playwright.sync_api import Page, expect

from browsing import VERDICTS
from codes import qr_picture
from looks import LOOKS, name_of, words_of
from scenes import MESSAGE, TESTER

ACCOUNT = "0000000000901"
"""The test keys' fixed values list it at Vietcombank (970436)."""

each_look = pytest.mark.parametrize("look", LOOKS, ids=name_of)
script_or_none = pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])


def verdict_of(page: Page) -> Any:
    return page.locator("#verdict")


@each_look
@pytest.mark.parametrize(("text", "word"), [row[::2] for row in VERDICTS])
def test_each_verdict_is_one_word_without_script(
    visit: Any, look: Any, text: str, word: str
) -> None:
    """In sight at once; what was asked stands in the box and in no address."""
    page = visit(role=TESTER, java_script_enabled=False, **look).page
    ask(page, text)
    expect(verdict_of(page)).to_have_text(words_of(look)(word))
    expect(verdict_of(page)).to_be_in_viewport()
    expect(page.locator("#text")).to_have_value(text)
    assert text not in page.url


@each_look
def test_an_answer_loads_no_page(visit: Any, look: Any) -> None:
    page = visit(role=TESTER, **look).page
    page.goto("/")
    page.evaluate("window.stayed = true")
    for name in ("danger", "official", "warning"):
        page.locator("#text").fill(f"{name}.example")
        page.locator("#text").press("Enter")
        page.wait_for_selector(f"#answer .state.{name}")
    assert page.evaluate("window.stayed") is True


@each_look
@script_or_none
def test_a_message_shows_its_places(visit: Any, look: Any, script: bool) -> None:
    """Each is marked and leads to its line; the message itself is shown as it came."""
    page = visit(role=TESTER, java_script_enabled=script, **look).page
    ask(page, MESSAGE)
    states = ["danger", "warning", "official", "caution", "nothing_known"]
    marks = page.locator(".message mark")
    assert [one.get_attribute("class") for one in marks.all()] == states
    assert page.locator(".found .badge").count() == len(states)
    assert MESSAGE[:30] in page.locator(".message").inner_text()
    marks.nth(4).locator("a").click()
    expect(page.locator("#found-5")).to_be_in_viewport()


@each_look
@script_or_none
def test_a_picture_of_a_code_is_asked(visit: Any, look: Any, script: bool) -> None:
    """With script it is asked as soon as it is chosen; what it says then stands in the box."""
    page = visit(role=TESTER, java_script_enabled=script, **look).page
    page.goto("/")
    picture = {"name": "a.png", "mimeType": "image/png", "buffer": qr_picture("danger.example/x")}
    page.locator("#picture").set_input_files(picture)
    if not script:
        page.locator("form#ask button.go").click()
    page.wait_for_selector("#answer .state.danger")
    expect(page.locator("#text")).to_have_value("danger.example/x")


@each_look
def test_a_picture_that_cannot_be_read_is_complained_of(visit: Any, look: Any) -> None:
    """In sight, with the box ready for typing, and no answer of before below it."""
    page = visit(role=TESTER, **look).page
    ask(page, "official.example")
    page.locator("#picture").set_input_files(
        {"name": "a.png", "mimeType": "image/png", "buffer": b"GIF89a nonsense"}
    )
    complaint = page.locator("#complaint")
    told = "This file is no picture that can be read here. Choose a JPEG or PNG file."
    expect(complaint).to_have_text(words_of(look)(told))
    expect(complaint).to_be_in_viewport()
    expect(page.locator("#text")).to_be_focused()
    expect(verdict_of(page)).to_have_count(0)


@each_look
def test_a_bank_is_offered_for_what_may_be_an_account(visit: Any, look: Any) -> None:
    """While it is typed, and not for a link; the bank that is chosen decides."""
    page = visit(role=TESTER, **look).page
    page.goto("/")
    bank = page.locator("#bank")
    expect(bank).to_be_hidden()
    page.locator("#text").press_sequentially("danger.example")
    expect(bank).to_be_hidden()
    page.locator("#text").fill(ACCOUNT)
    expect(bank).to_be_visible()
    for chosen, state in (("970436", "danger"), ("970416", "caution")):
        bank.select_option(chosen)
        page.locator("form#ask button.go").click()
        page.wait_for_selector(f"#answer .state.{state}")
    expect(bank).to_have_value("970416")


@each_look
@script_or_none
def test_a_bank_can_be_told_beside_the_answer(visit: Any, look: Any, script: bool) -> None:
    page = visit(role=TESTER, java_script_enabled=script, **look).page
    ask(page, ACCOUNT)
    expect(page.locator("#answer .state")).to_have_class("state warning")
    page.locator("#which-bank").select_option("970436")
    page.locator(".which-bank button").click()
    page.wait_for_selector("#answer .state.danger")
    expect(page.locator("#bank")).to_have_value("970436")


@each_look
@script_or_none
@pytest.mark.parametrize("is_asked", [True, False], ids=["asked", "first"])
def test_the_steps_open_in_their_order(visit: Any, look: Any, script: bool, is_asked: bool) -> None:
    """What to do first stands first, with a number that can be tapped, before and after asking."""
    page = visit(role=TESTER, java_script_enabled=script, **look).page
    page.goto("/")
    if is_asked:
        ask(page, "danger.example")
    sent = page.locator(".already > details").first
    first = sent.locator("ol > li").first
    expect(first).to_be_hidden()
    page.get_by_text(words_of(look)("I already sent money")).click()
    expect(first).to_contain_text(words_of(look)("Call your own bank at once"))
    first.locator("summary").click()
    number = first.locator("a[href^='tel:']").first
    expect(number).to_be_visible()
    expect(sent.locator("a[href='tel:113']")).to_be_visible()


@each_look
@script_or_none
def test_the_language_is_switched_and_stays(visit: Any, look: Any, script: bool) -> None:
    """Before asking and beside an answer, which is then told in the other language."""
    page = visit(role=TESTER, java_script_enabled=script, **look).page
    own, other = look["language"], {"vi": "en", "en": "vi"}[look["language"]]
    switch = page.locator(".languages")
    page.goto("/")
    for chosen in (other, own):
        switch.locator(f"[lang={chosen}]").click()
        page.wait_for_selector(f"html[lang={chosen}]")
    ask(page, "danger.example")
    switch.locator(f"[lang={other}]").click()
    page.wait_for_selector(f"html[lang={other}] #answer .state.danger")
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", other)


@each_look
@script_or_none
def test_on_paper_stands_the_answer_and_not_the_form(visit: Any, look: Any, script: bool) -> None:
    page = visit(role=TESTER, java_script_enabled=script, **look).page
    ask(page, "danger.example")
    page.emulate_media(media="print")
    for selector in ("#verdict", ".matches", ".now"):
        expect(page.locator(selector).first).to_be_visible()
    for selector in (".top", "form#ask", "footer", ".skip"):
        expect(page.locator(selector)).to_be_hidden()

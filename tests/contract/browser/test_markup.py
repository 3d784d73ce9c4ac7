"""Markup is text, wherever it comes from: what is asked or told, and what a list says."""

from typing import Any

import pytest
from chromium import ask
from playwright.sync_api import expect

from browsing import MARKUP
from desk import Desk
from looks import ENGLISH_DESK, LOOKS, VIETNAMESE_PHONE, name_of
from scenes import REVIEWER, TELLER

NOTE = f"note {MARKUP}"
REFERENCE = "<i>7</i>/CA"
TITLE = "<u>Title</u><script>alert(2)</script>"

FOREIGN = "#answer :is(script, img, i, u, b:not(.badge b, .action b)), body > b"
AT_THE_DESK = "main :is(script, img, i, u), main :is(blockquote, .matches, .notes) b, body > b"
script_or_none = pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])


@pytest.fixture(scope="module")
def site(module_service: Any, run: Any) -> Any:
    """A service with a list whose every word is markup."""
    service = module_service()
    source = service.data_dir / "list.csv"
    quoted = NOTE.replace('"', '""')
    source.write_text(f'link,reference,note\nmarked.example,{REFERENCE},"{quoted}"\n', "utf-8")
    told = ("--source", "marked", "--title", TITLE, "--kind", "link")
    done = run(service.data_dir, "load", str(source), *told)
    assert done.returncode == 0, done.stderr
    return service


@script_or_none
@pytest.mark.parametrize("look", LOOKS, ids=name_of)
def test_what_a_list_says_is_text(visit: Any, look: Any, script: bool) -> None:
    """Its title, reference and note stand there letter by letter, and nothing of it runs."""
    page = visit(java_script_enabled=script, **look).page
    ask(page, "marked.example")
    said = page.locator("#answer .matches")
    for text in (TITLE, REFERENCE, NOTE):
        expect(said).to_contain_text(text)
    expect(page.locator(FOREIGN)).to_have_count(0)


@script_or_none
@pytest.mark.parametrize("text", [MARKUP, f"marked.example\n{MARKUP} +447700900123"])
def test_what_is_asked_is_text(visit: Any, text: str, script: bool) -> None:
    """In the box and in the answer; no dialog opens and the policy has nothing to stop."""
    window = visit(java_script_enabled=script)
    ask(window.page, text)
    expect(window.page.locator("#text")).to_have_value(text)
    expect(window.page.locator(FOREIGN)).to_have_count(0)


def test_what_people_tell_is_text_at_the_desk(visit: Any, site: Any, key_of: Any) -> None:
    """A report's, a dispute's and a partner's words, beside what lists say of the same thing."""
    desk = Desk(site, key_of)
    desk.dispute("marked.example")
    desk.report("marked.example", note=MARKUP)
    desk.submit("marked.example")
    page = visit(role=REVIEWER, **ENGLISH_DESK).page
    page.goto("/review")
    links = [one.get_attribute("href") for one in page.locator(".queue a").all()]
    assert len(links) == 3
    for link in links:
        page.goto(link)
        assert page.locator(".proof").filter(has_text=MARKUP).count() >= 3
        expect(page.locator(".evidence")).to_contain_text(TITLE)
        expect(page.locator(AT_THE_DESK)).to_have_count(0)
    page.goto(next(one for one in links if "/R-" in one))
    page.locator("#reason").fill(MARKUP)
    page.locator("#into").fill(MARKUP[:40])
    page.locator("#into").press("Enter")
    page.wait_for_selector("#complaint:not(:empty)")
    expect(page.locator("#reason")).to_have_value(MARKUP)
    expect(page.locator("#into")).to_have_value(MARKUP[:40])


def test_what_a_list_says_is_text_at_the_counter(visit: Any) -> None:
    """In the answer, and on the sheet that the customer signs."""
    window = visit(role=TELLER, **VIETNAMESE_PHONE)
    page = window.page
    page.goto("/counter")
    page.locator("#text").fill("marked.example")
    page.keyboard.press("Enter")
    for text in (TITLE, REFERENCE, NOTE):
        expect(page.locator("#answer")).to_contain_text(text)
    expect(page.locator("#answer :is(script, img, i, u), #answer .matches b")).to_have_count(0)
    sheet = window.opened_by(page.locator("button.print").click)
    for text in (TITLE, REFERENCE):
        expect(sheet.locator("article")).to_contain_text(text)
    expect(sheet.locator("article :is(script, img, i, u, ul b)")).to_have_count(0)

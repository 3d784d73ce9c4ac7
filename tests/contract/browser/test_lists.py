"""The authority's desk in Chromium: a letter is looked at, confirmed, and taken back.

Letters in one language each are looked at in every look as well: ``scenes.py`` has the empty desk.
"""

from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from blacklist.callers import Scope
from blacklist.model import Trust
from browsing import MARKUP
from looks import (
    ENGLISH_DESK,
    LOOKS,
    VIETNAMESE_PHONE,
    load_again,
    look_at,
    name_of,
    words_of,
)
from scenes import AUTHORITY, Role

each_look = pytest.mark.parametrize("look", LOOKS, ids=name_of)

DAY = "2023-02-02"
TYPED_DAY = "02022023"
"""As it is typed into a browser's field for days, whatever comes first there."""

MOST_STOPS = 40
PARTNER = Role((Scope.LIST,), trust=Trust.PARTNER)
_numbers = count(1)


@pytest.fixture
def number() -> str:
    """A number that no other letter of the service has."""
    return f"{next(_numbers)}/CAT-ANM"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A letter's file on disk: when its form is sent again, a browser reads it again."""
    return tmp_path / "letter.csv"


def links_of(number: str) -> list[str]:
    """Two domains that no other letter names."""
    return [f"l{one}-{number.partition('/')[0]}.example" for one in range(2)]


def letter(*domains: str, note: str = "", name: str = "letter.csv") -> Any:
    """A letter's file, to be chosen; the note stands beside the first."""
    text = f"domain,note\n{domains[0]},{note}\n" + "".join(f"{one},\n" for one in domains[1:])
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode()}


def fill(page: Page, number: str, file: Any) -> None:
    """Fill the desk's form in, and do not send it."""
    page.goto("/lists")
    page.locator("#file").set_input_files(file)
    page.locator("#number").fill(number)
    page.locator("#date").fill(DAY)


def send(page: Page, number: str, file: Any) -> None:
    """Send a letter; it is shown what it would change."""
    fill(page, number, file)
    page.locator("form.letter button").click()
    page.wait_for_selector("#decide")


def confirm(page: Page) -> None:
    """Confirm the letter that is shown."""
    page.locator("button[value=confirm]").click()
    page.wait_for_selector("#done")


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until it is reached."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab does not reach {selector}")


def verdicts(site: Any, links: list[str]) -> list[str]:
    """What the service answers for each."""
    return [site.check(one)["verdict"] for one in links]


@each_look
def test_a_letter_is_entered_and_taken_back_by_the_keyboard(
    visit: Any, site: Any, look: Any, number: str
) -> None:
    """The file is chosen in the system's own dialog; all else by Tab, Space, Enter and letters."""
    links = links_of(number)
    window = visit(role=AUTHORITY, **look)
    page, words = window.page, words_of(look)
    page.goto("/lists")
    page.locator("#file").set_input_files(letter(*links, "10.0.0.1", ""))
    page.locator("#file").focus()
    tab_to(page, "#number")
    page.keyboard.type(number)
    tab_to(page, "#date")
    page.keyboard.type(TYPED_DAY)
    page.keyboard.press("Enter")
    expect(page.locator(".sums td")).to_have_text(["4", "2", "0", "1", "1", "2"])
    rejected = page.locator("section[aria-labelledby=rejected] tbody td")
    expect(rejected).to_contain_text(["4", "10.0.0.1", ""])
    assert verdicts(site, links) == ["no_record"] * 2
    look_at(window, look, "vi")
    tab_to(page, "button[value=confirm]")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(words("Listed: letter %(number)s") % {"number": number})
    assert verdicts(site, links) == ["listed"] * 2
    look_at(window, look, "en")
    tab_to(page, "main a.go")
    page.keyboard.press("Enter")
    page.wait_for_selector("#rows")
    look_at(window, look, "vi")
    page.locator("#main").focus()
    tab_to(page, "input[type=checkbox]")
    page.keyboard.press("Space")
    tab_to(page, "#reason")
    page.keyboard.type("mistyped")
    page.keyboard.press("Enter")
    expect(page.locator("#done")).to_have_text(words("Rows withdrawn: %(count)s") % {"count": 1})
    assert verdicts(site, links) == ["no_record", "listed"]
    tab_to(page, "summary")
    page.keyboard.press("Enter")
    tab_to(page, "#whole")
    page.keyboard.type("mistyped")
    page.keyboard.press("Enter")
    expect(page.locator("input[type=checkbox]")).to_have_count(0)
    assert verdicts(site, links) == ["no_record"] * 2
    page.goto("/lists")
    expect(page.locator("section[aria-labelledby=all]")).to_contain_text(number)
    look_at(window, look, "en")


@each_look
def test_a_letter_is_entered_and_taken_back_without_script(
    visit: Any, site: Any, look: Any, number: str
) -> None:
    links = links_of(number)
    page = visit(role=AUTHORITY, java_script_enabled=False, **look).page
    send(page, number, letter(*links))
    assert verdicts(site, links) == ["no_record"] * 2
    confirm(page)
    page.locator("main a.go").click()
    page.get_by_label(links[1]).check()
    page.locator("#reason").fill("mistyped")
    page.locator("form:has(#reason) button").click()
    expect(page.locator("tr", has_text=links[1])).to_contain_text("mistyped")
    assert verdicts(site, links) == ["listed", "no_record"]
    page.locator("summary").click()
    page.locator("#whole").fill("mistyped")
    page.locator("form:has(#whole) button").click()
    expect(page.locator("input[type=checkbox]")).to_have_count(0)
    assert verdicts(site, links) == ["no_record"] * 2


def test_a_letters_page_is_the_same_in_another_language(visit: Any, number: str) -> None:
    """Before it is confirmed, and after."""
    page = visit(role=AUTHORITY, **VIETNAMESE_PHONE).page
    send(page, number, letter(*links_of(number)))
    page.locator(".languages [lang=en]").click()
    page.wait_for_selector("html[lang=en] #decide")
    confirm(page)
    page.locator("main a.go").click()
    page.locator(".languages [lang=vi]").click()
    page.wait_for_selector("html[lang=vi] #rows")
    expect(page.locator("h1")).to_contain_text(number)


def test_a_partners_letter_is_confirmed_by_another(visit: Any, site: Any, number: str) -> None:
    """Until then it waits, and is found on the desk of whoever may confirm it."""
    links = links_of(number)
    maker = visit(role=PARTNER, **VIETNAMESE_PHONE).page
    checker = visit(role=AUTHORITY, **ENGLISH_DESK).page
    send(maker, number, letter(*links))
    expect(maker.locator("button[value=confirm]")).to_have_count(0)
    maker.locator("button[value=submit]").click()
    told = "This letter waits for a second key. Nothing of it is listed yet."
    expect(maker.locator(".lead")).to_have_text(words_of(VIETNAMESE_PHONE)(told))
    checker.goto("/lists")
    checker.locator("section[aria-labelledby=waiting] a", has_text=number).click()
    assert verdicts(site, links) == ["no_record"] * 2
    confirm(checker)
    assert verdicts(site, links) == ["listed"] * 2


def test_markup_in_a_letter_is_text(visit: Any, number: str) -> None:
    """In its number, its file's name, its cells and a reason; on every page that shows them."""
    link, _ = links_of(number)
    number, name = f"<b>{number}</b>", "<img src=x onerror=alert(1)>.csv"
    quoted = MARKUP.replace('"', '""')
    page = visit(role=AUTHORITY).page
    dialogs: list[str] = []
    page.on("dialog", lambda one: (dialogs.append(one.message), one.dismiss()))
    foreign = page.locator("main :is(script, img, b)")
    send(page, number, letter(link, f'"{quoted}"', note=f'"{quoted}"', name=name))
    for text in (number, name, MARKUP, MARKUP):
        expect(page.locator("main")).to_contain_text(text)
    expect(foreign).to_have_count(0)
    confirm(page)
    page.locator("main a.go").click()
    page.locator("summary").click()
    page.locator("#whole").fill(MARKUP)
    page.locator("form:has(#whole) button").click()
    expect(page.locator("tbody td").last).to_contain_text(MARKUP)
    expect(page.locator("tbody td").nth(1)).to_contain_text(MARKUP)
    expect(foreign).to_have_count(0)
    page.goto("/lists")
    expect(page.locator("section[aria-labelledby=all]")).to_contain_text(MARKUP)
    expect(foreign).to_have_count(0)
    assert not dialogs


@each_look
def test_why_a_file_cannot_be_read_is_told_in_the_pages_language(
    visit: Any, look: Any, number: str
) -> None:
    """What was typed stands there for the next file."""
    page = visit(role=AUTHORITY, **look).page
    scan = {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 a scan"}
    fill(page, number, scan)
    page.locator("form.letter button").click()
    complaint = page.locator("#complaint")
    told = "It is a PDF or a picture. Ask for the sheet or the letter that it was made from."
    expect(complaint).to_contain_text(words_of(look)(told))
    expect(complaint).to_be_in_viewport()
    expect(complaint.locator("[lang]")).to_have_count(0)
    expect(page.locator("#number")).to_have_value(number)
    expect(page.locator("#date")).to_have_value(DAY)


@each_look
def test_with_the_store_away_nothing_is_said_to_be_done(
    visit: Any, site: Any, look: Any, number: str, store_away: Any, file: Path
) -> None:
    """Neither sent, confirmed nor taken back; loaded again once it is back, the page does it."""
    links = links_of(number)
    window = visit(role=AUTHORITY, **look)
    page = window.page

    def send_in_vain(button: str) -> None:
        with store_away():
            page.locator(button).click()
            expect(page.locator("h1")).to_have_text(words_of(look)("It may not have been done"))
            expect(page.locator("#done, .state")).to_have_count(0)
        load_again(window)

    file.write_bytes(letter(*links)["buffer"])
    fill(page, number, file)
    send_in_vain("form.letter button")
    page.wait_for_selector("#decide")
    expect(page.locator("h1")).to_contain_text(number)
    send_in_vain("button[value=confirm]")
    page.wait_for_selector("#done")
    assert verdicts(site, links) == ["listed"] * 2
    page.locator("main a.go").click()
    page.locator("summary").click()
    page.locator("#whole").fill("mistyped")
    send_in_vain("form:has(#whole) button")
    expect(page.locator("tbody")).to_contain_text("mistyped")
    assert verdicts(site, links) == ["no_record"] * 2

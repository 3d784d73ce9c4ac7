"""The counter as a teller uses it in Chromium: by keyboard alone, one beneficiary after another."""

import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Page, expect

from blacklist.model import Action
from blacklist.policies import WORDS
from blacklist.store.outcomes import Ending
from blacklist.web.pages.counter import ACTIONS, ENDINGS, KEYS, SHEET
from counter_field import changed, first_result
from looks import ENGLISH_DESK, LOOKS, VIETNAMESE_PHONE, name_of, words_of
from scenes import TELLER

LISTED = "0000000000001"
"""The sample lists it at Vietcombank."""

UNKNOWN, OTHER = "0000000000777", "0000000000778"
LONGEST_NAME = "Đ" * 64

each_look = pytest.mark.parametrize("look", LOOKS, ids=name_of)


@pytest.fixture(scope="module")
def site(module_service: Any, run: Any) -> Any:
    """A service with a list of accounts beside the sample, which alone makes nothing known."""
    service = module_service(BLACKLIST_WORKERS="1")
    source = service.data_dir / "list.csv"
    source.write_text("account,bank\n0000000000555,VCB\n", "utf-8")
    told = ("--source", "accounts", "--kind", "account")
    done = run(service.data_dir, "load", str(source), *told)
    assert done.returncode == 0, done.stderr
    return service


@pytest.fixture
def counter(visit: Any) -> Callable[..., Any]:
    """Open the counter, choose the bank by its first letters, and be in the box again."""

    def opened(look: Any, **options: Any) -> Any:
        window = visit(role=TELLER, person=LONGEST_NAME, **look, **options)
        window.page.goto("/counter")
        expect(window.page.locator("#text")).to_be_focused()
        for keys in ("Tab", *"Vietcom", "Shift+Tab"):
            window.page.keyboard.press(keys)
        return window

    return opened


def letter(look: Any, name: str) -> str:
    """The key that presses a button."""
    return KEYS[look["language"]][name].lower()


def check(page: Page, text: str, state: str) -> None:
    """Ask in the box that has the focus, and return when the keyboard waits for the outcome."""
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(page.locator("#answer .state")).to_have_class(f"state {state}")
    expect(page.locator("#amount")).to_be_focused()


def outcomes_sent(window: Any) -> int:
    return sum(one.url.endswith("/counter/outcome") for one in window.responses)


def sheets_of_paper(page: Page) -> int:
    """How many the window takes when it is printed."""
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))


@each_look
def test_several_in_a_row_by_the_keyboard_alone(counter: Any, look: Any) -> None:
    """The bank is chosen once, an outcome is one letter beside the amount, and Enter is none."""
    window, said = counter(look), words_of(look)
    page, counted = window.page, window.page.locator(".counted")
    check(page, LISTED, "danger")
    expect(page.locator("#answer .read-as")).to_contain_text(f"Vietcombank {LISTED}")
    for keys in ("Enter", letter(look, Ending.HELD)):
        page.keyboard.press(keys)
    expect(page.locator("#text")).to_have_value(letter(look, Ending.HELD))
    for keys in ("Backspace", *["Shift+Tab"] * 6, *"5000000", letter(look, Ending.STOPPED)):
        page.keyboard.press(keys)
    expect(counted).to_contain_text(said(ENDINGS[Ending.STOPPED]))
    expect(counted).to_contain_text(re.compile(r"5[.,]000[.,]000 VND"))
    check(page, UNKNOWN, "nothing_known")
    expect(page.locator("#answer .read-as")).to_contain_text(f"Vietcombank {UNKNOWN}")
    page.keyboard.press(letter(look, Ending.WENT_AHEAD))
    expect(counted).to_contain_text(said(ENDINGS[Ending.WENT_AHEAD]))
    ended = page.locator(".earlier .ended")
    for place, word in enumerate((Ending.WENT_AHEAD, Ending.STOPPED)):
        expect(ended.nth(place)).to_contain_text(said(ENDINGS[word]))
    assert outcomes_sent(window) == 2
    assert all(LISTED not in one.url for one in window.responses)
    if look is VIETNAMESE_PHONE:
        window.assert_good_in_every_look()
    page.goto("/counter")
    expect(page.locator("#bank option:checked")).to_have_text("Vietcombank")
    expect(ended).to_have_count(0)


def test_without_script_enter_is_no_outcome_either(counter: Any) -> None:
    """It puts the answer to those before; there Tab and Enter tell the outcome."""
    window = counter(VIETNAMESE_PHONE, java_script_enabled=False)
    page, said = window.page, words_of(VIETNAMESE_PHONE)
    check(page, UNKNOWN, "nothing_known")
    for keys in ("7", "Enter"):
        page.keyboard.press(keys)
    expect(page.locator(".earlier .ended")).to_have_text([said("outcome not told")])
    expect(page.locator("#text")).to_be_focused()
    assert outcomes_sent(window) == 0
    page.locator(".earlier button").press("Enter")
    expect(page.locator("#amount")).to_be_focused()
    for keys in ("Tab", "Enter"):
        page.keyboard.press(keys)
    expect(page.locator(".counted")).to_contain_text(said(ENDINGS[Ending.STOPPED]))


@each_look
def test_the_sheet_opens_beside_the_counter(counter: Any, look: Any) -> None:
    """By one letter, ready to print, in the language that the customer reads; the counter stays."""
    window = counter(look)
    page = window.page
    check(page, LISTED, "danger")
    receipt = page.locator(".receipt b").inner_text()
    for figure in "12":
        page.keyboard.press(figure)
    sheet = window.opened_by(lambda: page.keyboard.press(letter(look, SHEET)))
    expect(sheet.locator("#print")).to_be_focused()
    for text in ("Vietcombank •••••••••0001", receipt, words_of(look)("Danger")):
        expect(sheet.locator("article")).to_contain_text(text)
    assert LISTED not in sheet.content()
    other = {"vi": "en", "en": "vi"}[look["language"]]
    sheet.locator(f".languages [lang={other}]").press("Enter")
    sheet.wait_for_selector(f"html[lang={other}]")
    sheet.close()
    expect(page.locator("#amount")).to_be_focused()
    expect(page.locator("#amount")).to_have_value("12")
    assert page.locator("html").get_attribute("lang") == look["language"]


def test_the_most_that_may_stand_on_a_sheet_is_one_page(counter: Any) -> None:
    """In either language; and it can be read on every screen."""
    window = counter(ENGLISH_DESK)
    page = window.page
    check(page, LISTED, "danger")
    rows = page.locator("#counter [name=rows]")
    (match,) = first_result(rows.input_value()).matches
    match = msgspec.structs.replace(match, title="Đơn vị " * 40, reference="CV " * 80)
    most = changed(rows.input_value(), matches=(match,) * 9)
    rows.evaluate("(one, value) => { one.value = value; }", most)
    sheet = window.opened_by(lambda: page.keyboard.press(letter(ENGLISH_DESK, SHEET)))
    for language in ("en", "vi"):
        sheet.locator(f".languages [lang={language}]").click()
        sheet.wait_for_selector(f"html[lang={language}]")
        assert sheets_of_paper(sheet) == 1
    window.assert_good_in_every_look()


@each_look
def test_with_the_store_gone_nothing_was_checked_or_counted(
    counter: Any, store_away: Any, look: Any
) -> None:
    """It is said, and never that nothing speaks against it; Enter then sends the same again."""
    page, said = counter(look).page, words_of(look)
    no_objection = page.get_by_text(WORDS[Action.ALLOW][look["language"] == "en"])
    check(page, UNKNOWN, "nothing_known")
    expect(no_objection).to_be_visible()
    page.keyboard.press("Enter")
    with store_away():
        page.keyboard.type(OTHER)
        page.keyboard.press("Enter")
        expect(page.locator(".state")).to_have_class("state could_not_check")
        expect(page.locator("main")).not_to_contain_text(said(ACTIONS[Action.ALLOW]))
        expect(no_objection).to_have_count(0)
        expect(page.locator(".nothing_known")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator("#answer .read-as")).to_contain_text(OTHER)
    expect(page.locator(".earlier .value")).to_contain_text(UNKNOWN)
    expect(page.locator("#amount")).to_be_focused()
    with store_away():
        for keys in ("7", letter(look, Ending.HELD)):
            page.keyboard.press(keys)
        expect(page.locator(".state")).to_have_class("state could_not_check")
        expect(page.locator(".counted")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator(".counted")).to_contain_text(said(ENDINGS[Ending.HELD]))

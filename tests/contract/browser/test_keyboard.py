"""The pages with the keyboard alone: everything is reached, where one is is seen, focus follows."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from looks import LOOKS, name_of
from scenes import TELLER, TESTER

each_look = pytest.mark.parametrize("look", LOOKS, ids=name_of)

FOCUSED = """() => {
  const one = document.activeElement;
  const style = getComputedStyle(one);
  const box = one.getBoundingClientRect();
  const is_outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const is_beside = box.right > 0 && box.left < innerWidth;
  const is_inside = is_beside && box.bottom > 0 && box.top < innerHeight;
  return one === document.body ? null
    : [one.id || one.className || one.textContent.trim(), is_outlined && is_inside];
}"""
MOST_STOPS = 60


def stops(page: Page) -> list[str]:
    """Where Tab stops, in order, from the top of a page to its end; each must be seen."""
    page.locator(".brand").focus()
    page.keyboard.press("Shift+Tab")
    found: list[str] = []
    while (now := page.evaluate(FOCUSED)) is not None:
        name, is_seen = now
        assert is_seen, name
        found.append(name)
        assert len(found) < MOST_STOPS, found
        page.keyboard.press("Tab")
    return found


@each_look
def test_everything_is_reached_in_the_order_it_stands(visit: Any, look: Any) -> None:
    page = visit(**look).page
    page.goto("/")
    found = stops(page)
    assert found[:2] == ["skip", "brand"]
    box = found.index("text")
    assert found[box : box + 3] == ["text", "go", "picture"]
    assert len(found[box + 3 :]) == page.locator(".already > details").count()


@each_look
def test_asking_leads_to_the_answer(visit: Any, look: Any) -> None:
    """Typed, sent by Enter, and the next Tab goes on from the answer."""
    page = visit(role=TESTER, **look).page
    page.goto("/")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type("danger.example")
    page.keyboard.press("Enter")
    expect(page.locator("#verdict")).to_be_focused()
    expect(page.locator("#answer .state")).to_have_class("state danger")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('#answer').contains(document.activeElement)")


@each_look
def test_shift_and_enter_makes_a_line(visit: Any, look: Any) -> None:
    page = visit(**look).page
    page.goto("/")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type("a")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("b")
    expect(page.locator("#text")).to_have_value("a\nb")
    expect(page.locator("#verdict")).to_have_count(0)


@each_look
def test_an_empty_box_keeps_the_keyboard(visit: Any, look: Any) -> None:
    page = visit(**look).page
    page.goto("/")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#complaint")).not_to_be_empty()
    expect(page.locator("#text")).to_be_focused()


@each_look
def test_the_steps_open_by_the_keyboard(visit: Any, look: Any) -> None:
    page = visit(**look).page
    page.goto("/")
    page.locator(".already summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".already ol").first).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator(".already a[href^='tel:']").first).to_be_visible()


@each_look
def test_the_way_past_the_head_is_short(visit: Any, look: Any) -> None:
    page = visit(role=TELLER, **look).page
    page.goto("/signin")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("main button.go")).to_be_focused()

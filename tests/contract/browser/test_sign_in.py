"""Signing in and out in Chromium, by the keyboard, with script and without."""

from typing import Any

import pytest
from playwright.sync_api import expect

from blacklist.callers import Scope
from browsing import MARKUP
from looks import LOOKS, name_of

each_look = pytest.mark.parametrize("look", LOOKS, ids=name_of)


@pytest.fixture(scope="module")
def key(site: Any, key_of: Any) -> str:
    made: str = key_of(site.data_dir, Scope.CHECK)
    return made


@each_look
@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_person_signs_in_and_out(visit: Any, key: str, look: Any, script: bool) -> None:
    """Who is signed in is shown; the session is out of reach of any script."""
    page = visit(java_script_enabled=script, **look).page
    page.goto("/signin")
    page.locator("#person").press_sequentially("Không Ai")
    page.keyboard.press("Tab")
    page.keyboard.type(key)
    page.keyboard.press("Enter")
    expect(page.locator("form.account")).to_contain_text("Không Ai")
    (session,) = [one for one in page.context.cookies() if one["name"] != "lang"]
    assert session["httpOnly"]
    assert key not in page.url
    page.locator("form.account button").press("Enter")
    expect(page.locator("a.account")).to_have_count(0)
    expect(page.locator("#key")).to_be_visible()


@each_look
def test_a_wrong_key_says_so_and_keeps_the_name(visit: Any, look: Any) -> None:
    page = visit(**look).page
    page.goto("/signin")
    page.locator("#person").fill(MARKUP[:64])
    page.locator("#key").fill("bl_nothing")
    page.locator("main button").click()
    expect(page.locator("#complaint")).not_to_be_empty()
    expect(page.locator("#person")).to_have_value(MARKUP[:64])
    expect(page.locator("#key")).to_have_value("")


def test_a_name_of_markup_is_shown_as_text(visit: Any, key: str) -> None:
    name = "<b>x</b><img src=x onerror=alert(1)>"
    page = visit().page
    page.goto("/signin")
    page.locator("#person").fill(name)
    page.locator("#key").fill(key)
    page.locator("main button").click()
    expect(page.locator("form.account")).to_contain_text(name)
    page.goto("/signin")
    expect(page.locator("main .lead")).to_contain_text(name)
    expect(page.locator("main img, main b")).to_have_count(0)

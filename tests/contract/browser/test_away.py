"""Nobody can look: the store or the service is gone; it is said, and never "nothing known"."""

from typing import Any

import pytest
from chromium import ask
from playwright.sync_api import expect

from looks import LOOKS, name_of, words_of
from servers import pause_server

each_look = pytest.mark.parametrize("look", LOOKS, ids=name_of)


@pytest.fixture(scope="module")
def away(module_service: Any, eventually: Any) -> Any:
    """A service whose store stands still."""
    service = module_service()
    pause_server(service.data_dir)
    eventually(lambda: service.request("GET", "/readyz").status == 503, 10)
    return service


@each_look
@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("text", ["vn-bank.example", "STK 0000000000001 VCB, vn-bank.example"])
def test_with_the_store_gone_nothing_was_checked(
    visit: Any, away: Any, look: Any, script: bool, text: str
) -> None:
    window = visit(at=away, java_script_enabled=script, **look)
    page = window.page
    ask(page, text)
    expect(page.locator("#answer .state")).to_have_class("state could_not_check")
    expect(page.locator("#verdict")).to_have_text(words_of(look)("Could not check"))
    expect(page.locator("#answer .nothing_known")).to_have_count(0)
    expect(page.locator("#answer .now a[href='tel:113']")).to_be_visible()
    if script:
        window.assert_accessible()
        window.assert_fits()


@each_look
def test_without_a_network_the_answer_before_does_not_stay(visit: Any, look: Any) -> None:
    """The page says that nobody answered; whom to call stands there too."""
    window = visit(own=True, **look)
    page = window.page
    ask(page, "vn-bank.example")
    page.context.set_offline(True)
    page.locator("#text").fill("official.example")
    page.locator("form#ask button.go").click()
    page.wait_for_selector("#answer .state.could_not_check")
    expect(page.locator("#verdict")).to_be_focused()
    expect(page.locator("#answer .matches")).to_have_count(0)
    window.forgive("net::ERR_INTERNET_DISCONNECTED")
    window.assert_accessible()

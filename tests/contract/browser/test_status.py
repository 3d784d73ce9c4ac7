"""The state of the lists and the periodic report in Chromium: read, chosen, printed, saved."""

import csv
import io
import re
import time
from pathlib import Path
from typing import Any

import invented_history
import pytest
from playwright.sync_api import Page, expect

from blacklist.model import Identifier, Kind, Source
from blacklist.publish import Publisher
from blacklist.store import connect, meta
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.stage import Staged
from blacklist.store.tallies import day_of
from browsing import MARKUP
from looks import LOOKS, load_again, look_at, name_of, words_of
from scenes import REVIEWER

each_look = pytest.mark.parametrize("look", LOOKS, ids=name_of)

TITLE = f"Title {MARKUP}"
REPORT = "/status/report"
TODAY = day_of(time.time())
MOST_SHEETS = 5
ONE_SHEET = re.compile(rb"/Type\s*/Page\b")


@pytest.fixture(scope="module")
def site(module_service: Any) -> Any:
    """A service with a year and a half behind it, and a list whose title is markup."""
    service = module_service()
    client = connect.writer(EmbeddedServer(service.data_dir).url)
    publisher = Publisher(client, meta.require(client), sleep=lambda _seconds: None)
    invented_history.write(publisher, TODAY)
    with publisher.load(Source("marked", TITLE), full=True) as load:
        load.put([Staged(Identifier(Kind.LINK, "marked.example"))])
        load.commit()
    client.close()
    return service


def sheets(page: Page) -> int:
    """How many sheets of paper a page takes."""
    return len(ONE_SHEET.findall(page.pdf(prefer_css_page_size=True)))


def choose_days(page: Page, first: str, last: str) -> None:
    """Ask for a report of these days."""
    page.locator(".choose summary").press("Enter")
    page.locator("#from").fill(first)
    page.locator("#to").fill(last)
    page.locator("form:has(#from) button").press("Enter")


@each_look
def test_anybody_reads_how_the_lists_stand(visit: Any, look: Any) -> None:
    """By the keyboard; a plot's text names its first and last number, the table has them all."""
    window = visit(**look)
    page = window.page
    page.goto("/status")
    lists = page.locator(".feeds > li")
    expect(lists.filter(has_text=TITLE)).to_have_count(1)
    expect(page.locator("main :is(script, img), main b:not(.plot b)")).to_have_count(0)
    numbers = page.locator(".numbers").first
    numbers.locator("summary").press("Enter")
    rows = numbers.locator("tbody tr")
    for column, plot in enumerate(page.locator(".plots").first.get_by_role("img").all()):
        for row in (rows.first, rows.last):
            number = row.locator("td").nth(column).inner_text()
            expect(plot).to_have_accessible_name(re.compile(re.escape(number)))
    assert page.get_by_role("img").count() == page.locator(".plot").count()
    assert sheets(page) <= MOST_SHEETS
    look_at(window, look, "vi")


@each_look
def test_an_institution_sees_what_is_asked_and_is_led_to_the_report(visit: Any, look: Any) -> None:
    """Of a period that is none it is told why, and goes back to choose another."""
    page = visit(role=REVIEWER, java_script_enabled=False, **look).page
    page.goto("/status")
    asked = page.locator(".numbers").nth(2)
    asked.locator("summary").click()
    expect(asked.locator("tbody tr")).to_have_count(invented_history.DAYS)
    expect(asked.locator("tbody td").first).not_to_be_empty()
    page.locator(f"main a[href='{REPORT}']").click()
    expect(page.locator(".document")).to_contain_text(TITLE)
    choose_days(page, f"{TODAY.year - 1}-11-04", f"{TODAY.year - 1}-10-02")
    expect(page.locator("h1")).to_have_text(words_of(look)("There is no such period"))
    page.go_back()
    expect(page.locator("#preset")).to_be_visible()


@each_look
def test_a_report_is_chosen_and_saved(visit: Any, look: Any) -> None:
    """By a deadline or by days; in either language it is of the same period; markup is text."""
    window = visit(role=REVIEWER, **look)
    page = window.page
    page.goto(REPORT)
    page.locator("#preset").select_option("15-november")
    page.locator("#year").select_option(str(TODAY.year))
    page.locator("#unit").fill(MARKUP[:100])
    page.locator("#unit").press("Enter")
    issuer, facts = page.locator(".issuer"), page.locator(".facts dd").first
    expect(issuer).to_have_text(MARKUP[:100])
    expect(page.locator("#preset")).to_have_value("15-november")
    expect(facts).to_contain_text(f"15/11/{TODAY.year - 1}")
    expect(facts).to_contain_text(f"14/11/{TODAY.year}")
    expect(page.locator("main :is(script, img)")).to_have_count(0)
    choose_days(page, f"{TODAY.year - 1}-10-02", f"{TODAY.year - 1}-11-04")
    expect(facts).to_contain_text(f"02/10/{TODAY.year - 1}")
    expect(issuer).to_have_text(MARKUP[:100])
    other = {"vi": "en", "en": "vi"}[look["language"]]
    page.locator(f".languages [lang={other}]").click()
    page.wait_for_selector(f"html[lang={other}]")
    expect(facts).to_contain_text(f"04/11/{TODAY.year - 1}")
    with page.expect_download() as download:
        page.locator(".choose .actions a").click()
    rows = csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8"), newline=""))
    assert {"entries_current", "questions", "transfers_stopped"} <= {row["measure"] for row in rows}
    look_at(window, look, "en")


@each_look
def test_the_report_prints_as_a_document(visit: Any, look: Any) -> None:
    """Signed at its end, on a few sheets of A4, without what only a screen needs."""
    page = visit(role=REVIEWER, **look).page
    page.goto(REPORT)
    page.emulate_media(media="print")
    for selector in (".letterhead", ".document h1", ".signatures"):
        expect(page.locator(selector)).to_be_visible()
    for selector in (".top", ".choose", "footer"):
        expect(page.locator(selector)).to_be_hidden()
    assert 2 <= sheets(page) <= MOST_SHEETS


@each_look
def test_with_the_store_away_no_number_is_told(visit: Any, look: Any, store_away: Any) -> None:
    """Neither of the lists nor in a report; once it is back, loading the page again is enough."""
    seen = (visit(**look), "/status", ".feeds"), (visit(role=REVIEWER, **look), REPORT, ".document")
    with store_away():
        for window, path, _ in seen:
            assert window.page.goto(path).status == 503
            expect(window.page.locator("h1")).to_have_text(words_of(look)("Nobody could look"))
            expect(window.page.locator("table, .plot, .feeds")).to_have_count(0)
            window.forgive("status of 503")
    for window, _, shown in seen:
        load_again(window)
        expect(window.page.locator(shown)).to_be_visible()

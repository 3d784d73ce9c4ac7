"""``/status`` and ``/status/report``: who sees what, in both languages, without JavaScript."""

import csv
import io
import time
from datetime import date, timedelta

import pytest

from blacklist.callers import Scope
from blacklist.model import Audience, Category, Kind
from blacklist.store import connect, counts, tallies
from blacklist.store.counts import Event
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.tallies import Tally, What, day_of
from browsing import Browser, Page, text_of

LANGUAGES = {"vi": "không có số liệu lưu", "en": "no data kept"}
REPORT = "/status/report"
FORMULA = "=1+1"
MARKUP = '<b>Công an</b> & "x"'


@pytest.fixture(scope="module")
def told(module_service):
    """A service with some history, among it a source of an unlucky name."""
    service = module_service()
    client = connect.writer(EmbeddedServer(service.data_dir).url)
    today = day_of(time.time())
    cell = (Kind.PHONE, Category.GAMBLING, FORMULA)
    for days in (60, 30):
        day = today - timedelta(days=days)
        tallies.record(client, [Tally(day, What.ADDED, *cell, 5)])
        tallies.record(client, [Tally(day, What.CURRENT, *cell, 300 - days)])
    counts.record(client, today - timedelta(days=3), {Event.ASKED_STORE: 4321, Event.HIT: 12})
    client.close()
    return service


def signed_in(service, key_of, *scopes: Scope, **options) -> Browser:
    browser = Browser(service)
    assert browser.sign_in(key_of(service.data_dir, *scopes, **options)).status == 303
    return browser


@pytest.fixture(scope="module")
def admin(told, key_of) -> Browser:
    return signed_in(told, key_of, Scope.CHECK, Scope.ADMIN)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_public_sees_titles_ages_and_counts(told, language: str) -> None:
    """And neither names of sources nor how much is asked."""
    page = Browser(told).open(f"/status?lang={language}")
    assert (page.status, page.language) == (200, language)
    lists = [text_of(one) for one in page.all(".//ul[@class='feeds']/li")]
    assert len(lists) == 3
    assert any("Sample of scam links (invented)" in one and "12" in one for one in lists)
    assert "sample-links" not in page.html
    assert "4.321" not in page.html
    assert "4,321" not in page.html
    assert "style=" not in page.html
    assert "<script" not in page.html


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_plot_has_its_numbers_as_a_table(told, language: str) -> None:
    page = Browser(told).open(f"/status?lang={language}")
    plots = page.all(".//figure[@class='plot']")
    assert all(one.find("svg").get("aria-label") for one in plots if one.find("svg") is not None)
    tables = page.all(".//details[@class='numbers']//table")
    titles = [text_of(one) for table in tables for one in table.findall(".//thead/tr/th")[1:]]
    assert len(titles) == len(plots) > 3
    captions = [text_of(one.find("figcaption")) for one in plots]
    assert all(told.startswith(title) for told, title in zip(captions, titles, strict=True))
    rows = [text_of(one) for one in tables[0].findall("tbody/tr")]
    assert len(rows) == 27
    assert LANGUAGES[language] in rows[0]
    assert LANGUAGES[language] not in rows[-1]
    assert "280" in rows[-1]


def test_an_institution_sees_questions_and_generations(admin: Browser) -> None:
    page = admin.open("/status?lang=en")
    assert "sample-links" in page.html
    assert "4,321" in page.html
    assert REPORT in [one.get("href") for one in page.all(".//main//a")]


def test_a_key_for_the_public_sees_what_the_public_sees(told, key_of) -> None:
    browser = signed_in(told, key_of, Scope.CHECK, audience=Audience.PUBLIC)
    assert "sample-links" not in browser.open("/status").html


def test_who_may_not_see_the_report_is_not_led_to_it(told, key_of) -> None:
    browser = signed_in(told, key_of, Scope.CHECK, Scope.LIST)
    assert REPORT not in browser.open("/status").html
    assert browser.open(REPORT).status == 403
    assert Browser(told).open(REPORT).status == 401


@pytest.mark.parametrize(
    ("language", "title", "nation"),
    [
        ("vi", "Báo cáo kết quả tra cứu", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        ("en", "Report on looking up", "SOCIALIST REPUBLIC OF VIETNAM"),
    ],
)
def test_the_report_is_a_document(admin: Browser, language: str, title: str, nation: str) -> None:
    """With its period, the year before, and no zero where nothing was kept."""
    year = day_of(time.time()).year
    page = admin.open(f"{REPORT}?preset=15-december&year={year}&lang={language}")
    assert page.language == language
    document = page.find(".//article[@class='document']")
    assert text_of(document.find("h1")).startswith(title)
    assert nation in text_of(document)
    assert f"15/12/{year - 1}" in text_of(document)
    assert f"14/12/{year - 1}" in text_of(document)
    (row,) = [
        one for one in document.iter("tr") if "4321" in text_of(one).translate({44: "", 46: ""})
    ]
    assert LANGUAGES[language] in text_of(row)


def test_the_unit_is_shown_as_text(admin: Browser) -> None:
    page = Page(
        admin.request("GET", f"{REPORT}?unit=%3Cb%3EC%C3%B4ng%20an%3C/b%3E%20%26%20%22x%22")
    )
    assert MARKUP in text_of(page.find(".//p[@class='issuer']"))


def test_another_language_is_of_the_same_period(admin: Browser) -> None:
    year = day_of(time.time()).year
    page = admin.open(f"{REPORT}?preset=15-november&year={year}&lang=vi")
    (other,) = page.all(".//a[@hreflang='en']")
    assert f"15/11/{year - 1}" in admin.open(other.get("href")).html


def test_the_table_begins_no_formula(admin: Browser) -> None:
    """Nor has it zeros where nothing was kept."""
    today = day_of(time.time())
    first = today - timedelta(days=90)
    answer = admin.request("GET", f"{REPORT}.csv?from={first}&to={today}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.body.decode(), newline="")))
    assert not [cell for row in rows for cell in row.values() if cell[:1] in "=+-@" and cell]
    (mine,) = [row for row in rows if row["measure"] == "entries_added" and FORMULA in row["name"]]
    assert (mine["name"], mine["count"], mine["year_before"]) == (f"'{FORMULA}", "10", "")
    assert date.fromisoformat(mine["counted_from"]) == today - timedelta(days=60)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("preset=1-april", "bad_period"),
        ("preset=5-june&year=x", "bad_period"),
        ("preset=5-june&year=20260", "bad_period"),
        ("from=2026-02-30", "bad_period"),
        ("from=2026-03-02&to=2026-03-01", "bad_period"),
        ("from=2024-03-02&to=2026-03-01", "bad_period"),
        ("from=9998-01-01&to=9999-01-01", "bad_period"),
        ("to=2026-03-01", "bad_period"),
        ("from=0001-01-01&to=0001-01-02", "bad_period"),
        ("value=x", "unknown_parameter"),
    ],
)
def test_what_is_no_period_is_refused(told, key_of, query: str, reason: str) -> None:
    headers = {"Authorization": f"Bearer {key_of(told.data_dir, Scope.ADMIN)}"}
    told.request("GET", f"{REPORT}.csv?{query}", None, headers).problem(400, reason)

"""``/report`` and ``/dispute`` as a browser without JavaScript sees them, in both languages."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from blacklist.callers import Scope
from blacklist.model import Trust
from blacklist.store import disputes, reports, tellers
from blacklist.store.reports import Order
from blacklist.web.pages.language import translations
from blacklist.working_days import VIETNAM
from browsing import FORM, MARKUP, Browser, Page, text_of
from own_store import reading

ACCOUNT = "0000000000001"
"""The sample lists it at Vietcombank (970436)."""


@pytest.fixture(scope="module")
def own(module_service) -> Any:
    """A service whose queues are written to; one proxy of ours, so that a test is anywhere."""
    return module_service(BLACKLIST_TRUSTED_PROXIES="127.0.0.1")


class Citizen(Browser):
    """A browser at an address of its own."""

    last = 0

    def __init__(self, service: Any) -> None:
        super().__init__(service)
        Citizen.last += 1
        self.address = f"203.0.113.{Citizen.last}"

    def request(self, method: str, target: str, *rest: Any) -> Any:
        body, headers = (*rest, None, {})[:2] if rest else (None, {})
        return super().request(
            method, target, body, {**(headers or {}), "X-Forwarded-For": self.address}
        )


@pytest.fixture
def citizen(own) -> Citizen:
    return Citizen(own)


@pytest.fixture
def cases(own) -> Callable[[str], list[Any]]:
    """The open cases of reports about a value."""

    def found(value: str) -> list[Any]:
        with reading(own.data_dir) as client:
            return [
                one
                for one in reports.page(client, Order.NEWEST, 0, 500)
                if one.identifier.value == value
            ]

    return found


@pytest.fixture
def disputed(own) -> Callable[[str], list[Any]]:
    """The open disputes of a value."""

    def found(value: str) -> list[Any]:
        with reading(own.data_dir) as client:
            known = disputes.read(client).values()
            return [one for one in known if one.identifier.value == value]

    return found


def report(browser: Browser, value: str, **more: str) -> Any:
    fields = {"value": value, "category": "phishing", **more}
    return browser.send(browser.open("/report"), "/report", **fields)


def dispute(browser: Browser, value: str, **more: str) -> Any:
    fields = {"value": value, "claim": "wrongly_listed", **more}
    return browser.send(browser.open("/dispute"), "/dispute", **fields)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_report_is_counted_and_the_browser_sent_on(citizen, cases, language: str) -> None:
    """Reloading what comes then sends nothing; what one report does is said before and after."""
    value = f"told-{language}.example"
    form = citizen.open(f"/report?lang={language}")
    assert form.language == language
    said = "One report lists nothing by itself, and you need not send it again: it counts once."
    answer = report(citizen, value, note="Giả danh ngân hàng")
    assert (answer.status, answer.headers["location"]) == (303, "/report/received")
    page = citizen.open("/report/received")
    assert (said if language == "en" else translations("vi").ugettext(said)) in page.html
    (case,) = cases(value)
    assert (case.citizens, case.notes) == (1, ("Giả danh ngân hàng",))
    assert case.categories == {"phishing": 1}


def test_sent_twice_it_counts_once_and_is_answered_the_same(citizen, own, cases) -> None:
    """A double click, a reload, or the form opened again; another person counts."""
    for _ in range(3):
        assert report(citizen, "twice.example").headers["location"] == "/report/received"
    (case,) = cases("twice.example")
    assert case.citizens == 1
    report(Citizen(own), "twice.example")
    assert cases("twice.example")[0].citizens == 2


def test_what_was_asked_goes_from_the_answer_into_the_form_and_into_no_address(citizen) -> None:
    page = citizen.ask(ACCOUNT, bank="VCB")
    form = Page(citizen.send(page, "/report/form"))
    assert form.status == 200
    assert form.by_id("value").get("value") == ACCOUNT
    chosen = [one.get("value") for one in form.all(".//option[@selected]")]
    assert chosen == ["account", form.find(".//select[@id='bank']/option[@selected]").get("value")]
    assert ACCOUNT not in "".join(one.get("action", "") for one in form.all(".//form"))
    (button,) = page.all(".//button[@formaction='/dispute/form']")
    assert text_of(button)
    assert not citizen.ask("nothing-known.example").all(".//button[@formaction='/dispute/form']")


def test_the_language_is_changed_without_losing_what_was_typed(citizen) -> None:
    page = Page(citizen.send(citizen.open("/report"), "/report", value="x.example", note="ghi chú"))
    again = Page(
        citizen.request("POST", "/report/form", b"value=x.example&note=ghi+ch%C3%BA&lang=en", FORM)
    )
    assert (page.language, again.language) == ("vi", "en")
    assert again.by_id("value").get("value") == "x.example"
    assert text_of(again.by_id("note")) == "ghi chú"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"value": ""}, 400),
        ({"value": "what is this"}, 400),
        ({"value": "0912345678", "kind": ""}, 400),
        ({"kind": "ship"}, 400),
        ({"category": ""}, 400),
        ({"category": "ship"}, 400),
        ({"note": "x" * 501}, 400),
        ({"note": "số 4111 1111 1111 1111"}, 400),
        ({"value": "wikipedia.org"}, 422),
    ],
)
def test_what_is_wrong_is_said_on_the_form_and_nothing_is_lost(citizen, fields, status) -> None:
    sent = {"value": "wrong.example", "category": "phishing", "note": "còn đây", **fields}
    page = Page(citizen.send(citizen.open("/report"), "/report", **sent))
    assert page.status == status
    assert text_of(page.by_id("complaint"))
    assert page.by_id("value").get("value") == sent["value"]
    assert text_of(page.by_id("note")) == " ".join(sent["note"].split())


@pytest.mark.parametrize("form", ["/report", "/dispute"])
def test_markup_is_shown_as_text(citizen, form: str) -> None:
    fields = dict.fromkeys(("value", "kind", "bank", "category", "claim", "note", "once"), MARKUP)
    for action in (form, f"{form}/form"):
        page = Page(citizen.request("POST", action, _encoded(fields), FORM))
        assert "<script>alert" not in page.html
        assert "<img" not in page.html
        assert text_of(page.by_id("note")) == text_of_markup()


def test_an_address_that_told_enough_today_is_told_so_on_the_form(own) -> None:
    """The same bounds as those of the API: one network's, a day."""
    citizen = Citizen(own)
    most = 200
    for number in range(most):
        body = _encoded({"value": f"flood-{number}.example", "category": "phishing"})
        assert citizen.request("POST", "/report", body, FORM).status == 303
    page = Page(report(citizen, "flood-more.example", note="còn đây"))
    assert page.status == 429
    assert int(page.headers["retry-after"]) <= tellers.KEEP_SECONDS
    assert text_of(page.by_id("note")) == "còn đây"


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_dispute_tells_its_reference_and_both_deadlines(own, disputed, language: str) -> None:
    citizen = Citizen(own)
    citizen.open(f"/dispute?lang={language}")
    before = len(disputed(f"970436/{ACCOUNT}"))
    answer = dispute(
        citizen, ACCOUNT, kind="account", bank="VCB", contact="owner@shop.example", note=MARKUP
    )
    assert answer.status == 303, Page(answer).html
    place = answer.headers["location"]
    known = disputed(f"970436/{ACCOUNT}")
    assert len(known) == before + 1
    (opened,) = [one for one in known if place == f"/dispute/{one.reference}"]
    page = citizen.open(place)
    assert page.language == language
    assert opened.reference in text_of(page.by_id("main"))
    days = [text_of(one) for one in page.all(".//dl/div/dd")][2:]
    ends = (opened.answer_by, opened.act_by)
    last = [datetime.fromtimestamp(end - 1, VIETNAM).strftime("%-d") for end in ends]
    assert len(days) == 2
    for day, number in zip(days, last, strict=True):
        assert re.search(rf"\b{number}\b", day), "the last day, not the one after it"
    assert ACCOUNT not in page.html
    assert "<script>alert" not in page.html


def test_a_dispute_that_is_sent_twice_is_one(own, citizen, disputed) -> None:
    """The same form; the form opened anew is another dispute."""
    form = citizen.open("/dispute")
    fields = {"value": "vn-bank.example", "claim": "other"}
    first = citizen.send(form, "/dispute", **fields).headers["location"]
    assert citizen.send(form, "/dispute", **fields).headers["location"] == first
    assert len(disputed("vn-bank.example")) == 1
    # Whoever sees the form's text, and is somebody else, opens a dispute of his own.
    other = Citizen(own).send(form, "/dispute", **fields)
    assert other.headers["location"] != first
    assert citizen.send(citizen.open("/dispute"), "/dispute", **fields).status == 303
    assert len(disputed("vn-bank.example")) == 3


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"value": "not-listed.example"}, 409),
        ({"claim": ""}, 400),
        ({"contact": "x" * 201}, 400),
        ({"value": ACCOUNT, "kind": "account"}, 400),
        ({"note": "căn cước 001 099 012 345"}, 400),
    ],
)
def test_a_dispute_that_cannot_be_opened_is_explained(citizen, fields, status: int) -> None:
    page = Page(dispute(citizen, **{"value": "vn-bank.example", **fields}))
    assert page.status == status
    assert text_of(page.by_id("complaint"))


def test_a_reference_that_nobody_has_is_no_page(citizen) -> None:
    for place in ("D-0000000000000000", "x", "%3Cscript%3E"):
        assert citizen.open(f"/dispute/{place}").status == 404


@pytest.mark.parametrize("place", ["/report", "/dispute"])
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_sites_page_lets_no_visitor_report(own, cases, place: str, site: str) -> None:
    """Each visitor would be somebody else, so no bound of one teller would stop it."""
    body = _encoded({"value": "foreign.example", "category": "other", "claim": "other"})
    answer = Citizen(own).request("POST", place, body, FORM | {"Sec-Fetch-Site": site})
    assert Page(answer).status == 403
    assert not cases("foreign.example")


@pytest.mark.parametrize("place", ["/report", "/dispute", "/report/form", "/dispute/form"])
def test_another_sites_form_is_refused_for_who_is_signed_in(own, key_of, place: str) -> None:
    browser = Browser(own)
    browser.sign_in(key_of(own.data_dir, Scope.CHECK, Scope.REPORT, trust=Trust.PARTNER))
    body = _encoded({"value": "x.example", "category": "phishing"})
    assert Page(browser.request("POST", place, body, FORM)).status == 403
    assert browser.open(place.removesuffix("/form")).all(".//input[@name='csrf_token']")


def test_nobody_is_led_to_a_form_that_he_may_not_send(own, key_of) -> None:
    for told in ({"test": True}, {}):
        scopes = (Scope.CHECK, Scope.REPORT) if told else (Scope.CHECK,)
        browser = Browser(own)
        browser.sign_in(key_of(own.data_dir, *scopes, **told))
        page = browser.ask("vn-bank.example")
        assert not page.all(".//form[@action='/report/form']")
        assert not page.all(".//nav//a[@href='/report']")


def _encoded(fields: dict[str, str]) -> bytes:
    return urlencode(fields).encode()


def text_of_markup() -> str:
    return " ".join(MARKUP.split())

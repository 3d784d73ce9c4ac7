"""``/counter``: a teller without a mouse and without JavaScript, in both languages."""

import re
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from blacklist.callers import Scope
from blacklist.model import Level, Outcome
from blacklist.policies import WORDS
from blacklist.receipts import short_id
from blacklist.store import connect, outcomes
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.outcomes import Totals
from blacklist.web.pages.counter import ACTIONS, BANK_COOKIE, ENDINGS, KEYS
from blacklist.web.pages.language import translations
from browsing import FORM, MARKUP, Browser, Page, classes, text_of
from counter_field import changed, first_result

ACCOUNT, BANK = "0000000000001", "970436"
"""The sample lists it at Vietcombank."""

ASK, TELL, SHEET = "/counter", "/counter/outcome", "/counter/sheet"
TELLER = "Giao Dịch Viên Không Ai"
DAY_SECONDS = 86_400
MOST_BYTES = 60_000
TOLD: dict[str, Callable[[str], str]] = {"vi": translations("vi").ugettext, "en": str}


class Counter:
    """A teller's browser at the counter, and the page that it shows."""

    def __init__(self, service: Any, key: str, person: str = TELLER) -> None:
        self.browser = Browser(service)
        assert self.browser.sign_in(key, person).status == 303
        self.page = self.browser.open(ASK)

    def hidden(self) -> dict[str, str]:
        """What stands in the form unseen."""
        form = self.page.by_id("counter")
        found = (one for one in form.iter("input") if one.get("type") == "hidden")
        return {one.get("name", ""): one.get("value", "") for one in found}

    def send(self, path: str = ASK, **fields: str) -> Page:
        """Send the form by one of its buttons, and look at what comes."""
        body = urlencode(self.hidden() | {"bank": self.bank} | fields).encode()
        return Page(self.browser.request("POST", path, body, FORM))

    def go(self, path: str = ASK, **fields: str) -> Page:
        """Send the form, and go on with the page that comes."""
        self.page = self.send(path, **fields)
        return self.page

    @property
    def bank(self) -> str:
        chosen = [one for one in self.page.by_id("bank") if one.get("selected") is not None]
        return chosen[0].get("value", "") if chosen else ""

    @property
    def earlier(self) -> list[str]:
        return [text_of(one) for one in self.page.all(".//ol[@class='earlier']/li")]

    @property
    def receipt(self) -> str:
        return text_of(self.page.find(".//details[@class='receipt']//code"))


@pytest.fixture(scope="module")
def own(module_service, eventually) -> Any:
    """A service of its own, since outcomes are counted in it, whose templates are compiled."""
    service = module_service()

    def is_warm() -> bool:
        with suppress(OSError):
            return bool(Browser(service).open("/").status == 200)
        return False

    eventually(is_warm, 20)
    return service


@pytest.fixture(scope="module")
def key(own, key_of) -> str:
    return str(key_of(own.data_dir, Scope.CHECK, policy="pause"))


@pytest.fixture
def counter(own, key) -> Counter:
    return Counter(own, key)


@pytest.fixture(scope="module")
def test_key(own, key_of) -> str:
    return str(key_of(own.data_dir, Scope.CHECK, test=True, policy="three-levels"))


def totals(service: Any) -> dict[str, Totals]:
    client = connect.reader(EmbeddedServer(service.data_dir).url)
    today = int(time.time()) // DAY_SECONDS
    found = {word: one for (_, word), one in outcomes.read(client, [today]).items()}
    client.close()
    return found


def focused(page: Page) -> list[str]:
    return [one.get("id", "") for one in page.root.iter() if one.get("autofocus") is not None]


@pytest.mark.parametrize(
    ("method", "path"), [("GET", ASK), *(("POST", p) for p in (ASK, TELL, SHEET))]
)
def test_it_is_for_people_who_are_signed_in(own, key, method: str, path: str) -> None:
    """Neither for the public nor for a program with a key, which has no teller."""
    body = b"text=x" if method == "POST" else None
    page = Page(Browser(own).request(method, path, body, FORM if body else {}))
    assert page.status == 401
    assert page.find(".//main//a[@href='/signin']") is not None
    bearer = {"Authorization": f"Bearer {key}"}
    own.request(method, path, body, bearer | FORM).problem(401, "session_over")


def test_it_needs_the_scope_to_ask(own, key_of) -> None:
    """Whoever has it not does not see the way there either."""
    browser = Browser(own)
    browser.sign_in(key_of(own.data_dir, Scope.LIST))
    assert Page(browser.request("GET", ASK)).status == 403
    assert not browser.open().all(f".//nav//a[@href='{ASK}']")


def test_the_navigation_leads_there(counter: Counter) -> None:
    (entry,) = counter.page.all(f".//nav//a[@href='{ASK}']")
    assert entry.get("aria-current") == "page"


@pytest.mark.parametrize("path", [ASK, TELL, SHEET])
def test_a_form_without_the_sessions_token_is_refused(counter: Counter, path: str) -> None:
    counter.go(text=ACCOUNT, bank=BANK)
    for token in ("", "x" * 43):
        page = counter.send(path, csrf_token=token, outcome="stopped")
        assert page.status == 403


@pytest.mark.parametrize("language", ["vi", "en"])
def test_an_answer_says_what_to_do_and_waits_for_the_outcome(
    counter: Counter, language: str
) -> None:
    """State, what the policy says, who says so; the focus is where one key tells the outcome."""
    said = TOLD[language]
    page = counter.go(text=ACCOUNT, bank=BANK, lang=language)
    assert (page.status, page.language, page.state) == (200, language, "danger")
    todo = page.by_id("todo")
    assert classes(todo) == ["todo", "confirm"]
    assert said(ACTIONS["confirm"]) in text_of(todo)
    assert WORDS["confirm"][language == "en"] in text_of(todo)
    assert f"Vietcombank {ACCOUNT}" in page.answer
    assert said("Who says so") in page.answer
    assert "MAU-01/2026" in page.answer
    assert focused(page) == ["amount"]
    letters = [
        one.get("data-key", "") for one in page.all(".//*[@id='outcome']//button[@data-key]")
    ]
    assert letters == [one.lower() for one in KEYS[language].values()]
    assert len(set(letters)) == len(ENDINGS) + 1
    assert not set("0123456789., ") & set(letters), "they are typed in the amount"


def test_enter_is_never_an_outcome(counter: Counter) -> None:
    """A browser takes the first button of the form for Enter, in whatever field."""
    page = counter.go(text=ACCOUNT, bank=BANK)
    inside = list(page.by_id("counter").iter("button"))
    every = page.all(".//button")
    its_own = [one for one in every if one.get("form") == "counter" or one in inside]
    assert its_own[0].attrib == {"form": "counter", "hidden": ""}
    page = counter.go(text="", amount="1")
    assert not page.all(".//*[@id='answer']")
    assert focused(page) == ["text"]
    assert not text_of(page.by_id("complaint"))


def test_several_in_a_row_stay_in_view_the_newest_first(counter: Counter) -> None:
    names = [f"000000000077{number}" for number in range(3)]
    for name in names:
        counter.go(text=name, bank=BANK)
    assert names[2] in counter.page.answer
    assert [re.findall(r"\d{13}", one)[0] for one in counter.earlier] == names[1::-1]
    counter.go(text="")
    assert [re.findall(r"\d{13}", one)[0] for one in counter.earlier] == names[::-1]
    assert Page(counter.browser.request("GET", ASK)).all(".//ol[@class='earlier']") == []


def test_an_earlier_answer_is_shown_again_without_asking_again(counter: Counter) -> None:
    counter.go(text=ACCOUNT, bank=BANK)
    receipt = counter.receipt
    counter.go(text="0000000000777", bank=BANK)
    page = counter.go(open=short_id(receipt), text="")
    assert (page.state, counter.receipt) == ("danger", receipt)


def test_the_list_is_bounded(counter: Counter) -> None:
    for number in range(14):
        counter.go(text=f"00000000006{number:02}", bank=BANK)
    assert len(counter.earlier) == 11
    assert len(counter.page.html.encode()) < MOST_BYTES


def test_the_bank_is_remembered_and_not_put_beside_what_names_one(counter: Counter) -> None:
    counter.go(text=ACCOUNT, bank=BANK)
    assert counter.bank == BANK
    assert counter.browser.cookies[BANK_COOKIE] == BANK
    counter.page = counter.browser.open(ASK)
    assert counter.bank == BANK
    assert "Vietcombank 0000000000777" in counter.go(text="0000000000777").answer
    assert "ACB 0000000000777" in counter.go(text="ACB 0000000000777").answer
    assert counter.bank == BANK
    counter.go(text=ACCOUNT, bank="")
    assert BANK_COOKIE not in counter.browser.cookies


def test_a_bank_that_is_none_is_not_remembered(counter: Counter) -> None:
    counter.go(text=ACCOUNT, bank=MARKUP)
    assert BANK_COOKIE not in counter.browser.cookies
    counter.browser.cookies[BANK_COOKIE] = "nobody"
    assert Page(counter.browser.request("GET", ASK)).status == 200


@pytest.mark.parametrize("language", ["vi", "en"])
def test_each_outcome_is_counted_once(own, counter: Counter, language: str) -> None:
    """By one button; sending it again, as a double click or a reload does, changes nothing."""
    counter.go(lang=language)
    for word in ENDINGS:
        before = totals(own).get(word, Totals())
        counter.go(text=ACCOUNT, bank=BANK)
        for _ in range(3):
            page = counter.send(TELL, outcome=word, amount="5.000.000")
            assert page.status == 200
        counter.page = page
        after = totals(own)[word]
        assert (after.count - before.count, after.amount - before.amount) == (1, 5_000_000)
        (counted,) = page.all(".//p[@class='counted']")
        assert TOLD[language](ENDINGS[word]) in text_of(counted)
        assert TOLD[language](ENDINGS[word]) in counter.earlier[0]
        assert focused(page) == ["text"]


def test_an_outcome_can_be_put_right(own, counter: Counter) -> None:
    """The last word counts."""
    before = totals(own).get("stopped", Totals())
    counter.go(text=ACCOUNT, bank=BANK)
    row = short_id(counter.receipt)
    counter.go(TELL, outcome="held")
    page = counter.go(open=row, text="")
    (pressed,) = page.all(".//*[@id='outcome']//button[@aria-current]")
    assert pressed.get("value") == "held"
    counter.go(TELL, outcome="stopped", amount="1")
    assert totals(own)["stopped"].count == before.count + 1
    assert totals(own)["stopped"].amount == before.amount + 1
    assert len(counter.earlier) == 1


@pytest.mark.parametrize(
    ("text", "amount"),
    [("", 0), ("0", 0), (" 7 ", 7), ("1,234,567", 1_234_567), ("1 234", 1_234), ("10000", 10_000)],
)
def test_an_amount_is_read_as_it_is_written(own, counter, text: str, amount: int) -> None:
    before = totals(own).get("held", Totals())
    counter.go(text=ACCOUNT, bank=BANK)
    counter.go(TELL, outcome="held", amount=text)
    after = totals(own)["held"]
    assert (after.count - before.count, after.amount - before.amount) == (1, amount)


@pytest.mark.parametrize(
    "text", ["-1", "1.5", "1e6", "5tr", "12.34.567", "9" * 14, "9" * 24, MARKUP, "٣"]
)
def test_an_amount_that_is_none_is_said_to_be_none(own, counter: Counter, text: str) -> None:
    """Nothing is counted, and what was typed stays to be put right."""
    before = totals(own)
    counter.go(text=ACCOUNT, bank=BANK)
    page = counter.go(TELL, outcome="stopped", amount=text)
    assert text_of(page.by_id("wrong"))
    assert (page.by_id("amount").get("value"), page.state) == (text, "danger")
    assert totals(own) == before


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_sheet_has_all_that_is_signed(counter: Counter, language: str) -> None:
    """The account masked, verdict, who says so, receipt, time, teller, and a place to sign."""
    counter.go(text=ACCOUNT, bank=BANK)
    row = short_id(counter.receipt)
    page = counter.send(SHEET, sheet=row, sheet_lang=language)
    assert page.language == language
    sheet = text_of(page.find(".//article"))
    said = TOLD[language]
    for text in (
        "Vietcombank •••••••••0001",
        said("Danger"),
        "MAU-01/2026",
        row,
        TELLER,
        said("Customer"),
        said("I do not make this transfer."),
        counter.receipt,
    ):
        assert text in sheet
    assert ACCOUNT not in page.html
    (moment,) = re.findall(r"\d\d:\d\d:\d\d, \d+/\d+/\d{4}", sheet)
    datetime.strptime(moment, "%H:%M:%S, %d/%m/%Y")  # noqa: DTZ007 - only that it is a time
    assert counter.browser.open(ASK).language == "vi", "the customer's language is not the teller's"


def test_the_sheet_tells_amount_and_outcome_once_they_are_told(counter: Counter) -> None:
    counter.go(text=ACCOUNT, bank=BANK)
    row = short_id(counter.receipt)
    counter.go(TELL, outcome="stopped", amount="5000000")
    sheet = text_of(counter.send(SHEET, sheet=row).find(".//article"))
    assert "5.000.000 VND" in sheet
    assert TOLD["vi"](ENDINGS["stopped"]) in sheet


def test_what_is_printed_proves_itself(own, key, counter: Counter) -> None:
    """The token on the sheet is genuine and speaks of the account, for whoever knows it."""
    counter.go(text=ACCOUNT, bank=BANK)
    sheet = counter.send(SHEET, sheet=short_id(counter.receipt))
    token = text_of(sheet.find(".//*[@class='token']/code"))
    item = {"value": ACCOUNT, "kind": "account", "bank": BANK}
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    body = msgspec.json.encode({"receipt": token, "items": [item]})
    told = own.request("POST", "/v1/receipts/verify", body, headers).json()
    assert told["genuine"]
    assert told["id"] in text_of(sheet.find(".//article"))
    assert told["items"] == [{"speaks": True, "result": 0}]


def test_an_answer_that_was_changed_is_none(counter: Counter) -> None:
    """No sheet says "nothing known" of what was listed, or speaks of another account."""
    counter.go(text=ACCOUNT, bank=BANK)
    row, rows = short_id(counter.receipt), counter.hidden()["rows"]
    other = first_result(rows).identifiers[0]
    forged = [
        changed(rows, verdict=Outcome.NO_RECORD, level=Level.NONE),
        changed(rows, identifiers=()),
        changed(rows, identifiers=(msgspec.structs.replace(other, value="970436/0000000000777"),)),
        "",
        MARKUP,
    ]
    for field in forged:
        page = counter.send(SHEET, rows=field, sheet=row)
        assert not page.all(".//article")
        assert page.by_id("counter") is not None
    assert counter.send(SHEET, sheet=row).all(".//article")


def test_another_keys_answers_are_none_of_ours(own, key_of, counter: Counter) -> None:
    other = Counter(own, key_of(own.data_dir, Scope.CHECK))
    other.go(text=ACCOUNT, bank=BANK)
    page = counter.send(SHEET, rows=other.hidden()["rows"], sheet=short_id(other.receipt))
    assert not page.all(".//article")


def test_markup_is_shown_as_text(counter: Counter) -> None:
    """In what is asked, told and forged, and in what a listing says of itself."""
    page = counter.go(text=MARKUP, bank=BANK)
    assert page.state == "not_understood"
    assert page.by_id("text").get("value") == MARKUP
    counter.go(text=ACCOUNT, bank=BANK)
    (match,) = first_result(counter.hidden()["rows"]).matches
    match = msgspec.structs.replace(match, title=MARKUP, reference=MARKUP, note=MARKUP)
    rows = changed(counter.hidden()["rows"], matches=(match,))
    pages = [
        counter.send(rows=rows, open=short_id(counter.receipt), text=""),
        counter.send(SHEET, rows=rows, sheet=short_id(counter.receipt)),
        counter.send(TELL, outcome=MARKUP, amount=MARKUP),
    ]
    for one in (page, *pages):
        assert not one.all(".//img")
        assert all(script.get("src", "").startswith("/static/") for script in one.all(".//script"))
    assert all(MARKUP in text_of(one.root) for one in pages[:2])


def test_a_tellers_name_is_shown_as_text(own, key) -> None:
    counter = Counter(own, key, person=MARKUP[:60])
    counter.go(text=ACCOUNT, bank=BANK)
    page = counter.send(SHEET, sheet=short_id(counter.receipt))
    assert MARKUP[:60] in text_of(page.find(".//article"))
    assert not page.all(".//img")


@pytest.mark.parametrize("text", ["", "  "])
def test_nothing_is_no_question(counter: Counter, text: str) -> None:
    page = counter.go(text=text)
    assert text_of(page.by_id("complaint"))
    assert not page.all(".//*[@id='answer']")


@pytest.mark.parametrize(
    ("text", "state", "action"),
    [
        ("0000000000901", "danger", "block"),
        ("0000000000902", "warning", "confirm"),
        ("0000000000930", "caution", "inform"),
        ("0000000000904", "official", "allow"),
        ("0000000000905", "cleared", "allow"),
        ("0000000000909", "nothing_known", "allow"),
    ],
)
def test_every_verdict_shows_what_the_policy_says(own, test_key, text, state, action) -> None:
    """A test key's answers are said to be made up, and its outcomes are not counted."""
    counter, before = Counter(own, test_key), totals(own)
    page = counter.go(text=text, bank=BANK)
    assert (page.state, classes(page.by_id("todo"))) == (state, ["todo", action])
    assert "Khóa dùng thử" in text_of(page.root)
    sheet = counter.send(SHEET, sheet=short_id(counter.receipt))
    assert sheet.all(".//*[@class='trial']")
    assert counter.go(TELL, outcome="stopped", amount="1").status == 200
    assert totals(own) == before


def test_what_could_not_be_checked_never_reads_as_no_objection(own, key_of) -> None:
    """The policy allows what no list has; here no real list was looked at."""
    counter = Counter(own, key_of(own.data_dir, Scope.CHECK, policy="warn"))
    page = counter.go(text="0000000000777", bank=BANK)
    assert (page.state, classes(page.by_id("todo"))) == ("could_not_check", ["todo", "inform"])
    assert WORDS["allow"][0] not in page.answer
    assert WORDS["allow"][0] not in text_of(
        counter.send(SHEET, sheet=short_id(counter.receipt)).find(".//article")
    )


@pytest.mark.parametrize(
    ("text", "status", "state"),
    [("0000000000906", 503, "could_not_check"), ("nonsense nonsense", 200, "not_understood")],
)
def test_what_is_no_answer_has_no_outcome_and_no_sheet(
    own, test_key, text: str, status: int, state: str
) -> None:
    """The answers before stay, and what was typed, to be asked again."""
    counter = Counter(own, test_key)
    counter.go(text="0000000000901", bank=BANK)
    page = counter.go(text=text, bank=BANK)
    assert (page.status, page.state) == (status, state)
    assert page.by_id("text").get("value") == text
    assert not page.all(".//*[@id='outcome']")
    assert len(counter.earlier) == 1


def test_when_nobody_can_look_the_page_says_so(own, test_key) -> None:
    page = Counter(own, test_key).go(text="0000000000908", bank=BANK)
    assert (page.status, page.state) == (503, "could_not_check")

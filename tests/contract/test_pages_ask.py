"""The page at ``/``, as a browser without JavaScript sees it: box, answer, both languages."""

import json
import time
from collections.abc import Callable
from io import BytesIO
from urllib.parse import urlencode

import pytest
from PIL import Image

from blacklist.callers import Scope
from blacklist.web.pages.language import translations
from blacklist.web.pages.page import POLICY
from browsing import FORM, HTML, MARKUP, VERDICTS, Browser, Page, classes, text_of
from codes import qr_picture
from servers import pause_server

ACCOUNT = "0000000000001"
"""The sample lists it at Vietcombank (970436)."""

VIETQR = (
    "00020101021138570010A00000072701270006970403011300110123456780208QRIBFTTA53037045802VN63049E6F"
)
CARD = "4111111111111111"
MOST_BYTES = 60_000
FIRST_ANSWER_SECONDS = 0.1


@pytest.fixture
def browser(service) -> Browser:
    return Browser(service)


@pytest.fixture(scope="module")
def tester(service, key_of) -> Callable[[], Browser]:
    """Sign in with a test key, whose fixed answers have every verdict."""
    key = key_of(service.data_dir, Scope.CHECK, test=True)

    def sign_in() -> Browser:
        browser = Browser(service)
        assert browser.sign_in(key).status == 303
        return browser

    return sign_in


def english(text: str) -> str:
    return text


def vietnamese(text: str) -> str:
    return str(translations("vi").ugettext(text))


TOLD = {"vi": vietnamese, "en": english}


def test_a_browser_sees_one_box_in_vietnamese(browser: Browser) -> None:
    page = browser.open()
    assert (page.status, page.language) == (200, "vi")
    assert len(page.all(".//textarea")) == 1
    assert text_of(page.find(".//h1")) == "Có phải lừa đảo không?"
    assert page.find(".//label[@for='text']") is not None
    assert page.headers["content-security-policy"] == POLICY


def test_a_program_is_pointed_to_the_api(service) -> None:
    """Whoever does not name HTML, as curl and clients, gets what he always got."""
    for headers in ({}, {"Accept": "*/*"}, {"Accept": "application/json"}):
        answer = service.request("GET", "/", None, headers)
        assert answer.headers["content-type"] == "application/json"
        assert answer.json()["check"].startswith("/v1/check")


def test_the_policy_allows_nothing_inline_and_nobody_else(browser: Browser) -> None:
    page = browser.ask(MARKUP)
    policy = dict(
        part.split(" ", 1) for part in page.headers["content-security-policy"].split("; ")
    )
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in page.headers["content-security-policy"]
    for element in page.root.iter():
        assert not [name for name in element.attrib if name.startswith("on") or name == "style"]
        assert element.tag != "style"
    for script in page.all(".//script"):
        assert script.get("src", "").startswith("/static/")
        assert not text_of(script)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    ("text", "state", "word"),
    [*VERDICTS, (CARD, "not_understood", "Not understood")],
)
def test_every_state_has_its_word_its_shape_and_what_to_do(
    tester, language: str, text: str, state: str, word: str
) -> None:
    """None is told by its colour alone, and none looks like another."""
    page = tester().ask(text, lang=language)
    assert page.status == (503 if state == "could_not_check" else 200)
    assert (page.language, page.state, page.verdict) == (language, state, TOLD[language](word))
    banner = next(one for one in page.by_id("answer").iter("div") if "state" in classes(one))
    assert banner.find(".//svg/*") is not None
    assert TOLD[language]("What to do now") in page.answer
    for event in ("I already sent money", "I gave a code or a password", "I installed an app"):
        assert TOLD[language](event) in [text_of(one) for one in page.all(".//summary")]


def test_each_shape_is_another_one(tester) -> None:
    browser = tester()
    shapes = set()
    texts = ("danger", "warning", "clean", "official", "cleared", "unavailable")
    for name in texts:
        page = browser.ask(f"{name}.example")
        shapes.add(tuple(one.get("d") for one in page.by_id("answer").find(".//svg") or ()))
    assert len(shapes) == len(texts)


@pytest.mark.parametrize(("language", "hedge"), [("vi", "an toàn"), ("en", "safe")])
def test_nothing_known_says_that_it_is_no_guarantee(tester, language: str, hedge: str) -> None:
    page = tester().ask("clean.example", lang=language)
    assert hedge in page.answer
    assert (
        TOLD[language]("This is not a guarantee: new numbers, accounts and links appear every day.")
        in page.answer
    )
    assert any("113" in one.get("href", "") for one in page.all(".//a"))


def test_over_no_lists_nothing_was_checked(browser: Browser) -> None:
    """The sample stands for no list: what it does not have was not looked up anywhere."""
    page = browser.ask("clean.example", lang="en")
    assert page.state == "could_not_check"
    assert "No real list of this kind is loaded here yet." in page.answer


def test_why_is_told_with_source_day_match_and_reference(browser: Browser) -> None:
    page = browser.ask(f"{ACCOUNT} Vietcombank", lang="en")
    assert page.state == "danger"
    for told in ("Sample of mule accounts", "an authority", "August 2, 2026", "exactly this"):
        assert told in page.answer
    assert "MAU-01/2026" in page.answer
    assert "Account that takes in money from fraud" in page.answer


def test_a_bank_is_asked_for_and_decides(browser: Browser) -> None:
    """The form in the answer holds the number, and the bank that is chosen stays chosen."""
    page = browser.ask(ACCOUNT, lang="en")
    assert page.state == "warning"
    form = next(one for one in page.all(".//form") if "which-bank" in classes(one))
    assert form.find(".//input[@name='text']").get("value") == ACCOUNT
    assert len(form.findall(".//option")) > 50
    there = browser.ask(ACCOUNT, bank="970436")
    assert there.state == "danger"
    assert there.find(".//*[@id='bank']/option[@selected]").get("value") == "970436"
    assert "hidden" not in there.by_id("bank-field").attrib
    assert browser.ask(ACCOUNT, bank="970416", lang="en").state == "caution"


@pytest.mark.parametrize(
    ("text", "why"),
    [("com.vn", "Anybody has a site under this suffix"), ("a@mail.example", "an e-mail address")],
)
def test_why_a_thing_cannot_be_looked_up_is_told(browser: Browser, text: str, why: str) -> None:
    page = browser.ask(text, lang="en")
    assert page.state == "not_understood"
    assert why in page.answer


def test_a_bank_left_chosen_does_not_spoil_a_link(browser: Browser) -> None:
    assert browser.ask("vn-bank.example", bank="970436").state == "warning"


def test_a_message_is_shown_with_its_places_marked(browser: Browser) -> None:
    """Each thing once has its line, each place its mark."""
    text = (
        f"Chuyển vào STK {ACCOUNT} VCB\r\nxem vn-bank.example hoặc vn-bank.example, gọi 0912345678"
    )
    page = browser.ask(text, lang="en")
    assert page.state == "danger"
    marks = page.all(".//mark")
    assert [classes(one)[0] for one in marks] == ["danger", "warning", "warning", "could_not_check"]
    links = [one.find("a").get("href") for one in marks]
    assert links == ["#found-1", "#found-2", "#found-2", "#found-3"]
    lines = page.find(".//ol[@class='found']")
    assert [one.get("id") for one in lines] == ["found-1", "found-2", "found-3"]
    assert "".join(page.find(".//textarea").itertext()).strip("\n") == text.replace("\r", "")


def test_what_is_listed_in_a_message_is_not_lost_behind_the_first_thing(browser: Browser) -> None:
    """A text that begins with a number is no number only."""
    assert browser.ask("0912345678 vn-bank.example").state == "warning"
    assert browser.ask(f"0912345678\n{ACCOUNT} VCB").state == "danger"


def test_the_number_of_a_card_does_not_come_back(browser: Browser) -> None:
    for text in (CARD, f"the {CARD}, xem vn-bank.example"):
        page = browser.ask(text)
        assert CARD not in page.html
    assert "•" * len(CARD) in page.html


@pytest.mark.parametrize(
    "text",
    [
        MARKUP,
        f"vn-bank.example {MARKUP}",
        f"{MARKUP} STK {ACCOUNT} VCB và vn-bank.example/{MARKUP}",
        "{{ 7 * 7 }} %(name)s {% raw %}",
    ],
)
@pytest.mark.parametrize("field", ["text", "bank", "lang"])
def test_markup_is_shown_as_text(browser: Browser, field: str, text: str) -> None:
    """Wherever it comes in, no element comes of it."""
    fields = {"text": "vn-bank.example", field: text}
    page = Page(browser.request("POST", "/", urlencode(fields).encode(), FORM))
    assert page.status == 200
    assert "<script>alert" not in page.html
    assert not page.all(".//img")
    assert not page.all(".//*[@onerror]")
    assert len(page.all(".//script")) == 1
    assert "49" not in page.answer
    if field == "text":
        assert "".join(page.find(".//textarea").itertext()).strip("\n") == text


def test_markup_of_a_listing_is_shown_as_text(
    service, key_of, start_service, run, quick_data_dir
) -> None:
    """A feed's title, note and reference are what somebody else wrote."""
    source = quick_data_dir / "list.csv"
    source.write_text(
        "link,reference,note\nmarked.example,<i>7</i>/CA,<script>alert(1)</script> & co\n", "utf-8"
    )
    done = run(quick_data_dir, "load", str(source), "--source", "marked", "--kind", "link")
    assert done.returncode == 0, done.stderr
    page = Browser(start_service(quick_data_dir)).ask("marked.example")
    assert page.state == "warning"
    assert "<script>alert" not in page.html
    assert not page.all(".//i")
    assert "alert(1)" in page.answer


def test_the_lines_of_the_official_directory_are_shown(
    start_service, run, quick_data_dir, eventually
) -> None:
    """With the steps for who has sent money; the operator's word comes before what we know."""
    directory = quick_data_dir / "official.csv"
    directory.write_text(
        "institution,kind,value,bank,hotline\nVietcombank,link,official.example,,1900 0000\n",
        "utf-8",
    )
    assert run(quick_data_dir, "official", "load", str(directory)).returncode == 0
    browser = Browser(start_service(quick_data_dir))

    def is_shown() -> bool:
        return "tel:19000000" in browser.open().html

    eventually(is_shown, 10)
    steps = browser.open()
    assert "tel:1900545413" not in steps.html
    assert browser.ask("official.example").state == "official"


def test_a_picture_of_a_code_is_read_and_asked(browser: Browser) -> None:
    page = send_picture(browser, qr_picture(VIETQR))
    assert VIETQR in "".join(page.find(".//textarea").itertext())
    assert "Sacombank" in page.answer
    both = send_picture(browser, qr_picture("https://vn-bank.example/x"), text="0912345678")
    assert both.state == "warning"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_pictures_of_each_format_are_read(browser: Browser, kind: str) -> None:
    page = send_picture(browser, qr_picture("vn-bank.example", kind=kind))
    assert page.state == "warning"


def test_a_picture_that_is_none_is_said_to_be_none(browser: Browser) -> None:
    """And what is too large to be unpacked; the text beside it is not lost."""
    bomb = BytesIO()
    Image.new("1", (12_000, 12_000)).save(bomb, "PNG")
    for picture in (b"GIF89a nonsense", qr_picture("x")[:200], bomb.getvalue()):
        page = send_picture(browser, picture, text="0912345678")
        assert text_of(page.by_id("complaint")) == vietnamese(
            "This file is no picture that can be read here. Choose a JPEG or PNG file."
        )
        assert "0912345678" in "".join(page.find(".//textarea").itertext())
    blank = BytesIO()
    Image.new("L", (300, 300), 255).save(blank, "PNG")
    page = send_picture(browser, blank.getvalue())
    assert vietnamese(
        "No code can be read in this picture. Take it from nearer, or type the number."
    ) == text_of(page.by_id("complaint"))


def test_an_empty_box_is_no_question(browser: Browser) -> None:
    for text in ("", " \n\t"):
        page = browser.ask(text)
        assert text_of(page.by_id("complaint"))
        assert not page.all(".//*[@id='verdict']")


def test_the_language_is_chosen_and_remembered(browser: Browser) -> None:
    """By a link, or beside an answer by its form, so that the answer stays."""
    assert browser.open("/?lang=en").language == "en"
    assert browser.open().language == "en"
    assert browser.cookies == {"lang": "en"}
    assert browser.open("/?lang=xx").language == "en"
    page = browser.ask("vn-bank.example")
    assert [one.get("value") for one in page.all(".//button[@name='lang']")] == ["vi", "en"]
    again = browser.ask("vn-bank.example", lang="vi")
    assert (again.language, again.state) == ("vi", "warning")
    assert browser.open().language == "vi"


def test_what_a_browser_says_of_languages_is_not_looked_at(browser: Browser) -> None:
    answer = browser.request("GET", "/", None, {"Accept-Language": "en-US,en;q=0.9"})
    assert Page(answer).language == "vi"


def test_whoever_is_limited_is_told_whom_to_call(module_service) -> None:
    """On a page, never an empty answer, and never "nothing known"."""
    service = module_service(BLACKLIST_PUBLIC_PER_MINUTE="2", BLACKLIST_WORKERS="1")
    browser = Browser(service)
    answers = [
        browser.request("POST", "/", urlencode({"text": "vn-bank.example"}).encode(), FORM)
        for _ in range(3)
    ]
    assert [one.status for one in answers] == [200, 200, 429]
    page = Page(answers[-1])
    assert page.state == "could_not_check"
    assert "113" in page.answer
    assert page.headers["retry-after"]
    assert page.headers["content-security-policy"] == POLICY


@pytest.fixture(scope="module")
def away(module_service, key_of, eventually) -> Browser:
    """The browser of somebody who signed in before the store of his service stood still."""
    service = module_service()
    browser = Browser(service)
    browser.sign_in(key_of(service.data_dir, Scope.CHECK))
    pause_server(service.data_dir)
    eventually(lambda: service.request("GET", "/readyz").status == 503, 10)
    return browser


def test_with_the_store_gone_nothing_was_checked(away: Browser) -> None:
    """A page with a status of its own, in both languages, and never "nothing known"."""
    browser = Browser(away.service)
    for language in ("vi", "en"):
        for text in ("vn-bank.example", f"STK {ACCOUNT} VCB, vn-bank.example"):
            page = browser.ask(text, lang=language)
            assert (page.status, page.state) == (503, "could_not_check")
            assert TOLD[language]("Nothing known") not in page.answer


def test_with_the_store_gone_a_form_can_be_sent_again_as_it_was(away: Browser) -> None:
    """From the page that refuses it, by who is signed in; a key is in no page."""
    sent = {"csrf_token": "as it came", "text": f"{MARKUP}\n2"}
    page = Page(away.request("POST", "/", urlencode(sent).encode(), FORM))
    assert (page.status, page.state) == (503, "could_not_check")
    (form,) = page.all(".//main/form")
    assert (form.get("method"), form.get("action")) == ("post", "/")
    assert {one.get("name"): one.get("value") for one in form.iter("input")} == sent
    page = Page(Browser(away.service).sign_in("bl_nobodys"))
    assert page.status == 503
    assert not page.all(".//main/form")
    assert "bl_nobodys" not in page.html


def test_other_mistakes_are_pages_for_people_and_documents_for_programs(service, browser) -> None:
    page = browser.open("/nowhere")
    assert page.status == 404
    assert page.headers["content-security-policy"] == POLICY
    service.request("GET", "/nowhere").problem(404, "not_found")
    body = urlencode({"text": "đ" * 20_001}).encode()
    assert Page(browser.request("POST", "/", body, FORM)).status == 413
    assert Page(browser.request("DELETE", "/")).status == 405
    body = json.dumps({"text": "x"}).encode()
    answer = service.request("POST", "/", body, {"Content-Type": "application/json"})
    answer.problem(415, "not_a_form")
    answer = browser.request("GET", "/v1/check?value=!")
    answer.problem(400)


def test_a_page_is_small_and_quick(browser: Browser) -> None:
    """All of it: the answer, style, script and icon; the best of some, as others work beside."""
    page = browser.ask(f"Chuyển vào STK {ACCOUNT} VCB, xem vn-bank.example, gọi 0912345678")
    total = len(page.html.encode())
    for one in [*page.all(".//link"), *page.all(".//script")]:
        asset = browser.request("GET", one.get("href") or one.get("src") or "")
        assert asset.status == 200
        assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
        total += len(asset.body)
    assert total < MOST_BYTES
    took = []
    for _ in range(5):
        began = time.monotonic()
        browser.request("POST", "/", urlencode({"text": "vn-bank.example"}).encode(), FORM)
        took.append(time.monotonic() - began)
    assert min(took) < FIRST_ANSWER_SECONDS


def test_an_old_address_of_a_file_is_not_kept(service) -> None:
    answer = service.request("GET", "/static/000000000000/page.css")
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    for target in ("/static/1/..%2f__init__.py", "/static/1/base.html", "/static/page.css"):
        service.request("GET", target).problem(404)


def send_picture(browser: Browser, picture: bytes, text: str = "") -> Page:
    edge = "edge7"
    body = (
        (
            f'--{edge}\r\nContent-Disposition: form-data; name="text"\r\n\r\n{text}\r\n'
            f'--{edge}\r\nContent-Disposition: form-data; name="picture"; filename="a"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        + picture
        + f"\r\n--{edge}--\r\n".encode()
    )
    headers = {"Content-Type": f"multipart/form-data; boundary={edge}", **HTML}
    return Page(browser.request("POST", "/", body, headers))

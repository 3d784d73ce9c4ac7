"""The authority's desk: a letter is shown, confirmed once, and withdrawn, without JavaScript."""

import re
import threading
import time
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from itertools import count
from typing import Any
from urllib.parse import urlencode

import docx
import msgspec
import openpyxl
import pytest

from blacklist import marks
from blacklist.callers import Scope
from blacklist.marks import Reason
from blacklist.model import Identifier, Kind, Trust
from blacklist.publish import Publisher
from blacklist.store import callers, connect, meta
from blacklist.store import drafts as stored
from blacklist.store.embedded import EmbeddedServer
from blacklist.web.pages.letter_form import FLAWS
from browsing import FORM, Browser, Page, text_of

DAY = "2023-02-17"
BOUNDARY = "----a-letter"
_numbers = count(1)


class Clerk(Browser):
    """A person at the desk, signed in with a key."""

    def __init__(self, service: Any, key: str, language: str = "en") -> None:
        super().__init__(service)
        assert self.sign_in(key).status == 303
        self.open(f"/?lang={language}")

    def send_letter(self, data: bytes, name: str = "letter.csv", **fields: str) -> Any:
        """Send the desk's form with a file."""
        token = self.open("/lists").find(".//form[@class='letter']/input").get("value") or ""
        told = {"csrf_token": token, "number": "1/CAT", "date": DAY, "category": "", **fields}
        parts = [f'name="{key}"\r\n\r\n{value}'.encode() for key, value in told.items()]
        parts.append(f'name="file"; filename="{name}"\r\n\r\n'.encode() + data)
        head = f"--{BOUNDARY}\r\nContent-Disposition: form-data; ".encode()
        body = b"".join(head + part + b"\r\n" for part in parts) + f"--{BOUNDARY}--".encode()
        form = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        return self.request("POST", "/lists", body, form)

    def shown(self, data: bytes, name: str = "letter.csv", **fields: str) -> Page:
        """The preview of a letter, to which the desk leads."""
        answer = self.send_letter(data, name, **fields)
        assert answer.status == 303, answer.body.decode()
        self.at = answer.headers["location"]
        return self.open(self.at)

    def confirm(self, page: Page, **fields: str) -> Page:
        """Confirm what is shown; the page that tells what was done."""
        answer = self.send(page, self.at, decision="confirm", **fields)
        assert (answer.status, answer.headers["location"]) == (303, self.at), answer.body.decode()
        return self.open(self.at)

    def post_withdrawal(self, token: str, number: str, **fields: str) -> Any:
        """Send a letter's form with these fields."""
        body = {"csrf_token": token, "number": number, "date": DAY, **fields}
        return self.request("POST", "/lists/letter", urlencode(body).encode(), FORM)

    def letter(self, number: str, more: str = "") -> Page:
        """The page of a letter."""
        return self.open(f"/lists/letter?number={number}&date={DAY}{more}")


@pytest.fixture(scope="module")
def desk(module_service) -> Any:
    return module_service()


@pytest.fixture(scope="module")
def key(desk, key_of) -> str:
    return key_of(desk.data_dir, Scope.LIST, Scope.CHECK, trust=Trust.AUTHORITY)


@pytest.fixture(params=["vi", "en"])
def clerk(desk, key, request) -> Clerk:
    return Clerk(desk, key, request.param)


@pytest.fixture
def english(desk, key) -> Clerk:
    return Clerk(desk, key)


@pytest.fixture
def number() -> str:
    return f"{next(_numbers)}/CAT-ANM"


@pytest.fixture(scope="module")
def publisher(desk) -> Any:
    client = connect.writer(EmbeddedServer(desk.data_dir).url)
    yield Publisher(client, meta.require(client))
    client.close()


@pytest.fixture
def clear_before(publisher) -> Callable[[str, int], None]:
    """Clear a link, so many days ago."""

    def clear_before(value: str, days: int) -> None:
        publisher.wall = lambda: time.time() - days * 86_400
        marks.clear(publisher, [Identifier(Kind.LINK, value)], Reason.SITE_CLEANED)
        publisher.wall = time.time

    return clear_before


def lines(*rows: str) -> bytes:
    return "".join(f"{row}\n" for row in rows).encode()


def links_of(number: str, amount: int = 1) -> list[str]:
    """Hosts that no other test lists."""
    return [f"l{one}-{number.partition('/')[0]}.example" for one in range(amount)]


def sheet(*rows: tuple[str, ...]) -> bytes:
    book, file = openpyxl.Workbook(), BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def document(*paragraphs: str) -> bytes:
    letter, file = docx.Document(), BytesIO()
    for text in paragraphs:
        letter.add_paragraph(text)
    letter.save(file)
    return file.getvalue()


def complaint_of(page: Page) -> str:
    return text_of(page.by_id("complaint"))


def verdict(desk: Any, value: str) -> str:
    found: str = desk.check(value)["verdict"]
    return found


def test_a_letter_is_shown_then_listed_once_confirmed(desk, clerk: Clerk, number: str) -> None:
    """Sums, rejected rows with their lines and reasons, and nothing listed before the word."""
    (link,) = links_of(number)
    page = clerk.shown(
        lines("domain,note", f"{link},shop", link.upper() + ",", "10.0.0.1,", ","),
        number=number,
        category="phishing",
    )
    assert page.language == clerk.cookies["lang"]
    sums = [text_of(cell) for cell in page.all(".//table[@class='sums']//td")]
    assert sums == ["4", "1", "1", "1", "1", "1"]
    (row,) = page.all(".//section[@aria-labelledby='rejected']//tbody/tr")
    line, text, why = map(text_of, row)
    assert (line, text) == ("4", "10.0.0.1")
    assert ("mạng nội bộ" if page.language == "vi" else "private") in why
    assert verdict(desk, link) == "no_record"
    done = clerk.confirm(page)
    assert "1" in text_of(done.by_id("done"))
    result = desk.check(link)
    assert (result["verdict"], result["level"]) == ("listed", "danger")
    assert result["matches"][0]["category"] == "phishing"
    listed = clerk.letter(number)
    assert link in listed.html
    assert number in clerk.open("/lists").html


@pytest.mark.parametrize("form", ["csv", "xlsx", "docx", "txt"])
def test_every_sort_of_file_is_read(desk, english: Clerk, number: str, form: str) -> None:
    (link,) = links_of(number)
    data = {
        "csv": lines("domain", link),
        "xlsx": sheet(("Website",), (link,)),
        "docx": document("Kính gửi các đơn vị", f"Website: {link}"),
        "txt": lines(link),
    }[form]
    page = english.shown(data, f"letter.{form}", number=number)
    english.confirm(page)
    assert verdict(desk, link) == "listed"


def test_what_may_not_be_shown_is_not(english: Clerk, number: str) -> None:
    """A card's number is rejected with its line, and its digits are on no page."""
    card = "4111111111111111"
    page = english.shown(lines("account,bank", f"{card},VCB"), number=number)
    assert card not in page.html
    (row,) = page.all(".//section[@aria-labelledby='rejected']//tbody/tr")
    assert text_of(row[0]) == "2"
    assert "not shown" in text_of(row[1])
    assert not page.all(".//button[@value='confirm']")


def test_markup_in_cells_is_text(english: Clerk, number: str) -> None:
    (link,) = links_of(number)
    evil = "<script>alert(1)</script>"
    page = english.shown(
        lines("domain,note", f"{link},{evil}", f"{evil},"), f"{evil}.csv", number=number
    )
    english.confirm(page)
    for one in (page, english.letter(number), english.open("/lists")):
        assert "<script>alert" not in one.html
    assert evil in text_of(page.find(".//main"))


def test_what_the_guard_holds_is_shown_and_waits(english: Clerk, desk, run, number: str) -> None:
    """What an institution published as its own is listed by no letter."""
    (link,) = links_of(number)
    page = english.shown(lines("domain", link, "vietcombank.com.vn"), number=number)
    assert "vietcombank.com.vn" in text_of(page.find(".//section[@aria-labelledby='rejected']"))
    english.confirm(page)
    assert verdict(desk, "vietcombank.com.vn") == "no_record"
    assert "vietcombank.com.vn" in run(desk.data_dir, "review").stdout


@pytest.mark.parametrize(
    "fields",
    [{"number": "none"}, {"date": "tomorrow"}, {"date": "2999-01-01"}, {"date": "1200-01-01"}],
)
def test_what_is_wrong_with_the_form_is_told(clerk: Clerk, fields: dict[str, str]) -> None:
    """What was typed stays; nothing is kept."""
    page = Page(clerk.send_letter(lines("domain", "x.example"), **fields))
    assert page.status == 400
    assert complaint_of(page)
    for name, value in fields.items():
        assert page.find(f".//input[@name='{name}']").get("value") == value


def bomb() -> bytes:
    """A zip of one file that unpacks to a thousand times its size."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("letter.csv", b"0" * (64 << 20))
    return file.getvalue()


def sheet_bomb() -> bytes:
    """A sheet one part of which says that it holds more than any letter does."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "")
        archive.writestr("xl/workbook.xml", b" " * (65 << 20))
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "make", "flaw"),
    [
        ("letter.pdf", lambda: b"%PDF-1.7 a scan", "picture"),
        ("letter.png", lambda: b"\x89PNG\r\n\x1a\n" + bytes(64), "picture"),
        ("letter.html", lambda: b"<!doctype html><p>Not a list", "web_page"),
        ("letter.xlsx", lambda: b"PK\x03\x04 broken", "damaged"),
        ("letter.zip", bomb, "too_long"),
        ("letter.xlsx", sheet_bomb, "too_long"),
    ],
    ids=["pdf", "picture", "web page", "broken", "zip bomb", "sheet bomb"],
)
def test_a_file_that_is_no_letter_is_refused(
    english: Clerk, name: str, make: Any, flaw: str
) -> None:
    """With what can be done about it, in a clerk's words and not in those of commands."""
    page = Page(english.send_letter(make(), name))
    assert page.status == 400
    assert "cannot be read as a letter" in complaint_of(page)
    assert complaint_of(page).endswith(FLAWS[flaw])


def test_no_file_and_one_too_large_are_refused(english: Clerk) -> None:
    assert "file first" in complaint_of(Page(english.send_letter(b"", "")))
    assert english.send_letter(b"0" * (10 << 20)).status == 413


def test_a_clearance_is_shown_and_ends_only_by_a_word(
    desk, english: Clerk, clear_before, number: str
) -> None:
    """Of the two only the one made on a day before the letter's may end."""
    old, young = links_of(number, 2)
    clear_before(old, 3)
    clear_before(young, 0)
    today = (date.today() - timedelta(days=1)).isoformat()  # noqa: DTZ011 - a day is near enough
    data = lines("domain", old, young)
    page = english.shown(data, number=number, date=today)
    told = text_of(page.find(".//section[@aria-labelledby='cleared']"))
    assert told.count("may end this") == 1
    assert told.count("cannot end it") == 1
    english.confirm(page)
    assert verdict(desk, old) == verdict(desk, young) == "cleared"
    page = english.shown(data, number=number, date=today)
    lift = page.find(".//input[@name='lift']").get("value")
    assert lift
    done = english.confirm(page, lift=lift)
    assert "Clearances ended" in text_of(done.by_id("done"))
    assert (verdict(desk, old), verdict(desk, young)) == ("listed", "cleared")


def test_a_clearance_that_was_not_shown_does_not_end(
    desk, english: Clerk, clear_before, number: str
) -> None:
    """One that came after the look: nothing is listed until somebody has seen it."""
    first, second = links_of(number, 2)
    clear_before(first, 900)
    page = english.shown(lines("domain", first, second), number=number, date="2025-11-17")
    lift = page.find(".//input[@name='lift']").get("value")
    clear_before(second, 900)
    answer = english.send(page, english.at, decision="confirm", lift=lift)
    again = Page(answer)
    assert again.status == 409
    assert "look again" in complaint_of(again)
    assert (verdict(desk, first), verdict(desk, second)) == ("cleared", "cleared")
    english.confirm(again, lift=again.find(".//input[@name='lift']").get("value") or "")
    assert (verdict(desk, first), verdict(desk, second)) == ("listed", "listed")


def test_a_word_said_twice_counts_once(desk, english: Clerk, key: str, number: str) -> None:
    """At one moment by two browsers, and again after the letter was withdrawn."""
    (link,) = links_of(number)
    page = english.shown(lines("domain", link), number=number)
    other = Clerk(desk, key)
    answers: list[Any] = []

    def say(browser: Browser, seen: Page) -> None:
        answers.append(browser.send(seen, english.at, decision="confirm"))

    pairs = [(english, page), (other, other.open(english.at))]
    threads = [threading.Thread(target=say, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.status for one in answers] in ([303, 303], [303, 503], [503, 303])
    withdraw_whole(english, number)
    assert english.send(page, english.at, decision="confirm").status == 303
    assert verdict(desk, link) == "no_record"


def withdraw_whole(clerk: Clerk, number: str) -> Page:
    token = clerk.letter(number).find(".//main//input[@name='csrf_token']").get("value") or ""
    answer = clerk.post_withdrawal(token, number, all="1", reason="mistyped")
    assert answer.status == 303
    return clerk.open(answer.headers["location"])


def test_a_letter_is_withdrawn_by_row_and_whole(desk, clerk: Clerk, number: str) -> None:
    first, second, third = links_of(number, 3)
    clerk.confirm(clerk.shown(lines("domain", first, second, third), number=number))
    token = clerk.letter(number).find(".//main//input[@name='csrf_token']").get("value") or ""
    for fields in ({"reason": "mistyped"}, {"row-1": f"link:{first}", "reason": " "}):
        page = Page(clerk.post_withdrawal(token, number, **fields))
        assert page.status == 400
        assert complaint_of(page)
    wrong = {"row-1": "link:never-listed.example", "reason": "mistyped"}
    assert Page(clerk.post_withdrawal(token, number, **wrong)).status == 400
    assert verdict(desk, first) == "listed"
    rows = {"row-1": f"link:{first}", "row-2": f"link:{second}", "reason": "<b>mistyped</b>"}
    answer = clerk.post_withdrawal(token, number, **rows)
    page = clerk.open(answer.headers["location"])
    assert "2" in text_of(page.by_id("done"))
    assert "<b>mistyped</b>" in text_of(page.find(".//table"))
    assert [verdict(desk, one) for one in (first, second, third)] == [
        "no_record",
        "no_record",
        "listed",
    ]
    page = withdraw_whole(clerk, number)
    assert not page.all(".//input[@type='checkbox']")
    assert verdict(desk, third) == "no_record"
    again = clerk.shown(lines("domain", first), number=number)
    assert not again.all(".//button[@value='confirm']")
    again = clerk.shown(lines("domain", first), number=number, again="1")
    clerk.confirm(again)
    assert verdict(desk, first) == "listed"


def test_rows_come_some_at_a_time(english: Clerk, number: str) -> None:
    """In the preview and in the letter, each thing once; a page that is none is the nearest."""
    wanted = set(links_of(number, 60))
    page = english.shown(lines("domain", *wanted), number=number)
    found = set()
    while True:
        found |= set(re.findall(r"l\d+-\d+\.example", page.html))
        after = page.all(".//*[@rel='next']")
        if not after:
            break
        page = english.open(after[0].get("href") or "")
    assert found == wanted
    english.confirm(page)
    pages = [english.letter(number, f"&page={one}") for one in (1, 2, 3, 99, "x")]
    seen = [set(re.findall(r"link:(l\d+-\d+\.example)", one.html)) for one in pages]
    assert [len(one) for one in seen] == [25, 25, 10, 10, 25]
    assert seen[0] | seen[1] | seen[2] == wanted


def test_a_form_without_the_sessions_token_is_refused(desk, english: Clerk, number: str) -> None:
    (link,) = links_of(number)
    page = english.shown(lines("domain", link), number=number)
    assert page.status == 200
    for target in ("/lists", "/lists/letter", english.at):
        assert english.request("POST", target, b"decision=confirm", FORM).status == 403
    assert verdict(desk, link) == "no_record"


@pytest.mark.parametrize("target", ["/lists", "/lists/letter", "/lists/drafts/0"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_only_keys_that_may_list_reach_the_desk(desk, key_of, method: str, target: str) -> None:
    """Each other scope, no key, and a test key, which changes nothing."""
    desk.request(method, target).problem(401, "no_key")
    others = [one for one in Scope if one is not Scope.LIST]
    for token in (key_of(desk.data_dir, *others), key_of(desk.data_dir, *Scope, test=True)):
        headers = {"Authorization": f"Bearer {token}"}
        desk.request(method, target, headers=headers).problem(403, "not_allowed")


def test_nobody_sees_or_confirms_anothers_letter(desk, english, key_of, number: str) -> None:
    """The address of a draft is no key to it, and a letter is found under one's own key only."""
    (link,) = links_of(number)
    english.shown(lines("domain", link), number=number)
    other = Clerk(desk, key_of(desk.data_dir, Scope.LIST, trust=Trust.AUTHORITY))
    page = other.open(english.at)
    assert page.status == 404
    token = page.find(".//form[@class='letter']/input").get("value") or ""
    body = f"decision=confirm&csrf_token={token}".encode()
    assert other.request("POST", english.at, body, FORM).status == 404
    assert verdict(desk, link) == "no_record"
    english.confirm(english.open(english.at))
    assert other.letter(number).status == 404


def test_a_partners_letter_waits_for_a_second_key(desk, key, key_of, number: str) -> None:
    """Nobody's own word is enough; another key that may list sees it, and decides."""
    (link,) = links_of(number)
    partner = Clerk(desk, key_of(desk.data_dir, Scope.LIST, trust=Trust.PARTNER))
    page = partner.shown(lines("domain", link), number=number)
    assert not page.all(".//button[@value='confirm']")
    assert Page(partner.send(page, partner.at, decision="confirm")).status == 409
    checker = Clerk(desk, key)
    assert checker.open(partner.at).status == 404
    assert partner.send(page, partner.at, decision="submit").status == 303
    assert Page(partner.send(page, partner.at, decision="confirm")).status == 409
    assert verdict(desk, link) == "no_record"
    (waiting,) = checker.open("/lists").all(".//section[@aria-labelledby='waiting']//a")
    checker.at = waiting.get("href") or ""
    done = checker.confirm(checker.open(checker.at))
    assert done.status == partner.open(partner.at).status == 200
    assert text_of(done.by_id("done"))
    match = desk.check(link)["matches"][0]
    assert (match["trust"], match["reference"]) == ("partner", None)
    assert link in partner.letter(number).html
    assert not checker.open("/lists").all(".//section[@aria-labelledby='waiting']")


def test_a_revoked_makers_letter_is_not_listed(desk, key, key_of, publisher, number: str) -> None:
    (link,) = links_of(number)
    partner = Clerk(desk, key_of(desk.data_dir, Scope.LIST, trust=Trust.PARTNER))
    partner.send(partner.shown(lines("domain", link), number=number), partner.at, decision="submit")
    checker = Clerk(desk, key)
    page = checker.open(partner.at)
    maker = re.findall(r"letters-([0-9a-f]{12})", "\n".join(map(str, drafts(publisher))))[-1]
    found = callers.read(publisher.client).by_id[maker]
    callers.write(publisher.client, msgspec.structs.replace(found, revoked=1))
    publisher.acknowledge()
    assert "revoked" in complaint_of(Page(checker.send(page, partner.at, decision="confirm")))
    assert checker.send(page, partner.at, decision="refuse").status == 303
    assert verdict(desk, link) == "no_record"


def drafts(publisher: Publisher) -> list[bytes]:
    """What the store holds of letters that wait."""
    return list(stored.read_all(publisher.client, now=0))


def test_what_was_kept_goes_by_itself(desk, english: Clerk, publisher, number: str) -> None:
    """Within 15 minutes; until then it outlives the process that read it."""
    (link,) = links_of(number)
    page = english.shown(lines("domain", link), number=number)
    name = f"bl:{{bl}}:draft:{english.at.rpartition('/')[2]}"
    assert 0 < publisher.client.ttl(name) <= 15 * 60
    desk.kill_worker()
    desk.wait_until_ready()
    assert english.open(english.at).status == 200
    publisher.client.expire(name, 0)
    gone = Page(english.send(page, english.at, decision="confirm"))
    assert gone.status == 404
    assert "15 minutes" in complaint_of(gone)
    assert verdict(desk, link) == "no_record"


def test_the_file_itself_is_not_kept(english: Clerk, publisher, desk, number: str) -> None:
    """Nor what was read of it, once it was applied or refused."""
    (link,) = links_of(number)
    page = english.shown(lines("domain,name", f"{link},Somebody Nobody"), number=number)
    name = f"bl:{{bl}}:draft:{english.at.rpartition('/')[2]}"
    english.confirm(page)
    assert publisher.client.hkeys(name) == [b"about"]
    refused = english.shown(lines("domain", "never.example"), number="9999/CAT")
    name = f"bl:{{bl}}:draft:{english.at.rpartition('/')[2]}"
    assert english.send(refused, english.at, decision="refuse").status == 303
    assert not publisher.client.exists(name)
    assert verdict(desk, "never.example") == "no_record"


def test_too_many_letters_do_not_wait(desk, key_of) -> None:
    clerk = Clerk(desk, key_of(desk.data_dir, Scope.LIST, trust=Trust.AUTHORITY))
    answers = [clerk.send_letter(lines("domain", "x.example")) for _ in range(21)]
    assert [one.status for one in answers] == [303] * 20 + [503]
    assert "Too many letters wait" in complaint_of(Page(answers[-1]))

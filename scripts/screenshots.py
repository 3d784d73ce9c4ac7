"""Take the pictures of docs/screenshots/: the pages and their main states as people see them.

Over a throw-away store with invented lists (``invented_history.py``); answers are the fixed ones of
a test key, which name nobody. A picture has 256 colours, which a page of plain areas does not show
and which makes it a third as large.
"""

import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Final

import chromium
import invented_history
import msgspec
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, ViewportSize
from throwaway_service import SMALL_BITS, started_service, temporary_store

from blacklist.callers import Scope, mint
from blacklist.model import Trust
from blacklist.publish import Publisher
from blacklist.store import callers
from blacklist.store.tallies import day_of

FOLDER: Final = Path(__file__).parents[1] / "docs" / "screenshots"
MOST_BYTES: Final = 150_000

PHONE: Final[ViewportSize] = {"width": 360, "height": 740}
DESK: Final[ViewportSize] = {"width": 1000, "height": 900}
TALL: Final[ViewportSize] = {"width": 1000, "height": 1500}

MESSAGES: Final = {
    "vi": "Công an báo: chuyển vào STK 0000000000901 VCB, xem warning.example, gọi +44 7700 900931",
    "en": "Police: send money to 0000000000901 VCB, see warning.example, call +44 7700 900931",
}
NOTES: Final = {
    "vi": "Tự xưng công an, bảo chuyển tiền để “xác minh”.",
    "en": "Said to be the police, and that money had to be sent “to be verified”.",
}
UNITS: Final = {"vi": "Công an tỉnh (ví dụ)", "en": "Provincial police (example)"}

LETTER: Final = """Số tài khoản,Ngân hàng,Website,Ghi chú
0000000000911,VCB,,
0000000000912,BIDV,,
0000000000913,Ngân hàng X,,
,,https://xac-minh-the.test/otp,
,,10.0.0.1,
,,vn-vi-otp.example,
"""

Lead = Callable[[Page, str], None]


class Signed(msgspec.Struct, frozen=True):
    """Who is at the browser: a name in each language, and a key that is a test key or may all."""

    person: dict[str, str]
    is_test: bool


TELLER: Final = Signed({"vi": "Quầy 3", "en": "Counter 3"}, is_test=True)
OFFICE: Final = Signed({"vi": "Phòng nghiệp vụ", "en": "Office"}, is_test=False)


class Shot(msgspec.Struct, frozen=True, kw_only=True):
    """A picture: its name, who leads where in which language, on what, and of what part of it.

    ``part`` is a selector; None is what the window shows.
    """

    name: str
    lead: Lead
    size: ViewportSize
    who: Signed = TELLER
    theme: str = "light"
    part: str | None = "body"


def _first(page: Page, _language: str) -> None:
    page.goto("/")


def _asked(text: str | dict[str, str]) -> Lead:
    def lead(page: Page, language: str) -> None:
        chromium.ask(page, text if isinstance(text, str) else text[language])

    return lead


def _at_the_counter(page: Page, _language: str) -> None:
    page.goto("/counter")
    page.locator("#bank").select_option("970436")
    page.locator("#text").fill("0000000000901")
    page.keyboard.press("Enter")
    page.wait_for_selector("#outcome")


def _sheet(page: Page, language: str) -> None:
    _at_the_counter(page, language)
    page.locator("#amount").fill("25000000")
    page.locator(".print").evaluate("(button) => button.removeAttribute('formtarget')")
    page.locator(".print").click()
    page.wait_for_selector(".sheet")


def _letter(page: Page, _language: str) -> None:
    page.goto("/lists")
    file = FilePayload(name="cong-van.csv", mimeType="text/csv", buffer=LETTER.encode())
    page.locator("#file").set_input_files(file)
    page.locator("#number").fill("386/CAT-ANM")
    page.locator("#date").fill("2026-11-17")
    page.locator("form.letter button").click()
    page.wait_for_selector("#decide")


def _case(page: Page, language: str) -> None:
    page.goto("/report")
    page.locator("#value").fill("+44 7700 900123")
    page.locator("#category").select_option("impersonation_authority")
    page.locator("#note").fill(NOTES[language])
    page.locator("main form button.go").click()
    page.goto("/review")
    page.locator(".queue a").first.click()
    page.wait_for_selector(".desk")


def _status(page: Page, _language: str) -> None:
    page.goto("/status")


def _period(page: Page, language: str) -> None:
    page.goto("/status/report")
    page.locator("#unit").fill(UNITS[language])
    page.locator("#unit").press("Enter")
    page.wait_for_url("**unit=*")


_office = partial(Shot, who=OFFICE)

SHOTS: Final = (
    Shot(name="first", lead=_first, size=PHONE, part=None),
    Shot(name="danger", lead=_asked("danger.example"), size=PHONE),
    Shot(name="nothing-known", lead=_asked("clean.example"), size=PHONE),
    Shot(name="could-not-check", lead=_asked("unavailable.example"), size=PHONE),
    Shot(name="message", lead=_asked(MESSAGES), size=DESK),
    Shot(name="official", lead=_asked("official.example"), size=DESK, theme="dark"),
    Shot(name="counter", lead=_at_the_counter, size=DESK),
    Shot(name="counter-sheet", lead=_sheet, size=DESK, part=".sheet"),
    _office(name="letter", lead=_letter, size=DESK),
    _office(name="review", lead=_case, size=DESK),
    _office(name="status", lead=_status, size=TALL, part=None),
    _office(name="report", lead=_period, size=TALL, part=None),
)


def taken(browser: Browser, origin: str, keys: dict[bool, str]) -> Iterator[tuple[str, bytes]]:
    """Yield every picture's file name and PNG, in both languages; ``keys`` by ``is_test``."""
    for language in MESSAGES:
        for who in (TELLER, OFFICE):
            context = browser.new_context(base_url=origin, device_scale_factor=1)
            context.add_cookies([{"name": "lang", "value": language, "url": origin}])
            page = context.new_page()
            chromium.sign_in(page, keys[who.is_test], who.person[language])
            for shot in SHOTS:
                if shot.who is who:
                    yield f"{shot.name}-{language}.png", _of(page, shot, language)
            context.close()


def _of(page: Page, shot: Shot, language: str) -> bytes:
    page.set_viewport_size(shot.size)
    page.emulate_media(color_scheme="dark" if shot.theme == "dark" else "light")
    shot.lead(page, language)
    page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
    if shot.part is None:
        return small(page.screenshot(animations="disabled"))
    if shot.part == "body":
        return small(page.screenshot(full_page=True, animations="disabled"))
    return small(page.locator(shot.part).screenshot(animations="disabled"))


def small(png: bytes) -> bytes:
    """The same picture in 256 colours."""
    smaller = BytesIO()
    picture = Image.open(BytesIO(png)).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    picture.save(smaller, "PNG", optimize=True)
    return smaller.getvalue()


def _made_keys(publisher: Publisher) -> dict[bool, str]:
    keys = {}
    for is_test, name, scopes in (
        (True, "Ngân hàng (ví dụ)", [Scope.CHECK]),
        (False, "Công an tỉnh (ví dụ)", list(Scope)),
    ):
        caller, keys[is_test] = mint(name, scopes, now=0, trust=Trust.AUTHORITY, test=is_test)
        callers.write(publisher.client, caller)
    return keys


def main() -> None:
    """Write all pictures; fail where one is too large for the repository."""
    path = chromium.find() or sys.exit(chromium.MISSING)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with temporary_store(bits=SMALL_BITS) as (data_dir, publisher):
        keys = _made_keys(publisher)
        invented_history.write(publisher, day_of(time.time()))
        with started_service(data_dir) as (_, address), chromium.started(path) as browser:
            for name, png in taken(browser, f"http://{address}", keys):
                if len(png) > MOST_BYTES:
                    sys.exit(f"{name} has {len(png):,} bytes, more than {MOST_BYTES:,}")
                (FOLDER / name).write_bytes(png)
                print(f"docs/screenshots/{name}: {len(png):,} bytes")


if __name__ == "__main__":
    main()

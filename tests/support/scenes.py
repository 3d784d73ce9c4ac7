"""Every page and state that people can see, as a table: one entry, and all of the looks are tested.

``tests/contract/browser/test_scenes.py`` opens each in both languages, light and dark, and at every
size: axe-core, errors, foreign requests and width. A new page is one more entry.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from chromium import ask
from playwright.sync_api import Page

from blacklist.callers import Scope
from blacklist.model import Trust

UNLIKELY: Final = "a" * 200
"""One word that is wider than any screen."""

MESSAGE: Final = (
    "Chuyển vào STK 0000000000901 VCB,\nxem warning.example/tra-cuu hoặc official.example, "
    f"gọi +44 7700 900931 hoặc clean.example/{UNLIKELY}"
)


@dataclass(frozen=True)
class Role:
    """Who is signed in: what his key may do, whose word it is, and if its answers are fixed."""

    scopes: tuple[Scope, ...]
    is_test: bool = False
    trust: Trust = Trust.PARTNER


PERSON: Final = "Không Ai"
"""Who is signed in where nobody else is named."""

NOBODY: Final = None
TESTER: Final = Role((Scope.CHECK,), is_test=True)
TELLER: Final = Role((Scope.CHECK,))
AUTHORITY: Final = Role((Scope.LIST,), trust=Trust.AUTHORITY)
REVIEWER: Final = Role((Scope.ADMIN,))


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A page as somebody sees it.

    ``path`` is opened by ``role``; then ``lead`` does what is still to be done, and returns when
    it is seen. ``shows`` is a selector of what must be there in the end.
    """

    name: str
    path: str = "/"
    role: Role | None = NOBODY
    lead: Callable[[Page], None] = lambda _page: None
    shows: str = "main h1"


def _asked(name: str, text: str, state: str | None = None) -> Scene:
    return Scene(
        name=name,
        role=TESTER,
        lead=partial(ask, text=text),
        shows=f"#answer .state.{state or name}",
    )


def _open_all(page: Page) -> None:
    for one in page.locator("summary").all():
        one.click()


def _send_empty(page: Page) -> None:
    page.locator("form#ask button.go").click()
    page.wait_for_selector("#complaint:not(:empty)")


def _sign_in_wrongly(page: Page) -> None:
    page.locator("#person").fill("Không Ai")
    page.locator("#key").fill("bl_nothing")
    page.locator("main button").click()
    page.wait_for_selector("#complaint:not(:empty)")


def _at_the_counter(page: Page) -> None:
    page.locator("#text").fill("danger.example")
    page.keyboard.press("Enter")
    page.wait_for_selector("#answer .state.danger")


SCENES: Final = (
    Scene(name="first"),
    Scene(name="it_has_happened", lead=_open_all, shows=".already details[open] details[open]"),
    Scene(name="nothing_asked", lead=_send_empty, shows="#complaint"),
    _asked("danger", "danger.example"),
    _asked("danger_account", "970436/0000000000901", "danger"),
    _asked("danger_phone", "+447700900901", "danger"),
    _asked("warning", "warning.example"),
    _asked("caution", "+447700900931"),
    _asked("nothing_known", "clean.example"),
    _asked("official", "official.example"),
    _asked("cleared", "cleared.example"),
    _asked("could_not_check", "unavailable.example"),
    _asked("not_understood", "xin chào"),
    _asked("no_bank_told", "0000000000901", "warning"),
    _asked("message", MESSAGE, "danger"),
    Scene(name="sign_in", path="/signin"),
    Scene(name="sign_in_refused", path="/signin", lead=_sign_in_wrongly, shows="#complaint"),
    Scene(name="signed_in", path="/signin", role=TELLER),
    Scene(name="no_such_page", path="/nowhere"),
    Scene(name="counter", path="/counter", role=TESTER),
    Scene(name="counter_answer", path="/counter", role=TESTER, lead=_at_the_counter),
    Scene(name="report", path="/report"),
    Scene(name="report_received", path="/report/received"),
    Scene(name="dispute", path="/dispute"),
    Scene(name="lists", path="/lists", role=AUTHORITY),
    Scene(name="review", path="/review", role=REVIEWER),
    Scene(name="state_of_the_lists", path="/status"),
    Scene(name="state_for_institutions", path="/status", role=TELLER),
    Scene(name="periodic_report", path="/status/report", role=REVIEWER),
)

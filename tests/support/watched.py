"""A window of Chromium that notes what a page must never do: errors, dialogs, foreign requests."""

from collections.abc import Callable, Sequence
from typing import Any, Final, Literal

from axe_playwright_python.base import AXE_SCRIPT
from chromium import DESK, PHONE
from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Request,
    Response,
    ViewportSize,
)

_Theme = Literal["light", "dark"]

_TELL_OF_THE_POLICY: Final = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));"""

_WIDER = """() => [...document.querySelectorAll("body *")]
  .filter((one) => !one.matches(".unseen, .unseen *, .skip") &&
    one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map((one) => one.outerHTML.slice(0, 90))"""

_REFUSED: Final = "Failed to load resource: the server responded with a status of "
"""What Chromium itself says of a page with a status like 404 or 503; no page can keep it quiet."""

COLOUR_RULES: Final = ("color-contrast", "link-in-text-block")
"""The rules of axe-core whose findings another theme may change."""

_RUN_AXE: Final = "(options) => axe.run({resultTypes: ['violations'], preload: false, ...options})"
"""Nothing is preloaded: all style is the page's own, and a request of axe-core's would be noted."""


class Watched:
    """A page, what it opens in further windows, and what they did since it began."""

    page: Page

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.context = context
        self.origin = origin
        self._keeper = context.new_page()  # with its last page a process ends, and all it has read
        context.add_init_script(_TELL_OF_THE_POLICY)
        context.on("console", self._heard)
        context.on("weberror", lambda one: self.complaints.append(str(one.error)))
        context.on("dialog", self._stopped)
        context.on("request", self._asked)
        context.on("response", lambda response: self.responses.append(response))  # noqa: PLW0108 - a bound method of a list will not do

    def begin(self) -> None:
        """Start with an empty page: nothing has been done or noted, and nobody is signed in."""
        self.complaints: list[str] = []
        self.outside: list[str] = []
        self.responses: list[Response] = []
        self.context.clear_cookies()
        self.page = self.context.new_page()

    def end(self) -> None:
        """Close what is open."""
        for page in self.context.pages:
            if page is not self._keeper:
                page.close()

    def opened_by(self, lead: Callable[[], None]) -> Page:
        """The window that opens when something is done; it is looked at from now on."""
        with self.context.expect_page() as opening:
            lead()
        self.page = opening.value
        return self.page

    def _heard(self, message: ConsoleMessage) -> None:
        is_own_status = message.text.startswith(_REFUSED) and self._is_page(message)
        if message.type in {"error", "warning"} and not is_own_status:
            self.complaints.append(f"{message.type}: {message.text}")

    def _is_page(self, message: ConsoleMessage) -> bool:
        page = message.page or self.page
        return message.location["url"].partition("#")[0] == page.url.partition("#")[0]

    def _stopped(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self.origin}/", "data:")):
            self.outside.append(request.url)

    def forgive(self, text: str) -> None:
        """Take back the complaints with a text in them: what a test itself has brought about."""
        self.complaints = [one for one in self.complaints if text not in one]

    def assert_well_behaved(self) -> None:
        """Nothing was complained of, and no other host was asked for anything."""
        assert not self.complaints, self.complaints
        assert not self.outside, self.outside

    def assert_accessible(self, *, only: Sequence[str] = (), but: Sequence[str] = ()) -> None:
        """axe-core finds nothing, of any of its rules, only of some or of all but some."""
        heard = list(self.complaints)
        if self.page.evaluate("typeof axe === 'undefined'"):
            self.page.evaluate(AXE_SCRIPT)
        options = {"rules": {rule: {"enabled": False} for rule in but}}
        found = self.page.evaluate(_RUN_AXE, options | ({"runOnly": only} if only else {}))
        self.complaints = heard  # what axe-core itself does is not the page's
        told = [_told(one) for one in found["violations"]]
        assert not told, told

    def assert_fits(self) -> None:
        """Nothing lies beyond the right edge: no sideways scrolling."""
        width, seen = self.page.evaluate(
            "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert width <= seen, self.page.evaluate(_WIDER)

    def assert_good_in_every_look(self) -> None:
        """At a desk and on a telephone, light and dark: it fits, and axe-core finds nothing."""
        for size in (DESK, PHONE):
            self.assert_good_at(size)

    def assert_good_at(self, size: ViewportSize) -> None:
        """In one size, light and dark: it fits, and axe-core finds nothing.

        All rules run in one theme, another at each size; those of colour in the other, too.
        """
        themes: tuple[_Theme, _Theme] = ("light", "dark") if size == DESK else ("dark", "light")
        self.page.set_viewport_size(size)
        self.assert_fits()
        self.page.emulate_media(color_scheme=themes[0])
        self.assert_accessible()
        self.page.emulate_media(color_scheme=themes[1])
        self.assert_accessible(only=COLOUR_RULES)

    def weight_bytes(self) -> int:
        """Bytes of all bodies so far, as they came over the wire, without headers."""
        return sum(one.request.sizes()["responseBodySize"] for one in self.responses)


def _told(violation: dict[str, Any]) -> str:
    places = "; ".join(node["html"][:200] for node in violation["nodes"])
    return f"{violation['id']}: {violation['help']}: {places}"

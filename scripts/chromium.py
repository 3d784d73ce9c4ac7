"""A real Chromium for the browser tests and the screenshots: the system's, driven by playwright.

Nothing is downloaded: the browser is Debian's package or another one on the ``PATH``. Run as a
program it prints where that is, and fails where there is none (``chromium.sh`` asks so).
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NAMED: Final = "CHROMIUM"
"""Names another one, by its path, in the environment."""

MISSING: Final = (
    "no Chromium on the PATH (Debian: apt-get install chromium), and CHROMIUM names none; "
    "scripts/test --browser installs it where it may"
)

SPARING: Final = (
    "--disable-gpu",
    "--disable-gpu-rasterization",
    "--disable-gpu-compositing",
    "--disable-software-rasterizer",
    "--num-raster-threads=1",
    "--disable-extensions",
    "--disable-site-isolation-trials",
    "--process-per-site",
    "--renderer-process-limit=1",
)
"""One process draws all pages of a context: starting one costs more than most pages do."""

PHONE: Final[ViewportSize] = {"width": 320, "height": 568}
DESK: Final[ViewportSize] = {"width": 1280, "height": 800}


def find() -> str | None:
    """Return the path of the Chromium to drive, or None."""
    names = (os.environ.get(NAMED, ""), *NAMES)
    return next((path for name in names if name and (path := shutil.which(name))), None)


@contextmanager
def started(path: str) -> Iterator[Browser]:
    """Run it without a window until the block ends."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=SPARING)
        try:
            yield browser
        finally:
            browser.close()


def sign_in(page: Page, key: str, person: str) -> None:
    """Sign in by the form, as a person does; the key is one of the service that is shown."""
    page.goto("/signin")
    page.locator("#person").fill(person)
    page.locator("#key").fill(key)
    page.locator("main button").click()
    page.wait_for_selector("form.account")


def ask(page: Page, text: str) -> None:
    """Ask in the box of the first page, and return when the answer is there."""
    page.goto("/")
    page.locator("#text").fill(text)
    page.locator("form#ask button.go").click()
    page.wait_for_selector("#answer:not([aria-busy]) #verdict")


if __name__ == "__main__":
    print(find() or sys.exit(1))

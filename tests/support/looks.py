"""How pages are looked at in the flows: in either language, on a telephone and at a desk."""

import time
from collections.abc import Callable
from typing import Final

from chromium import DESK, PHONE

from blacklist.web.pages.language import translations
from watched import Watched

VIETNAMESE_PHONE: Final = {"language": "vi", "size": PHONE}
ENGLISH_DESK: Final = {"language": "en", "size": DESK}
LOOKS: Final = (VIETNAMESE_PHONE, ENGLISH_DESK)


def name_of(look: dict[str, object]) -> str:
    """A look's name in the names of tests."""
    return f"{look['language']}-{look['size']['width']}"  # type: ignore[index]


def words_of(look: dict[str, object]) -> Callable[[str], str]:
    """English texts of the pages to what they read in a look's language."""
    return translations(str(look["language"])).gettext


def load_again(window: Watched) -> None:
    """Load a page again until it is answered: each worker finds for itself that a store is back."""
    end = time.monotonic() + 10
    while (answer := window.page.reload()) is None or answer.status >= 500:
        assert time.monotonic() < end, window.page.locator("h1").inner_text()
    window.forgive("status of 503")


def look_at(window: Watched, look: dict[str, object], language: str) -> None:
    """See to a state in every look, in one language; then go on in the look of before."""
    if look["language"] == language:
        window.assert_good_in_every_look()
        window.page.set_viewport_size(look["size"])  # type: ignore[arg-type]

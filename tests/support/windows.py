"""Windows of Chromium, lent to one test after another: ``tests/contract/browser`` takes them here.

A window with a process of its own costs 0.9 s of processor before its first page is seen, a page in
a process that is there 0.2 s. So a context stays, with the style and script that it has loaded, as
a person's browser does; each test gets a page of its own and no cookie of another's.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from playwright.sync_api import Browser

from watched import Watched


class Windows:
    """The windows of one browser, by the service that they look at and their options."""

    def __init__(self, browser: Browser, most_seconds: float) -> None:
        self._browser = browser
        self._most_ms: Final = most_seconds * 1000
        self._free: dict[Any, list[Watched]] = defaultdict(list)

    @contextmanager
    def lent(self, origin: str, *, own: bool = False, **options: Any) -> Iterator[Watched]:
        """A window with an empty page until the block ends.

        Its ``own`` is one that nobody had before or gets after: for what a browser keeps.
        """
        free = [] if own else self._free[origin, *sorted(options.items())]
        window = free.pop() if free else self._opened(origin, options)
        window.begin()
        yield window
        if own:
            window.context.close()
        else:
            window.end()
            free.append(window)

    def close(self) -> None:
        """Close those that nobody has."""
        for window in (one for free in self._free.values() for one in free):
            window.context.close()

    def _opened(self, origin: str, options: dict[str, Any]) -> Watched:
        context = self._browser.new_context(base_url=origin, **options)
        context.set_default_timeout(self._most_ms)
        return Watched(context, origin)

"""Windows of a real Chromium at a real service; skipped, with the reason, where there is none."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cache
from typing import Any

import chromium
import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from scenes import PERSON, Role
from servers import pause_server, resume_server
from watched import Watched
from windows import Windows

SECONDS = 10
"""That anything may take to be seen, while other tests run beside."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    path = chromium.find()
    if path is None:
        pytest.skip(chromium.MISSING)
    expect.set_options(timeout=SECONDS * 1000)
    with chromium.started(path) as browser:
        yield browser


@pytest.fixture(scope="module")
def site(module_service) -> Any:
    """A service with the sample, for the tests of one file."""
    return module_service()


@pytest.fixture(scope="module")
def windows(browser: Browser) -> Iterator[Windows]:
    """The windows that the tests of one file share, one after another."""
    windows = Windows(browser, SECONDS)
    yield windows
    windows.close()


@pytest.fixture(scope="module")
def cookies_of(windows: Windows, site: Any, key_of: Any) -> Callable[[Role, str], Any]:
    """The cookies of a person who signed in by the page in a role; once a file."""

    @cache
    def cookies(role: Role, person: str) -> Any:
        key = key_of(site.data_dir, *role.scopes, test=role.is_test, trust=role.trust)
        with windows.lent(_origin(site)) as window:
            chromium.sign_in(window.page, key, person)
            return window.context.cookies()

    return cookies


@pytest.fixture
def store_away(site: Any, eventually: Any) -> Callable[[], AbstractContextManager[None]]:
    """Let the store stand still for as long as a block lasts."""

    @contextmanager
    def away() -> Iterator[None]:
        pause_server(site.data_dir)
        try:
            eventually(lambda: site.request("GET", "/readyz").status == 503, SECONDS)
            yield
        finally:
            resume_server(site.data_dir)
            eventually(lambda: site.request("GET", "/readyz").status == 200, SECONDS)

    return away


@pytest.fixture
def visit(windows: Windows, request: pytest.FixtureRequest) -> Iterator[Callable[..., Watched]]:
    """Open windows; each must have behaved well when the test is over."""
    with ExitStack() as opened:

        def open_window(
            *,
            at: Any = None,
            role: Role | None = None,
            person: str = PERSON,
            language: str = "vi",
            size: ViewportSize = chromium.DESK,
            **options: Any,
        ) -> Watched:
            origin = _origin(at or request.getfixturevalue("site"))
            cookies = [{"name": "lang", "value": language, "url": origin}]
            if role is not None:
                cookies += request.getfixturevalue("cookies_of")(role, person)
            window = opened.enter_context(windows.lent(origin, **options))
            window.context.add_cookies(cookies)
            window.page.set_viewport_size(size)
            opened.callback(window.assert_well_behaved)
            return window

        yield open_window


def _origin(service: Any) -> str:
    return f"http://127.0.0.1:{service.port}"

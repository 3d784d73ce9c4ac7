"""Signing in by the page: a session as ``/v1/session`` opens it, a token in each form, its end."""

from typing import Any
from urllib.parse import urlencode

import pytest

from blacklist.callers import Scope
from browsing import FORM, MARKUP, Browser, Page, text_of

PERSON = "Không Ai"
OFTEN = 10
"""Requests that reach each worker."""


@pytest.fixture(scope="module")
def key(service, key_of) -> Any:
    return key_of(service.data_dir, Scope.CHECK, Scope.LIST)


@pytest.fixture
def browser(service, key) -> Browser:
    browser = Browser(service)
    answer = browser.sign_in(key)
    assert (answer.status, answer.headers["location"]) == (303, "/")
    return browser


def test_who_signed_in_is_named_and_gets_what_the_key_gets(browser: Browser) -> None:
    """References and policy included, which the public is not shown."""
    page = browser.open()
    assert PERSON in text_of(page.find(".//form[@action='/signout']"))
    assert "Quy định của đơn vị bạn" in browser.ask("vn-bank.example").answer


def test_the_cookie_is_a_sessions_and_the_key_is_nowhere(browser: Browser, key: str) -> None:
    assert list(browser.cookies) == ["blacklist_session"]
    assert key not in browser.cookies["blacklist_session"]
    page = browser.open("/signin")
    assert key not in page.html
    assert PERSON in page.html


def test_a_form_without_the_sessions_token_is_refused(browser: Browser, service, key) -> None:
    """Another site's page could send the cookie; another session's token is none either."""
    body = {"text": "vn-bank.example"}
    page = Page(browser.request("POST", "/", urlencode(body).encode(), FORM))
    assert page.status == 403
    other = Browser(service)
    other.sign_in(key)
    token = other.open().find(".//form[@id='ask']/input[@name='csrf_token']").get("value")
    body["csrf_token"] = token
    assert Page(browser.request("POST", "/", urlencode(body).encode(), FORM)).status == 403
    assert Page(other.request("POST", "/", urlencode(body).encode(), FORM)).status == 200


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"key": "bl_000000000000_" + "A" * 43}, 401),
        ({"key": "<script>"}, 401),
        ({"key": ""}, 401),
        ({"person": " "}, 400),
        ({"person": "x" * 65}, 400),
        ({"person": "a\nb"}, 400),
    ],
)
def test_a_wrong_key_or_name_is_told_on_the_form(service, key, fields, status: int) -> None:
    """The name stays, the key does not."""
    browser = Browser(service)
    answer = browser.sign_in(**({"key": key, "person": PERSON} | fields))
    page = Page(answer)
    assert page.status == status
    assert text_of(page.by_id("complaint"))
    assert not browser.cookies
    assert not page.find(".//input[@name='key']").get("value")
    if status == 401:
        assert page.find(".//input[@name='person']").get("value") == PERSON


def test_another_sites_page_signs_nobody_in(service, key) -> None:
    """It would let somebody work under a key that is not his."""
    body = urlencode({"key": key, "person": PERSON}).encode()
    for site in ("cross-site", "same-site"):
        answer = service.request("POST", "/signin", body, FORM | {"Sec-Fetch-Site": site})
        answer.problem(403, "bad_csrf_token")


def test_signing_out_ends_the_session_on_every_worker(browser: Browser) -> None:
    kept = dict(browser.cookies)
    answer = browser.send(browser.open(), "/signout")
    assert (answer.status, answer.headers["location"]) == (303, "/signin")
    assert not browser.cookies
    for _ in range(OFTEN):
        browser.cookies = dict(kept)
        page = Page(browser.request("GET", "/"))
        assert page.status == 401
        assert page.find(".//main//a[@href='/signin']") is not None
        assert not browser.cookies
    assert browser.open().status == 200


def test_what_was_typed_in_a_session_that_ended_is_shown(browser: Browser) -> None:
    """As text, on the page that asks to sign in again; not what another site's page sends."""
    form, kept = browser.open(), dict(browser.cookies)
    browser.send(form, "/signout")
    browser.cookies = dict(kept)
    page = Page(browser.send(form, "/", text=MARKUP))
    assert page.status == 401
    assert text_of(page.find(".//main/textarea")) == MARKUP
    browser.cookies = dict(kept)
    foreign = FORM | {"Sec-Fetch-Site": "same-site"}
    page = Page(browser.request("POST", "/", urlencode({"text": MARKUP}).encode(), foreign))
    assert (page.status, page.all(".//main/textarea")) == (401, [])


def test_nobody_signed_in_signs_out(service) -> None:
    service.request("POST", "/signout", b"", FORM).problem(401, "session_over")


def test_the_navigation_has_no_page_that_may_not_be_opened(service, browser: Browser) -> None:
    for one in (Browser(service), browser):
        page = one.open()
        for link in page.all(".//nav//a"):
            assert one.request("GET", link.get("href") or "").status == 200

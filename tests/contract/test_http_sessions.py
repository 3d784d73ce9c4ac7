"""Sessions over HTTP: opened with a key by one person, ended everywhere at once."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from blacklist.callers import Scope

JSON = {"Content-Type": "application/json"}
BATCH = json.dumps({"items": [{"value": "vn-bank.example"}]}).encode()
CLEAN = "/v1/check?value=clean.example"
PERSON = "Không Ai"
OFTEN = 20
"""Requests that reach each worker."""


@pytest.fixture(scope="module")
def service(module_service) -> Any:
    return module_service()


@pytest.fixture(scope="module")
def bearer(service, key_of) -> dict[str, str]:
    return {"Authorization": f"Bearer {key_of(service.data_dir, Scope.CHECK, Scope.LIST)}"}


class Browser:
    """What a browser keeps: its cookie, and the page's token."""

    def __init__(self, service: Any, headers: dict[str, str], person: str = PERSON) -> None:
        self._service = service
        body = json.dumps({"person": person}).encode()
        self.opened = service.request("POST", "/v1/session", body, headers | JSON)
        assert self.opened.status == 201, self.opened.body
        self.cookie = self.opened.headers["set-cookie"].partition(";")[0]
        self.token = self.opened.json()["csrf_token"]

    def request(self, method: str, target: str, body: bytes | None = None, **more: str) -> Any:
        headers = {"Cookie": self.cookie} | (JSON if body else {}) | more
        return self._service.request(method, target, body, headers)

    def write(self, method: str, target: str, body: bytes | None = None) -> Any:
        return self.request(method, target, body, **{"X-CSRF-Token": self.token})


@pytest.fixture
def browser(service, bearer) -> Browser:
    return Browser(service, bearer)


def test_a_session_may_do_what_its_key_may(browser: Browser) -> None:
    assert browser.request("GET", CLEAN).json()["action"]["do"] == "allow"
    answer = browser.write("POST", "/v1/check", BATCH)
    assert answer.json()["results"][0]["action"]["do"] == "inform"
    shown = browser.request("GET", "/v1/session").json()
    assert shown == {
        "person": PERSON,
        "key": "tests",
        "scopes": ["check", "list"],
        "idle_minutes": 15,
        "csrf_token": browser.token,
    }


def test_scripts_and_other_sites_cannot_use_it(browser: Browser) -> None:
    field = browser.opened.headers["set-cookie"]
    assert "; HttpOnly" in field
    assert "; SameSite=Strict" in field
    browser.request("POST", "/v1/check", BATCH).problem(403, "bad_csrf_token")
    browser.request("DELETE", "/v1/session").problem(403, "bad_csrf_token")
    wrong = {"X-CSRF-Token": browser.token[::-1]}
    browser.request("POST", "/v1/check", BATCH, **wrong).problem(403, "bad_csrf_token")
    assert browser.request("GET", CLEAN).status == 200


def test_a_token_of_another_session_is_not_taken(service, bearer, browser: Browser) -> None:
    other = Browser(service, bearer, "Ai Khác")
    browser.token = other.token
    browser.write("POST", "/v1/check", BATCH).problem(403, "bad_csrf_token")


def test_a_session_that_was_ended_is_over_on_every_worker(browser: Browser) -> None:
    """Also for whoever kept the cookie; the browser is told to drop it."""
    for _ in range(OFTEN):
        assert browser.request("GET", CLEAN).status == 200
    ended = browser.write("DELETE", "/v1/session")
    assert (ended.status, ended.body) == (204, b"")
    assert "Max-Age=0" in ended.headers["set-cookie"]
    for _ in range(OFTEN):
        answer = browser.request("GET", CLEAN)
        answer.problem(401, "session_over")
        assert "Max-Age=0" in answer.headers["set-cookie"]


def test_a_revoked_key_ends_its_sessions_on_every_worker(service, run) -> None:
    made = json.loads(run(service.data_dir, "keys", "create", "--name", "x", "--json").stdout)
    browser = Browser(service, {"Authorization": f"Bearer {made['key']}"})
    for _ in range(OFTEN):
        assert browser.request("GET", CLEAN).status == 200
    assert run(service.data_dir, "keys", "revoke", made["id"]).returncode == 0
    for _ in range(OFTEN):
        browser.request("GET", CLEAN).problem(401, "session_over")


def test_only_the_key_itself_opens_one(service, bearer, browser: Browser) -> None:
    body = json.dumps({"person": PERSON}).encode()
    service.request("POST", "/v1/session", body, JSON).problem(401, "no_key")
    browser.write("POST", "/v1/session", body).problem(401, "no_key")
    service.request("GET", "/v1/session").problem(401, "session_over")
    service.request("GET", "/v1/session", None, bearer).problem(401, "session_over")
    service.request("DELETE", "/v1/session", None, bearer).problem(401, "session_over")


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[]",
        b"nonsense",
        b'{"person": ""}',
        b'{"person": " "}',
        b'{"person": 7}',
        b'{"person": "a\\nb"}',
        b'{"person": "a", "key": "b"}',
        b'{"person": "\\ud800"}',
        json.dumps({"person": "a" * 65}).encode(),
    ],
)
def test_a_session_is_somebodys(service, bearer, body: bytes) -> None:
    service.request("POST", "/v1/session", body, bearer | JSON).problem(400, "no_person")


@pytest.mark.parametrize("cookie", ["blacklist_session=", "blacklist_session=a.b", "a=b"])
def test_a_cookie_that_is_none_of_ours_is_no_session(service, cookie: str) -> None:
    """A cookie of another name is not looked at."""
    answer = service.request("GET", CLEAN, None, {"Cookie": cookie})
    if cookie == "a=b":
        assert answer.status == 200
    else:
        answer.problem(401, "session_over")


def test_the_secret_is_kept_for_its_owner(service) -> None:
    path = service.data_dir / "secret"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.stat().st_size == 32


def test_a_session_outlives_a_restart(service, bearer, start_service: Callable[..., Any]) -> None:
    """Another service over the same directory knows it."""
    browser = Browser(service, bearer)
    browser._service = start_service(service.data_dir)
    assert browser.request("GET", "/v1/session").json()["person"] == PERSON

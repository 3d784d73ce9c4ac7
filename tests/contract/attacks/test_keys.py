"""Moves against keys and sessions: guessing, timing, stolen and tampered cookies."""

import json
import time
from statistics import median
from typing import Any

import msgspec
import pytest

from blacklist.callers import Scope
from blacklist.config import Settings
from blacklist.secret import derive, load_secret
from blacklist.sessions import MAX_SECONDS, Session, open_session, seal
from blacklist.web.guesses import WRONG_KEYS_PER_MINUTE

UNKNOWN = "bl_000000000000_" + "A" * 43
ROUNDS = 100
ATTEMPTS = 4
ALIKE = 0.15
"""Of the time of an answer: how far the medians of two sorts of wrong keys may lie apart."""


@pytest.fixture(scope="module")
def wrong_keys(target, key_of, run) -> dict[str, str]:
    """Keys that open nothing, all of one length."""
    made = key_of(target.data_dir, Scope.CHECK)
    revoked = key_of(target.data_dir, Scope.CHECK)
    assert run(target.data_dir, "keys", "revoke", revoked.split("_")[1]).returncode == 0
    return {
        "unknown": UNKNOWN,
        "revoked": revoked,
        "wrong secret": made[:16] + UNKNOWN[16:],
        "malformed": "xx" + UNKNOWN[2:],
    }


def test_guessing_keys_one_after_the_other(target, attacker, key_of) -> None:
    """Past the bound of its address a guess is 429; elsewhere, and with a right key, all goes on.

    So nobody can shut out others behind the same address by guessing there.
    """
    one, other = attacker(target, "198.51.100.7"), attacker(target, "198.51.100.8")
    right = key_of(target.data_dir, Scope.CHECK)
    with one.line() as ask:
        found = [ask(f"bl_{number:012x}_" + "A" * 43) for number in range(WRONG_KEYS_PER_MINUTE)]
        # A minute may end on the way; then the bound is met in the next one.
        while len(found) < 2 * WRONG_KEYS_PER_MINUTE + 1 and found[-1] == 401:
            found.append(ask(UNKNOWN))
        assert set(found[:-1]) <= {401, 429}
        assert found[-1] == 429
        assert ask(right) == 200
    answer = one.ask("GET", "/v1/check?value=clean.example", key=UNKNOWN)
    answer.problem(429, "too_many_requests")
    assert int(answer.headers["retry-after"]) > 0
    other.ask("GET", "/v1/check?value=clean.example", key=UNKNOWN).problem(401, "bad_key")


def test_telling_wrong_keys_apart_by_their_refusal(target, attacker, wrong_keys) -> None:
    """Unknown, revoked, half right and malformed keys are answered in the same words."""
    answers = [
        attacker(target).ask("GET", "/v1/check?value=clean.example", key=key)
        for key in wrong_keys.values()
    ]
    documents = [one.problem(401, "bad_key") for one in answers]
    for one in documents:
        del one["request_id"]
    assert all(one == documents[0] for one in documents)
    assert len({tuple(sorted(one.headers)) for one in answers}) == 1


def test_telling_wrong_keys_apart_by_time(target, attacker, wrong_keys) -> None:
    """The sorts are asked in turn over one connection, and the medians compared.

    Another load on the machine may spoil one attempt and not several.
    (`tests/unit/test_callers.py` shows the same by construction.)
    """

    def apart(attempt: int) -> float:
        times: dict[str, list[float]] = {name: [] for name in wrong_keys}
        with attacker(target, f"198.51.100.{20 + attempt}").line() as ask:
            for _ in range(ROUNDS):
                for name, key in wrong_keys.items():
                    began = time.perf_counter()
                    assert ask(key) == 401
                    times[name].append(time.perf_counter() - began)
        medians = [median(one) for one in times.values()]
        return (max(medians) - min(medians)) / min(medians)

    assert any(apart(attempt) < ALIKE for attempt in range(ATTEMPTS))


@pytest.fixture(scope="module")
def sealed(target) -> Any:
    """Seal a session as the service itself does."""
    key = derive(load_secret(Settings(data_dir=target.data_dir)), "session")
    return lambda session: seal(session, key)


@pytest.fixture(scope="module")
def session(target, key_of) -> Session:
    made = key_of(target.data_dir, Scope.CHECK, Scope.LIST)
    return open_session(made.split("_")[1], "Không Ai", now=int(time.time()))


def use(target: Any, attacker: Any, cookie: str) -> Any:
    more = {"Cookie": f"__Host-blacklist_session={cookie}"}
    return attacker(target).ask("GET", "/v1/session", more=more)


def test_replaying_a_stolen_cookie_when_it_is_over(target, attacker, session, sealed) -> None:
    """One left alone for too long, and one of yesterday that somebody kept in use."""
    assert use(target, attacker, sealed(session)).status == 200
    replaced = msgspec.structs.replace
    for over in (
        replaced(session, used=session.used - 15 * 60 - 1, opened=session.opened - 15 * 60 - 1),
        replaced(session, opened=session.opened - MAX_SECONDS - 1),
    ):
        use(target, attacker, sealed(over)).problem(401, "session_over")


def test_tampering_with_a_cookie(target, attacker, session, sealed) -> None:
    """Another person, another key, a later end under an old seal; each character in turn."""
    right = sealed(session)
    payload, _, mac = right.partition(".")
    other = msgspec.structs.replace(session, person="Ai Khác", used=session.used + 9_999)
    forged = [
        f"{seal(other, b'guessed' * 5).partition('.')[0]}.{mac}",
        seal(other, b"guessed" * 5),
        f"{payload}.",
        payload,
        f"{payload}.{mac}{mac}",
    ]
    for at in range(0, len(right) - 1, 7):
        forged.append(right[:at] + ("A" if right[at] != "A" else "B") + right[at + 1 :])
    for one in forged:
        use(target, attacker, one).problem(401, "session_over")


def test_writing_from_another_site_with_the_browsers_cookie(
    target, attacker, session, sealed
) -> None:
    """Whatever a foreign page can send: a form, plain text, a guessed token."""
    body = json.dumps({"items": [{"value": "csrf.example", "category": "phishing"}]}).encode()
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "application/json"):
        for token in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "A" * 43}):
            headers = {
                **attacker(target).headers(media_type=media_type),
                "Cookie": f"__Host-blacklist_session={sealed(session)}",
                "Origin": "https://evil.example",
                **token,
            }
            answer = target.request("PUT", "/v1/listings", body, headers)
            answer.problem(403, "bad_csrf_token")
    assert target.check("csrf.example")["verdict"] == "no_record"

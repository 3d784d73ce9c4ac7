"""Moves to get at the lists, or at what only institutions are told."""

import json
from hashlib import sha256
from typing import Any

import pytest

from blacklist.callers import Scope
from blacklist.model import Audience, Trust

NOTE, REFERENCE = "tip-off-note", "99-tip/CV"
QUIET, VERIFIED = "quiet-attack.example", "verified-attack.example"
PER_MINUTE = 10


@pytest.fixture(scope="module")
def public(target, key_of) -> str:
    """A key of the public with every scope."""
    return key_of(target.data_dir, *Scope, audience=Audience.PUBLIC)


@pytest.fixture(scope="module")
def told(target, attacker, key_of, run, tmp_path_factory) -> None:
    """A listing whose reference and note are for institutions, and one that is being verified."""
    feed = tmp_path_factory.mktemp("feeds") / "quiet.csv"
    feed.write_text(f"link,reference,note\n{QUIET},{REFERENCE},{NOTE}\n")
    arguments = ("--source", "quiet-attack", "--trust", "authority", "--audience", "institutions")
    assert run(target.data_dir, "load", str(feed), *arguments).returncode == 0
    key = key_of(target.data_dir, Scope.LIST, trust=Trust.PARTNER)
    item = {"value": VERIFIED, "kind": "link", "category": "phishing", "note": NOTE}
    item |= {"letter": REFERENCE, "letter_date": "2026-11-20"}
    answer = attacker(target).ask("PUT", "/v1/listings", {"items": [item]}, key=key)
    assert answer.status == 202


def ways(asking: Any, key: str | None) -> dict[str, Any]:
    """Every address that could tell of the two, asked."""
    found = {}
    for value in (QUIET, VERIFIED):
        digest = sha256(f"link:{value}".encode()).hexdigest()
        thing = {"value": value, "kind": "link"}
        asked = {
            "check": ("GET", f"/v1/check?value={value}", None),
            "batch": ("POST", "/v1/check", {"items": [thing]}),
            "scan": ("POST", "/v1/scan", {"text": f"see {value}"}),
            "range": ("GET", f"/v1/range/link/{digest[0]}", None),
            "history": ("POST", "/v1/history", thing),
            "export": ("GET", "/v1/export?format=csv", None),
            "rows": ("GET", "/v1/export?format=ndjson", None),
            "report": ("POST", "/v1/reports", {**thing, "category": "phishing"}),
            "dispute": ("POST", "/v1/disputes", {**thing, "claim": "other"}),
            "watch": ("POST", "/v1/watches", thing),
            "withdraw": ("DELETE", "/v1/listings", {"items": [thing]}),
        }
        found |= {f"{name} {value}": asking.ask(*one, key=key) for name, one in asked.items()}
    return found


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("is_keyed", [False, True])
def test_learning_what_institutions_are_told(target, attacker, public, *, is_keyed: bool) -> None:
    """In no answer to the public, whole or refused, and in no header, stands note or reference.

    Nor that something is being verified: no word, and no verdict that gives it away.
    """
    answers = ways(attacker(target), public if is_keyed else None)
    assert answers[f"check {QUIET}"].json()["verdict"] == "listed"
    assert answers[f"check {VERIFIED}"].json()["verdict"] == "no_record"
    for name, answer in answers.items():
        whole = answer.body + json.dumps(answer.headers).encode()
        for word in (NOTE, REFERENCE, "being_verified"):
            assert word.encode() not in whole, name
    other = attacker(target).ask("GET", "/v1/check?value=never-listed.example").json()
    assert answers[f"check {VERIFIED}"].json()["notes"] == other["notes"]


@pytest.mark.usefixtures("told")
def test_reading_the_queue_of_what_is_verified(target, attacker, key_of) -> None:
    """Only keys that list or decide see it; asking and reporting keys do not."""
    for scope in (Scope.CHECK, Scope.REPORT):
        key = key_of(target.data_dir, scope)
        answer = attacker(target).ask("GET", "/v1/listings/pending", key=key)
        answer.problem(403, "not_allowed")


@pytest.fixture(scope="module")
def limited(module_service) -> Any:
    """A service that trusts no proxy and lets an address ask ten things a minute."""
    return module_service(BLACKLIST_WORKERS="1", BLACKLIST_PUBLIC_PER_MINUTE=str(PER_MINUTE))


def test_changing_ones_address_at_every_request(limited) -> None:
    """Without a trusted proxy a forged ``X-Forwarded-For`` is one address like any other."""
    answers = [
        limited.request(
            "GET",
            f"/v1/check?value=a{number}.example",
            None,
            {"X-Forwarded-For": f"198.51.100.{number}", "X-Real-IP": f"198.51.100.{number}"}
            | {"Forwarded": f"for=198.51.100.{number}"},
        )
        for number in range(3 * PER_MINUTE)
    ]
    refused = [one for one in answers if one.status != 200]
    assert len(refused) >= PER_MINUTE  # a minute may end on the way
    refused[0].problem(429, "too_many_requests")


def test_walking_through_all_numbers(limited, attacker) -> None:
    """A batch counts as many things as it holds: an address gets so many answers a minute."""
    walker = attacker(limited)
    numbers = [{"value": f"+4477009{number:05}", "kind": "phone"} for number in range(1_000)]
    walker.ask("POST", "/v1/check", {"items": numbers}).problem(413, "too_many_items")
    answers = [walker.ask("POST", "/v1/check", {"items": numbers[:5]}) for _ in range(6)]
    assert sum(one.status == 200 for one in answers) <= 4
    text = " ".join(one["value"] for one in numbers[: PER_MINUTE * 2])
    answer = walker.ask("POST", "/v1/scan", {"text": text})
    assert answer.status in {413, 429}

"""Receipts over HTTP: who is given one, what it proves, and what no forger gets through."""

import base64
import hmac
import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from blacklist.callers import Scope

ITEMS = [
    {"value": "vn-bank.example"},
    {"value": "0000000000001", "kind": "account", "bank": "970436"},
    {"value": "nonsense nonsense"},
]


class Asking:
    """A service, and a caller with a key."""

    def __init__(self, service: Any, key: str) -> None:
        self.service = service
        self.key = key

    def post(self, path: str, document: Any, key: str | None = "") -> Any:
        headers = {"Content-Type": "application/json"}
        if key is not None:
            headers["Authorization"] = f"Bearer {key or self.key}"
        return self.service.request("POST", path, json.dumps(document).encode(), headers)

    def receipt(self) -> str:
        answer = self.post("/v1/check", {"items": ITEMS, "receipt": True})
        assert answer.status == 200, answer.body
        token: str = answer.json()["receipt"]
        return token

    def verify(self, token: str, *items: Any) -> dict[str, Any]:
        told = {"receipt": token} | ({"items": items} if items else {})
        answer = self.post("/v1/receipts/verify", told)
        assert answer.status == 200, answer.body
        document: dict[str, Any] = answer.json()
        return document


@pytest.fixture(scope="module")
def asking(module_service: Callable[..., Any], key_of: Callable[..., str]) -> Asking:
    service = module_service()
    return Asking(service, key_of(service.data_dir, Scope.CHECK, policy="pause"))


def test_a_batch_carries_a_receipt_that_says_what_was_answered(asking: Asking) -> None:
    answer = asking.post("/v1/check", {"items": ITEMS, "receipt": True}).json()
    told = asking.verify(answer["receipt"])
    assert told["genuine"] is True
    says = told["says"]
    assert [(one["verdict"], one["level"]) for one in says["results"]] == [
        (one["verdict"], one["level"]) for one in answer["results"]
    ]
    assert says["results"][0]["action"] == answer["results"][0]["action"]["do"]
    assert (says["policy"], says["position"]) == (
        "pause",
        answer["results"][0]["as_of"]["position"],
    )
    assert asking.key.split("_")[1] == says["caller"]


def test_one_question_by_its_address_carries_one_too(asking: Asking) -> None:
    headers = {"Authorization": f"Bearer {asking.key}"}
    target = "/v1/check?value=vn-bank.example"
    answer = asking.service.request("GET", f"{target}&receipt=1", None, headers).json()
    told = asking.verify(answer["receipt"], {"value": "hxxp://VN-bank[.]example"})
    assert told["items"] == [{"speaks": True, "result": 0}]
    assert told["says"]["results"][0]["verdict"] == answer["verdict"] == "listed"
    assert "receipt" not in asking.service.request("GET", target, None, headers).json()
    wrong = asking.service.request("GET", f"{target}&receipt=yes", None, headers)
    wrong.problem(400, "bad_receipt")


def test_it_speaks_of_what_was_asked_and_of_nothing_else(asking: Asking) -> None:
    told = asking.verify(
        asking.receipt(),
        {"value": "970436/0000000000001"},
        {"value": "VN-BANK.example"},
        {"value": "0000000000001", "kind": "account", "bank": "970415"},
        {"value": "other.example"},
        {"value": "nonsense nonsense"},
    )
    assert [one["speaks"] for one in told["items"]] == [True, True, False, False, False]
    assert [one["result"] for one in told["items"]] == [1, 0, None, None, None]
    assert told["items"][4]["error"]["reason"]


def test_no_receipt_holds_what_was_asked(asking: Asking) -> None:
    """Nor can two receipts be told to speak of the same thing."""
    hashes = []
    for _ in range(2):
        payload = asking.receipt().split(".")[1]
        data = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        assert b"example" not in data
        assert b"0000000000001" not in data
        results = msgspec.msgpack.decode(data)[5]
        hashes.append({one for result in results for one in result[0]})
    assert len(hashes[0]) == len(hashes[1]) == 2
    assert hashes[0].isdisjoint(hashes[1])


def test_whatever_was_altered_is_not_genuine(asking: Asking) -> None:
    """Every character in turn is changed, cut away, and cut off."""
    token = asking.receipt()
    altered = []
    step = max(1, len(token) // 60)
    for at in [*range(0, len(token), step), *range(len(token) - 45, len(token))]:
        other = "A" if token[at] != "A" else "B"
        altered += [token[:at] + other + token[at + 1 :], token[:at] + token[at + 1 :], token[:at]]
    altered += [token + "A", token + "=", " " + token, token.upper(), "", ".", "..", "br1..", "é"]
    for one in altered:
        assert asking.verify(one, ITEMS[0]) == {"genuine": False}, one


def test_parts_of_two_receipts_do_not_make_a_third(asking: Asking) -> None:
    version, payload, signature = asking.receipt().split(".")
    _, other_payload, other_signature = asking.receipt().split(".")
    for one in (
        f"{version}.{payload}.{other_signature}",
        f"{version}.{other_payload}.{signature}",
        f"br2.{payload}.{signature}",
        f"{version}.{payload}{other_payload}.{signature}",
    ):
        assert asking.verify(one) == {"genuine": False}


def test_a_forger_without_the_secret_signs_in_vain(asking: Asking) -> None:
    signed = asking.receipt().rpartition(".")[0]
    for secret in (b"", bytes(32), asking.key.encode()):
        digest = hmac.digest(secret, signed.encode(), "sha256")
        forged = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        assert asking.verify(f"{signed}.{forged}") == {"genuine": False}


def test_another_installation_does_not_take_it(
    asking: Asking, module_service: Callable[..., Any], key_of: Callable[..., str]
) -> None:
    other = module_service()
    elsewhere = Asking(other, key_of(other.data_dir, Scope.CHECK))
    assert elsewhere.verify(asking.receipt()) == {"genuine": False}


def test_another_key_may_verify_and_nobody_without_one(
    asking: Asking, key_of: Callable[..., str]
) -> None:
    token = asking.receipt()
    other = Asking(asking.service, key_of(asking.service.data_dir, Scope.CHECK))
    assert other.verify(token)["genuine"] is True
    asking.post("/v1/receipts/verify", {"receipt": token}, None).problem(401, "no_key")
    wrong = key_of(asking.service.data_dir, Scope.LIST)
    asking.post("/v1/receipts/verify", {"receipt": token}, wrong).problem(403, "not_allowed")


def test_without_a_key_nobody_is_given_one(asking: Asking) -> None:
    asking.post("/v1/check", {"items": ITEMS, "receipt": True}, None).problem(401, "no_key")
    target = "/v1/check?value=vn-bank.example&receipt=1"
    asking.service.request("GET", target).problem(401, "no_key")


@pytest.mark.parametrize("body", [{}, {"receipt": 1}, {"receipt": "x", "more": 1}, [], "br1"])
def test_what_is_no_claim_is_refused(asking: Asking, body: Any) -> None:
    asking.post("/v1/receipts/verify", body).problem(400, "not_a_receipt")


def test_a_receipt_of_a_key_for_trying_out_says_so(
    asking: Asking, key_of: Callable[..., str]
) -> None:
    key = key_of(asking.service.data_dir, Scope.CHECK, test=True)
    tester = Asking(asking.service, key)
    assert asking.verify(tester.receipt())["says"]["test"] is True

"""``POST /v1/outcomes``: what came of a transfer, proved by the receipt of the answer."""

import json
import re
import time
from typing import Any

import pytest

from blacklist.callers import Scope
from blacklist.model import IdentifierView, Kind, Level, Verdict
from blacklist.model import Outcome as Word
from blacklist.receipts import Receipts, short_id
from blacklist.store import connect, keys, outcomes
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.outcomes import MAX_AMOUNT, TOLD_DAYS, Totals

ACCOUNT = {"value": "0000000000001", "kind": "account", "bank": "970436"}
JSON = {"Content-Type": "application/json"}
DAY_SECONDS = 86_400


class Bank:
    """A service, and what an institution's own system sends to it."""

    def __init__(self, service: Any, key: str) -> None:
        self.service = service
        self.key = key
        self.client = connect.reader(EmbeddedServer(service.data_dir).url)

    def post(self, path: str, document: Any, key: str | None = None, **headers: str) -> Any:
        bearer = {"Authorization": f"Bearer {key or self.key}"}
        return self.service.request(
            "POST", path, json.dumps(document).encode(), JSON | bearer | headers
        )

    def receipt(self, *items: Any, key: str | None = None) -> str:
        asked = {"items": items or [ACCOUNT], "receipt": True}
        token: str = self.post("/v1/check", asked, key).json()["receipt"]
        return token

    def tell(
        self, receipt: str, outcome: str = "stopped", key: str | None = None, **told: Any
    ) -> Any:
        return self.post("/v1/outcomes", {"receipt": receipt, "outcome": outcome} | told, key)

    def added(self, before: dict[str, Totals]) -> dict[str, tuple[int, int]]:
        """What was counted since: how many and how much, by outcome."""
        none = Totals()
        found = {
            word: (
                one.count - before.get(word, none).count,
                one.amount - before.get(word, none).amount,
            )
            for word, one in self.totals().items()
        }
        return {word: one for word, one in found.items() if one != (0, 0)}

    def totals(self) -> dict[str, Totals]:
        """What is counted of today, by outcome."""
        today = int(time.time()) // DAY_SECONDS
        return {word: one for (_, word), one in outcomes.read(self.client, [today]).items()}


@pytest.fixture(scope="module")
def bank(module_service, key_of) -> Bank:
    service = module_service()
    return Bank(service, key_of(service.data_dir, Scope.CHECK))


def test_an_outcome_is_counted_once_and_the_last_word_counts(bank: Bank) -> None:
    """A double click counts once; what was held is stopped in the end."""
    receipt, before = bank.receipt(), bank.totals()
    for _ in range(3):
        answer = bank.tell(receipt, "held")
        assert (answer.status, answer.json()) == (
            200,
            {"status": "counted", "id": short_id(receipt), "outcome": "held"},
        )
    assert bank.added(before) == {"held": (1, 0)}
    assert bank.tell(receipt, "stopped", amount=5_000_000).status == 200
    assert bank.added(before) == {"stopped": (1, 5_000_000)}


def test_each_answer_of_a_receipt_has_an_outcome_of_its_own(bank: Bank) -> None:
    receipt, before = bank.receipt(ACCOUNT, {"value": "clean.example"}), bank.totals()
    bank.tell(receipt).problem(422, "no_such_result")
    assert bank.tell(receipt, result=0, amount=7).status == 200
    assert bank.tell(receipt, "went_ahead", result=1, amount=8).status == 200
    bank.tell(receipt, result=2).problem(422, "no_such_result")
    assert bank.added(before) == {"stopped": (1, 7), "went_ahead": (1, 8)}
    today = int(time.time()) // DAY_SECONDS
    levels = {(one.ending, one.level, one.kind) for one in outcomes.sums(bank.client, [today])}
    assert ("stopped", "danger", "account") in levels
    assert ("went_ahead", "none", "link") in levels


def test_what_had_no_verdict_has_no_outcome(bank: Bank) -> None:
    receipt = bank.receipt(ACCOUNT, {"value": "nonsense nonsense"})
    bank.tell(receipt, result=1).problem(422, "no_such_result")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"receipt": "br1.a.b"},
        {"receipt": "br1.a.b", "outcome": "gone"},
        {"receipt": 1, "outcome": "stopped"},
        {"receipt": "br1.a.b", "outcome": "stopped", "amount": -1},
        {"receipt": "br1.a.b", "outcome": "stopped", "amount": 1.5},
        {"receipt": "br1.a.b", "outcome": "stopped", "amount": True},
        {"receipt": "br1.a.b", "outcome": "stopped", "amount": MAX_AMOUNT + 1},
        {"receipt": "br1.a.b", "outcome": "stopped", "result": -1},
        {"receipt": "br1.a.b", "outcome": "stopped", "account": "0000000000001"},
        [],
    ],
)
def test_what_is_no_outcome_is_refused(bank: Bank, body: Any) -> None:
    """Also what would say again whom the money was for."""
    bank.post("/v1/outcomes", body).problem(400, "not_an_outcome")


def test_only_a_receipt_of_ours_counts(bank: Bank) -> None:
    receipt, before = bank.receipt(), bank.totals()
    for forged in ("", "br1", "br1.a.b", receipt[:-1], receipt + "=", "Đ" + receipt):
        bank.tell(forged).problem(422, "receipt_not_genuine")
    assert bank.added(before) == {}


def test_only_the_key_that_asked_tells(bank: Bank, key_of) -> None:
    receipt, before = bank.receipt(), bank.totals()
    other = key_of(bank.service.data_dir, Scope.CHECK)
    bank.tell(receipt, key=other).problem(403, "receipt_not_yours")
    assert bank.added(before) == {}


def test_an_old_answer_has_no_outcome_any_more(bank: Bank) -> None:
    """Who was counted is forgotten by then: it would count twice."""
    now = int(time.time())
    receipts = Receipts((bank.service.data_dir / "secret").read_bytes())
    verdict = Verdict(
        verdict=Word.LISTED,
        level=Level.DANGER,
        identifiers=(IdentifierView(Kind.PHONE, "+447700900123", "+44 7700 900123"),),
    )
    caller, before = bank.key.split("_")[1], bank.totals()
    days = {days: now - days * DAY_SECONDS for days in (TOLD_DAYS - 1, TOLD_DAYS + 2)}
    old = {
        days: receipts.issue([verdict], caller=caller, policy="warn", at=at, is_test=False)
        for days, at in days.items()
    }
    bank.tell(old[TOLD_DAYS + 2]).problem(422, "receipt_too_old")
    assert bank.tell(old[TOLD_DAYS - 1]).status == 200
    assert bank.added(before) == {}, "it is counted on the day of the answer"
    day = days[TOLD_DAYS - 1] // DAY_SECONDS
    assert outcomes.read(bank.client, [day]) == {(day, "stopped"): Totals(1, 0)}


def test_what_a_test_key_tells_is_answered_and_not_counted(bank: Bank, key_of) -> None:
    key, before = key_of(bank.service.data_dir, Scope.CHECK, test=True), bank.totals()
    assert bank.tell(bank.receipt(key=key), key=key).status == 200
    assert bank.added(before) == {}


def test_who_may_tell(bank: Bank, key_of) -> None:
    """Whoever may ask with a key; nobody without one."""
    for scope in set(Scope) - {Scope.CHECK}:
        key = key_of(bank.service.data_dir, scope)
        bank.tell("br1.a.b", key=key).problem(403, "not_allowed")
    body = b'{"receipt": "br1.a.b", "outcome": "stopped"}'
    bank.service.request("POST", "/v1/outcomes", body, JSON).problem(401, "no_key")


def test_a_receipts_id_is_told_where_it_is_verified(bank: Bank) -> None:
    """So that the id on a printed sheet leads to the token."""
    receipt = bank.receipt()
    told = bank.post("/v1/receipts/verify", {"receipt": receipt}).json()
    assert told["id"] == short_id(receipt)
    assert re.fullmatch(r"([A-Z2-7]{4}-){2}[A-Z2-7]{4}", told["id"])
    assert told["says"]["results"][0]["kind"] == "account"


def test_nothing_that_was_asked_is_kept_with_an_outcome(bank: Bank) -> None:
    """Neither the account nor the receipt; the store holds words, sums and a keyed hash."""
    receipt = bank.receipt()
    assert bank.tell(receipt, amount=1).status == 200
    day = int(time.time()) // DAY_SECONDS
    kept = [*bank.client.hgetall(keys.outcomes(day)), *bank.client.hvals(keys.outcomes_told(day))]
    assert kept
    assert all(re.fullmatch(rb"[a-z_|]+\|[0-9a-f]{12}( [0-9]+)?", one) for one in kept)
    names = bank.client.hkeys(keys.outcomes_told(day))
    assert all(len(one) == 16 for one in names)

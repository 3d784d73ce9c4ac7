"""Listings by hand over HTTP: who may, what counts at once, what waits, what nobody may list."""

import json
import os
import random
import re
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException
from typing import Any

import pytest

from blacklist.callers import Scope
from blacklist.model import Trust
from blacklist.store import connect, keys
from blacklist.store.embedded import EmbeddedServer

JSON = {"Content-Type": "application/json"}
LISTINGS = "/v1/listings"
PENDING = "/v1/listings/pending"
CONFIRM = "/v1/listings/confirm"
PHISHING = {"kind": "link", "category": "phishing"}
SEED = 20261128
KILLS = 3
ACCOUNT = {"kind": "account", "bank": "970436", "category": "mule_account"}


class Desk:
    """A service with two workers, and keys of its store."""

    def __init__(self, service: Any, key_of: Callable[..., str]) -> None:
        self.service = service
        self._key_of = key_of

    def key(self, *scopes: Scope, trust: Trust = Trust.AUTHORITY, **told: Any) -> str:
        return self._key_of(self.service.data_dir, *scopes, trust=trust, **told)

    def send(self, method: str, target: str, key: str | None, *items: Any) -> Any:
        headers = JSON | ({} if key is None else {"Authorization": f"Bearer {key}"})
        body = None if method == "GET" else json.dumps({"items": items}).encode()
        return self.service.request(method, target, body, headers)

    def put(self, key: str | None, *items: Any) -> Any:
        return self.send("PUT", LISTINGS, key, *items)

    def check(self, key: str | None, value: str, **fields: Any) -> Any:
        """What is answered about a thing; every worker is asked, and all say the same."""
        headers = JSON | ({} if key is None else {"Authorization": f"Bearer {key}"})
        body = json.dumps({"items": [{"value": value, **fields}]}).encode()
        told = [
            self.service.request("POST", "/v1/check", body, headers).json()["results"][0]
            for _ in range(8)
        ]
        for one in told:
            one.pop("as_of")
        assert all(one == told[0] for one in told)
        return told[0]


@pytest.fixture(scope="module")
def desk(module_service, key_of) -> Desk:
    return Desk(module_service(), key_of)


@pytest.fixture(scope="module")
def authority(desk: Desk) -> str:
    return desk.key(Scope.LIST, Scope.CHECK)


@pytest.fixture(scope="module")
def partner(desk: Desk) -> str:
    return desk.key(Scope.LIST, Scope.CHECK, trust=Trust.PARTNER)


def test_an_authority_lists_at_once_with_letter_category_note_and_end(
    desk: Desk, authority: str
) -> None:
    item = {
        "value": "hxxp://listed-by-hand[.]example",
        **PHISHING,
        "letter": "Số: 386 / CAT-ANM",
        "letter_date": "2023-02-17",
        "note": "Trang giả mạo",
        "expires": "2099-12-31",
        "ref": "row 1",
    }
    answer = desk.put(authority, item)
    assert answer.status == 200
    told = {"ref": "row 1", "status": "listed", "kind": "link", "listed": "listed-by-hand.example"}
    assert answer.json() == {"results": [told]}
    verdict = desk.check(authority, "listed-by-hand.example")
    (match,) = verdict["matches"]
    assert (verdict["verdict"], verdict["level"]) == ("listed", "danger")
    assert (match["trust"], match["category"], match["reference"], match["note"]) == (
        "authority",
        "phishing",
        "386/CAT-ANM, 17/02/2023",
        "Trang giả mạo",
    )
    assert match["expires"] == "2099-12-31T17:00:00Z"
    (shown,) = desk.check(None, "listed-by-hand.example")["matches"]
    assert (shown["reference"], shown["note"]) == (None, None)


def test_the_same_again_changes_nothing_and_another_word_replaces_the_details(
    desk: Desk, authority: str
) -> None:
    item = {"value": "again.example", **PHISHING, "note": "one"}
    assert desk.put(authority, item).status == 200
    (first,) = desk.check(authority, "again.example")["matches"]
    assert desk.put(authority, item).status == 200
    assert desk.check(authority, "again.example")["matches"] == [first]
    assert desk.put(authority, {"value": "again.example", **PHISHING}).status == 200
    (last,) = desk.check(authority, "again.example")["matches"]
    assert (last["note"], last["since"]) == (None, first["since"])


def test_a_bad_item_does_not_spoil_the_others(desk: Desk, authority: str) -> None:
    good = {"value": "beside-bad.example", **PHISHING}
    bad = [
        ({**good, "category": "nonsense"}, "unknown_category"),
        ({**good, "kind": "nonsense"}, "unknown_kind"),
        ({"value": "x.example", "category": "other"}, "unknown_kind"),
        ({"kind": "link", "category": "other"}, "no_value"),
        ({**good, "value": "com.vn"}, "public_suffix"),
        ({**good, "letter": "without a digit"}, "bad_letter"),
        ({**good, "letter_date": "2023-02-17"}, "bad_letter"),
        ({**good, "expires": "2020-01-01"}, "bad_expires"),
        ({**good, "note": "thẻ 4111-1111-1111-1111"}, "card_number"),
        ({**good, "note": "CCCD 000 000 000 000"}, "identity_number"),
        ({**good, "note": "x" * 501}, "too_long"),
        ({**good, "surprise": 1}, "unknown_field"),
        ({**good, "ref": "x" * 65}, "bad_ref"),
        ("text", "not_an_item"),
    ]
    answer = desk.put(authority, *(item for item, _ in bad), good)
    assert answer.status == 200
    *errors, last = answer.json()["results"]
    assert [one["error"]["reason"] for one in errors] == [reason for _, reason in bad]
    assert last["status"] == "listed"
    answer = desk.put(authority, *(item for item, _ in bad))
    document = answer.problem(400, "no_valid_item")
    assert len(document["results"]) == len(bad)
    assert re.search(rb"1111 ?1111", answer.body) is None


def test_a_thousand_at_once_and_no_more(desk: Desk, authority: str) -> None:
    items = [{"value": f"many-{number}.example", **PHISHING} for number in range(1_001)]
    desk.put(authority, *items).problem(413, "too_many_items")
    assert desk.put(authority, *items[:1_000]).status == 200
    assert desk.check(None, "many-999.example")["verdict"] == "listed"


def test_what_is_withdrawn_is_listed_no_more_and_other_keys_lists_stay(
    desk: Desk, authority: str
) -> None:
    other = desk.key(Scope.LIST)
    item = {"value": "withdrawn.example", "kind": "link"}
    for key in (authority, other):
        assert desk.put(key, item | {"category": "other"}).status == 200
    for status in ("withdrawn", "not_listed"):
        answer = desk.send("DELETE", LISTINGS, authority, item, {"value": "x"})
        assert answer.json()["results"][0] == {"status": status}
        assert answer.json()["results"][1]["error"]["reason"] == "unknown_kind"
        assert len(desk.check(None, "withdrawn.example")["matches"]) == 1
    assert desk.send("DELETE", LISTINGS, other, item).status == 200
    assert desk.check(None, "withdrawn.example")["verdict"] == "no_record"


def test_one_number_at_two_banks_is_met_at_each_until_it_is_withdrawn(
    desk: Desk, authority: str
) -> None:
    """The bare number points to both; listing one bank's must not hide the other's."""
    number = "0000000000042"
    for bank in ("970436", "970415"):
        item = {"value": number, **ACCOUNT, "bank": bank}
        assert desk.put(authority, item).status == 200
    for bank in ("970436", "970415"):
        found = desk.check(None, number, kind="account", bank=bank)
        assert (found["verdict"], found["level"]) == ("listed", "danger")
    assert len(desk.check(None, number, kind="account")["matches"]) == 2
    gone = {"value": number, "kind": "account", "bank": "970436"}
    assert desk.send("DELETE", LISTINGS, authority, gone).status == 200
    (left,) = desk.check(None, number, kind="account")["matches"]
    assert left["listed"] == f"970415/{number}"


def test_a_partners_listing_is_noted_for_institutions_until_a_second_key_confirms(
    desk: Desk, partner: str, authority: str
) -> None:
    item = {"value": "waits.example", **PHISHING, "note": "seen", "ref": "r"}
    answer = desk.put(partner, item)
    assert answer.status == 202
    (told,) = answer.json()["results"]
    assert (told["status"], told["ref"]) == ("being_verified", "r")
    seen = desk.check(authority, "www.waits.example/page")
    assert (seen["verdict"], seen["level"], seen["notes"]) == (
        "no_record",
        "none",
        ["being_verified"],
    )
    assert desk.check(None, "waits.example")["notes"] == []
    (shown,) = [
        one
        for one in desk.send("GET", PENDING, authority).json()["pending"]
        if one["value"] == "waits.example"
    ]
    assert (shown["id"], shown["category"], shown["note"], shown["maker_name"]) == (
        told["id"],
        "phishing",
        "seen",
        "tests",
    )
    word = {"id": told["id"], "decision": "confirm"}
    answer = desk.send("POST", CONFIRM, partner, word)
    assert answer.json()["results"][0]["error"]["reason"] == "own_listing"
    assert desk.check(None, "waits.example")["verdict"] == "no_record"
    checker = desk.key(Scope.ADMIN)
    assert desk.send("POST", CONFIRM, checker, word).json() == {"results": [{"status": "listed"}]}
    verdict = desk.check(None, "waits.example")
    assert (verdict["verdict"], verdict["notes"]) == ("listed", [])
    assert verdict["matches"][0]["trust"] == "partner"
    again = desk.send("POST", CONFIRM, checker, word).json()["results"][0]
    assert again["error"]["reason"] == "not_waiting"


def test_nothing_changes_between_the_look_and_the_word(
    desk: Desk, partner: str, authority: str
) -> None:
    """Who changes a waiting listing gives it another id: what was confirmed is what was seen."""
    item = {"value": "swapped.example", **PHISHING}
    (seen,) = desk.put(partner, item).json()["results"]
    (changed,) = desk.put(partner, item | {"note": "another"}).json()["results"]
    assert seen["id"] != changed["id"]
    told = desk.send("POST", CONFIRM, authority, {"id": seen["id"], "decision": "confirm"})
    assert told.json()["results"][0]["error"]["reason"] == "not_waiting"


def test_what_is_refused_or_withdrawn_waits_no_more(
    desk: Desk, partner: str, authority: str
) -> None:
    other = desk.key(Scope.LIST, trust=Trust.PARTNER)
    item = {"value": "refused.example", **PHISHING}
    (told,) = desk.put(partner, item).json()["results"]
    (second,) = desk.put(other, item).json()["results"]
    refusal = {"id": told["id"], "decision": "refuse"}
    assert desk.send("POST", CONFIRM, authority, refusal).json()["results"] == [
        {"status": "refused"}
    ]
    assert desk.check(authority, "refused.example")["notes"] == ["being_verified"]
    gone = {"value": "refused.example", "kind": "link"}
    assert desk.send("DELETE", LISTINGS, other, gone).json()["results"] == [{"status": "withdrawn"}]
    assert desk.check(authority, "refused.example")["notes"] == []
    told = desk.send("POST", CONFIRM, authority, {"id": second["id"], "decision": "confirm"})
    assert told.json()["results"][0]["error"]["reason"] == "not_waiting"


def test_the_listing_of_a_revoked_key_cannot_be_confirmed(desk: Desk, authority: str, run) -> None:
    maker = desk.key(Scope.LIST, trust=Trust.PARTNER)
    (told,) = desk.put(maker, {"value": "stolen-key.example", **PHISHING}).json()["results"]
    run(desk.service.data_dir, "keys", "revoke", maker.split("_")[1])
    answer = desk.send("POST", CONFIRM, authority, {"id": told["id"], "decision": "confirm"})
    assert answer.json()["results"][0]["error"]["reason"] == "maker_revoked"


def test_an_institutions_own_is_listed_by_nobody(
    desk: Desk, authority: str, partner: str, run, tmp_path
) -> None:
    """By no way in: at once, after a second key's word, or as an accepted report."""
    directory = tmp_path / "official.csv"
    directory.write_text(
        "institution,kind,value,bank,hotline\n"
        "A bank,account,0000000000009,970436,\n"
        "A bank,phone,+447700900909,,1900 0000\n"
        "A bank,link,bank.example,,\n"
    )
    for value in ("0000000000009", "soon-official.example"):
        told = ACCOUNT if value.isdigit() else PHISHING
        answer = desk.put(partner, {"value": value, **told})
        assert answer.status == 202
    waiting = desk.send("GET", PENDING, authority).json()["pending"]
    ids = {one["value"]: one["id"] for one in waiting}
    done = run(desk.service.data_dir, "official", "load", str(directory))
    assert done.returncode == 0, done.stderr
    own = [
        {"value": "0000000000009", **ACCOUNT},
        {"value": "0000000000009", "kind": "account", "category": "other"},
        {"value": "+447700900909", "kind": "phone", "category": "spam_call"},
        {"value": "bank.example", **PHISHING},
        {"value": "https://login.bank.example/", **PHISHING},
        {"value": "1900545413", "kind": "phone", "category": "other"},  # Vietcombank's, published
        {"value": "vnexpress.net", **PHISHING},
    ]
    for key in (authority, partner):
        results = desk.put(key, *own).problem(400, "no_valid_item")["results"]
        words = [one["error"]["reason"] for one in results]
        assert words == ["official"] * 6 + ["popular_host"]
    for item in own:
        answer = desk.service.request("POST", "/v1/reports", json.dumps(item).encode(), JSON)
        assert answer.status == 422, (item, answer.body)
        assert answer.problem(422)["reason"] in {"official", "popular_host"}
    word = {"id": ids["970436/0000000000009"], "decision": "confirm"}
    (result,) = desk.send("POST", CONFIRM, authority, word).json()["results"]
    assert result["error"]["reason"] == "held"
    assert desk.check(None, "0000000000009", kind="account", bank="970436")["verdict"] == "official"


def test_few_write_at_once_and_questions_are_answered_beside_them(module_service, key_of) -> None:
    """With eight threads a worker, two write; the others are told when to come again."""
    service = module_service(BLACKLIST_THREADS="8", BLACKLIST_WORKERS="1")
    desk = Desk(service, key_of)
    authorities = [desk.key(Scope.LIST) for _ in range(6)]

    def put_some(number: int) -> list[Any]:
        item = {"value": f"at-once-{number}.example", **PHISHING}
        return [desk.put(authorities[number], item) for _ in range(3)]

    with ThreadPoolExecutor(len(authorities)) as pool:
        sent = [pool.submit(put_some, number) for number in range(len(authorities))]
        asked = [service.check("clean.example")["verdict"] for _ in range(20)]
        answers = [answer for one in sent for answer in one.result()]
    assert asked == ["no_record"] * 20
    refused = [one for one in answers if one.status != 200]
    assert 0 < len(refused) < len(answers)
    for one in refused:
        one.problem(503, "too_many_writes")
        assert int(one.headers["retry-after"]) > 0


@pytest.mark.slow
def test_a_put_that_was_killed_is_whole_when_it_is_sent_again(
    start_service, quick_data_dir, key_of
) -> None:
    """Every worker is killed while it writes; what is sent again is listed, each thing once."""
    service = start_service(quick_data_dir)
    desk = Desk(service, key_of)
    key = desk.key(Scope.LIST)
    rng = random.Random(SEED)
    items = [{"value": f"killed-{number}.example", **PHISHING} for number in range(1_000)]
    for _ in range(KILLS):
        with ThreadPoolExecutor(1) as pool:
            sent = pool.submit(desk.put, key, *items)
            time.sleep(rng.uniform(0.0, 0.4))
            os.killpg(service.process.pid, signal.SIGKILL)
            service.process.wait()
            with suppress(OSError, HTTPException):
                sent.result()
        service = start_service(quick_data_dir)
        desk.service = service
        release_lock(quick_data_dir, key)
    assert desk.put(key, *items).status == 200
    found = service.post_items(*({"value": one["value"]} for one in items)).json()["results"]
    assert {(one["verdict"], len(one["matches"])) for one in found} == {("listed", 1)}


def release_lock(data_dir, key: str) -> None:
    """Spare the test the half minute after which a dead writer's lock runs out by itself."""
    server = EmbeddedServer(data_dir)
    server.use()
    client = connect.writer(server.url)
    client.delete(keys.lock(f"source:hand-{key.split('_')[1]}"))
    client.close()
    server.leave()

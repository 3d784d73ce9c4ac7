"""``/v1/scan``: a whole message, asked from a real service."""

import json

import pytest

from blacklist.scan import MAX_CHARACTERS

CARD = "4111111111111111"
MARK = "zq9unlikely7"
SURROGATE = "\\ud800"
NUMBER = "0000000000001"
"""The sample lists it at the bank 970436."""


@pytest.fixture
def post(service):
    """Send a body to ``/v1/scan``."""

    def post(body, content_type="application/json"):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        return service.request("POST", "/v1/scan", body, {"Content-Type": content_type})

    return post


def timeless(result):
    """A result without what differs from one moment to the next."""
    return {name: value for name, value in result.items() if name != "as_of"}


def test_each_place_has_the_result_that_check_gives(service, post) -> None:
    """And the whole is as grave as its gravest part."""
    text = f"Chuyển vào STK {NUMBER} ngân hàng Vietcombank 🙏, xem vn-bank.example, gọi 0912345678"
    answer = post({"text": text, "ref": "row 17"})
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    document = answer.json()
    assert list(document) == ["ref", "verdict", "suspicious", "level", "found", "notes", "as_of"]
    assert (document["ref"], document["verdict"]) == ("row 17", "listed")
    assert (document["suspicious"], document["level"]) == (True, "danger")
    asked = [
        service.check(NUMBER, kind="account", bank="ngân hàng Vietcombank"),
        service.check("vn-bank.example", kind="link"),
        service.check("0912345678", kind="phone"),
    ]
    found = document["found"]
    assert [timeless(one["result"]) for one in found] == [timeless(one) for one in asked]
    assert [text[one["start"] : one["end"]] for one in found] == [one["text"] for one in found]
    assert list(document["as_of"]["lists"]) == ["account", "link", "phone"]


def test_nothing_found_is_no_verdict(post) -> None:
    """Neither "safe" nor "nothing known"."""
    document = post({"text": "Chào bạn"}).json()
    assert (document["verdict"], document["suspicious"], document["level"]) == (None, None, None)
    assert (document["found"], document["notes"]) == ([], ["nothing_found"])


def test_the_number_of_a_card_is_told_and_never_repeated(post) -> None:
    """Its place lets a page ask the sender to remove it."""
    answer = post({"text": f"so the {CARD}, CCCD 001000000001"})
    assert CARD.encode() not in answer.body
    assert b"001000000001" not in answer.body
    card, identity = answer.json()["found"]
    assert (card["start"], card["end"], card["text"]) == (7, 23, None)
    assert card["result"]["input"] is None
    assert card["result"]["error"]["reason"] == "card_number"
    assert identity["result"]["error"]["reason"] == "identity_number"
    assert answer.json()["notes"] == ["nothing_understood"]


def test_a_name_of_two_banks_is_an_error_and_the_account_is_asked(post) -> None:
    """Without a bank: the listed number is found, and the name is told with both its owners."""
    account, name = post({"text": f"STK {NUMBER} BVB"}).json()["found"]
    assert account["result"]["matches"][0]["match"] == "unknown_bank"
    assert name["text"] == "BVB"
    assert name["result"]["error"]["reason"] == "ambiguous_bank"
    assert "BaoViet" in name["result"]["error"]["detail"]
    assert "BVBank" in name["result"]["error"]["detail"]


def test_the_longest_message_is_answered_and_a_longer_one_refused(post) -> None:
    """Characters, not bytes."""
    text = "đ" * (MAX_CHARACTERS - 16) + " vn-bank.example"
    assert post({"text": text}).json()["verdict"] == "listed"
    problem = post({"text": text + MARK}).problem(413, "text_too_long")
    assert MARK not in str(problem)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "no_text"),
        ({"text": ""}, "empty"),
        ({"text": " \n"}, "empty"),
        ({"text": None}, "not_text"),
        ({"text": 17}, "not_text"),
        ({"text": [MARK]}, "not_text"),
        ({"text": MARK, "region": 17}, "unknown_region"),
        ({"text": MARK, "region": "XX"}, "unknown_region"),
        ({"text": MARK, "ref": "x" * 65}, "bad_ref"),
        ({"text": MARK, "ref": 17}, "bad_ref"),
        ({"text": MARK, "kind": "link"}, "unknown_field"),
        ([MARK], "not_a_message"),
        (MARK, "not_a_message"),
        (None, "not_a_message"),
        (b"", "not_json"),
        (b'{"text": "' + MARK.encode(), "not_json"),
        (b'{"text": "\xff' + MARK.encode() + b'"}', "not_json"),
        (b"[" * 100_000, "not_a_message"),
        (f'{{"text": "{MARK}{SURROGATE}"}}'.encode(), "not_text"),
        (f'{{"text": "{MARK}", "ref": "{SURROGATE}"}}'.encode(), "bad_ref"),
        (f'{{"text": "{MARK}", "region": "{SURROGATE}"}}'.encode(), "unknown_region"),
        (f'{{"text": "{MARK}", "{SURROGATE}": 1}}'.encode(), "not_a_message"),
    ],
    ids=lambda one: str(one)[:30],
)
def test_a_bad_message_is_refused_without_repeating_it(post, body, reason) -> None:
    """With a reason of its own."""
    answer = post(body)
    answer.problem(400, reason)
    assert MARK.encode() not in answer.body


def test_a_whole_pair_of_surrogates_is_text(post) -> None:
    """As JSON writes what lies beyond the basic plane."""
    answer = post(b'{"text": "\\ud83d\\ude4f vn-bank.example"}')
    assert answer.json()["found"][0]["start"] == 2


def test_other_content_types_and_methods_are_refused(service, post) -> None:
    """A message is never in an address."""
    post(b"text=x", "application/x-www-form-urlencoded").problem(415, "not_json")
    assert post({"text": "vn-bank.example"}, "application/problem+json").status == 200
    answer = service.request("GET", f"/v1/scan?text={MARK}")
    answer.problem(405, "method_not_allowed")
    assert MARK.encode() not in answer.body

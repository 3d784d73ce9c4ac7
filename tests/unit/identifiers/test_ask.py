"""Which kinds a text is read as, with and without a kind."""

import pytest

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers import ask, guess_kind, list_as
from blacklist.model import Kind

P, A, L = Kind.PHONE, Kind.ACCOUNT, Kind.LINK


def kinds(readings):
    return [reading.identifier.kind for reading in readings]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0912345678", [P, A]),
        ("+84912345678", [P]),
        ("0912345678 zalo", [P]),
        ("113", [P]),
        ("sip:0912345678@pbx.example", [P]),
        ('"Bank" <sip:+84912345678@203.0.113.7;user=phone>', [P]),
        ("0692348560", [P, A]),
        ("970436/0000000000001", [A]),
        ("Vietcombank/0000000000001", [A]),
        ("99ZP00000M0000001", [A]),
        ("12ABC345", [A]),
        ("evil.example", [L]),
        ("shop247.example", [L]),
        ("http://0912345678.example/0912345678", [L]),
        ("hxxp://evil[.]example", [L]),
        ("ｅｖｉｌ．ｅｘａｍｐｌｅ", [L]),
        ("203.0.113.7", [L]),
        ("91.234.56.78", [L]),
        ("120.255.50.123", [L]),
        ("091.234.56.78", [P]),
        ("evil.example:8080/a", [L]),
        ("http://ev\til.example/", [L]),
    ],
)
def test_without_a_kind_every_reading_that_the_text_allows(text, expected):
    assert kinds(ask(text).readings) == expected
    assert ask(text).related == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("hello", "not_understood"),
        ("A1B2C", "not_understood"),
        ("VQRQAAUQA00", "not_understood"),
        ("localhost", "not_understood"),
        ("http://localhost/", "not_a_domain"),
        ("192.168.1.1", "private_address"),
        ("1-800-FLOWERS", "letters_in_number"),
        ("0912345678zalo!", "letters_in_number"),
        ("sip:anonymous@anonymous.invalid", "withheld_number"),
        ("sip:vietcombank@pbx.example", "sip_without_number"),
        ("0912345678;0987654321", "several_numbers"),
        ("0912345678/79", "several_numbers"),
        ("nobody/0000000000001", "unknown_bank"),
        ("0000000000", "placeholder"),
        ("someone@evil.example", "email_address"),
        ("mailto:someone@evil.example", "email_address"),
        ("intent://evil.example#Intent;end", "unsupported_scheme"),
        ("Xem\tevil.example", "several_links"),
        ("anonymous", "withheld_number"),
        ("Unknown", "withheld_number"),
        ("Số ẩn", "withheld_number"),
        ("Private number", "withheld_number"),
        ("Vietcombank", "not_understood"),
        ("unknown " * 20, "not_understood"),
    ],
)
def test_a_text_that_is_nothing_says_what_it_fails_to_be(text, reason):
    with pytest.raises(InvalidIdentifier) as refused:
        ask(text)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("text", "kind", "related"),
    [
        ("0912345678", A, [P]),
        ("0912345678", P, [A]),
        ("0912 345 678", A, [P]),
        ("912345678", A, []),
        ("0692348560", A, []),
        ("0011001234567", A, []),
        ("+84912345678", P, []),
        ("evil.example", L, []),
        ("203.0.113.7", L, []),
        ("shop24724.example", A, [L]),
    ],
)
def test_with_a_kind_the_others_are_related_unless_they_are_guesses(text, kind, related):
    question = ask(text, kind=kind)
    assert kinds(question.readings) == [kind]
    assert kinds(question.related) == related


def test_a_bank_without_a_kind_means_an_account():
    question = ask("0912345678", bank="MB")
    assert kinds(question.readings) == [A]
    assert question.readings[0].identifier.value == "970422/0912345678"
    assert kinds(question.related) == [P]


def test_a_blank_bank_means_nothing():
    assert ask("0912345678", bank=" ") == ask("0912345678")


def test_a_kind_may_be_given_as_its_word():
    assert ask("0912345678", kind="phone") == ask("0912345678", kind=P)


def test_ten_digits_of_another_region_are_a_related_phone_there():
    assert kinds(ask("2025550123", kind=A, region="US").related) == [P]
    assert kinds(ask("2025550123", kind=A, region="VN").related) == []


@pytest.mark.parametrize("region", ["XX", ""])
def test_an_unknown_region_is_refused_whatever_is_asked(region):
    """A phone reading lost to it would leave an innocent "nothing known" of the others."""
    for text, kind in [("0000000000001", A), ("0912345678", None), ("evil.example", L)]:
        with pytest.raises(InvalidIdentifier) as refused:
            ask(text, kind=kind, region=region)
        assert refused.value.reason == "unknown_region"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("evil.example", L),
        ("EVIL.EXAMPLE/a?b", L),
        ("https://evil.example", L),
        ("hxxp://evil[.]example", L),
        ("203.0.113.7", L),
        ("203.0.113.7/x", L),
        ("[2001:db8::1]", L),
        ("cốc.example", L),
        ("+84 912 345 678", P),
        ("0912.345.678", None),
        ("12025550123", None),
        ("(202) 555-0123", None),
        ("tel:0912345678", P),
        ("+113", P),
        ("sip:+84912345678@pbx.example;user=phone", P),
        ("970436/0000000000001", A),
        ("hello", None),
        ("1234567", None),
        ("0000000000000001", None),
        ("VQRQAAUQA6336", None),
        ("202555xxxx", None),
    ],
)
def test_the_kind_of_a_plain_row_is_guessed_from_its_shape(text, kind):
    assert guess_kind(text) == kind


@pytest.mark.parametrize("kind", [None, A, P, L])
@pytest.mark.parametrize("text", ["9704000000000018", "9704 0000 0000 0018", "4111-1111-1111-1111"])
def test_a_card_number_is_refused_as_one_whatever_it_is_asked_as(text, kind):
    """So that no caller mistakes it for something that may be echoed or kept."""
    for refuse in (ask, list_as) if kind else (ask,):
        with pytest.raises(InvalidIdentifier) as refused:
            refuse(text, kind=kind)
        assert refused.value.reason == "card_number"


@pytest.mark.parametrize(
    ("text", "kind", "note"),
    [
        ("https://login.vietcombank.com.vn.evil.example/otp", L, "looks_like:Vietcombank"),
        ("vietcombank.com.vn", L, None),
        ("evil.example", L, None),
    ],
)
def test_an_imitation_is_noted_with_the_name_imitated(text, kind, note):
    notes = ask(text, kind=kind).readings[0].notes
    assert [one for one in notes if one.startswith("looks_like")] == ([note] if note else [])

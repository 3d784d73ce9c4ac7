"""Accounts that stand among words: a bank's name, a label, a holder's name."""

import pytest

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers import ask, list_as
from blacklist.identifiers.account_words import find_written
from blacklist.model import Kind

P, A = Kind.PHONE, Kind.ACCOUNT
NUMBER = "0000000000001"

NAMED = [
    (f"VCB {NUMBER}", f"970436/{NUMBER}"),
    (f"{NUMBER} VCB", f"970436/{NUMBER}"),
    (f"{NUMBER} - Vietcombank", f"970436/{NUMBER}"),
    (f"Vietcombank: {NUMBER}", f"970436/{NUMBER}"),
    (f"VCB - {NUMBER}", f"970436/{NUMBER}"),
    (f"{NUMBER} (VCB)", f"970436/{NUMBER}"),
    ("VCB 0000.0000.00001", f"970436/{NUMBER}"),
    ("VCB ００００００００００００１", f"970436/{NUMBER}"),
    (f"STK {NUMBER}", NUMBER),
    (f"stk:{NUMBER}", NUMBER),
    (f"TK {NUMBER}", NUMBER),
    (f"Số TK: {NUMBER}", NUMBER),
    (f"Số tài khoản {NUMBER}", NUMBER),
    (f"so tai khoan {NUMBER}", NUMBER),
    (f"Account number: {NUMBER}", NUMBER),
    (f"STK: {NUMBER} NH Á Châu", f"970416/{NUMBER}"),
    (f"stk: {NUMBER} nh a chau", f"970416/{NUMBER}"),
    (f"tk mb {NUMBER}", f"970422/{NUMBER}"),
    (f"MB STK {NUMBER}", f"970422/{NUMBER}"),
    (f"Số tài khoản {NUMBER} tại ngân hàng Quân đội", f"970422/{NUMBER}"),
    (f"so tai khoan {NUMBER} tai ngan hang quan doi", f"970422/{NUMBER}"),
    (f"{NUMBER} mở tại Ngân hàng TMCP Sài Gòn - Hà Nội", f"970443/{NUMBER}"),
    (f"Ngân hàng: VCB, STK: {NUMBER}", f"970436/{NUMBER}"),
    (f"Ngân hàng: BIDV - CN Tân Bình, số TK: {NUMBER}", f"970418/{NUMBER}"),
    (f"Vietcombank (VCB) {NUMBER}", f"970436/{NUMBER}"),
    (f"VCB {NUMBER} Ngoại thương", f"970436/{NUMBER}"),
    (f"BVB {NUMBER} Bản Việt", f"970454/{NUMBER}"),
    (f"DEUTDEFF {NUMBER}", f"DEUTDEFF/{NUMBER}"),
    ("STK VQRQAAUQA000001 MB", "970422/VQRQAAUQA000001"),
    ("MoMo 0912345678", "971025/0912345678"),
    ("ví MoMo: +84 912 345 678", "971025/0912345678"),
    ("MoMo 01201234567", "971025/0701234567"),
]


def values(readings):
    return [str(reading.identifier) for reading in readings]


def reason_of(text, **hints):
    with pytest.raises(InvalidIdentifier) as refused:
        ask(text, **hints)
    return refused.value.reason


@pytest.mark.parametrize("kind", [None, A])
@pytest.mark.parametrize(("text", "value"), NAMED)
def test_a_bank_or_a_label_beside_a_number_makes_it_an_account(text, value, kind):
    (reading,) = ask(text, kind=kind).readings
    assert str(reading.identifier) == f"account:{value}"
    assert reading == ask(value, kind=A).readings[0]


@pytest.mark.parametrize(("text", "value"), NAMED)
def test_it_is_a_related_phone_if_it_is_one_in_use_here(text, value):
    related = values(ask(text).related)
    assert related == values(ask(value, kind=A).related)
    assert bool(related) == ("MoMo" in text)


@pytest.mark.parametrize(
    ("text", "phone"), [("tk mb 0352350917", "+84352350917"), ("STK 0912345678", "+84912345678")]
)
def test_asked_as_a_phone_it_is_one_with_the_account_beside_it(text, phone):
    question = ask(text, kind=P)
    assert values(question.readings) == [f"phone:{phone}"]
    assert question.readings[0].notes == ("words_dropped",)
    assert values(question.related) == values(ask(text).readings)


@pytest.mark.parametrize("kind", [None, A])
def test_a_name_of_two_banks_is_refused_with_both(kind):
    for text, both in [
        (f"BVB {NUMBER}", ("BaoViet Bank", "BVBank")),
        (f"{NUMBER} VTB", ("VietinBank", "VietBank")),
        (f"VCB {NUMBER} MB", ("Vietcombank", "MB")),
    ]:
        with pytest.raises(InvalidIdentifier) as refused:
            ask(text, kind=kind)
        assert refused.value.reason == "ambiguous_bank"
        assert all(bank in refused.value.detail for bank in both)


def test_a_bank_given_beside_must_be_the_one_that_is_named():
    assert reason_of(f"VCB {NUMBER}", bank="ACB") == "bank_conflict"
    assert reason_of(f"{NUMBER} VCB NGUYEN VAN A", bank="ACB") == "bank_conflict"
    assert ask(f"VCB {NUMBER}", bank="970436") == ask(f"970436/{NUMBER}")
    assert values(ask(f"STK {NUMBER}", bank="ACB").readings) == [f"account:970416/{NUMBER}"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (f"VCB: {NUMBER} (Nguyễn Văn A)", f"970436/{NUMBER}"),
        (f"{NUMBER} - Vietcombank - NGUYEN VAN A", f"970436/{NUMBER}"),
        (f"STK {NUMBER} Nguyễn Văn A", NUMBER),
        (f"{NUMBER} VCB NGUYEN VAN A", f"970436/{NUMBER}"),
        (f"NGUYEN VAN A VCB {NUMBER}", f"970436/{NUMBER}"),
    ],
)
@pytest.mark.parametrize("kind", [None, A])
def test_a_holders_name_beside_a_bank_or_label_is_dropped_and_said(text, value, kind):
    (reading,) = ask(text, kind=kind).readings
    assert str(reading.identifier) == f"account:{value}"
    assert reading.notes[-1] == "words_dropped"
    assert "NGUY" not in repr(reading).upper()


def test_words_alone_make_no_account_unless_it_is_asked_as_one():
    assert reason_of(f"{NUMBER} NGUYEN VAN ANH") == "letters_in_number"
    (reading,) = ask(f"{NUMBER} NGUYEN VAN ANH", kind=A).readings
    assert str(reading.identifier) == f"account:{NUMBER}"
    assert reading.notes == ("bank_missing", "words_dropped")
    (reading,) = ask(f"{NUMBER} NGUYEN VAN ANH", bank="VCB").readings
    assert str(reading.identifier) == f"account:970436/{NUMBER}"


def test_a_word_that_may_be_letters_of_the_number_is_asked_along_with_it():
    readings = ask(f"PSP {NUMBER}", kind=A).readings
    assert values(readings) == [f"account:PSP{NUMBER}", f"account:{NUMBER}"]
    readings = ask("VQRQ AAUQA 000001", kind=A).readings
    assert values(readings) == ["account:VQRQAAUQA000001", "account:000001"]


def test_a_persons_name_is_no_letters_of_a_number():
    assert values(ask(f"LE AN {NUMBER}", kind=A).readings) == [f"account:{NUMBER}"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0912345678 zalo", ["phone:+84912345678"]),
        ("Mr Nam 0912345678", ["phone:+84912345678"]),
        ("SĐT: 0912345678 (VCB)", ["phone:+84912345678", "account:970436/0912345678"]),
        ("0352350917 MB NGUYEN VAN A", ["phone:+84352350917", "account:970422/0352350917"]),
        ("0692348560 (công an)", ["phone:+84692348560", "account:0692348560"]),
        ("0123456789 NGUYEN VAN A", ["phone:+84123456789", "account:0123456789"]),
    ],
)
def test_a_phone_among_words_is_also_an_account_where_a_bank_is_named_or_it_is_a_guess(
    text, expected
):
    assert values(ask(text).readings) == expected
    assert ask(text).related == ()


@pytest.mark.parametrize(
    "text", [text for text, _ in NAMED] + [f"{NUMBER} NGUYEN VAN A", f"LE AN {NUMBER}"]
)
def test_a_row_with_words_is_no_account_to_list(text):
    with pytest.raises(InvalidIdentifier) as refused:
        list_as(text, kind=A)
    assert refused.value.reason == "not_an_account"


@pytest.mark.parametrize("kind", [None, *Kind])
@pytest.mark.parametrize("text", ["VCB 9704000000000018", "4111 1111 1111 1111 NGUYEN VAN A"])
def test_a_card_number_among_words_is_told_whatever_it_is_asked_as(text, kind):
    assert reason_of(text, kind=kind) == "card_number"


@pytest.mark.parametrize(
    "text",
    [
        NUMBER,
        "VCB",
        f"VCB/{NUMBER}",
        f"VCB / {NUMBER}",
        f"VCB{NUMBER}",
        f"HD-{NUMBER}",
        "VCB 12345",
        "VCB 2026-11-22 0000000000001",
        "GB82 WEST 1234 5698 7654 32",
        "IBAN GB82WEST12345698765432",
        f"evil.example {NUMBER}",
        f"a@evil.example {NUMBER}",
        f"O {NUMBER}",
        f"{NUMBER}, 0000000000002 VCB",
        "0912345678 0912345679 VCB",
        f"VCB\n{NUMBER}",
        f"VCB {NUMBER} " + "x " * 125,
        f"VCB {NUMBER} " + "x, " * 20,
    ],
)
def test_what_may_be_an_address_a_code_or_two_numbers_is_left_alone(text):
    assert find_written(text) is None


def test_an_iban_beside_a_bank_is_still_that_iban():
    value = "IBAN/GB82WEST12345698765432"
    assert values(ask("STK GB82WEST12345698765432", kind=A).readings) == [f"account:{value}"]


def test_a_name_is_in_no_cache():
    from blacklist.identifiers.banks import find_bank

    before = find_bank.cache_info().currsize
    ask("0000000000002 TRAN THI NOBODY", kind=A)
    assert find_bank.cache_info().currsize == before

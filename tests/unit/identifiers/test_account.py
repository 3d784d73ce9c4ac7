"""Accounts and banks: keys, bank names, cards."""

import pytest

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers import ask, list_as
from blacklist.identifiers.banks import find_bank
from blacklist.identifiers.cards import is_card_number
from blacklist.model import Candidate, Identifier, Kind, Match

NUMBER = "0000000000001"

BANKS = """
970400 SGICB SaigonBank SBITVNVX|970403 STB Sacombank SGTTVNVX|970405 VBA Agribank VBAAVNVX
970406 Vikki DongA EACBVNVX|970407 TCB Techcombank VTCBVNVX|970408 GPB GPBank GBNKVNVX
970409 BAB BacABank NASCVNVX|970410 SCVN StandardChartered SCBLVNVX|970412 PVCB PVcomBank WBVNVNVX
970414 MBV Oceanbank|970415 ICB CTG VietinBank ICBVVNVX|970416 ACB ASCBVNVX|970418 BIDV BIDVVNVX
970419 NCB NVBAVNVX|970421 VRB VRBAVNVX|970422 MB MBB MSCBVNVX|970423 TPB TPBVVNVX
970424 SHBVN Shinhan SHBKVNVX|970425 ABB ABBKVNVX|970426 MSB MCOBVNVX|970427 VAB VNACVNVX
970428 NAB NAMAVNVX|970429 SCB SACLVNVX|970430 PGB PGBLVNVX|970431 EIB EBVIVNVX|970432 VPB VPBKVNVX
970433 VIETBANK VNTTVNVX|970434 IVB IABBVNVX|970436 VCB Vietcombank BFTVVNVX|970437 HDB HDBCVNVX
970438 BaoViet BVBVVNVX|970439 PBVN VIDPVNVX|970440 SEAB SEAVVNVX|970441 VIB VNIBVNVX
970442 HLBVN HLBBVNVX|970443 SHB SHBAVNVX|970444 CBB GTBAVNVX|970446 COOPBANK|970448 OCB ORCOVNVX
970449 LPB LVBKVNVX|970452 KLB KLBKVNVX|970454 VCCB BVBank VCBCVNVX|970455 IBKHN|970456 IBKHCM
970457 Woori HVBKVNVX|970458 UOB UOVBVNVX|970459 CIMB CIBBVNVN|970460 VietCredit|970462 KookminHN
970463 KookminHCM|970464 FCCOM TNEX|970465 SinoPac|970466 KEBHanaHCM|970467 KEBHanaHN|970468 MAFC
970470 MCredit|458761 HSBC|533948 Citi|546034 CAKE|546035 Ubank|668888 KBank|796500 DBS
801011 Nonghyup|963369 Liobank|963388 Timo|971005 ViettelMoney|971011 VNPTMoney|971025 MoMo
971133 PVcomBankPay|999888 VBSP|970459 422589|970468 977777
"""
NAMES = [
    (name, row.split()[0]) for row in BANKS.replace("\n", "|").split("|") for name in row.split()
]


def account(text, bank=None):
    return ask(text, kind=Kind.ACCOUNT, bank=bank).readings[0]


def reason_of(text, bank=None):
    with pytest.raises(InvalidIdentifier) as refused:
        list_as(text, kind=Kind.ACCOUNT, bank=bank)
    return refused.value.reason


def identifiers(*values):
    return tuple(Identifier(Kind.ACCOUNT, value) for value in values)


@pytest.mark.parametrize(("name", "bin_"), NAMES)
def test_a_bank_is_known_by_bin_code_name_and_swift(name, bin_):
    assert find_bank(name).key == bin_
    assert find_bank(f"  {name.lower()} ").key == bin_
    assert list_as(NUMBER, kind=Kind.ACCOUNT, bank=name)[0].value == f"{bin_}/{NUMBER}"


def test_the_table_holds_70_banks_and_two_more_bins_for_them():
    assert len({bin_ for _, bin_ in NAMES}) == 70
    assert find_bank("422589") == find_bank("970459")
    assert find_bank("977777") == find_bank("970468")


@pytest.mark.parametrize(
    ("name", "bin_"),
    [
        ("Ngân hàng TMCP Ngoại thương Việt Nam", "970436"),
        ("NGAN HANG TMCP NGOAI THUONG", "970436"),
        ("NH TMCP Á Châu", "970416"),
        ("Ngân hàng TMCP Đông Á", "970406"),
        ("Vietcom bank", "970436"),
        ("BFTVVNVXXXX", "970436"),
        ("BFTVVNVX002", "970436"),
        ("bftvvnvx", "970436"),
        ("V.C.B", "970436"),
        ("VCB Bank", "970436"),
        ("Co-opBank", "970446"),
        ("IBK - HN", "970455"),
        ("PVcomBank Pay", "971133"),
        ("Ｖｉｅｔｃｏｍｂａｎｋ", "970436"),
        ("Nga\u0302n ha\u0300ng Ngoa\u0323i thu\u031bo\u031bng", "970436"),
    ],
)
def test_case_accents_punctuation_and_legal_form_do_not_matter(name, bin_):
    assert find_bank(name).key == bin_


@pytest.mark.parametrize(
    ("name", "both"),
    [("BVB", ("BaoViet Bank", "BVBank")), ("bvb", ("BaoViet Bank", "BVBank")),
     ("VTB", ("VietinBank", "VietBank")), ("IBK", ("IBK HN", "IBK HCM")),
     ("Kookmin", ("Kookmin HN", "Kookmin HCM")), ("KEBHana", ("KEBHana HN", "KEBHana HCM"))],
)  # fmt: skip
def test_a_name_of_two_banks_is_refused_with_both_names(name, both):
    with pytest.raises(InvalidIdentifier) as refused:
        account(NUMBER, bank=name)
    assert refused.value.reason == "ambiguous_bank"
    assert all(bank in refused.value.detail for bank in both)


@pytest.mark.parametrize(
    "name",
    ["Bank", "ngân hàng", "X", "970499", "BFTVVNVY", "BFTVVNVXXX", "VCB" * 100, "\ud800", "?"],
)
def test_an_unknown_bank_is_refused(name):
    assert reason_of(NUMBER, bank=name) == "unknown_bank"


def test_a_reading_with_a_bank_also_asks_for_the_bare_number():
    reading = account(NUMBER, bank="VCB")
    full, bare = identifiers(f"970436/{NUMBER}", NUMBER)
    assert reading.candidates == (Candidate(full, Match.EXACT), Candidate(bare, Match.UNKNOWN_BANK))
    assert reading.identifier == full
    assert reading.notes == ()
    assert reading.display == f"Vietcombank {NUMBER}"


def test_a_reading_without_a_bank_asks_for_the_bare_number_and_says_so():
    reading = account(NUMBER)
    (bare,) = identifiers(NUMBER)
    assert reading.candidates == (Candidate(bare, Match.UNKNOWN_BANK),)
    assert reading.notes == ("bank_missing",)


@pytest.mark.parametrize("bank", [None, "", "  "])
def test_a_blank_bank_is_no_bank(bank):
    assert list_as(NUMBER, kind=Kind.ACCOUNT, bank=bank) == identifiers(NUMBER)


def test_a_row_with_a_bank_also_lists_the_bare_number():
    expected = identifiers(f"970436/{NUMBER}", NUMBER)
    assert list_as(NUMBER, kind=Kind.ACCOUNT, bank="Vietcombank") == expected
    assert list_as(f"970436/{NUMBER}", kind=Kind.ACCOUNT) == expected
    assert list_as(f"vcb / {NUMBER}", kind=Kind.ACCOUNT) == expected


def test_a_bank_named_twice_must_be_one_bank():
    assert account(f"VCB/{NUMBER}", bank="970436").identifier.value == f"970436/{NUMBER}"
    assert reason_of(f"VCB/{NUMBER}", bank="ACB") == "bank_conflict"


@pytest.mark.parametrize(
    "text",
    [
        "00 000.000-00001",
        "００００００００００００１",
        "0000\u2013000000001",
        "\u200e0000000000001",
        "0000\u00a0000000001",
    ],
)
def test_separators_and_full_width_digits_do_not_matter(text):
    assert list_as(text, kind=Kind.ACCOUNT) == identifiers(NUMBER)


def test_letters_are_upper_case_and_zeros_stay():
    assert account("00vqrq0a1").identifier.value == "00VQRQ0A1"
    assert account("0001").identifier != account("01001").identifier


@pytest.mark.parametrize(
    "text",
    [
        "123",
        "1" * 20,
        "ABCD",
        "12_34",
        "+84912345678",
        "12/34/56",
        "ĐỒNG1234",
        "٠٠٠١٢٣",
        "evil@0001",
        "a b c",
    ],
)
def test_what_is_not_4_to_19_letters_and_digits_is_refused(text):
    assert reason_of(text) in {"not_an_account", "unknown_bank"}


def test_nothing_but_zeros_is_a_placeholder():
    assert reason_of("0000000000") == "placeholder"
    assert reason_of("000000", bank="VCB") == "placeholder"


CARDS = [
    "9704000000000018",
    "9704 0000 0000 0000 018",
    "4111111111111111",
    "5555-5555-5555-4444",
    "2223003122003222",
]


@pytest.mark.parametrize("text", CARDS)
@pytest.mark.parametrize("kind", [None, Kind.ACCOUNT])
def test_a_card_number_is_refused_whole(text, kind):
    if not is_card_number(text.replace(" ", "").replace("-", "")):
        text = text[:-1] + next(
            d for d in "0123456789" if is_card_number(text[:-1].replace(" ", "") + d)
        )
    with pytest.raises(InvalidIdentifier) as refused:
        ask(text, kind=kind)
    assert refused.value.reason == "card_number"
    assert reason_of(text) == reason_of(f"VCB/{text}") == "card_number"


@pytest.mark.parametrize(
    "text",
    [
        "9704000000000019",
        "1111111111111117",
        "6011111111111117",
        "378282246310005",
        "9704000000018",
        "5000000000000009",
    ],
)
def test_what_no_card_has_is_an_account(text):
    """One account in ten passes the Luhn check by accident: prefix and length must agree too."""
    assert list_as(text, kind=Kind.ACCOUNT) == identifiers(text)

"""The names of banks and wallets, as people write them."""

import csv
from importlib.resources import files

import pytest

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers.banks import find_bank, wallets

ROWS = list(
    csv.DictReader(
        files("blacklist.identifiers")
        .joinpath("data", "banks.tsv")
        .read_text("utf-8")
        .splitlines(),
        delimiter="\t",
        restval="",
    )
)
STATE_BANK = [row for row in ROWS if row["key"].startswith("9704")]


def reason_of(name):
    with pytest.raises(InvalidIdentifier) as refused:
        find_bank(name)
    return refused.value


def test_the_56_banks_of_the_state_banks_letter_have_a_full_name():
    assert len(STATE_BANK) == 56
    assert all(row["full_name"] for row in STATE_BANK)


@pytest.mark.parametrize("row", STATE_BANK, ids=lambda row: row["key"])
def test_a_bank_is_known_by_its_full_name_in_every_writing(row):
    name = row["full_name"]
    unaccented = name.replace("Đ", "D").replace("đ", "d")
    for text in (
        name,
        name.upper(),
        unaccented,
        name.replace("Ngân hàng", "NH"),
        name.removeprefix("Ngân hàng "),
        name.replace("Ngân hàng TMCP", "NHTMCP"),
        f"{name} ({row['name']})",
        f"{row['name']} - {name}",
    ):
        assert find_bank(text).key == row["key"], text


@pytest.mark.parametrize("row", [row for row in ROWS if row["swift"]], ids=lambda row: row["key"])
def test_a_swift_code_stands_for_one_bank_with_or_without_its_branch(row):
    assert {find_bank(row["swift"] + branch).key for branch in ("", "XXX", "002")} == {row["key"]}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["key"])
def test_every_key_and_bin_names_its_bank(row):
    assert {find_bank(key).key for key in (row["key"], *row["other_bins"].split())} == {row["key"]}


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Ngân hàng Ngoại thương", "970436"),
        ("ngoai thuong", "970436"),
        ("Á Châu", "970416"),
        ("Ngân hàng Kỹ thương", "970407"),
        ("NH Quân đội", "970422"),
        ("Quân đội", "970422"),
        ("Đầu tư và phát triển", "970418"),
        ("Dau tu & phat trien", "970418"),
        ("Công thương", "970415"),
        ("Nông nghiệp", "970405"),
        ("Ngân hàng NN&PTNT", "970405"),
        ("NHNo&PTNT", "970405"),
        ("Sài Gòn Thương Tín", "970403"),
        ("Tiên Phong", "970423"),
        ("Việt Nam Thịnh Vượng", "970432"),
        ("Sài Gòn – Hà Nội", "970443"),
        ("Ngân hàng TMCP Sài Gòn", "970429"),
        ("Sài Gòn Công Thương", "970400"),
        ("VPBank VN", "970432"),
        ("MBBank", "970422"),
        ("Vietcombank - Chi nhánh Tân Bình", "970436"),
        ("agribank cn thanh xuan", "970405"),
        ("ACB PGD Lê Văn Sỹ", "970416"),
        ("IBK - Chi nhánh Hà Nội", None),
        ("Ngân hàng Công nghiệp Hàn Quốc - Chi nhánh Hà Nội", "970455"),
        ("Vietcombank (VCB)", "970436"),
        ("VCB [Ngoại thương]", "970436"),
        ("BVB (Bản Việt)", "970454"),
        ("BVB - BaoViet Bank", "970438"),
    ],
)
def test_a_bank_is_known_as_people_write_it(name, key):
    if key is None:
        assert reason_of(name).reason in {"unknown_bank", "ambiguous_bank"}
    else:
        assert find_bank(name).key == key


def test_two_names_of_different_banks_are_refused_with_both():
    refused = reason_of("MB (Á Châu)")
    assert refused.reason == "ambiguous_bank"
    assert "MB (970422)" in refused.detail
    assert "ACB (970416)" in refused.detail


def test_a_known_name_beside_an_unknown_one_is_no_guess():
    assert reason_of("VCB (Nobody)").reason == "unknown_bank"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("MoMo", "971025"),
        ("ví MoMo", "971025"),
        ("Ví điện tử ZaloPay", "ZALOPAY"),
        ("zalo pay", "ZALOPAY"),
        ("Viettel Money", "971005"),
        ("ViettelPay", "971005"),
        ("VNPT Money", "971011"),
        ("VNPT Pay", "971011"),
        ("ShopeePay", "SHOPEEPAY"),
        ("AirPay", "SHOPEEPAY"),
        ("VNPay", "VNPAY"),
        ("Moca", "GRABPAY"),
    ],
)
def test_a_wallet_is_known_by_its_names(name, key):
    assert find_bank(name).key == key
    assert find_bank(name) in wallets()


@pytest.mark.parametrize("code", ["DEUTDEFF", "DEUTDEFF500", "deutdeffxxx", " DEUTDEFF "])
def test_a_foreign_swift_code_is_a_bank_by_its_first_8_characters(code):
    bank = find_bank(code)
    assert (bank.key, bank.is_foreign) == ("DEUTDEFF", True)


@pytest.mark.parametrize(
    "text",
    [
        "Barclays",
        "RABOBANK",
        "Deutsche",
        "DEUTXXFF",
        "DEUTVNFF",
        "DEUTDEF",
        "DEUTDEFF50",
        "1EUTDEFF",
        "DEUT DEFF",
        "DEUTDEFF\n5",
    ],
)
def test_a_word_or_a_slip_is_no_foreign_swift_code(text):
    assert reason_of(text).reason == "unknown_bank"

"""The short way for plain texts says what the general way says, and leaves the rest alone."""

import pytest

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers import ask_generally
from blacklist.identifiers.plain import ask_plain
from blacklist.model import Kind

P, A = Kind.PHONE, Kind.ACCOUNT
PHONES = [
    "0912345678",
    "912345678",
    "+84912345678",
    "84912345678",
    "0084912345678",
    "0912.345.678",
    " 0912 345-678 ",
    "0838250000",
    "+84 838 250 000",
    "02438250000",
    "0084 24 3825 0000",
    "0912.34.56.78",
]
ACCOUNTS = [
    "0000000000001",
    "0000 0000.0000-1",
    "12345",
    "01201234567",
    "0912345678",
    "84912345678",
]


@pytest.mark.parametrize("kind", [None, P])
@pytest.mark.parametrize("text", PHONES)
def test_a_plain_phone_is_read_as_by_the_general_way(text, kind):
    question = ask_plain(text, kind, None, "VN")
    assert question is not None
    assert question == ask_generally(text, kind, None, "VN")


@pytest.mark.parametrize("bank", [None, "", " ", "VCB", "DEUTDEFF"])
@pytest.mark.parametrize("text", ACCOUNTS)
def test_a_plain_account_is_read_as_by_the_general_way(text, bank):
    for kind in (A, None) if bank and not bank.isspace() else (A,):
        question = ask_plain(text, kind, bank, "VN")
        assert question is not None
        assert question == ask_generally(text, kind, bank, "VN")


@pytest.mark.parametrize(
    ("text", "kind", "bank", "region"),
    [
        ("0912345678", P, None, "US"),
        ("0912345678", P, None, "vn"),
        ("0912345678", P, "VCB", "VN"),
        ("0912345678", Kind.LINK, None, "VN"),
        ("0912345678", A, "MoMo", "VN"),
        ("0692348560", None, None, "VN"),
        ("01201234567", None, None, "VN"),
        ("0000000000001", None, None, "VN"),
        ("０９１２３４５６７８", None, None, "VN"),
        ("91.234.56.78", None, None, "VN"),
        ("+84912345678", A, None, "VN"),
        ("9704000000000018", A, None, "VN"),
        ("9704000000000000018", A, "VCB", "VN"),
        ("000000", A, None, "VN"),
        ("123", A, None, "VN"),
        ("0" * 19 + "1", A, None, "VN"),
        ("0912345678" + " " * 30, P, None, "VN"),
        ("0912345678\n", P, None, "VN"),
        ("", None, None, "VN"),
        ("VCB 0000000000001", A, None, "VN"),
    ],
)
def test_everything_else_is_left_to_the_general_way(text, kind, bank, region):
    assert ask_plain(text, kind, bank, region) is None


def test_a_bank_that_is_not_clear_is_refused_alike():
    for bank in ("BVB", "nobody"):
        refusals = []
        for way in (ask_plain, ask_generally):
            with pytest.raises(InvalidIdentifier) as refused:
                way("0000000000001", A, bank, "VN")
            refusals.append((refused.value.reason, refused.value.detail))
        assert refusals[0] == refusals[1]

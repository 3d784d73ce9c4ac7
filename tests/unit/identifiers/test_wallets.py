"""Accounts at e-wallets, which are phone numbers."""

import pytest

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers import ask, list_as
from blacklist.identifiers.banks import wallets
from blacklist.identifiers.pointers import filter_key, filter_keys, with_wallets
from blacklist.model import Kind

WALLETS = [wallet.key for wallet in wallets()]
SPELLINGS = [
    "0701234567",
    "070 123 4567",
    "+84 70 123 4567",
    "(+84) 70-123-4567",
    "84701234567",
    "0084701234567",
    "701234567",
    "01201234567",
    "0120 123 4567",
    "+841201234567",
    "841201234567",
    "1201234567",
]


def values(text, bank=None):
    (reading,) = with_wallets(ask(text, kind=Kind.ACCOUNT, bank=bank)).readings
    assert dict.fromkeys(filter_key(found.identifier) for found in reading.candidates) == (
        dict.fromkeys(filter_keys(reading))
    )
    return [found.identifier.value for found in reading.candidates]


def listed(text, bank=None):
    return [found.value for found in list_as(text, kind=Kind.ACCOUNT, bank=bank)]


@pytest.mark.parametrize("wallet", WALLETS)
@pytest.mark.parametrize("text", SPELLINGS)
def test_a_wallets_phone_is_one_account_however_it_is_dialled(text, wallet):
    expected = [f"{wallet}/0701234567", "0701234567"]
    assert listed(text, wallet) == values(text, wallet) == expected
    assert listed(f"{wallet}/{text}") == expected


@pytest.mark.parametrize("text", SPELLINGS)
def test_a_wallets_account_is_also_asked_as_a_phone(text):
    (phone,) = ask(text, kind=Kind.ACCOUNT, bank="MoMo").related
    assert (phone.identifier.kind, phone.identifier.value) == (Kind.PHONE, "+84701234567")


@pytest.mark.parametrize("text", ["0352350917", "MB/0352350917", "970422/0352 350 917"])
@pytest.mark.parametrize("kind", [None, Kind.ACCOUNT])
def test_a_banks_account_that_is_a_phone_number_is_asked_as_both(text, kind):
    question = ask(text, kind=kind, bank=None if "/" in text else "MB")
    assert question.readings[0].identifier.value == "970422/0352350917"
    assert [str(other.identifier) for other in question.related] == ["phone:+84352350917"]


@pytest.mark.parametrize("text", ["99MM24030M00000001", "PSP0000001", "12345", "0011001234567"])
def test_a_providers_own_id_stays_as_it_is(text):
    assert listed(text, "MoMo")[0] == f"971025/{text}"


@pytest.mark.parametrize("text", ["01201234567", "841201234567", "84701234567", "0084701234567"])
def test_without_a_bank_every_wallet_is_asked_for_the_number_of_today(text):
    """A wallet's listing wrote the bare number of today, which is not the one that was asked."""
    assert values(text) == [text, *(f"{wallet}/0701234567" for wallet in WALLETS)]
    assert listed(text) == [text]


@pytest.mark.parametrize("text", ["0701234567", "701234567", "0000000000001", "01301234567"])
def test_without_a_bank_nothing_else_is_asked_twice(text):
    assert values(text) == [text]


def test_a_bank_keeps_the_digits_it_was_given():
    assert listed("01201234567", "VCB")[0] == "970436/01201234567"
    with pytest.raises(InvalidIdentifier, match="not_an_account"):
        listed("+84701234567", "VCB")

"""IBANs: check digits, lengths, keys. The valid ones are the examples of the IBAN registry."""

import pytest

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers import ask, guess_kind, list_as
from blacklist.identifiers.iban import find_iban
from blacklist.model import Candidate, Identifier, Kind, Match

GB = "GB82WEST12345698765432"
EXAMPLES = [
    "GB82WEST12345698765432",
    "DE89370400440532013000",
    "NO9386011117947",
    "BE68539007547034",
    "FR1420041010050500013M02606",
    "NL91ABNA0417164300",
    "CH9300762011623852957",
    "DK5000400440116243",
    "FI2112345600000785",
    "MT84MALT011000012345MTLCAST001S",
    "SA0380000000608010167519",
    "SE4550000000058398257466",
]


def reason_of(text, **hints):
    with pytest.raises(InvalidIdentifier) as refused:
        ask(text, **hints)
    return refused.value.reason


@pytest.mark.parametrize("number", EXAMPLES)
@pytest.mark.parametrize("kind", [None, Kind.ACCOUNT])
def test_an_iban_names_its_bank_and_needs_no_bare_number(number, kind):
    (reading,) = ask(number, kind=kind).readings
    identifier = Identifier(Kind.ACCOUNT, f"IBAN/{number}")
    assert reading.identifier == identifier
    assert reading.candidates == (Candidate(identifier, Match.EXACT),)
    assert reading.notes == ()
    assert list_as(number, kind=Kind.ACCOUNT) == (identifier,)
    assert list_as(identifier.value, kind=Kind.ACCOUNT) == (identifier,)
    assert guess_kind(number) is guess_kind(identifier.value) is Kind.ACCOUNT


@pytest.mark.parametrize(
    "text",
    [
        "GB82 WEST 1234 5698 7654 32",
        "gb82-west-1234-5698-7654-32",
        "GB82\u00a0WEST\u20111234\u20115698\u20117654\u201132",
        "ＧＢ８２ＷＥＳＴ１２３４５６９８７６５４３２",
        "IBAN: GB82 WEST 1234 5698 7654 32",
        "IBAN GB82WEST12345698765432",
        "iban/gb82west12345698765432",
        "\u200eGB82WEST12345698765432",
    ],
)
@pytest.mark.parametrize("kind", [None, Kind.ACCOUNT])
def test_grouping_and_case_do_not_matter(text, kind):
    (reading,) = ask(text, kind=kind).readings
    assert reading.identifier.value == f"IBAN/{GB}"
    assert reading.display == "IBAN GB82 WEST 1234 5698 7654 32"


@pytest.mark.parametrize("bank", ["HSBC", "DEUTDEFF", "a bank nobody knows"])
def test_a_bank_beside_an_iban_is_not_looked_at(bank):
    assert ask(GB, bank=bank).readings == ask(GB).readings
    assert ask(f"{bank}/{GB}", kind=Kind.ACCOUNT).readings == ask(GB).readings


@pytest.mark.parametrize("number", EXAMPLES)
def test_one_wrong_digit_is_noticed(number):
    last = "1" if number[-1] != "1" else "2"
    for wrong in (number[:-1] + last, number[:2] + number[3] + number[2] + number[4:]):
        if wrong != number:
            assert reason_of(wrong) == reason_of(wrong, kind=Kind.ACCOUNT) == "bad_iban"


@pytest.mark.parametrize("number", [f"GB{digits}WEST12345698765432" for digits in range(82, 100)])
def test_only_one_pair_of_check_digits_is_right(number):
    assert (find_iban(number) is not None) if number == GB else reason_of(number) == "bad_iban"


@pytest.mark.parametrize("body", [f"WEST{number:014d}" for number in range(200)])
def test_impossible_check_digits_are_refused(body):
    """00, 01 and 99 pass the division for a few numbers, and no bank gives them out."""
    for digits in ("00", "01", "99"):
        assert reason_of(f"GB{digits}{body}", kind=Kind.ACCOUNT) == "bad_iban"


@pytest.mark.parametrize(
    "text", [GB[:-1], GB + "1", "IBAN GB82WEST12345698", "DE8937040044053201300"]
)
def test_another_length_than_the_countrys_is_refused(text):
    assert reason_of(text, kind=Kind.ACCOUNT) == "bad_iban"


def test_a_country_without_a_known_length_is_taken_by_its_check_digits():
    (reading,) = ask("ZM48AAAA000000000000001", kind=Kind.ACCOUNT).readings
    assert reading.identifier.value == "IBAN/ZM48AAAA000000000000001"
    assert reading.notes == ("unknown_iban_country",)
    assert reason_of("ZM49AAAA000000000000001", kind=Kind.ACCOUNT) == "bad_iban"


@pytest.mark.parametrize(
    "text", ["VQRQAAUQA6336", "PSP0000000001", "GB82WEST12345", "ZM32AAAA0000001"]
)
def test_what_is_short_and_of_no_countrys_length_is_an_account(text):
    assert list_as(text, kind=Kind.ACCOUNT) == (Identifier(Kind.ACCOUNT, text),)


def test_a_placeholder_is_no_iban():
    assert find_iban("HELLO") is None
    assert reason_of("NO" + next(
        f"{digits:02}" for digits in range(2, 99)
        if int("0" * 11 + f"2324{digits:02}") % 97 == 1
    ) + "0" * 11, kind=Kind.ACCOUNT) == "placeholder"  # fmt: skip

"""Phone numbers: one key for every spelling, and the refusals."""

import re

import phonenumbers
import pytest

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers import ask, list_as
from blacklist.model import Candidate, Identifier, Kind, Match

MOBILE_PREFIXES_2018 = """
    0120 070  0121 079  0122 077  0126 076  0128 078
    0123 083  0124 084  0125 085  0127 081  0129 082
    0162 032  0163 033  0164 034  0165 035  0166 036  0167 037  0168 038  0169 039
    0186 056  0188 058  0199 059
"""
SWAPS = re.findall(r"(\d{4}) (\d{3})", MOBILE_PREFIXES_2018)

SPELLINGS = [
    "0912345678",
    "912345678",
    "84912345678",
    "+84912345678",
    "0084912345678",
    "(+84)912345678",
    "+84 (0) 912 345 678",
    "(0)912345678",
    "+84(0)912345678",
    "0912.345.678",
    "0912-345-678",
    "0912 345 678",
    "(0912) 345 678",
    "0912–345–678",
    "０９１２３４５６７８",
    "＋84 912 345 678",
    "٠٩١٢٣٤٥٦٧٨",
    "tel:+84-912-345-678",
    "TEL:0912345678",
    "\u202a+84 912 345 678\u202c",
    "0912\u00a0345\u00a0678",
    " 0912345678\r\n",
]


def phone(text, region="VN"):
    question = ask(text, kind=Kind.PHONE, region=region)
    return question.readings[0]


def reason_of(text, region="VN"):
    with pytest.raises(InvalidIdentifier) as refused:
        ask(text, kind=Kind.PHONE, region=region)
    with pytest.raises(InvalidIdentifier) as refused_row:
        list_as(text, kind=Kind.PHONE, region=region)
    assert refused.value.reason == refused_row.value.reason
    return refused.value.reason


@pytest.mark.parametrize("text", SPELLINGS)
def test_every_spelling_gives_one_key(text):
    identifier = Identifier(Kind.PHONE, "+84912345678")
    assert phone(text).identifier == identifier
    assert list_as(text, kind=Kind.PHONE) == (identifier,)


def test_a_reading_asks_for_the_exact_number_and_shows_it_grouped():
    reading = phone("0912345678")
    assert reading.candidates == (Candidate(Identifier(Kind.PHONE, "+84912345678"), Match.EXACT),)
    assert reading.display == "+84 912 345 678"
    assert reading.notes == ()


def test_the_table_of_2018_has_21_rows():
    assert len(SWAPS) == 21


@pytest.mark.parametrize(("old", "new"), SWAPS)
def test_an_old_mobile_is_read_as_its_new_number_and_says_so(old, new):
    today = phone(f"{new}1234567")
    for text in (
        f"{old}1234567",
        f"+84{old[1:]}1234567",
        f"0084 {old[1:]} 123 4567",
        f"84{old[1:]}1234567",
    ):
        before = phone(text)
        assert before.identifier == today.identifier
        assert before.display == today.display
        assert before.notes == ("prefix_2018",)
    assert today.identifier.value == f"+84{new[1:]}1234567"
    assert today.notes == ()
    assert list_as(f"{old}1234567", kind=Kind.PHONE) == list_as(f"{new}1234567", kind=Kind.PHONE)


@pytest.mark.parametrize(("old", "new"), SWAPS)
def test_no_number_in_use_is_rewritten(old, new):
    """The plan of today has no number of the old form, so folding never hides one."""
    number = phonenumbers.parse(f"{old}1234567", "VN")
    assert not phonenumbers.is_valid_number(number)
    assert phonenumbers.is_valid_number(phonenumbers.parse(f"{new}1234567", "VN"))


@pytest.mark.parametrize(
    "text", ["0120123456", "012012345678", "+1 201 234 5678", "+66 120 123 4567"]
)
def test_what_only_looks_like_an_old_prefix_is_left_alone(text):
    try:
        notes = phone(text).notes
    except InvalidIdentifier:
        return
    assert "prefix_2018" not in notes


@pytest.mark.parametrize(
    "text", ["1-800-FLOWERS", "202Icalled", "USA2025550123", "O912345678", "0912 345 678 (zalo)"]
)
def test_letters_are_never_dialled(text):
    assert reason_of(text) == "letters_in_number"
    assert reason_of(text, region="US") == "letters_in_number"


@pytest.mark.parametrize(
    "text",
    ["0912345678;0987654321", "0912345678, 0987654321", "0912345678/0987654321", "0912345678/79",
     "0912345678 | 0987654321", "0912345678 ext 5", "0912345678x5", "0912345678#5",
     "0912345678 máy lẻ 12", "tel:+84912345678;ext=5"],
)  # fmt: skip
def test_extensions_and_lists_are_refused(text):
    assert reason_of(text) == "several_numbers"


def test_a_slash_after_an_area_code_is_a_separator():
    assert phone("024/38250000").identifier.value == "+842438250000"


@pytest.mark.parametrize(
    "text", ["0000000000", "+84 000 000 000", "8888888888", "1111111111", "999999999999999999"]
)
def test_one_digit_over_and_over_is_a_placeholder(text):
    assert reason_of(text) == "placeholder"


def test_a_lucky_number_that_is_in_use_is_no_placeholder():
    """0888 888 888 is sold at auction and can be anybody's; nine digits typed alike as well."""
    assert (
        phone("0888888888").identifier
        == phone("+84888888888").identifier
        == phone("888888888").identifier
    )


@pytest.mark.parametrize(
    "text",
    ["hello", "*101#", "113", "12345", "0912345678901234", "+", "0912+345678", "@0912345678"],
)
def test_what_cannot_be_dialled_is_no_number(text):
    assert reason_of(text) == "not_a_number"


def test_a_local_number_without_its_area_code_is_no_number():
    """The same seven digits are another subscriber in the next town: one key for both would lie."""
    assert reason_of("555-0100", region="US") == "not_a_number"


@pytest.mark.parametrize("region", ["XX", "", "VNM", "84"])
def test_an_unknown_region_is_refused(region):
    assert reason_of("+84912345678", region=region) == "unknown_region"


def test_a_region_is_read_in_any_case():
    assert phone("0912345678", region="vn").identifier == phone("0912345678").identifier


@pytest.mark.parametrize("text", ["0692348560", "02499950060"])
def test_a_number_that_the_plan_does_not_know_is_kept_with_a_note(text):
    """Real police and warning lines are among them."""
    reading = phone(text)
    assert reading.notes == ("not_assigned",)
    assert reading.identifier.value == f"+84{text[1:]}"


@pytest.mark.parametrize(
    ("text", "value"),
    [("+447700900123", "+447700900123"), ("00 44 7700 900123", "+447700900123"),
     ("+1 202 555 0123", "+12025550123"), ("+44 (0)7700 900123", "+447700900123")],
)  # fmt: skip
def test_a_number_from_abroad_keeps_its_country_and_says_so(text, value):
    reading = phone(text)
    assert reading.identifier.value == value
    assert "foreign_number" in reading.notes


def test_the_region_decides_what_is_abroad():
    assert phone("(202) 555-0123", region="US").notes == ()
    assert "foreign_number" in phone("+84912345678", region="US").notes
    assert phone("+1 204 555 0123", region="US").notes in ((), ("not_assigned",))


def test_refusals_never_repeat_the_number():
    for text in ("0912345678;0987654321", "0912345678zalo", "00912345678912345678"):
        with pytest.raises(InvalidIdentifier) as refused:
            ask(text, kind=Kind.PHONE)
        assert "912345678" not in str(refused.value)


@pytest.mark.parametrize("text", ["+61 00 5550123", "+64 00 5550123", "+840091234567"])
def test_a_number_whose_e164_form_reads_as_another_is_refused(text):
    """Trunk zeros after the country code are taken off at each reading: two keys for one thing."""
    assert reason_of(text) == "not_a_number"


def test_canadas_numbers_without_an_area_code_are_whole():
    assert phone("310-1234", region="CA").identifier.value == "+13101234"


def test_a_longer_text_than_any_number_is_refused():
    assert reason_of("0912345678" * 26) == "not_a_number"

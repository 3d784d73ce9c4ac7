"""Phone numbers: one key for every spelling, and the refusals."""

import csv
import random
import re
from importlib.resources import files

import phonenumbers
import pytest

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers import ask, list_as
from blacklist.identifiers.landline_codes import old_landline, renumber_landline
from blacklist.model import Candidate, Identifier, Kind, Match

MOBILE_PREFIXES_2018 = """
    0120 070  0121 079  0122 077  0126 076  0128 078
    0123 083  0124 084  0125 085  0127 081  0129 082
    0162 032  0163 033  0164 034  0165 035  0166 036  0167 037  0168 038  0169 039
    0186 056  0188 058  0199 059
"""
SWAPS = re.findall(r"(\d{4}) (\d{3})", MOBILE_PREFIXES_2018)

LANDLINES_2017 = """
    22 212 231 213 20 214 230 215 29 216 52 232 53 233 54 234 510 235 511 236 37 237 38 238 39 239
    33 203 240 204 25 205 26 206 27 207 280 208 281 209 320 220 321 221 241 222 31 225 351 226
    36 227 350 228 30 229 780 290 781 291 710 292 711 293 74 294 76 296 77 297 79 299
    4 24 8 28 61 251 62 252 64 254 55 255 56 256 57 257 58 258 68 259 60 260 501 261 500 262 63 263
    59 269 70 270 651 271 72 272 73 273 650 274 75 275 66 276 67 277
"""
CODES = re.findall(r"(\d+) (\d+)", LANDLINES_2017.replace("\n", " "))
TAKEN = re.findall(r"\d+", "30 31 33 36 37 38 39 56 58 59 70 76 77 79 8 52 55 67")
FREE_CODES = [(old, new) for old, new in CODES if old not in TAKEN]
TAKEN_CODES = [(old, new) for old, new in CODES if old in TAKEN]


def subscriber(old):
    """Seven digits; eight in Ha Noi and Ho Chi Minh City."""
    return "38250000" if old in ("4", "8") else "3825000"


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
    "[0912] 345 678",
    "0912/345/678",
    "0912~345~678",
    "(+84-912)345678",
    "84-912-345-678",
    "(84) 912 345 678",
    "0084-(0)912-345-678",
    "0 9 1 2 3 4 5 6 7 8",
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
        assert len(before.candidates) == 1
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
    "text",
    ["1-800-FLOWERS", "1-800-555-FLOW", "202Icalled", "USA2025550123", "0912345678zalo",
     "0912 345 xxx", "09123456x78", "0912345678 - evil.example", "0912345678 a@evil.example"],
)  # fmt: skip
def test_letters_are_never_dialled(text):
    assert reason_of(text) == "letters_in_number"
    assert reason_of(text, region="US") == "letters_in_number"


@pytest.mark.parametrize(
    "text",
    ["0912345678;0987654321", "0912345678, 0987654321", "0912345678/0987654321", "0912345678/79",
     "0912345678 | 0987654321", "0912345678 và 0987654321", "0912345678 0987654321",
     "0912345678 (zalo 0987654321)", "tel:0912345678;0987654321"],
)  # fmt: skip
def test_several_numbers_are_refused(text):
    assert reason_of(text) == "several_numbers"


@pytest.mark.parametrize(
    "text",
    ["0912345678 ext 5", "0912345678 ext. 12", "0912345678 extension 12", "0912345678x5",
     "0912345678 x12", "0912345678#5", "0912345678 (ext 12)", "0912345678 máy lẻ 12",
     "0912345678 số máy lẻ: 12", "0912345678 ML 12", "tel:+84912345678;ext=5"],
)  # fmt: skip
def test_an_extension_is_left_out_and_said(text):
    assert phone(text).identifier.value == "+84912345678"
    assert phone(text).notes == ("extension_dropped",)
    assert list_as(text, kind=Kind.PHONE)[0].value == "+84912345678"


@pytest.mark.parametrize(
    "text",
    ["0912 345 678 (zalo)", "0912345678 - anh Nam", "0912345678 zalo", "0912345678, chị Lan",
     "(0912) 345 678 – gọi sau", "0912345678 (Anh Nam - bán hàng)", "0912345678/Nam"],
)  # fmt: skip
def test_words_behind_a_number_are_left_out_and_said(text):
    assert phone(text).identifier.value == "+84912345678"
    assert phone(text).notes == ("words_dropped",)


@pytest.mark.parametrize(
    "text",
    ["SĐT 0912.345.678", "ĐT: 0912345678", "gọi 0912345678", "sms:+84912345678",
     "callto:0912345678", "whatsapp:+84912345678", "số 0912345678", "zalo 0912345678",
     "Mr Nam 0912345678", "Mr. Nam - 0912 345 678", "SĐT/Zalo: 0912.345.678", "Nam, 0912345678",
     "Điện thoại (+84) 912 345 678", "(SĐT: 0912345678)", "Liên hệ [0912 345 678]",
     "SĐT: 0912345678 (zalo)", "Nam (0912345678), gọi sau", "A 0912345678",
     "ĐT ０９１２３４５６７８"],
)  # fmt: skip
def test_words_in_front_of_a_number_are_left_out_and_said(text):
    assert phone(text).identifier.value == "+84912345678"
    assert phone(text).notes == ("words_dropped",)
    assert list_as(text, kind=Kind.PHONE) == (phone(text).identifier,)
    assert ask(text).readings == ask(text, kind=Kind.PHONE).readings


def test_words_in_front_of_a_hotline_or_an_extension_are_left_out_too():
    assert phone("Hotline: 1900 1234").identifier.value == "+8419001234"
    assert phone("ĐT 0912345678 máy lẻ 5").notes == ("words_dropped", "extension_dropped")


@pytest.mark.parametrize(
    "text",
    ["HD-0912345678", "so_0912345678", "SĐT0912345678", "a.0912345678", "gọi *0912345678",
     "gọi #0912345678", "a+b 0912345678", "a@b 0912345678", "evil.example 0912345678",
     "http:0912345678", "mailto: 0912345678", "O 912345678", "số oO 912345678", "零九 12345678",
     "gọi 113", "số nhà 1234567", "VCB/0912345678", "VCB / 0912345678", "a\\b 0912345678"],
)  # fmt: skip
def test_what_may_be_a_part_of_a_code_an_address_or_the_number_is_not_cut_off_in_front(text):
    assert reason_of(text) == "letters_in_number"


@pytest.mark.parametrize(
    "text",
    ["VCB 0011001234567", "0011001234567 VCB", "STK 0011001234567", "0011001234567 NGUYEN VAN A",
     "NGUYEN VAN A 0011001234567", "STK 0692348560", "VCB 00447700900123"],
)  # fmt: skip
def test_an_accounts_number_among_words_is_no_phone_from_abroad(text):
    """00 1 1001234567 would be a number of North America, if one that nobody has."""
    assert reason_of(text) == "letters_in_number"


def test_words_behind_an_extension_are_left_out_with_it():
    reading = phone("0912345678 máy lẻ 12 (chị Lan)")
    assert reading.identifier.value == "+84912345678"
    assert reading.notes == ("words_dropped", "extension_dropped")


@pytest.mark.parametrize(
    "text", ["O912345678", "o9l2 345 678", "09I2.345.678", "+84 9l2 345 678", "О912345678"]
)
def test_look_alike_letters_among_digits_are_digits(text):
    assert phone(text).identifier.value == "+84912345678"
    assert phone(text).notes == ("letters_read_as_digits",)


@pytest.mark.parametrize("text", ["09l2345678 Nam", "O 912345678 x", "OlOlO12345", "l l 912345678"])
def test_letters_that_may_be_words_are_not_read_as_digits(text):
    assert reason_of(text) in {"letters_in_number", "brand_name_sender"}


@pytest.mark.parametrize(
    "text",
    ["٠٩١٢٣٤٥٦٧٨", "۰۹۱۲۳۴۵۶۷۸", "๐๙๑๒๓๔๕๖๗๘", "០៩១២៣៤៥៦៧៨", "०९१२३४५६७८", "０９１２３４５６７８",
     "𝟎𝟗𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖"],
)  # fmt: skip
def test_digits_of_any_script_are_digits(text):
    assert phone(text) == phone("0912345678")


def test_the_table_of_2017_is_the_facts():
    table = files("blacklist.identifiers").joinpath("data", "vn_landline_2017.tsv")
    rows = list(csv.DictReader(table.read_text("utf-8").splitlines(), delimiter="\t", restval=""))
    assert [(row["old"], row["new"]) for row in rows] == CODES
    assert {row["old"] for row in rows if row["taken"]} == set(TAKEN)
    assert (len(CODES), len(TAKEN_CODES)) == (59, 18)


@pytest.mark.parametrize(("old", "new"), FREE_CODES)
def test_an_old_landline_is_read_as_its_new_number_and_says_so(old, new):
    number = subscriber(old)
    today = phone(f"0{new}{number}")
    assert today.notes == ()
    for text in (
        f"0{old}{number}",
        f"(0{old}) {number}",
        f"+84 {old} {number}",
        f"84{old}{number}",
    ):
        before = phone(text)
        assert before.identifier == today.identifier
        assert before.display == today.display
        assert before.notes == ("area_code_2017",)
        assert list_as(text, kind=Kind.PHONE) == (today.identifier,)


@pytest.mark.parametrize(("old", "new"), TAKEN_CODES)
def test_a_landline_that_is_a_mobile_today_is_asked_as_both_and_never_rewritten(old, new):
    number = subscriber(old)
    as_it_is, as_landline = (
        Candidate(Identifier(Kind.PHONE, value), Match.EXACT)
        for value in (f"+84{old}{number}", f"+84{new}{number}")
    )
    for text in (f"0{old}{number}", f"+84{old}{number}", f"(0{old}) {number}"):
        question = ask(text, kind=Kind.PHONE)
        (reading,) = question.readings
        assert reading.candidates == (as_it_is,)
        assert set(reading.notes) <= {"not_assigned"}
        before = question.related[-1]
        assert before.candidates == (as_landline,)
        assert before.notes == ("may_be_old_landline",)
        assert list_as(text, kind=Kind.PHONE) == (as_it_is.identifier,)
    assert phone(as_landline.identifier.value).candidates == (as_landline,)


@pytest.mark.parametrize(("old", "new"), FREE_CODES)
def test_no_number_in_use_is_an_old_landline(old, new):
    rng = random.Random(old)
    for _ in range(300):
        number = "".join(rng.choices("0123456789", k=len(subscriber(old))))
        today = phonenumbers.parse(f"+84{old}{number}")
        assert not phonenumbers.is_valid_number(today)


@pytest.mark.parametrize("e164", ["+84912345678", "+84812345678", "+842838250000", "+66838250000"])
def test_a_number_that_was_no_landline_has_one_reading(e164):
    assert old_landline(e164) is None
    assert renumber_landline(e164) == e164
    assert len(phone(e164).candidates) == 1


SHORT_CODES = ["111", "112", "113", "114", "115", "156", "1022", "5656", "9191"]


@pytest.mark.parametrize("code", SHORT_CODES)
def test_a_short_code_is_understood_and_never_listed(code):
    for text in (code, f"tel:{code}", f"VN:{code}", f"sip:{code}@pbx.example;user=phone"):
        reading = phone(text)
        assert reading.identifier.value == f"VN:{code}"
        assert reading.display == code
        assert reading.notes == ("short_code",)
        with pytest.raises(InvalidIdentifier) as refused:
            list_as(text, kind=Kind.PHONE)
        assert refused.value.reason == "short_code"


def test_a_short_code_belongs_to_its_country():
    assert phone("VN:113", region="US").notes == ("short_code", "foreign_number")
    assert reason_of("156", region="US") == "not_a_number"


@pytest.mark.parametrize("text", ["1800 1234", "19001234", "1900 123456", "1800-12345"])
def test_a_hotline_is_an_ordinary_number(text):
    digits = re.sub(r"\D", "", text)
    assert phone(text).identifier.value == f"+84{digits}"
    assert phone(text).notes == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [("447700900123", "+447700900123"), ("85512345678", "+85512345678"),
     ("1 202 555 0123", "+12025550123"), ("6561234567", None), ("84912345678", None)],
)  # fmt: skip
def test_an_international_number_may_lack_its_plus(text, value):
    if value is None:
        assert "plus_added" not in phone(text).notes
        return
    assert phone(text).identifier.value == value
    assert {"plus_added", "foreign_number"} <= set(phone(text).notes)


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
    [
        "***",
        "*101#",
        "117",
        "12345",
        "+84113",
        "0912345678901234",
        "+",
        "0912+345678",
        "@0912345678",
    ],
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


@pytest.mark.parametrize(
    ("text", "value"),
    [("+855 12 345 678", "+85512345678"), ("00855 12 345 678", "+85512345678"),
     ("+856 20 5512 3456", "+8562055123456"), ("+881 6 1234 5678", "+881612345678"),
     ("+870 773 111 632", "+870773111632")],
)  # fmt: skip
def test_the_callers_that_the_directives_warn_of_are_read(text, value):
    """Cambodia, Laos and the satellites."""
    assert phone(text).identifier.value == value
    assert phone(text).notes == ("foreign_number",)


@pytest.mark.parametrize("code", ["210", "211", "218", "219"])
def test_an_area_code_that_stayed_is_read_as_it_is(code):
    assert phone(f"0{code}3825000").identifier.value == f"+84{code}3825000"
    assert phone(f"0{code}3825000").notes == ()


@pytest.mark.parametrize(
    "text",
    ["024 3825 0000", "(024) 3825 0000", "+84 24 3825 0000", "024-3825-0000", "024/38250000"],
)
def test_a_landline_is_one_key_in_every_spelling(text):
    assert phone(text).identifier.value == "+842438250000"
    assert phone(text).notes == ()


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

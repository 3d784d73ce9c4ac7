"""What must hold for every text: one key a thing, read as itself, and no exception but refusals."""

import re

import ada_url
import phonenumbers
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers import ask, ask_generally, browser, guess_kind, list_as, phone
from blacklist.identifiers.banks import find_bank
from blacklist.identifiers.number_ranges import Ranges, every_range
from blacklist.identifiers.plain import ask_plain
from blacklist.identifiers.reasons import NOTES, REASONS
from blacklist.model import Kind

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
FORMATS = (
    phonenumbers.PhoneNumberFormat.E164,
    phonenumbers.PhoneNumberFormat.INTERNATIONAL,
    phonenumbers.PhoneNumberFormat.NATIONAL,
    phonenumbers.PhoneNumberFormat.RFC3966,
)

VALID = [
    "http://user:p@login.vn-bank.example:8080/a/%2e%2e/b//c%41%zz/?x=1&id=2#f",
    "hxxps[:]//evil[.]example[/]x",
    "www.facebook.com/profile.php?id=1&ref=%2f",
    "youtube.com/shorts/a&b=c",
    "https://youtu.be/x'y?t=1",
    "t.me/s/s/abc",
    "docs.google.com/forms/d/e/ID/viewform",
    "google.com/url?q=http://evil.example/&sa=D",
    "onedrive.live.com/?cid=1&id=2",
    "s3.amazonaws.com/bucket/x",
    "a.b.weebly.com/1/2/3",
    "http://[2001:db8::1]/a[.]b",
    "http://0xcb.0.113.7/",
    "cốc.example/đường dẫn",
    "ｅｖｉｌ．ｅｘａｍｐｌｅ",
    "intent://evil.example/a?b#Intent;scheme=https;S.browser_fallback_url=http%3A%2F%2Fb.example;end",
    "itms-services://?action=download-manifest&url=https://evil.example/a.plist",
    "fb://profile/1001?x=%41",
    "tg://resolve?domain=name",
    "viber://chat?number=%2B84912345678",
    "view-source:android-app://com.evil.app/https/evil.example/a",
    "zalo.me/0912345678",
    "https://api.whatsapp.com/send?phone=84912345678",
    "https://t.me/+84912345678",
    "970436/0000000000001",
    "Ngân hàng Á Châu/00 11.22-33",
    "99ZP00000M0000001",
    "GB82 WEST 1234 5698 7654 32",
    "IBAN/NO9386011117947",
    "MoMo/+84 120 123 4567",
    "DEUTDEFF/0000000001",
    "Ngân hàng TMCP Quân đội (MB)/0912345678",
    "00020101021138570010A00000072701270006970403011300110123456780208QRIBFTTA53037045802VN63049E6F",
    "00020101021126370009SG.PAYNOW010100211+659123456753037025802SG63048C9D",
    "0912345678",
    "+84 (0) 912 345 678",
    "01201234567",
    "00441632960961",
    "tel:+1-202-555-0123",
    "(202) 555-0123",
    "0912 345 678 (anh Nam)",
    "O9l2 345 678",
    "0912345678 máy lẻ 12",
    "0613825000",
    "0838250000",
    "113",
    "VN:5656",
    "447700900123",
    '"Bank" <sip:+84912345678@host;user=phone>;tag=1',
    "sip:%2B84912345678;phone-context=+84:x@[2001:db8::1]:5060;transport=udp",
    "tel:38250000;phone-context=+8424;ext=5",
    "sip:anonymous@anonymous.invalid",
    "SĐT/Zalo: 0912.345.678 (anh Nam)",
    "STK: 0000000000001 NH Á Châu - NGUYEN VAN A",
    "VCB 0000000000001",
]
ODD = (
    "abzAZ019./:-_@%[](){}?&=#\\ \t\n\r+~;,|'\"<>^`!$*"
    "đéß☃ａ０．。٣²\u200b\u00ad\u202e\ud800\x00\u0301"
)
HINTS = {
    "kind": st.sampled_from([None, *Kind]),
    "bank": st.one_of(st.none(), st.sampled_from(["VCB", "BVB", "", "x"]), st.text(max_size=8)),
    "region": st.sampled_from(["VN", "US", "GB", "IT", "AR", "RU", "XX", ""]),
}


@st.composite
def mutations(draw):
    """Return a valid text with a few characters put in, taken out or put in place of others."""
    text = draw(st.sampled_from(VALID))
    for _ in range(draw(st.sampled_from([0, 1, 1, 2, 4]))):
        at = draw(st.integers(0, len(text)))
        width = draw(st.integers(0, 2))
        piece = draw(
            st.one_of(st.text(ODD, max_size=2), st.sampled_from(VALID).map(lambda v: v[:9]))
        )
        text = text[:at] + piece + text[at + width :]
    return text


texts = st.one_of(mutations(), mutations(), st.text(st.characters(codec=None)), st.text(ODD))


def ask_or_none(text, **hints):
    """Return the question, or None for a refusal; anything else that is raised is a failure."""
    return _or_none(ask, text, hints)


def list_or_none(text, **hints):
    return _or_none(list_as, text, hints)


def _or_none(verb, text, hints):
    try:
        return verb(text, **hints)
    except InvalidIdentifier as refused:
        reason = refused.reason
    assert reason in REASONS
    return None


@given(texts, st.fixed_dictionaries(HINTS))
@example("\ud800", {"kind": None, "bank": "\ud800", "region": "VN"})
@example("a" * 9000, {"kind": None, "bank": None, "region": "VN"})
def test_nothing_but_a_refusal_is_raised(text, hints):
    ask_or_none(text, **hints)
    guess_kind(text)
    for kind in Kind:
        list_or_none(text, kind=kind, bank=hints["bank"], region=hints["region"])


@given(texts, st.fixed_dictionaries(HINTS))
def test_a_key_reads_as_itself(text, hints):
    question = ask_or_none(text, **hints)
    for reading in question.readings + question.related if question else ():
        key = reading.identifier
        again = ask(key.value, kind=key.kind, region="VN").readings[0]
        assert again.identifier == key
        assert again.candidates == reading.candidates
        assert {note.partition(":")[0] for note in reading.notes} <= set(NOTES)


@given(texts, st.fixed_dictionaries(HINTS), st.sampled_from(Kind))
def test_what_is_listed_is_found_in_the_spelling_it_was_listed_in(text, hints, kind):
    hints = {**hints, "kind": kind}
    listed = list_or_none(text, **hints)
    if listed is None:
        return
    reading = ask(text, **hints).readings[0]  # an app link may stand for more than it lists
    assert "short_code" not in reading.notes
    assert listed[0] == reading.identifier == reading.candidates[0].identifier
    assert list_as(listed[0].value, kind=kind, region="VN") == listed


@given(texts, st.fixed_dictionaries(HINTS))
def test_candidates_are_canonical_and_none_is_asked_twice(text, hints):
    question = ask_or_none(text, **hints)
    for reading in question.readings if question else ():
        values = [found.identifier.value for found in reading.candidates]
        assert len(set(values)) == len(values)
        order = [list(type(found.match)).index(found.match) for found in reading.candidates]
        assert order == sorted(order)
        for found in reading.candidates[1:]:
            listed = list_or_none(found.identifier.value, kind=found.identifier.kind)
            assert listed is None or listed[0] == found.identifier


@given(texts)
def test_a_row_that_reads_as_a_link_is_guessed_to_be_one(text):
    """A plain list of mixed rows must not lose a link to a wrong guess."""
    question = ask_or_none(text)
    if question is not None and Kind.LINK in {found.identifier.kind for found in question.readings}:
        assert guess_kind(text) is Kind.LINK


def numbers_of(region):
    for number_type in phonenumbers.PhoneNumberType.values():
        number = phonenumbers.example_number_for_type(region, number_type)
        if number is not None:
            yield number


@pytest.mark.parametrize("letter", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
def test_every_format_of_every_regions_numbers_gives_one_key(letter):
    for region in (region for region in REGIONS if region[0] == letter):
        for number in numbers_of(region):
            e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            if not phonenumbers.is_possible_number(number):
                continue
            spellings = {phonenumbers.format_number(number, style) for style in FORMATS}
            spellings.add(phonenumbers.format_number(number, FORMATS[0]).replace("+", "＋"))
            for text in spellings:
                assert list_as(text, kind=Kind.PHONE, region=region)[0].value == e164, text
            abroad = phonenumbers.format_out_of_country_calling_number(number, "VN")
            if region != "VN":
                assert list_as(abroad, kind=Kind.PHONE)[0].value == e164, abroad


EXAMPLES = sorted(
    phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    for region in REGIONS
    for number in numbers_of(region)
)


@st.composite
def e164_texts(draw):
    """Return a number in use somewhere, its last digits changed: in use or only possible."""
    tail = draw(st.text("0123456789", max_size=4))
    text = draw(st.sampled_from(EXAMPLES))
    return text[: len(text) - len(tail)] + tail


MOVED = {"prefix_2018", "area_code_2017"}


@given(e164_texts(), e164_texts())
def test_two_numbers_never_share_a_key(one, other):
    """E.164 is its own key, so two numbers are never one; only Vietnam's old ones are moved."""
    for text in (one, other):
        question = ask_or_none(text, kind=Kind.PHONE)
        assume(question is not None and MOVED.isdisjoint(question.readings[0].notes))
        assert question.readings[0].identifier.value == _library_e164(text)


def _library_e164(text):
    parsed = phonenumbers.parse(text)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


@given(
    st.sampled_from(["+84", "0084", "84", "0", ""]),
    st.from_regex(r"[35789][0-9]{8}|2[0-9]{9}|[0-9]{7,10}", fullmatch=True),
    st.lists(st.tuples(st.integers(0, 14), st.sampled_from(" .-")), max_size=4),
)
@settings(max_examples=500)
def test_the_short_way_for_vietnam_is_the_librarys(prefix, national, separators):
    """It takes just the fixed and mobile numbers in use, and reads them as the library does."""
    text = prefix + national
    for at, separator in separators:
        text = text[:at] + separator + text[at:]
    short_way = phone.recognise_plain(text)
    if short_way is not None:
        parsed = phonenumbers.parse(text, "VN")
        assert phonenumbers.is_valid_number(parsed)
        e164, international = (phonenumbers.format_number(parsed, style) for style in FORMATS[:2])
        assert (short_way.key, short_way.display, short_way.notes) == (e164, international, ())
    elif prefix and national[0] != "0":
        types = phonenumbers.PhoneNumberType
        parsed = phonenumbers.parse(f"+84{national}")
        assert phonenumbers.number_type(parsed) not in {types.MOBILE, types.FIXED_LINE}


plain_texts = st.one_of(
    st.tuples(
        st.sampled_from(["+84", "0084", "84", "0", ""]),
        st.from_regex(r"[35789][0-9]{8}|2[0-9]{9}|[0-9]{4,12}", fullmatch=True),
    ).map("".join),
    st.text("0123456789", max_size=20),
    st.text("0123456789 .-+", max_size=34),
)


@given(
    plain_texts,
    st.lists(st.tuples(st.integers(0, 14), st.sampled_from(" .-")), max_size=4),
    st.sampled_from([None, *Kind]),
    st.sampled_from([None, "", " ", "VCB", "MoMo", "DEUTDEFF", "BVB", "x"]),
)
@settings(max_examples=2000)
def test_the_short_way_for_plain_texts_says_what_the_general_way_says(text, marks, kind, bank):
    for at, mark in marks:
        text = text[:at] + mark + text[at:]
    asked = (text, kind, bank, "VN")
    short = _said(ask_plain, asked)
    assert short is None or short == _said(ask_generally, asked)


def _said(way, asked):
    try:
        return way(*asked)
    except InvalidIdentifier as refused:
        return refused.reason, refused.detail


@given(
    st.sampled_from(
        ["0912345678", "+84912345678", "02438250000", "+12025550123", "00441632960961"]
    ),
    st.lists(st.tuples(st.integers(1, 16), st.sampled_from(" .-/()[]~")), max_size=5),
    st.sampled_from(["VN", "US", "GB", "IT"]),
)
@settings(max_examples=500)
def test_no_digit_of_a_number_is_lost(text, marks, region):
    """What the library takes for an extension would leave another subscriber's number."""
    end = text[-5:]
    for at, mark in marks:
        text = text[:at] + mark + text[at:]
    question = ask_or_none(text, kind=Kind.PHONE, region=region)
    assert question is None or question.readings[0].identifier.value.endswith(end)


IN_FRONT = [
    "SĐT ",
    "ĐT: ",
    "gọi ",
    "sms:",
    "Mr Nam - ",
    "Hotline: ",
    "SĐT/Zalo: ",
    "anh Nam, ",
    "(",
]


@given(
    st.from_regex(r"9[0-8][0-9]{7}|2[48]3[0-9]{7}", fullmatch=True),
    st.sampled_from(["+84", "0084", "84", "0", "+84 (0) ", "(+84) ", "tel:+84"]),
    st.lists(st.tuples(st.integers(3, 8), st.sampled_from(" .-")), max_size=3),
    st.sampled_from(["", *IN_FRONT]),
    st.sampled_from(["", " (zalo)", " - anh Nam", " ext 12", ", gọi sau"]),
)
@settings(max_examples=500)
def test_a_listed_vietnamese_number_is_found_in_every_spelling(national, prefix, marks, front, end):
    number = phonenumbers.parse(f"+84{national}")
    assume(phonenumbers.is_valid_number(number))
    listed = list_as(f"0{national}", kind=Kind.PHONE)
    for at, mark in marks:
        national = national[:at] + mark + national[at:]
    text = prefix + national if prefix.startswith("tel:") else front + prefix + national + end
    for kind in (None, Kind.PHONE):
        found = [one.identifier for one in ask(text, kind=kind).readings[0].candidates]
        assert listed[0] in found, text


@given(
    st.from_regex(r"0000[0-9]{2,10}1", fullmatch=True),
    st.sampled_from(
        ["VCB {}", "{} VCB", "STK: {} (Vietcombank)", "{} - NH Ngoại thương", "{} x y"]
    ),
    st.booleans(),
)
def test_a_listed_account_is_found_among_words(number, words, is_grouped):
    listed = list_as(number, kind=Kind.ACCOUNT, bank="VCB")
    text = words.format(f"{number[:4]} {number[4:]}" if is_grouped else number)
    (reading,) = ask(text, kind=Kind.ACCOUNT, bank="970436").readings[-1:]
    assert tuple(found.identifier for found in reading.candidates) == listed


DIGITS = st.sampled_from(["٠١٢٣٤٥٦٧٨٩", "๐๑๒๓๔๕๖๗๘๙", "០១២៣៤៥៦៧៨៩", "０１２３４５６７８９"])
BEHIND = ["", " (zalo)", " - anh Nam", " ext 12", " máy lẻ 5", "x7", ", gọi sau", " x1 (Lan)"]


@st.composite
def decorated(draw, number):
    """Return a spelling of a number in E.164 that people, tables and switches write."""
    digits = number.removeprefix("+")
    text = draw(st.sampled_from([number, f"00{digits}", f"({number})", f"tel:{number}", digits]))
    if draw(st.booleans()):
        script = draw(DIGITS)
        text = text.translate(str.maketrans("0123456789", script))
    if draw(st.booleans()):
        return text + draw(st.sampled_from(BEHIND))
    user = number.replace("+", draw(st.sampled_from(["+", "%2B", "00"])))
    return draw(st.sampled_from(["sip:{}@host", '"x" <sips:{};a=b@host;user=phone>;tag=1'])).format(
        user
    )


@given(st.data())
@settings(max_examples=300)
def test_a_listed_number_is_found_in_every_spelling(data):
    number = data.draw(st.sampled_from(EXAMPLES))
    listed = list_or_none(number, kind=Kind.PHONE)
    assume(listed is not None and len(number) > len("+123456789"))
    assume(
        not number.startswith("+84") and phonenumbers.is_valid_number(phonenumbers.parse(number))
    )
    text = data.draw(decorated(number))
    reading = ask(text, kind=Kind.PHONE).readings[0]
    home = list_or_none(text.removeprefix("+"), kind=Kind.PHONE)
    assert reading.identifier == listed[0] or home == (reading.identifier,), text


@given(st.from_regex(r"[35789][0-9]{8}|2[0-9]{9}", fullmatch=True))
@settings(max_examples=500, suppress_health_check=[HealthCheck.filter_too_much])
def test_a_number_that_is_in_use_is_never_rewritten(national):
    """Whatever old landline it may have been, somebody has it today."""
    number = f"+84{national}"
    parsed = phonenumbers.parse(number)
    assume(phonenumbers.is_valid_number(parsed) and _library_e164(number) == number)
    assert list_as(number, kind=Kind.PHONE)[0].value == number


account_numbers = st.from_regex(r"[0-9A-Z]{0,12}[0-9][0-9A-Z]{3,6}", fullmatch=True)


@given(
    account_numbers,
    st.lists(st.tuples(st.integers(0, 19), st.sampled_from(" .-–\u00a0")), max_size=4),
    st.sampled_from(["VCB", "970436", "bftvvnvx", "Ngân hàng TMCP Ngoại Thương", "Vietcombank"]),
)
def test_an_account_is_found_in_any_grouping_case_and_bank_name(number, separators, bank):
    listed = list_or_none(number, kind=Kind.ACCOUNT, bank="Vietcombank")
    assume(listed is not None)
    text = number.lower()
    for at, separator in separators:
        text = text[:at] + separator + text[at:]
    reading = ask(text, kind=Kind.ACCOUNT, bank=bank).readings[0]
    assert listed == tuple(found.identifier for found in reading.candidates)
    assert listed[1] in {f.identifier for f in ask(text, kind=Kind.ACCOUNT).readings[0].candidates}
    other = ask(text, kind=Kind.ACCOUNT, bank="ACB").readings[0]
    assert listed[0] not in {found.identifier for found in other.candidates}
    assert listed[1] in {found.identifier for found in other.candidates}


@given(st.text(max_size=30))
def test_a_banks_name_gives_a_bank_or_a_refusal(text):
    try:
        found = find_bank(text).key
    except InvalidIdentifier as refused:
        found = refused.reason
    assert found in {"unknown_bank", "ambiguous_bank"} or find_bank(found).key == found


plain_links = st.from_regex(
    r"(https?://)?([a-z0-9_-]{1,9}\.){1,3}[a-z0-9-]{1,9}(/[A-Za-z0-9_~.,;:=@&+%-]{0,9}){0,4}"
    r"(\?[!-~]{0,20})?",
    fullmatch=True,
)


@given(st.one_of(plain_links, mutations()))
@settings(max_examples=1000)
@example("http://evil.example/a/../b")
@example("evil.example/.")
@example("evil.example/%2e%2E/a")
@example("evil.0x7f")
@example("a.xn--a")
@example("evil.example:80?a")
def test_what_is_read_without_the_parser_is_what_the_parser_reads(text):
    """Nearly every link is plain; the short way for these must open the same page."""
    short_way = browser.PLAIN.fullmatch(text)
    if short_way is None:
        return
    url = text if text.startswith(("http://", "https://")) else f"http://{text}"
    parts = ada_url.parse_url(url, ("hostname", "pathname", "search", "host_type"))
    host, path, query = short_way.groups("")
    assert (host, path or "/", query) == (
        parts["hostname"],
        parts["pathname"],
        parts["search"].removeprefix("?"),
    )
    assert parts["host_type"] is ada_url.HostType.DEFAULT


labels = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True).filter(
    lambda label: not label.startswith("xn--")
)
segments = st.text("abcXYZ019-._~%&=+đ é", min_size=1, max_size=6).filter(
    lambda text: text.strip("., ") != "" and not text.startswith(" ") and not text.endswith(" ")
)


@given(st.lists(labels, min_size=1, max_size=3), st.lists(segments, max_size=4), st.data())
def test_a_listed_place_is_found_from_every_place_below_it(hosts, path, data):
    """Whatever a row lists covers what lies under it, in any way of writing a URL."""
    host = ".".join([*hosts, "evil", "example"])
    row_host = ".".join([*hosts[data.draw(st.integers(0, len(hosts))) :], "evil", "example"])
    row_path = path[: data.draw(st.integers(0, len(path)))]
    listed = list_or_none("/".join([row_host, *row_path]), kind=Kind.LINK)
    assume(listed is not None)
    scheme = data.draw(
        st.sampled_from(["", "HTTP://", "https:", "hxxp://", "http:\\\\", "//", "http://u:p@"])
    )
    dot = data.draw(st.sampled_from([".", "。", "．"]))
    tail = data.draw(st.sampled_from(["", "/", "//", "?a=b", "#c", "/?d"]))
    asked = (
        scheme
        + host.upper().replace(".", dot)
        + ":80"
        + "".join(f"/{part}" for part in path)
        + tail
    )
    question = ask_or_none(asked, kind=Kind.LINK)
    assume(question is not None)
    found = {candidate.identifier for candidate in question.readings[0].candidates}
    assert listed[0] in found


@given(
    st.sampled_from(["+84899", "+4121560", "+1202555", "+38044"]), st.text("0123456789", max_size=8)
)
def test_a_ranges_form_is_its_own_form_and_covers_what_begins_so(start, rest):
    text = start + rest + "*"
    try:
        (identifier,) = list_as(text, kind=Kind.PHONE)
    except InvalidIdentifier:
        return
    assert list_as(identifier.value, kind=Kind.PHONE) == (identifier,)
    number = identifier.value.rstrip("*") + "0"
    assert Ranges([identifier.value]).covering(number) == [identifier.value]


@given(
    st.lists(st.from_regex(r"\+[1-9][0-9]{2,8}(\*|#{1,5})", fullmatch=True), max_size=8),
    st.from_regex(r"\+[1-9][0-9]{6,12}", fullmatch=True),
)
def test_covering_ranges_are_those_that_a_pattern_would_match(listed, number):
    def covers(value):
        pattern = re.escape(value.rstrip("*#")) + ("[0-9]+" if value[-1] == "*" else "")
        return re.fullmatch(pattern + "[0-9]" * value.count("#"), number) is not None

    expected = {value for value in listed if covers(value)}
    assert set(Ranges(listed).covering(number)) == expected
    assert expected <= set(every_range(number))

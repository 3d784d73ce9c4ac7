"""Any text as a message: places in order, apart, with the right slices; nothing is raised."""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers import ask
from blacklist.identifiers.message import find

PIECES = (
    *("STK ", "tk", "số tài khoản: ", "SĐT ", "gọi ", "zalo", "OTP ", "CCCD ", "IBAN ", "ck vào "),
    *(" VCB", "mb ", "BVB", "ngân hàng Á Châu", "970436", "momo", "DEUTDEFF", "swift "),
    *("0912345678", "0000000000001", "0912 345 678", "+84", "(0)", "113", "4111111111111111"),
    *("5.000.000đ", "20/11/2026", "GB82 WEST 1234 5698 7654 32", "99ZP24009M07248267", "O9l2"),
    *("http://", "hxxps", "[.]", "(dot)", "evil.example", "@", "/a?b=c", "zalo://", "sip:", "www."),
    *("00020101", "38570010A000000727", "012700069704030113", "6304", "9E6F", "5802VN"),
    *(" ", "\n", "\t", "-", " - ", ".", ",", ";", "/", "(", ")", "[", "]", "<", ">", '"', "\u200b"),
    *("đ", "á", "a\u0301", "０９", "٠٩", "\ud800", "\x01", "\x00", "ﬁ", "İ", "。", "中"),
)
MESSAGES = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=40).map("".join))


def check_places(text):
    """The promises that hold for every text."""
    end = 0
    for place in find(text):
        assert end <= place.start < place.end <= len(text)
        assert text[place.start : place.end] == place.text
        assert place.value
        end = place.end
    return find(text)


@given(MESSAGES)
def test_places_never_overlap_and_are_what_stands_there(text):
    check_places(text)


@given(MESSAGES)
def test_what_is_found_can_be_asked_or_is_refused_as_any_text_is(text):
    for place in check_places(text):
        with suppress(InvalidIdentifier):
            assert ask(place.value, kind=place.kind, bank=place.bank).readings


@given(MESSAGES, MESSAGES)
def test_a_paragraph_says_nothing_about_the_next(before, behind):
    """What is found in a text does not depend on what stands a paragraph above or below."""
    gap = "\n\n.\n\n"
    found = check_places(f"{before}{gap}0912345678{gap}{behind}")
    assert any(place.text == "0912345678" for place in found)

"""The limits that every text meets before any kind looks at it."""

import pytest

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers import ask, guess_kind, list_as
from blacklist.identifiers.text import MAX_CHARACTERS, clean
from blacklist.model import Kind

REFUSED = [
    ("", "empty"),
    (" \t\r\n ", "empty"),
    ("\u200b\ufeff\u00a0", "empty"),
    ("evil.example/" + "a" * MAX_CHARACTERS, "too_long"),
    ("evil\x00.example", "control_characters"),
    ("0912\x7f345678", "control_characters"),
    ("00\x8512345678", "control_characters"),
    ("evil.example/\ud800", "not_text"),
]


@pytest.mark.parametrize("kind", [None, *Kind])
@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_the_common_limits_hold_for_every_kind(text, reason, kind):
    with pytest.raises(InvalidIdentifier) as refused:
        ask(text, kind=kind)
    assert refused.value.reason == reason


@pytest.mark.parametrize("kind", [Kind.PHONE, Kind.ACCOUNT])
@pytest.mark.parametrize("text", ["0912\t345678", "0912\n345678", "0912\r345678"])
def test_a_number_holds_no_tab_or_line_end(text, kind):
    with pytest.raises(InvalidIdentifier) as refused:
        list_as(text, kind=kind)
    assert refused.value.reason == "control_characters"


def test_blanks_and_invisible_marks_around_a_text_do_not_matter():
    assert clean("\ufeff\u202a 0912345678\u202c\u00a0\r\n") == "0912345678"


def test_a_text_of_the_greatest_length_passes():
    assert clean("a" * MAX_CHARACTERS) == "a" * MAX_CHARACTERS


@pytest.mark.parametrize("text", [text for text, _ in REFUSED])
def test_a_refused_text_has_no_guessed_kind(text):
    assert guess_kind(text) is None


def test_escapes_may_not_make_a_link_longer_than_any_text():
    """A canonical form must itself be a text that can be asked."""
    with pytest.raises(InvalidIdentifier) as refused:
        ask("evil.example/" + "đ" * 4000, kind=Kind.LINK)
    assert refused.value.reason == "too_long"

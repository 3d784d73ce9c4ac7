"""How letters are named."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blacklist.errors import ConfigError
from blacklist.letter_names import Told, clean_number, first_second, letter_id

NOON = 1_795_600_000
"""2026-11-25 about noon in Vietnam."""


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("386/CAT-ANM", "386/CAT-ANM"),
        ("  Số: 386 / CAT – ANM ", "386/CAT-ANM"),
        ("số 12/CV-TTr", "12/CV-TTr"),
        ("Số:1234/CAT-PA05(Đ2)", "1234/CAT-PA05(Đ2)"),
        ("12/KH-UBND tỉnh", "12/KH-UBND tỉnh"),
        ("Công văn số 12", "Công văn số 12"),
        ("số: số 12", "12"),
    ],
)
def test_a_number_has_one_spelling(text: str, number: str) -> None:
    assert clean_number(text) == number
    assert clean_number(number) == number


@pytest.mark.parametrize("text", ["", " ", "CAT-ANM", "1" * 65, "12\x1b[31m", "12\u202e/X"])
def test_a_number_that_cannot_be_one_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        clean_number(text)


def test_an_id_is_safe_and_tells_letters_apart() -> None:
    def named(number: str, day: date = date(2023, 2, 17), authority: str = "ca-mau") -> str:
        return letter_id(Told(number=number, day=day, authority=authority))

    assert named("386/CAT-ANM") == named("số 386/cat-anm") == "ca-mau:2023-02-17:386%2FCAT-ANM"
    assert named("12/Đ{x}:y").isascii()
    different = {
        named("386/CAT-ANM"),
        named("387/CAT-ANM"),
        named("386/CAT-ANM", date(2023, 2, 18)),
        named("386/CAT-ANM", authority="ca-x"),
        named("386:CAT-ANM"),
        named("386%2FCAT-ANM"),
    }
    assert len(different) == 6


def test_a_letter_lists_since_its_day_and_never_from_a_moment_to_come() -> None:
    assert first_second(date(2023, 2, 17), now=NOON) == 1_676_592_000
    before_seven = 1_795_539_600 + 3600
    assert first_second(date(2026, 11, 25), now=before_seven) == before_seven
    with pytest.raises(ConfigError, match="future"):
        first_second(date(2026, 11, 26), now=NOON)
    with pytest.raises(ConfigError, match="1970"):
        first_second(date(1969, 1, 1), now=NOON)


@given(st.text("sốSỐ: 123/-–AĐ\u0300\ud800\t", max_size=20) | st.text(max_size=70))
def test_any_text_is_refused_or_has_one_spelling_and_a_safe_id(text: str) -> None:
    try:
        number = clean_number(text)
    except ConfigError:
        return
    assert clean_number(number) == number
    told = Told(number=text, day=date(2023, 2, 17), authority="x")
    assert letter_id(told) == letter_id(Told(number=number, day=told.day, authority="x"))
    assert letter_id(told).isascii()

"""Ranges of phone numbers: how they are written, what they cover, how wide they may be."""

import pytest

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers import ask, guess_kind, list_as
from blacklist.identifiers.number_ranges import Ranges, every_range, is_range, with_ranges
from blacklist.model import Identifier, Kind, Match

NUMBER = "+84899991234"


def key_of(text, region="VN"):
    (identifier,) = list_as(text, kind=Kind.PHONE, region=region)
    return identifier.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("+8489999*", "+8489999*"),
        ("+8489999%", "+8489999*"),
        ("+8489999…", "+8489999*"),
        ("+8489999...", "+8489999*"),
        ("(+84) 899 99…", "+8489999*"),
        ("0899.99*", "+8489999*"),
        ("008489999*", "+8489999*"),
        ("＋８４８９９９９＊", "+8489999*"),
        ("+848999*", "+848999*"),
        ("0899 99# ###", "+8489999####"),
        ("+8489999####", "+8489999####"),
        ("+4121560####", "+4121560####"),
        ("+41 21 560 ## ##", "+4121560####"),
        ("+1 202 555 01##", "+120255501##"),
        ("+44 7700 900 ###", "+447700900###"),
        ("+38044500%", "+38044500*"),
        ("+85512345…", "+85512345*"),
    ],
)
def test_a_range_has_one_form_however_it_is_written(text, value):
    assert key_of(text) == value
    assert key_of(value) == value
    assert is_range(value)
    (reading,) = ask(text, kind=Kind.PHONE).readings
    assert reading.identifier.value == value
    assert "number_range" in reading.notes


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0120 123# ###", "+8470123####"),  # a mobile prefix of before 2018
        ("0511 38# ####", "+8423638#####"),  # an area code of before 2017
        ("04 3825 ####", "+84243825####"),
        ("0838 25# ###", "+8483825####"),  # an old landline, and somebody's mobile today
    ],
)
def test_old_prefixes_are_read_as_those_of_today_where_they_can_mean_nothing_else(text, value):
    assert key_of(text) == value


@pytest.mark.parametrize(
    "text",
    ["+84*", "+8489*", "0899*", "+84899#######", "+380%", "+1*", "+881*", "113*"],
)
def test_a_country_or_an_operators_block_is_refused(text):
    for verb in (list_as, ask):
        with pytest.raises(InvalidIdentifier) as refused:
            verb(text, kind=Kind.PHONE)
        assert refused.value.reason == "range_too_wide"


@pytest.mark.parametrize(
    "text",
    [
        "+84…",
        "+380…%",
        "0912345678*",
        "0912345678##",
        "*",
        "%%%",
        "0912 345 xxx",
        "0912345***",
        "2025550???",
        "+*",
        "09*12",
        "+44###*",
    ],
)
def test_what_is_no_beginning_of_a_number_is_no_range(text):
    with pytest.raises(InvalidIdentifier) as refused:
        list_as(text, kind=Kind.PHONE)
    assert refused.value.reason in {"not_a_number", "letters_in_number"}


def test_a_row_with_a_plus_is_guessed_to_be_a_range_of_phones():
    assert guess_kind("+8489999*") is Kind.PHONE
    assert guess_kind("+4121560####") is Kind.PHONE
    assert guess_kind("*.evil.example") is not Kind.PHONE


def test_a_number_is_covered_by_the_ranges_it_lies_in():
    ranges = Ranges(["+8489999*", "+8489999####", "+848999912##", "+8489999###", "+848*", NUMBER])
    assert sorted(ranges) == ["+848*", "+8489999###", "+8489999####", "+8489999*", "+848999912##"]
    assert ranges.covering(NUMBER) == ["+8489999*", "+8489999####", "+848999912##", "+848*"]
    assert ranges.covering("+8489999") == ["+848*"]
    assert ranges.covering("+84899981234") == ["+848*"]
    assert ranges.covering("VN:113") == []
    assert not Ranges([NUMBER])


def test_every_range_names_all_that_could_cover_a_number():
    every = every_range(NUMBER)
    listed = ["+8489999*", "+848*", "+8489999####", "+8489999123#", "+848999#####"]
    assert set(listed) <= set(every)
    assert Ranges(every).covering(NUMBER) == every
    assert every_range("VN:113") == every_range("+8489999*") == []


def test_a_question_asks_for_its_ranges_after_the_number_itself():
    question = ask("0899991234")
    widened = with_ranges(question, Ranges(["+8489999*"]).covering)
    phone, account = widened.readings
    assert [candidate.match for candidate in phone.candidates] == [Match.EXACT, Match.RANGE]
    assert phone.candidates[1].identifier == Identifier(Kind.PHONE, "+8489999*")
    assert account == question.readings[1]
    assert with_ranges(question, Ranges(["+8489998*"]).covering) == question
    assert with_ranges(ask("evil.example"), every_range) == ask("evil.example")

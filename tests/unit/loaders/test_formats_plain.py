"""One identifier a line."""

import pytest

from blacklist.model import Kind
from loaders.formats import Options, Record, Skipped, plain


def values(*lines):
    return [(row.line, row.value) for row in plain.parse(lines, Options())]


def test_a_record_carries_the_line_as_written_and_the_told_kind():
    row = next(plain.parse(["Evil.Example/A"], Options(kind=Kind.LINK)))
    assert row == Record(line=1, value="Evil.Example/A", kind=Kind.LINK)
    assert next(plain.parse(["evil.example"], Options())).kind is None


def test_blank_lines_and_comments_are_no_rows_but_count_as_lines():
    lines = ["# a", "! b", "; c", "// d", "", " \t", "  # e", "evil.example"]
    assert values(*lines) == [(8, "evil.example")]


@pytest.mark.parametrize("space", [" ", "\t", "   "])
def test_a_hash_behind_white_space_begins_a_comment(space):
    assert values(f"evil.example{space}# why #2") == [(1, "evil.example")]
    assert values(f"evil.example{space}#why") == [(1, "evil.example")]


def test_a_hash_behind_no_white_space_belongs_to_the_address():
    assert values("http://evil.example/a#b") == [(1, "http://evil.example/a#b")]


def test_surrounding_white_space_goes_and_inner_stays():
    assert values("  +44 7700 900123\t\xa0\r") == [(1, "+44 7700 900123")]


def test_other_marks_within_a_line_are_text():
    lines = ["0912345678;0987654321", "http://evil.example//a!b", "a.example ; b"]
    assert [value for _, value in values(*lines)] == lines


@pytest.mark.parametrize("line", ["+41 21 560 ## ##", "+4121560####", "(+44) 7700 900 ###"])
def test_a_hash_that_stands_for_a_digit_begins_no_comment(line):
    assert values(line) == [(1, line)]
    assert values(f"{line}  # why") == [(1, line)]
    assert values("+447700900123 # 1", "+447700900123 #") == [
        (1, "+447700900123"),
        (2, "+447700900123"),
    ]


@pytest.mark.parametrize("block", ["203.0.113.0/24", "10.0.0.0/8", "2001:db8::/48"])
def test_a_block_of_addresses_is_skipped(block):
    assert list(plain.parse([block], Options())) == [Skipped(1, "address_block")]


@pytest.mark.parametrize("value", ["203.0.113.1/a", "evil.example/24", "a/3"])
def test_what_only_looks_like_a_block_is_a_record(value):
    assert list(plain.parse([value], Options())) == [Record(line=1, value=value)]


def test_from_one_number_to_another_is_the_ranges_between():
    lines = ["+447700900100 - +447700900199", "+447700900101 - +447700900102"]
    assert [row.value for row in plain.parse(lines, Options())] == ["+4477009001##", lines[1]]
    [row] = plain.parse([lines[0]], Options(kind=Kind.ACCOUNT))
    assert row.value == lines[0]


def test_a_block_of_one_address_is_that_address():
    assert values("203.0.113.1/32") == [(1, "203.0.113.1")]

"""Tables of one column a bank."""

import pytest

from blacklist.errors import Malformed
from blacklist.model import Kind
from loaders.formats import Options, Record, Rejected, Skipped, bank_columns


def read(*lines):
    return list(bank_columns.parse(lines, Options()))


def account(line, value, bank):
    return Record(line=line, value=value, kind=Kind.ACCOUNT, bank=bank)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_cell_is_an_account_at_the_bank_above_it(delimiter):
    lines = ("STT;Vietcombank;MB Bank", "1;0000000001;0000000002", "2;;0000000003")
    assert read(*(line.replace(";", delimiter) for line in lines)) == [
        account(2, "0000000001", "Vietcombank"),
        account(2, "0000000002", "MB Bank"),
        account(3, "0000000003", "MB Bank"),
    ]


def test_comments_empty_lines_and_spaces_are_passed_over():
    assert read("# a list", "", "VCB; ACB ", "", " 0000000001 ;") == [
        account(5, "0000000001", "VCB")
    ]


def test_several_accounts_of_a_cell_are_several_rows():
    found = read("VCB;ACB", '"0000000001, 0000000002";')
    assert [row.value for row in found] == ["0000000001", "0000000002"]


def test_words_are_handed_on_to_be_rejected_where_they_are_judged():
    assert read("VCB;ACB", "không rõ số;") == [account(2, "không rõ số", "VCB")]


def test_rows_without_accounts_and_rows_too_long_are_counted():
    assert read("VCB;ACB", ";", "1;2;0000000001") == [
        Skipped(line=2, reason="no_value"),
        Rejected(3, "too_many_columns", "1;2;0000000001"),
    ]


@pytest.mark.parametrize(
    "head",
    ["", "VCB", "VCB;tên", "STK;ngân hàng", "970436;970407", "url;phone", "0000000001;VCB"],
)
def test_other_headers_are_not_taken_for_banks(head):
    assert not bank_columns.sniff(head + "\n1;2")
    with pytest.raises(Malformed, match="does not name two banks"):
        read(head, "1;2")


def test_the_header_may_follow_comments():
    assert bank_columns.sniff("# shared in a group\nVietcombank\tTechcombank\n1\t2")

"""CSV: what is asked of each row, and what comes back of it."""

import csv
import io

import msgspec
import pytest

from blacklist.errors import BadTable
from blacklist.lookup import Ask
from blacklist.model import Action, Advice, ItemError, Kind, Outcome, Verdict
from blacklist.screening import Told, begin
from blacklist.screening.cells import VERDICT_COLUMNS
from blacklist.screening.lines import MAX_LINE_BYTES, Lines

DEFAULTS = Told()
NOTHING = Verdict(verdict=Outcome.NO_RECORD)
WIDTH = len(VERDICT_COLUMNS)


def screened(data, told=DEFAULTS):
    """The rows asked (an Ask, the word of an error, or None), and the output's bytes."""
    lines = Lines(io.BytesIO(data if isinstance(data, bytes) else data.encode()).read)
    form = begin("csv", lines, told)
    asked, out = [], form.head
    for row in form.rows(lines):
        verdict = NOTHING if isinstance(row.asked, Ask) else row.asked
        asked.append(row.asked.error.reason if isinstance(row.asked, Verdict) else row.asked)
        out += form.write(row, verdict)
    return asked, out


def values(data, told=DEFAULTS):
    """The values asked."""
    return [one.value if isinstance(one, Ask) else one for one in screened(data, told)[0]]


def cells(out, delimiter=","):
    """The output as another program reads it."""
    return list(csv.reader(io.StringIO(out.decode(), newline=""), delimiter=delimiter))


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("phone", Kind.PHONE),
        ("Số điện thoại", Kind.PHONE),
        ("SĐT (liên hệ)", Kind.PHONE),
        ("stk", Kind.ACCOUNT),
        ("Tên miền", Kind.LINK),
        ("value", None),
    ],
)
def test_a_column_is_found_by_its_name_which_says_the_kind(header, kind) -> None:
    assert screened(f"id,{header},x\n1,abc,y\n")[0] == [Ask("abc", kind=kind)]


def test_a_kind_that_is_told_outweighs_the_columns_name() -> None:
    assert screened("phone\nabc\n", Told(kind=Kind.LINK))[0] == [Ask("abc", kind=Kind.LINK)]


def test_the_bank_is_asked_where_the_row_may_be_an_account() -> None:
    header = "stk,ngân hàng\n1,VCB\n2,\n"
    assert [one.bank for one in screened(header)[0]] == ["VCB", None]
    assert [one.bank for one in screened(header, Told(bank="ACB"))[0]] == ["VCB", "ACB"]
    assert [one.bank for one in screened("phone,bank\n1,VCB\n")[0]] == [None]


def test_columns_are_told_by_name_or_number_and_a_kind_by_row() -> None:
    told = Told(columns={"value": "B", "kind": "3"})
    asked, _ = screened("phone,b,what\n1,x,link\n2,y,\n3,z,hash\n", told)
    assert asked == [Ask("x", kind=Kind.LINK), Ask("y"), "unknown_kind"]


def test_a_table_without_a_header_is_read_by_number_and_gets_none() -> None:
    asked, out = screened("﻿0912345678,x\r\n0912345679,y", Told(columns={"value": "1"}))
    assert [one.value for one in asked] == ["0912345678", "0912345679"]
    assert out.startswith("﻿0912345678,x,no_record,".encode())
    assert out.count(b"\r\n") == 2


@pytest.mark.parametrize(
    ("table", "told", "reason"),
    [
        (b"", {}, "empty_table"),
        (b"a,b\n1,2\n", {}, "no_value_column"),
        (b"phone,stk\n1,2\n", {}, "ambiguous_column"),
        (b"a,a\n1,2\n", {"value": "a"}, "ambiguous_column"),
        (b"phone,b\n1,2\n", {"bank": "c"}, "unknown_column"),
        (b"phone,b\n1,2\n", {"value": "3"}, "unknown_column"),
        (b'"phone,b\n1,2\n', {}, "bad_header"),
        (b"phone\r1\r2\r", {"value": "1"}, "bad_header"),
        (b"x" * (MAX_LINE_BYTES + 1), {}, "bad_header"),
        ("phone\n1\n".encode("utf-16"), {}, "not_utf8"),
        ("phone\n1\n".encode("utf-16-le"), {}, "not_utf8"),
    ],
)
def test_a_table_that_cannot_be_screened_is_refused(table, told, reason) -> None:
    with pytest.raises(BadTable) as refused:
        screened(table, Told(columns=told))
    assert refused.value.reason == reason


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_told_by_the_header_and_used_for_the_verdict(delimiter) -> None:
    _, out = screened(delimiter.join(("id", "sđt", "a, b; c")) + "\n")
    assert cells(out, delimiter)[0][-WIDTH:] == list(VERDICT_COLUMNS)


def test_a_row_keeps_its_bytes() -> None:
    rows = (  # among them one that csv readers may cut otherwise, if not for its quotes
        b'1,"0912","a, ""b""\r\nc",=1+1\r\n',
        "2,0913,Nguyễn Văn A,\r\n".encode(),
        b"3,0914,\xff\xfe\x00,-1\r\n",
        b"4,'0915,\x85\xe2\x80\xa8\x0b\x0c, x \r\n",
    )
    asked, out = screened(b"id,phone,note,more\r\n" + b"".join(rows))
    assert [one.value for one in asked] == ["0912", "0913", "0914", "'0915"]
    for row in rows:
        assert row.removesuffix(b"\r\n") + b",no_record,,,,,,,,\r\n" in out


def test_verdicts_of_short_rows_stand_in_their_columns() -> None:
    asked, out = screened("phone,a,b\n1\n2,x\n,y,z\n")
    assert [one.value for one in asked] == ["1", "2", ""]
    assert [row[3] for row in cells(out)] == ["verdict", *["no_record"] * 3]


def test_cells_that_are_too_many_and_empty_are_dropped() -> None:
    asked, out = screened("phone,a\n1,x,,\n")
    assert [one.value for one in asked] == ["1"]
    assert cells(out)[1][:3] == ["1", "x", "no_record"]


def test_a_row_that_is_too_long_keeps_its_cells_and_is_not_asked() -> None:
    asked, out = screened('phone,a\n1,x,"y"\n2,z\n')
    assert asked[0] == "too_many_columns"
    assert [row[1] for row in cells(out)] == ["a", "x,y", "z"]
    assert [row[2] for row in cells(out)] == ["verdict", "", "no_record"]


@pytest.mark.parametrize("broken", ['"1,x', '1,"x" y', "1\r,x", '1,"x\n\n'])
def test_a_broken_row_is_told_and_swallows_no_other(broken) -> None:
    rest = "".join(f"{number},x\n" for number in range(2, 30))
    asked, out = screened(f"phone,a\n{broken}\n{rest}")
    assert asked[0] == "broken_row"
    assert [one.value for one in asked[-28:]] == [str(number) for number in range(2, 30)]
    assert cells(out)[1][0].startswith(broken.split("\n", maxsplit=1)[0])
    assert len(cells(out)[1]) == 2 + WIDTH


def test_no_identifier_runs_over_lines() -> None:
    """What opened its quotes would have taken the next row's."""
    assert values('phone,a\n"1,x\n2",y\n') == ["broken_row", '2"']


def test_blank_lines_stay_and_ask_nothing() -> None:
    asked, out = screened("phone\n\n1\n \n")
    assert [one and one.value for one in asked] == [None, "1", None]
    assert out.split(b"\n")[1] == b""


def test_a_table_of_one_column_has_no_delimiter() -> None:
    asked, out = screened('link\nevil.example/a,b;c\n"x"\n')
    assert [one.value for one in asked] == ["evil.example/a,b;c", "x"]
    assert [row[0] for row in cells(out)] == ["link", "evil.example/a,b;c", "x"]
    assert [len(row) for row in cells(out)] == [1 + WIDTH] * 3


def test_quotes_behind_blanks_are_quotes_for_every_reader() -> None:
    asked, out = screened('phone, note\n "1", "a, b"\n')
    assert [one.value for one in asked] == ["1"]
    assert cells(out)[1][:3] == ["1", "a, b", "no_record"]


def test_a_text_formula_is_the_text() -> None:
    """As spreadsheets write numbers to keep their zeros."""
    assert values('phone,a\n="0912",x\n"=""0913""",y\n=1+1,z\n') == ["0912", "0913", "=1+1"]


def test_a_line_beyond_bounds_is_an_error_and_the_next_is_asked() -> None:
    asked, out = screened("phone,a\n" + "9" * (MAX_LINE_BYTES + 1) + ",x\n1,y\n")
    assert (asked[0], asked[1].value) == ("line_too_long", "1")
    assert [len(row) for row in cells(out)] == [2 + WIDTH] * 3


def test_a_table_screened_before_keeps_its_verdicts() -> None:
    header = cells(screened("phone,Verdict,blacklist_level\n1,a,b\n")[1])[0]
    assert len({name.casefold() for name in header}) == len(header)
    assert header[3] == "blacklist_blacklist_verdict"


def test_the_row_behind_the_last_says_that_the_output_is_incomplete() -> None:
    form = begin("csv", Lines(io.BytesIO(b"a,phone\n").read), Told())
    assert cells(form.tail(ItemError("incomplete", "why")))[0] == [
        *[""] * (1 + WIDTH),
        "incomplete: why",
    ]


def test_an_action_is_the_last_column_where_the_verdicts_have_one() -> None:
    """And nothing where a row has no verdict, or its verdict none."""
    table = b'phone,note\n1,a\n2,b\n3\x00,"c\n'
    lines = Lines(io.BytesIO(table).read)
    form = begin("csv", lines, Told(has_actions=True))
    advised = msgspec.structs.replace(NOTHING, action=Advice(Action.CONFIRM, "p", "vi", "en"))
    verdicts = iter([advised, NOTHING])
    out = form.head
    for row in form.rows(lines):
        out += form.write(row, row.asked if isinstance(row.asked, Verdict) else next(verdicts))
    out += form.tail(ItemError("incomplete", "why"))
    rows = cells(out)
    assert [row[-1] for row in rows] == ["action", "confirm", "", "", ""]
    assert {len(row) for row in rows} == {2 + WIDTH + 1}

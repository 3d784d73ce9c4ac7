"""NDJSON: an item a line."""

import io
import json

import pytest

from blacklist.errors import BadTable
from blacklist.lookup import Ask
from blacklist.model import ItemError, Kind, Verdict
from blacklist.screening import Told, begin
from blacklist.screening.lines import MAX_LINE_BYTES, Lines

DEFAULTS = Told()


def asked(data, told=DEFAULTS):
    """What each line asks, or the word of its error."""
    lines = Lines(io.BytesIO(data).read)
    rows = [row.asked for row in begin("ndjson", lines, told).rows(lines)]
    return [one.error.reason if isinstance(one, Verdict) else one for one in rows]


def test_each_line_is_an_item_of_a_batch() -> None:
    line = b'{"value": "1", "kind": "account", "bank": "VCB", "region": "GB", "ref": "r"}'
    told = Ask("1", kind=Kind.ACCOUNT, bank="VCB", region="GB", ref="r")
    assert asked(b"\xef\xbb\xbf" + line + b"\r\n\n  \n" + line) == [told, told]


def test_what_a_line_does_not_tell_is_told_for_all() -> None:
    told = Told(kind=Kind.ACCOUNT, bank="ACB", region="GB")
    assert asked(b'{"value": "1"}', told) == [Ask("1", kind=Kind.ACCOUNT, bank="ACB", region="GB")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"x", "not_an_item"),
        (b"\xff", "not_an_item"),
        (b"[1]", "not_an_item"),
        (b"[" * 60_000, "not_an_item"),
        (b"{}", "no_value"),
        (b'{"value": 1}', "not_text"),
        (b'{"value": "1", "kind": "x"}', "unknown_kind"),
        (b'{"value": "1", "more": 1}', "unknown_field"),
        (b'{"value": "1", "ref": "\\ud800"}', "bad_ref"),
        (b'{"value": "' + b"1" * MAX_LINE_BYTES + b'"}', "line_too_long"),
    ],
    ids=lambda one: str(one)[:20],
)
def test_a_wrong_line_is_an_error_and_spoils_no_other(line, reason) -> None:
    good = b'{"value": "1"}'
    assert asked(b"\n".join((good, line, good))) == [Ask("1"), reason, Ask("1")]


def test_columns_are_told_for_csv_only() -> None:
    with pytest.raises(BadTable, match="no_columns"):
        asked(b"", Told(columns={"value": "a"}))


def test_the_last_line_of_what_is_incomplete_is_no_result() -> None:
    tail = begin("ndjson", Lines(io.BytesIO().read), Told()).tail(ItemError("incomplete", "why"))
    assert json.loads(tail) == {"incomplete": {"reason": "incomplete", "detail": "why"}}

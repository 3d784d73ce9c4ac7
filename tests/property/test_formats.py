"""Whatever a feed holds, it gives lines, rows or Malformed, and loses nothing in silence."""

import gzip
import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from blacklist.errors import FeedError, Malformed
from blacklist.model import Kind
from loaders.encodings import find_encoding
from loaders.formats import (
    FORMATS,
    NAMES,
    Options,
    Personal,
    Record,
    Rejected,
    Row,
    Skipped,
    Withdrawn,
    detect,
)
from loaders.formats.base import REASONS, TEXT_LIMIT
from loaders.formats.columns import FIELDS
from loaders.formats.dates import parse_date
from loaders.formats.phone_ranges import cover
from loaders.formats.prose import read_paragraph
from loaders.rows import read_rows
from loaders.text import decode_lines

ENCODINGS = {"utf-8", "utf-16", "utf-16-le", "utf-32", "cp1252", "cp1258", "latin-1", "gb18030"}
PIECES = (
    *("# ", "#", "! ", "||", "^", "$", "$domain=", "@@", "##", "[Adblock]", "/", "*", "|"),
    *("0.0.0.0 ", "::1 ", "localhost ", "evil.example", "http://", "+447700900123", '"', '""'),
    *(",", ";", "\t", "\n", "\r", " ", "url", "phone", "stk", "bank", "type", "to_ids", "họ tên"),
    *("[", "]", "{", "}", ":", '"url"', "null", "1", "\\u0000", "\0", "\ud800", "\ufeff", "\u2028"),
    *("2026-11-22", "22/11/2026", "phone,note", "# id,url,x\n", "&amp;", "NghiNgo", "votes"),
    *("Vietcombank;MB Bank\n", "Vietcombank\tACB"),
    *(" CNAME .", "$ORIGIN x.\n", "SOA (", "*.", "*://*.", "DOMAIN-SUFFIX,", ",REJECT", " - +44"),
    *(
        '"type":"bundle"',
        '"objects":[',
        '"pattern":"[url:value = \'x\']"',
        '"Event":{',
        '"Attribute":[',
    ),
    *('"type":"domain"', '"value":"a.test"', '"to_ids":true', '"indicator"', "9.7E+12", "E+", "|"),
)
piecework = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=30).map("".join)
texts = piecework | st.text(max_size=200)
tellings = st.builds(
    Options,
    kind=st.none() | st.sampled_from(Kind),
    columns=st.dictionaries(
        st.sampled_from((*FIELDS, "nonsense")),
        st.sampled_from(("1", "2", "9", "0", "url", "phone", "họ tên", "", "²")),
        max_size=3,
    ),
)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10)
keys = st.sampled_from(("url", "phone", "stk", "bank", "date", "type", "holder", "x"))
documents = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4)
)


def is_sound(row: Row) -> bool:
    """Whether a row keeps what its type promises."""
    if isinstance(row, Personal):
        return True
    if isinstance(row, Record | Withdrawn):
        return row.line >= 1 and bool(row.value) and row.value == row.value.strip()
    if row.line < 1 or row.reason not in REASONS:
        return False
    return isinstance(row, Skipped) or len(row.text) <= TEXT_LIMIT


@given(st.sampled_from(sorted(FORMATS)), texts, tellings)
def test_any_text_gives_sound_rows_or_malformed(name, text, options):
    lines = text.split("\n")
    try:
        rows = list(FORMATS[name].parse(lines, options))
    except Malformed:
        return
    assert all(map(is_sound, rows))
    lines = [row.line for row in rows if not isinstance(row, Personal)]
    assert lines == sorted(lines)


@given(texts)
def test_any_text_is_some_format_or_malformed(text):
    try:
        form = detect(text)
        rows = list(form.parse(text.split("\n"), Options()))
    except Malformed:
        return
    assert all(map(is_sound, rows))


@given(documents)
def test_any_json_gives_sound_rows_or_malformed(document):
    try:
        rows = list(FORMATS["json"].parse([json.dumps(document)], Options()))
    except Malformed:
        return
    assert all(map(is_sound, rows))


@given(st.lists(st.binary(max_size=20) | st.sampled_from([b"\r", b"\n", b"\xef\xbb\xbf", b"\xc3"])))
def test_any_bytes_give_lines_or_malformed_wherever_they_are_cut(chunks):
    """And the lines are those of the whole in the encoding that it has."""
    data = b"".join(chunks)
    try:
        expected = data.decode(find_encoding(data, whole=True))
    except (UnicodeDecodeError, Malformed):
        expected = None
    try:
        lines = list(decode_lines(chunks))
    except Malformed:
        assert expected is None
        return
    assert expected is not None
    assert not any("\n" in line or "\r" in line for line in lines)
    assert "\n".join(lines) == expected.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")


@given(st.lists(st.binary(max_size=20) | st.sampled_from([b"\r", b"\n", b"\xef\xbb\xbf", b"\xc3"])))
def test_utf_8_is_read_as_such_and_never_as_another_encoding(chunks):
    data = b"".join(chunks)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return
    if "\0" not in text:
        assert find_encoding(data, whole=True) in {"utf-8", "utf-8-sig"}


@given(st.lists(st.text("abc.é #!;/", min_size=1, max_size=12), max_size=20))
def test_a_plain_line_is_a_comment_or_exactly_one_record(lines):
    rows = {row.line: row for row in FORMATS["plain"].parse(lines, Options())}
    for number, line in enumerate(lines, 1):
        is_row = bool(line.strip()) and not line.strip().startswith(("#", "!", ";", "//"))
        assert (number in rows) == is_row


@given(st.lists(st.text("ab|^$*/@#=,. ", min_size=1, max_size=12), max_size=20))
def test_an_adblock_line_gives_at_most_one_row_and_only_comments_none(lines):
    rows = list(FORMATS["adblock"].parse(lines, Options()))
    numbers = [row.line for row in rows]
    assert len(set(numbers)) == len(numbers)
    for number in set(range(1, len(lines) + 1)) - set(numbers):
        assert not lines[number - 1].strip().strip("#") or lines[number - 1].strip()[:2] == "# "


cells = st.text('ab", \n', max_size=6)


@given(st.lists(st.tuples(cells, st.text('ab", ', max_size=6), cells), max_size=12))
def test_a_table_written_by_the_rules_is_read_back_cell_by_cell(table):
    def quote(cell):
        return '"' + cell.replace('"', '""') + '"'

    text = "".join(",".join(map(quote, cells)) + "\n" for cells in [["x", "url", "note"], *table])
    rows = list(FORMATS["csv"].parse(text.splitlines(), Options()))
    assert not [row for row in rows if isinstance(row, Rejected)]
    expected = [(value.strip(), note.strip() or None) for _, value, note in table if value.strip()]
    assert [(row.value, row.note) for row in rows if isinstance(row, Record)] == expected
    assert len(rows) == len(table)


@given(
    st.lists(
        st.sampled_from(['1,"a', '2,b"', "3,c", '"4,d', '5,"e"', '6,"f"g', '7,h"i']), max_size=60
    )
)
def test_stray_quotes_never_swallow_a_whole_row(lines):
    rows = list(FORMATS["csv"].parse(["id,url", *lines], Options()))
    whole = [number for number, line in enumerate(lines, 2) if line[0] in "35"]
    assert set(whole) <= {row.line for row in rows if isinstance(row, Record)}


@given(st.datetimes(min_value=datetime(1990, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis wants it naive
def test_every_moment_is_read_back_in_every_spelling(moment):
    seconds = int(moment.replace(microsecond=0).timestamp())
    day = seconds - seconds % 86400
    assert parse_date(moment.isoformat()) == seconds
    assert parse_date(moment.strftime("%Y-%m-%d %H:%M:%S")) == seconds
    assert parse_date(moment.strftime("%d/%m/%Y %H:%M:%S")) == seconds
    assert parse_date(moment.strftime("%d/%m/%Y")) == day
    assert parse_date(moment.strftime("%Y-%m-%d")) == day


# ---- from bytes


SAMPLES = tuple(
    path.read_bytes()
    for path in sorted((Path(__file__).parents[1] / "feeds").glob("*/*"))
    if path.stat().st_size < 100_000
)
FORMAT_NAMES = (None, *NAMES)


def read_bytes(data, **told):
    """Rows of bytes, however they are cut, or None for a feed that is refused."""
    try:
        rows = list(read_rows(iter([data[:7], data[7:]]), **told).rows)
    except FeedError:
        return None
    assert all(map(is_sound, rows))
    return rows


@given(st.binary(max_size=300), st.sampled_from(FORMAT_NAMES), tellings)
def test_any_bytes_give_sound_rows_or_a_feed_error(data, name, options):
    read_bytes(data, format=name, options=options)


@settings(deadline=None)
@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=6), st.integers(0, 40)), max_size=6),
    st.sampled_from(FORMAT_NAMES),
)
def test_any_damaged_feed_gives_sound_rows_or_a_feed_error(sample, damages, name):
    """Bytes are put in and taken away at any place, in archives and documents, too."""
    data = bytearray(sample)
    for place, inserted, removed in damages:
        at = int(place * len(data))
        data[at : at + removed] = inserted
    read_bytes(bytes(data), format=name)
    read_bytes(bytes(data))


@settings(deadline=None)
@given(st.sampled_from(SAMPLES), st.sampled_from(sorted(ENCODINGS)))
def test_no_told_encoding_breaks_a_feed(sample, encoding):
    read_bytes(sample, options=Options(encoding=encoding))


def repack(name, part, replace):
    """A sample document with one of its parts rewritten."""
    with zipfile.ZipFile(Path(__file__).parents[1] / "feeds" / name) as archive:
        parts = {one: archive.read(one) for one in archive.namelist()}
    parts[part] = replace(parts[part])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for one, content in parts.items():
            archive.writestr(one, content)
    return packed.getvalue()


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(
        (
            ("xlsx/letter.csv", "xl/worksheets/sheet1.xml"),
            ("xlsx/letter.csv", "xl/workbook.xml"),
            ("xlsx/letter.csv", "xl/styles.xml"),
            ("docx/letter.doc", "word/document.xml"),
        )
    ),
    st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=4), st.integers(0, 30)), max_size=3),
)
def test_any_damaged_part_of_a_document_gives_sound_rows_or_a_feed_error(where, damages):
    def damage(part):
        data = bytearray(part)
        for place, inserted, removed in damages:
            at = int(place * len(data))
            data[at : at + removed] = inserted
        return bytes(data)

    read_bytes(repack(*where, damage))


@given(st.text(max_size=300) | piecework)
def test_any_paragraph_gives_sound_rows(text):
    assert all(map(is_sound, read_paragraph(1, text)))


@given(st.integers(0, 10**11), st.integers(0, 200_000))
def test_the_ranges_between_two_numbers_hold_each_number_once(first, span):
    low, high = f"+44{first:011}", f"+44{first + span:011}"
    forms = cover(low, high)
    if forms is None:
        assert span >= 100_000 or len(low) != len(high)
        return
    assert sum(10 ** form.count("#") for form in forms) == span + 1
    assert forms[0].replace("#", "0") == low
    assert forms[-1].replace("#", "9") == high


@given(st.integers(0, 30), st.integers(0, 40))
def test_a_gzip_is_read_alike_wherever_it_is_cut(size, cut):
    packed = gzip.compress(b"evil.example\n" * size) + gzip.compress(b"b.example\n") + b"\0" * 5
    rows = list(read_rows([packed[:cut], packed[cut:]]).rows)
    assert len(rows) == size + 1

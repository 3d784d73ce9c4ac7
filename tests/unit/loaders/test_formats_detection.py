"""Which format a feed is in, by its content alone; and the feeds in tests/feeds."""

import re
from pathlib import Path

import msgspec
import pytest

from blacklist.errors import ConfigError, Malformed
from blacklist.model import Category, Kind
from loaders import formats
from loaders.formats import (
    FORMATS,
    Options,
    Personal,
    Record,
    Rejected,
    Skipped,
    Withdrawn,
    detect,
    get,
)
from loaders.formats.base import REASONS
from loaders.rows import read_rows

ROOT = Path(__file__).parents[3]
FEEDS = ROOT / "tests" / "feeds"
KNOWN = (
    "stix, misp, ndjson, json, hosts, adblock, rpz, wildcards, surge, bank_columns, csv, plain, "
    "xlsx, docx"
)
SAMPLE = ROOT / "loaders" / "sample"


def table():
    row = re.compile(r"\| `([a-z_]+)/([^`]+)` \| (\d+|–) \| (\d+|–) \| (\d+|–) \| .+ \|")
    readme = (FEEDS / "README.md").read_text(encoding="utf-8")
    return [found.groups() for found in row.finditer(readme)]


def read(path):
    reading = read_rows([path.read_bytes()])
    rows = [row for row in reading.rows if not isinstance(row, Personal)]
    return reading.format, rows


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ('["a"]', "json"),
        (' \n{"a": 1}', "json"),
        ("[]", "json"),
        ("[1, 2]", "json"),
        ('\ufeff["a"]', "json"),
        ("0.0.0.0 a.test", "hosts"),
        ("# x\n127.0.0.1 localhost\n::1 localhost\n0.0.0.0 a.test", "hosts"),
        ("[Adblock Plus 2.0]", "adblock"),
        ("[Adblock]\n! only a title", "adblock"),
        ("! x\n||a.test^\n||b.test^", "adblock"),
        ("url\nhttp://a.test", "csv"),
        ("Vietcombank;MB Bank\n0000000001;0000000002", "bank_columns"),
        ("a;SĐT;b\n1;2;3", "csv"),
        ("# id,url\n1,http://a.test", "csv"),
        ("phone,note", "csv"),
        ("a.test\nb.test", "plain"),
        ("[2001:db8::1]", "plain"),
        ("192.0.2.1\n192.0.2.2", "plain"),
        ("+44 7700 900123\n(202) 555-0107", "plain"),
        ("970436/0000000000001", "plain"),
        ("GB00 TEST 0000 0000 0000 01", "plain"),
        ("http://a.test/b,c", "plain"),
        ("# only a comment", "plain"),
        ("# a list of url, domain\na.test\nb.test", "plain"),
        ("a.test\n||b.test^\nc.test\nd.test", "plain"),
        ("a.test\r\nb.test\rc.test", "plain"),
        ('{"type": "bundle", "id": "bundle--0", "objects": []}', "stix"),
        ('{"Event": {"info": "x"', "misp"),
        ('[{"Event": {', "misp"),
        ('{"uuid": "x", "info": "y", "Attribute": [', "misp"),
        ('{"url": "http://a.test"}\n{"url": "http://b.test"}', "ndjson"),
        ('{"url": "http://a.test"}', "ndjson"),
        ('{"urls": ["http://a.test"]}', "json"),
        ("$TTL 30\n@ SOA a. b. 1 2 3 4 5\n NS localhost.\na.test CNAME . ; x", "rpz"),
        ("a.test CNAME .\n*.a.test CNAME .", "rpz"),
        ("a.test A 0.0.0.0\nb.test AAAA ::", "rpz"),
        ("a.test\nnot a thing", "plain"),
        ("*.a.test\n*.b.test", "wildcards"),
        (".a.test\n.b.test", "wildcards"),
        ("*://*.a.test/*", "wildcards"),
        ("DOMAIN-SUFFIX,a.test\nDOMAIN,b.test", "surge"),
        ("host-suffix, a.test, reject", "surge"),
        ("domain,note\na.test,x", "csv"),
        ("+44 7700 900100 - +44 7700 900199", "plain"),
    ],
)
def test_each_format_knows_its_own(head, name):
    assert name == detect(head).NAME


@pytest.mark.parametrize(
    ("head", "columns", "name"),
    [
        ("alpha,beta\n1,a.test\n2,b.test", {"value": "beta"}, "csv"),
        ("alpha;beta\n1;a.test", {"value": "2"}, "csv"),
        ("1;a.test\n2;b.test", {"value": "2"}, "csv"),
        ('{"number": "+44 7700 900100"}\n', {"value": "number"}, "ndjson"),
        ("a.test\nb.test", {"value": "gamma"}, "plain"),
    ],
)
def test_whoever_tells_columns_has_a_table(head, columns, name):
    assert name == detect(head, Options(columns=columns)).NAME


def test_columns_that_are_not_there_make_no_table():
    with pytest.raises(Malformed, match="none of the formats"):
        detect("alpha,beta\n1,a.test", Options(columns={"value": "gamma"}))


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ("", "empty"),
        ("\ufeff \r\n\t", "empty"),
        ("<!DOCTYPE html>", "looks like a web page"),
        ("  \n<HTML>", "looks like a web page"),
        ('<?xml version="1.0"?>', "looks like a web page"),
        ("GIF8\0\1", "looks binary"),
        ("Not Found", f"none of the formats {KNOWN}"),
        ("Forbidden", "none of the formats"),
        ("We are sorry, but something went wrong.\nTry again later.", "none of the formats"),
        ("alpha,beta\n1,a.test\n2,b.test", "none of the formats"),
        ("bank,note\nx,a.test", "a table of which no column"),
        ("Mã BIN,SWIFT\n970436,BFTVVNVX", "a register of banks"),
    ],
)
def test_what_is_no_feed_is_malformed(head, says):
    with pytest.raises(Malformed, match=says):
        detect(head)


def test_a_format_is_found_by_name_and_an_unknown_one_names_the_known():
    for name, form in FORMATS.items():
        assert get(name) is form
        assert name == form.NAME
    with pytest.raises(ConfigError, match=f"'yaml': known are {KNOWN}"):
        get("yaml")


def test_the_public_names_are_there():
    assert all(hasattr(formats, name) for name in formats.__all__)


def test_the_table_of_feeds_names_every_file_and_no_other():
    files = {(path.parent.name, path.name) for path in FEEDS.glob("*/*")}
    assert {(folder, name) for folder, name, *_ in table()} == files


@pytest.mark.parametrize(
    ("folder", "name", "records", "rejected", "skipped"),
    [row for row in table() if row[0] != "malformed"],
)
def test_each_feed_is_recognised_and_gives_the_rows_its_table_says(
    folder, name, records, rejected, skipped
):
    found, rows = read(FEEDS / folder / name)
    sorts = (Record, Rejected, Skipped | Withdrawn)
    counts = [sum(isinstance(row, sort) for row in rows) for sort in sorts]
    assert (found, counts) == (folder, [int(records), int(rejected), int(skipped)])


@pytest.mark.parametrize("name", [row[1] for row in table() if row[0] == "malformed"])
def test_each_malformed_feed_is_refused(name):
    with pytest.raises(Malformed):
        read(FEEDS / "malformed" / name)


def test_every_reason_has_its_meaning_and_every_meaning_its_feed():
    rows = [
        row
        for folder, name, *_ in table()
        if folder != "malformed"
        for row in read(FEEDS / folder / name)[1]
    ]
    assert {row.reason for row in rows if isinstance(row, Rejected | Skipped)} == set(REASONS)


def test_no_feed_names_people():
    for folder, name, *_ in table():
        if folder == "malformed":
            continue
        for row in read(FEEDS / folder / name)[1]:
            assert not re.search("Nobody|Không Có|Không Ai|Tên Không", repr(row))


@pytest.mark.parametrize(
    ("name", "form", "kind", "first"),
    [
        ("links.txt", "plain", None, Record(line=5, value="vn-bank.example")),
        (
            "phones.csv",
            "csv",
            Kind.PHONE,
            Record(
                line=2,
                value="+447700900123",
                kind=Kind.PHONE,
                category=Category.IMPERSONATION_AUTHORITY,
                since=1789344000,
                reference="CV-01/2026",
                note="claims to be the police and asks for a transfer",
            ),
        ),
        (
            "accounts.json",
            "json",
            Kind.ACCOUNT,
            Record(
                line=1,
                value="0000000000001",
                kind=Kind.ACCOUNT,
                bank="970436",
                category=Category.MULE_ACCOUNT,
                since=1785628800,
                reference="MAU-01/2026",
            ),
        ),
    ],
)
def test_the_sample_that_ships_is_read_whole(name, form, kind, first):
    found, rows = read(SAMPLE / name)
    assert found == form
    assert 8 <= len(rows) <= 15
    assert rows[0] == first
    assert {(type(row), row.kind) for row in rows} == {(Record, kind)}
    assert len({msgspec.structs.replace(row, line=0) for row in rows}) == len(rows)

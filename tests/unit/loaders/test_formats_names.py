"""Lists of names for resolvers and proxies: RPZ zones, wildcards, rules of Surge; and NDJSON."""

import pytest

from blacklist.errors import Malformed
from blacklist.model import Kind
from loaders.formats import (
    Options,
    Personal,
    Record,
    Rejected,
    Skipped,
    Withdrawn,
    ndjson,
    rpz,
    surge,
    wildcards,
)


def rows(form, *lines):
    return list(form.parse(lines, Options()))


def link(line, value):
    return Record(line=line, value=value, kind=Kind.LINK)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("a.test CNAME .", "a.test"),
        ("*.a.test\tCNAME\t.", "a.test"),
        ("a.test 300 IN CNAME *.", "a.test"),
        ("a.test IN 1h CNAME rpz-drop. ; why", "a.test"),
        ("a.test cname warn.test.", "a.test"),
        ("a.test A 0.0.0.0", "a.test"),
        ("a.test.", None),
        ("a.test.zone.test. CNAME .", "a.test"),
        ("a.test. CNAME .", "a.test"),
    ],
)
def test_a_rule_of_a_zone_blocks_a_name(line, value):
    found = rows(rpz, "$ORIGIN zone.test.", line)
    assert found == ([link(2, value)] if value else [Rejected(2, "not_a_record", line)])


def test_what_a_zone_says_of_itself_is_no_row_and_other_actions_block_nothing():
    assert rows(
        rpz,
        "$TTL 30",
        "@ IN SOA a. b. (",
        " 1 2 3 )",
        " IN NS localhost.",
        "@ NS localhost.",
        "; a comment",
        "ok.test CNAME rpz-passthru.",
        "32.1.113.0.203.rpz-ip CNAME .",
        "a.test A 192.0.2.1",
        "*. CNAME .",
    ) == [
        Skipped(7, "allowed_name"),
        Skipped(8, "address_rule"),
        Rejected(9, "real_address", "a.test A 192.0.2.1"),
        Rejected(10, "not_a_record", "*. CNAME ."),
    ]


@pytest.mark.parametrize(
    ("line", "host"),
    [
        ("*.a.test", "a.test"),
        (".a.test # why", "a.test"),
        ("a.test  # why", "a.test"),
        ("*. a.test", "a.test"),
        ("*a.test", None),
        ("*://*.a.test/*", "a.test"),
        ("https://a.test/*", "a.test"),
        ("a.test", "a.test"),
        ("*://*.a.test/x/*", None),
        ("*", None),
        ("a*.test", None),
    ],
)
def test_a_wildcard_is_its_host_or_skipped(line, host):
    assert rows(wildcards, line) == [link(1, host) if host else Skipped(1, "wildcard_rule")]


@pytest.mark.parametrize(
    ("line", "row"),
    [
        ("DOMAIN-SUFFIX,a.test", link(1, "a.test")),
        ("host-suffix, a.test, reject", link(1, "a.test")),
        ("  - 'DOMAIN,a.test'", link(1, "a.test")),
        ("DOMAIN,a.test,DIRECT", Skipped(1, "exception_rule")),
        ("DOMAIN-KEYWORD,bank,REJECT", Skipped(1, "wildcard_rule")),
        ("IP-CIDR,203.0.113.0/24", Skipped(1, "wildcard_rule")),
        ("DOMAIN,", Rejected(1, "not_a_rule", "DOMAIN,")),
        ("hello", Rejected(1, "not_a_rule", "hello")),
    ],
)
def test_a_rule_of_a_proxy_blocks_a_host_or_nothing(line, row):
    assert rows(surge, line) == [row]


def test_objects_a_line_are_read_one_by_one():
    table = rows(
        ndjson,
        '{"phone": "+447700900123", "votes": 3, "holder": "Nobody"}',
        "",
        '{"phone": "+447700900124", "votes": 0}',
        '{"phone": "+4477',
        "5",
    )
    assert table == [
        Personal(),
        Record(line=1, value="+447700900123", kind=Kind.PHONE, reports=3),
        Withdrawn(3, "+447700900124", Kind.PHONE),
        Rejected(4, "broken_json", table[3].text),
        Rejected(5, "not_text", "5"),
    ]
    assert "+4477" not in table[3].text


def test_objects_of_which_no_key_is_known_are_malformed():
    with pytest.raises(Malformed, match="no key"):
        rows(ndjson, '{"a": 1}', '{"b": 2}')

"""JSON documents."""

import json as stdlib_json

import pytest

from blacklist.errors import Malformed
from blacklist.model import Category, Kind
from loaders.formats import Options, Personal, Record, Rejected, Skipped, Withdrawn, json


def rows(document, **told):
    text = document if isinstance(document, str) else stdlib_json.dumps(document)
    return list(json.parse(text.split("\n"), Options(**told)))


def test_texts_are_records_numbered_by_element():
    assert rows(["evil.example", " +447700900123 "], kind=Kind.PHONE) == [
        Record(line=1, value="evil.example", kind=Kind.PHONE),
        Record(line=2, value="+447700900123", kind=Kind.PHONE),
    ]


def test_an_object_is_a_record_of_all_that_its_keys_say():
    element = {
        "bank": "970436",
        "account": "0000000000001",
        "category": "mule_account",
        "reference": "MAU-01/2026",
        "first_seen": "2026-11-22",
        "note": "seen twice",
        "expires": "2027-11-22T00:00:00+07:00",
        "confidence": 0.9,
        "holder": "Nobody",
    }
    assert rows([element]) == [
        Personal(),
        Record(
            line=1,
            value="0000000000001",
            kind=Kind.ACCOUNT,
            bank="970436",
            category=Category.MULE_ACCOUNT,
            since=1795305600,
            reference="MAU-01/2026",
            note="seen twice",
            expires=1826816400,
        ),
    ]


@pytest.mark.parametrize(
    "document",
    [
        ["evil.example"],
        {"metadata": {"total_count": 99, "tags": ["a", "b"]}, "detected_urls": ["evil.example"]},
        {"data": {"items": ["evil.example"]}, "status": "ok"},
        {"entries": ["evil.example"], "errors": []},
        '\n\n [\n"evil.example"\n]\n',
    ],
)
def test_the_one_array_of_the_outermost_level_is_the_list(document):
    assert [row.value for row in rows(document)] == ["evil.example"]


@pytest.mark.parametrize("document", [[], {"list": []}, {"list": [], "errors": []}])
def test_an_empty_array_is_an_empty_list(document):
    assert rows(document) == []


@pytest.mark.parametrize(
    "element", [5, 1.5, None, True, ["a"], {"url": 5}, {"url": ["a"]}, {"url": {"a": 1}}]
)
def test_what_is_no_text_is_rejected_and_shown(element):
    [first, row] = rows([{"url": "http://a.example"}, element])
    assert first.line == 1
    shown = stdlib_json.dumps(element, separators=(",", ":"))
    assert row == Rejected(line=2, reason="not_text", text=shown)


def test_a_number_is_no_account_since_its_leading_zeros_are_lost_but_may_name_the_bank():
    [rejected, record] = rows(
        [{"account": 1, "bank": 970436}, {"account": "0000000000001", "bank": 970436}]
    )
    assert rejected.reason == "not_text"
    assert record.bank == "970436"


def test_a_wrong_value_does_not_hide_the_right_one_beside_it():
    [rejected, record] = rows([{"account": 1, "phone": "+447700900123"}])
    assert rejected.reason == "not_text"
    assert record == Record(line=1, value="+447700900123", kind=Kind.PHONE)


@pytest.mark.parametrize("element", ["", "  ", {"url": ""}, {"url": None}, {"other": "x"}, {}])
def test_an_element_without_a_value_is_skipped(element):
    assert rows([{"url": "http://a.example"}, element])[1] == Skipped(line=2, reason="no_value")


def test_a_rejected_object_is_shown_without_what_is_about_people():
    _, row = rows([{"account": 5, "Chủ tài khoản": "Nobody At All", "cccd": "000000000000"}])
    assert row == Rejected(line=1, reason="not_text", text='{"account":5}')


def test_a_rejected_element_is_cut():
    [row] = rows([["x" * 500]])
    assert len(row.text) == 200


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ("", "not one JSON document"),
        ('["evil.example"', "not one JSON document"),
        ('{"url": "a"}\n{"url": "b"}', "not one JSON document"),
        ('["\ud800"]', "not one JSON document"),
        ("[" * 100_000 + "]" * 100_000, "nested too deep"),
        ({"error": "try later"}, "no array"),
        ("5", "no array"),
        ({"list": ["a.example"], "matching_attributes": ["domain"]}, "warninglist"),
        ({"list": ["a.example"], "other": ["domain"]}, "side by side"),
        ({"Event": {"Attribute": []}}, "MISP event"),
        ({"$schema": "x", "required": ["url"]}, "schema"),
        ({"patterns": [{"regex": "x"}]}, "regular expressions"),
        ({"valid_attribute_distribution_levels": [1]}, "settings of a MISP feed"),
        ({"attributes": {}, "meta-category": "x", "uuid": "y", "version": 1}, "template"),
        ([{"regex": "x"}], "no key of the objects"),
        ({"type": "bundle", "objects": [{"value": "a.example"}]}, "STIX"),
    ],
)
def test_what_is_no_list_in_json_is_malformed(document, says):
    with pytest.raises(Malformed, match=says):
        rows(document)


def test_a_told_key_is_read_and_must_exist():
    told = {"value": "evil", "note": "why"}
    [row] = rows([{"evil": "a.example", "why": "x", "url": "http://b.example"}], columns=told)
    assert row == Record(line=1, value="a.example", note="x")
    with pytest.raises(Malformed, match="no column 'nowhere'"):
        rows([{"url": "http://a.example"}], columns={"value": "nowhere"})
    assert rows(
        [{"evil": "a.example"}, {"url": "http://b.example"}], columns={"value": "evil"}
    ) == [
        Record(line=1, value="a.example"),
        Skipped(line=2, reason="no_value"),
    ]
    with pytest.raises(Malformed, match="no column '1'"):
        rows([{"url": "http://a.example"}], columns={"value": "1"})


def test_the_objects_of_one_array_may_differ():
    document = [
        {"phone": "+447700900123", "url": "http://forum.example/1"},
        {"url": "http://evil.example/a", "note": "x"},
        {"URL": "http://evil.example/b"},
        {"stk": "0001", "bank": "VCB"},
        {"phone": 5, "url": "http://forum.example/2"},
    ]
    *records, rejected = rows(document)
    assert records == [
        Record(line=1, value="+447700900123", kind=Kind.PHONE, reference="http://forum.example/1"),
        Record(line=2, value="http://evil.example/a", kind=Kind.LINK, note="x"),
        Record(line=3, value="http://evil.example/b", kind=Kind.LINK),
        Record(line=4, value="0001", kind=Kind.ACCOUNT, bank="VCB"),
    ]
    assert rejected.reason == "not_text"


def test_objects_by_their_number_are_read_in_order():
    document = {"7": [{"url": "http://a.test/1"}], "8": [{"url": "http://b.test/2"}]}
    assert [row.value for row in rows(document)] == ["http://a.test/1", "http://b.test/2"]


def test_of_several_arrays_the_one_called_a_blacklist_is_read():
    """MetaMask's list stands beside those whom it trusts."""
    document = {"whitelist": ["ok.test"], "fuzzylist": ["x.test"], "blacklist": ["evil.test"]}
    assert rows(document) == [Record(line=1, value="evil.test")]


def test_the_attributes_of_json_api_are_the_objects():
    element = {"type": "x", "id": "1", "attributes": {"company-phone-number": "2025550107"}}
    assert rows({"data": [element], "meta": {}}) == [Record(1, "2025550107", Kind.PHONE)]


def test_the_hosts_of_sing_box_are_read():
    document = {"version": 1, "rules": [{"domain": "a.test", "domain_suffix": [".b.test", 5]}]}
    assert rows(document) == [
        Record(line=1, value="a.test"),
        Record(line=2, value="b.test"),
        Rejected(line=3, reason="not_text", text="5"),
    ]


def test_a_short_number_of_callblocker_is_the_beginning_of_a_range():
    entries = [
        {"name": "Nobody", "number": number, "date_modified": ""}
        for number in ("+447700900123", "+4477009", "")
    ]
    _, *table = rows({"name": "x", "entries": entries}, kind=Kind.PHONE)
    assert table == [
        Record(1, "+447700900123", Kind.PHONE),
        Record(2, "+4477009*", Kind.PHONE),
        Skipped(3, "no_value"),
    ]


def test_what_has_no_votes_left_is_withdrawn():
    element = {"phone": "+447700900123", "votes": 0}
    assert rows({"numbers": [element]}) == [Withdrawn(1, "+447700900123", Kind.PHONE)]

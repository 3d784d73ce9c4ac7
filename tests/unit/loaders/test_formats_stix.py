"""STIX bundles."""

import json

import pytest

from blacklist.errors import Malformed
from blacklist.model import Category, Kind
from loaders.formats import Options, Personal, Record, Skipped, Withdrawn, stix


def rows(*objects):
    text = json.dumps({"type": "bundle", "objects": objects})
    return list(stix.parse([text], Options()))


def indicator(pattern, **more):
    return {"type": "indicator", "pattern": pattern, **more}


@pytest.mark.parametrize(
    ("pattern", "values"),
    [
        ("[domain-name:value='a.test']", ["a.test"]),
        ("[ domain-name:value = 'a.test' ]", ["a.test"]),
        ("([url:value = 'http://a.test/\\'x'])", ["http://a.test/'x"]),
        ("[domain-name:value = 'a' OR url:value = 'b']", ["a", "b"]),
        ("[domain-name:value = 'a'] OR [ipv4-addr:value = 'b']", ["a", "b"]),
        ("[(domain-name:value = 'a' OR domain-name:value = 'b') OR url:value = 'c']", [*"abc"]),
        ("[domain-name:value IN ('a','b')]", ["a", "b"]),
        ("[network-traffic:dst_ref.value = '203.0.113.1']", ["203.0.113.1"]),
    ],
)
def test_each_alternative_of_a_pattern_is_a_record(pattern, values):
    found = rows(indicator(pattern))
    assert [row.value for row in found] == values
    assert {row.kind for row in found} == {Kind.LINK}


@pytest.mark.parametrize(
    "pattern",
    [
        "[domain-name:value = 'a' AND url:value = 'b']",
        "[domain-name:value = 'a'] AND [url:value = 'b']",
        "[domain-name:value = 'a'] FOLLOWEDBY [url:value = 'b']",
        "[domain-name:value != 'a']",
        "[domain-name:value NOT = 'a']",
        "[domain-name:value LIKE '%a']",
        "[domain-name:value MATCHES 'a']",
        "[domain-name:value = 'a'] REPEATS 5 TIMES",
        "[domain-name:value = 'a'",
        "[domain-name:value = 'a' OR",
        "[domain-name:value = 'a",
        "domain",
        "",
        5,
        None,
        "[" * 200_000,
    ],
)
def test_no_other_pattern_accuses(pattern):
    assert rows(indicator(pattern)) == [Skipped(1, "unsupported_pattern")]


def test_an_indicator_tells_since_when_and_until_when():
    [row] = rows(
        indicator(
            "[domain-name:value = 'a.test']",
            id="indicator--1",
            name="a shop",
            valid_from="2026-11-22T00:00:00.000Z",
            valid_until="2026-11-23T00:00:00Z",
            labels=["phishing"],
        )
    )
    assert row == Record(
        line=1,
        value="a.test",
        kind=Kind.LINK,
        category=Category.PHISHING,
        since=1795305600,
        reference="indicator--1",
        note="a shop",
        expires=1795392000,
    )


def test_a_revoked_indicator_is_withdrawn_and_a_benign_one_skipped():
    pattern = "[x-misp-object:phone-number = '+447700900123']"
    assert rows(indicator(pattern, revoked=True)) == [
        Withdrawn(1, "+447700900123", Kind.PHONE),
    ]
    assert rows(indicator(pattern, indicator_types=["benign"])) == [Skipped(1, "not_suspected")]
    assert rows(indicator(pattern, pattern_type="yara")) == [Skipped(1, "unsupported_pattern")]


def test_whatever_accuses_nobody_is_skipped_and_a_person_makes_it_personal():
    assert rows({"type": "identity", "identity_class": "individual", "name": "Nobody"}) == [
        Personal(),
        Skipped(1, "no_indicator"),
    ]


@pytest.mark.parametrize("text", ["{", "[]", '{"type":"bundle"}', '{"objects":{}}', "5"])
def test_what_is_no_bundle_is_malformed(text):
    with pytest.raises(Malformed):
        list(stix.parse([text], Options()))


def test_hosts_of_a_bundle_without_indicators_are_its_list():
    host = {"type": "domain-name", "id": "domain-name--1", "value": "a.test"}
    url = {"type": "url", "value": "http://b.test/x"}
    found = rows(host, url, {"type": "report"})
    assert [row.value for row in found if isinstance(row, Record)] == ["a.test", "http://b.test/x"]
    beside = rows(host, indicator("[url:value = 'http://c.test/']"))
    assert [row.value for row in beside if isinstance(row, Record)] == ["http://c.test/"]


def test_what_was_only_observed_accuses_nobody():
    """MISP writes attributes with to_ids false so."""
    host = {"type": "domain-name", "id": "domain-name--1", "value": "a.test"}
    seen = {"type": "observed-data", "object_refs": ["domain-name--1"]}
    assert {type(row) for row in rows(host, seen)} == {Skipped}

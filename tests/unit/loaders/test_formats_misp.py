"""MISP events."""

import json

import pytest

from blacklist.errors import Malformed
from blacklist.model import Category, Kind
from loaders.formats import Options, Personal, Record, Rejected, Skipped, Withdrawn, misp


def rows(document):
    return list(misp.parse([json.dumps(document)], Options()))


def attribute(value="a.test", **more):
    return {"type": "domain", "value": value, "to_ids": True, **more}


@pytest.mark.parametrize(
    "wrap",
    [
        lambda event: event,
        lambda event: {"Event": event},
        lambda event: [{"Event": event}],
        lambda event: {"response": [{"Event": event}]},
        lambda event: {"response": event},
    ],
)
def test_an_event_is_read_in_every_wrapper(wrap):
    event = {"info": "x", "Attribute": [attribute()], "Object": [{"Attribute": [attribute("b")]}]}
    assert [row.value for row in rows(wrap(event))] == ["a.test", "b"]


@pytest.mark.parametrize(
    ("named", "value", "kind", "found"),
    [
        ("url", "http://a.test/x", Kind.LINK, "http://a.test/x"),
        ("domain|ip", "a.test|203.0.113.1", Kind.LINK, "a.test"),
        ("ip-dst|port", "203.0.113.1|80", Kind.LINK, "203.0.113.1"),
        ("phone-number", " +447700900123 ", Kind.PHONE, "+447700900123"),
        ("iban", "GB00TEST", Kind.ACCOUNT, "GB00TEST"),
    ],
)
def test_what_a_type_names_is_a_record(named, value, kind, found):
    [row] = rows({"Attribute": [attribute(value, type=named)]})
    assert (row.value, row.kind) == (found, kind)


@pytest.mark.parametrize("to_ids", [False, 0, "0", "false", None, "no"])
def test_without_to_ids_it_is_background(to_ids):
    assert rows({"Attribute": [attribute(to_ids=to_ids)]}) == [Skipped(1, "not_suspected")]


def test_what_was_deleted_is_withdrawn():
    inner = {"Attribute": [attribute("b.test")], "deleted": True}
    assert rows({"Attribute": [attribute(deleted="1")], "Object": [inner]}) == [
        Withdrawn(1, "a.test", Kind.LINK),
        Withdrawn(2, "b.test", Kind.LINK),
    ]


def test_a_bank_account_has_its_bank_and_its_holder_is_not_read():
    account = {
        "name": "bank-account",
        "Attribute": [
            attribute("0000000000001", type="bank-account-nr", object_relation="account"),
            attribute("VCB", type="text", object_relation="institution-code", to_ids=False),
            attribute("Nobody", type="full-name", object_relation="beneficiary"),
        ],
    }
    event = {"uuid": "u", "Tag": [{"name": 'rsit:fraud="phishing"'}], "Object": [account]}
    assert rows({"Event": event}) == [
        Personal(),
        Record(
            line=1,
            value="0000000000001",
            kind=Kind.ACCOUNT,
            bank="VCB",
            category=Category.PHISHING,
            reference="u",
        ),
        Skipped(2, "other_type"),
        Skipped(3, "other_type"),
    ]


def test_what_is_no_attribute_is_rejected_without_its_text():
    assert rows({"Attribute": [5, attribute(7), {"type": ["x"]}]}) == [
        Rejected(1, "not_text", ""),
        Rejected(2, "not_text", ""),
        Skipped(3, "other_type"),
    ]


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"list": ["a.test"], "matching_attributes": []}, "warninglist"),
        ({"Event": {"info": "x"}}, "no MISP event"),
        ([], "no MISP event"),
        (5, "no MISP event"),
        (
            {"00000000-0000-4000-8000-000000000001": {"info": "", "Orgc": {}, "timestamp": 1}},
            "manifest",
        ),
    ],
)
def test_what_is_no_event_is_malformed(document, says):
    with pytest.raises(Malformed, match=says):
        rows(document)

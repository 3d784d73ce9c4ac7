"""Addresses as switches hand them over, and callers and senders that show no number."""

import pytest

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers import ask, list_as
from blacklist.identifiers.sip import Address, parse_address
from blacklist.model import Kind


def reason_of(text):
    with pytest.raises(InvalidIdentifier) as refused:
        ask(text, kind=Kind.PHONE)
    with pytest.raises(InvalidIdentifier) as refused_row:
        list_as(text, kind=Kind.PHONE)
    assert refused.value.reason == refused_row.value.reason
    return refused.value.reason


@pytest.mark.parametrize(
    "text",
    [
        "sip:+84912345678@host;user=phone",
        "sips:0912345678@host.example:5061",
        "SIP:0084912345678@10.0.0.1;transport=udp",
        "sip:0912345678@[2001:db8::1]:5060",
        "sip:84912345678:secret@host",
        "sip:%2B84912345678@host",
        "sip:0912.345.678@host?subject=x",
        "sip:0912345678",
        "<sip:0912345678@host>",
        '"Ngan hang" <sip:+84912345678@host;user=phone>',
        '"Ngân hàng \\" <b>" <sip:+84912345678@host>;tag=1',
        "Anonymous <sip:0912345678@host>",
        '"0987654321" <sip:0912345678@host>',
        "sip:+84912345678;npdi;rn=+84000@host;user=phone",
        "sip:0912345678;phone-context=+84@host;user=phone",
        "sip:912345678;phone-context=+84@host",
        "tel:912345678;phone-context=+84",
        "tel:0912345678;phone-context=ims.example",
        "tel:+84-912-345-678;isub=1",
        "<tel:+84912345678>",
        "tel://0912345678",
    ],
)
def test_the_number_of_an_address_is_read(text):
    reading = ask(text, kind=Kind.PHONE).readings[0]
    assert reading.identifier.value == "+84912345678"
    assert reading.notes == ()
    assert list_as(text, kind=Kind.PHONE) == (reading.identifier,)


def test_a_context_may_hold_the_area_code():
    reading = ask("tel:38250000;phone-context=+8424", kind=Kind.PHONE).readings[0]
    assert reading.identifier.value == "+842438250000"


@pytest.mark.parametrize(
    "text",
    ["sip:vietcombank@host", "sip:1001@pbx.example", "sip:alice", "sip:203.0.113.77",
     "sip:pbx.example;transport=tcp", "sip:VIETCOMBANK@host", '"0912345678" <sip:bob@host>',
     "sip:", "<sip:0912345678x@host>"],
)  # fmt: skip
def test_a_sip_user_that_is_no_number_is_refused_as_such(text):
    assert reason_of(text) == "sip_without_number"


@pytest.mark.parametrize(
    "text",
    ["anonymous", "Anonymous", "UNAVAILABLE", "restricted", "unknown", "private", "Private number",
     "No Caller ID", "Số ẩn", "không xác định", "sip:anonymous@anonymous.invalid",
     '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1', "sip:Restricted@host", '"" <sip:@host>',
     "sip:unavailable@unknown.invalid", "tel:anonymous", '""', "<>"],
)  # fmt: skip
def test_a_withheld_number_is_refused_as_such(text):
    assert reason_of(text) == "withheld_number"


@pytest.mark.parametrize(
    "text",
    ["VIETCOMBANK", "Vietcombank", "MB Bank", "FE CREDIT", "EVNCSKH", "KBNN24H", "BO CONG AN",
     "J&T", "hello"],
)  # fmt: skip
def test_a_senders_brand_name_is_refused_as_such(text):
    assert reason_of(text) == "brand_name_sender"


@pytest.mark.parametrize("text", ["VIETCOMBANKHANOI", "Xin chào quý khách hàng", "***"])
def test_what_no_sender_can_be_called_is_no_number(text):
    """A sender's name has at most eleven characters."""
    assert reason_of(text) == "not_a_number"


@pytest.mark.parametrize("text", ["0912345678", "http://host/", "sip", "mailto:a@host", "tell:1"])
def test_other_texts_are_no_addresses(text):
    assert parse_address(text) is None


def test_an_address_is_taken_apart():
    text = '"Bank" <sip:0912345678;ext=12;phone-context=+84@host;user=phone>'
    assert parse_address(text) == Address("0912345678;ext=12", is_sip=True, context="+84")

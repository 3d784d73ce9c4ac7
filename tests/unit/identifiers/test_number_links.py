"""Links to a telephone number's page: the number is asked, too, in every spelling of its page."""

import pytest

from blacklist.identifiers import ask, list_as
from blacklist.identifiers.number_links import number_in
from blacklist.model import Identifier, Kind, Match

NUMBER = Identifier(Kind.PHONE, "+84912345678")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("zalo.me/0912345678", "zalo.me/0912345678"),
        ("https://zalo.me/84912345678?src=qr", "zalo.me/84912345678"),
        ("zalo.me/+84912345678", "zalo.me/+84912345678"),
        ("wa.me/84912345678", "wa.me/84912345678"),
        ("https://wa.me/84912345678/?text=x", "wa.me/84912345678"),
        (
            "https://api.whatsapp.com/send?text=x&phone=84912345678",
            "api.whatsapp.com/send?phone=84912345678",
        ),
        ("t.me/+84912345678", "t.me/+84912345678"),
        ("https://viber.click/84912345678", "viber.click/84912345678"),
        ("viber://chat?number=%2B84912345678", "viber.click/84912345678"),
        ("viber://chat?number=+84912345678", "viber.click/84912345678"),
        ("whatsapp://send?phone=84912345678&text=x", "wa.me/84912345678"),
        ("tg://resolve?phone=84912345678", "t.me/+84912345678"),
        ("zalo://conversation?phone=0912345678", "zalo.me/0912345678"),
    ],
)
def test_the_number_is_asked_too(text, key):
    """Without a kind it is a second reading; asked as a link it stands beside the verdict."""
    page = Identifier(Kind.LINK, key)
    assert [found.identifier for found in ask(text).readings] == [page, NUMBER]
    question = ask(text, kind=Kind.LINK)
    assert [found.identifier for found in question.readings] == [page]
    assert [found.identifier for found in question.related] == [NUMBER]
    assert list_as(text, kind=Kind.LINK) == (page,)


def test_a_number_on_zalo_is_vietnamese_wherever_it_is_asked_from():
    readings = ask("zalo.me/0912345678", region="US").readings
    assert readings[1].identifier == NUMBER


def test_a_number_of_before_2018_is_asked_as_todays():
    readings = ask("zalo.me/01202345678").readings
    assert readings[1].identifier.value == "+84702345678"


def test_a_number_from_abroad_keeps_its_country():
    assert ask("wa.me/447700900123").readings[1].identifier.value == "+447700900123"


@pytest.mark.parametrize(
    "text",
    [
        "zalo.me/1234567890123456789",
        "zalo.me/g/0912345678",
        "zalo.me/pc",
        "t.me/84912345678",
        "t.me/+AbC84912345678",
        "wa.me/message/ABC",
        "wa.me/0",
        "facebook.com/84912345678",
        "evil.example/84912345678",
        "evil.example/wa.me/84912345678",
    ],
)
def test_other_pages_hold_no_number(text):
    (reading,) = ask(text, kind=Kind.LINK).readings
    assert number_in(reading.identifier.value) is None
    assert ask(text, kind=Kind.LINK).related == ()


@pytest.mark.parametrize(
    ("asked", "row"),
    [
        ("zalo.me/84912345678", "zalo.me/0912345678"),
        ("zalo.me/0912345678", "zalo.me/84912345678"),
        ("zalo.me/+84912345678", "zalo.me/0912345678"),
        ("api.whatsapp.com/send?phone=%2B84912345678", "wa.me/84912345678"),
        ("wa.me/84912345678", "https://api.whatsapp.com/send?phone=84912345678"),
        ("viber.click/+84912345678", "viber://chat?number=84912345678"),
        ("t.me/%2B84912345678", "tg://resolve?phone=84912345678"),
    ],
)
def test_a_page_is_found_in_another_spelling_of_its_number(asked, row):
    listed = list_as(row, kind=Kind.LINK)[0]
    (reading,) = ask(asked, kind=Kind.LINK).readings
    matches = {found.identifier: found.match for found in reading.candidates}
    assert matches[listed] is Match.EXACT


def test_a_page_below_a_number_is_found_by_the_numbers_page():
    readings = ask("zalo.me/0912345678/x").readings
    assert readings[1].identifier == NUMBER
    matches = {found.identifier.value: found.match for found in readings[0].candidates}
    assert matches["zalo.me/0912345678"] is Match.PATH


def test_the_hosts_themselves_stay_everybodys():
    for text in ("viber.click", "zalo.me", "wa.me"):
        assert ask(text).readings[0].notes == ("shared_host",)
    assert ask("web.whatsapp.com/send?phone=84912345678").readings[0].notes == ("shared_path",)

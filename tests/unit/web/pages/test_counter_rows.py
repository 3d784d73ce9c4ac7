"""What of a number leaves the counter on a sheet."""

import pytest

from blacklist import identifiers
from blacklist.web.pages import counter_rows


@pytest.mark.parametrize(
    ("text", "bank", "shown"),
    [
        ("0000000000001", "970436", "Vietcombank •••••••••0001"),
        ("0000000000001", None, "•••••••••0001"),
        ("+447700900123", None, "+•• •••• ••0123"),
        ("DE89370400440532013000", None, "IBAN •••• •••• •••• •••• ••30 00"),
        ("vn-bank.example", None, "vn-bank.example"),
    ],
)
def test_a_number_shows_its_end_and_a_link_is_whole(text: str, bank: str, shown: str) -> None:
    (reading,) = identifiers.ask(text, bank=bank, region="VN").readings
    one = reading.identifier
    assert counter_rows.masked(one.kind, one.value, reading.display) == shown


def test_of_a_short_number_less_is_shown() -> None:
    (reading,) = identifiers.ask("113", region="VN").readings
    one = reading.identifier
    assert counter_rows.masked(one.kind, one.value, reading.display) == "•13"


@pytest.mark.parametrize("field", ["", "!", "é", "AAAA", "gqY=", "wQ==", "k" * 9999])
def test_what_is_no_row_is_none(field: str) -> None:
    assert counter_rows.read(field) == []

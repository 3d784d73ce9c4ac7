"""Payment card numbers (ISO/IEC 7812), which must not be looked up or stored.

The last digit of a card number is a Luhn check. One account in ten passes it by accident, so only
lengths and prefixes that cards really have are taken for cards: NAPAS 9704 with 16 or 19 digits,
Visa and Mastercard with 16. Others (15-digit American Express) look too much like accounts.
"""

import re
from typing import Final

LENGTHS: Final = (16, 19)
_CARD: Final = re.compile(
    r"9704[0-9]{12}(?:[0-9]{3})?"
    r"|4[0-9]{15}"
    r"|5[1-5][0-9]{14}"
    r"|2(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]|720)[0-9]{12}"
)
_DOUBLED: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
"""Twice a digit, the digits of the product added up."""


def is_card_number(number: str) -> bool:
    """Tell whether ASCII digits without separators are a card's number."""
    return len(number) in LENGTHS and _CARD.fullmatch(number) is not None and _passes_luhn(number)


def _passes_luhn(digits: str) -> bool:
    values = [int(digit) for digit in reversed(digits)]
    return (sum(values[::2]) + sum(_DOUBLED[value] for value in values[1::2])) % 10 == 0

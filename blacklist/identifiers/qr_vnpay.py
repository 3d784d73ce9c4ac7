"""VNPay's codes at the till: a merchant's id, which only VNPay can lead to an account."""

from typing import Final, NoReturn

from blacklist.identifiers.reasons import refusal
from blacklist.identifiers.tlv import Fields

GUIDS: Final = ("A000000775",)


def payee(_fields: Fields) -> NoReturn:
    """Raise InvalidIdentifier ``merchant_without_account``."""
    raise refusal("merchant_without_account")

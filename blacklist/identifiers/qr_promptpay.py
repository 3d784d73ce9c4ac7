"""PromptPay, Thailand (Bank of Thailand, Thai QR Code Payment Standard).

A000000677010111 pays a person: ``01`` a phone as ``0066812345678``, ``02`` a 13-digit identity or
tax number, ``03`` a wallet's id. A000000677010112 pays a bill: a merchant's id.
"""

import re
from typing import Final

from blacklist.identifiers.qr_payee import Payee
from blacklist.identifiers.reasons import refusal
from blacklist.identifiers.tlv import Fields

_BILL: Final = "A000000677010112"
GUIDS: Final = ("A000000677010111", _BILL)

_PHONE: Final = re.compile(r"00([0-9]{7,15})")


def payee(fields: Fields) -> Payee:
    """Return the phone; raises InvalidIdentifier.

    ``identity_number`` wherever one stands, so that it is never echoed beside a phone.
    """
    if fields.get("00") == _BILL:
        raise refusal("merchant_without_account")
    if fields.get("02") is not None:
        raise refusal("identity_number")
    phone = _PHONE.fullmatch(fields.get("01") or "")
    if phone is not None:
        return Payee(phone=f"+{phone[1]}")
    if fields.get("03"):
        raise refusal("merchant_without_account")
    raise refusal("unreadable_code")

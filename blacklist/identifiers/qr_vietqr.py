"""VietQR, Vietnam's transfers between banks (NAPAS, "Đặc tả kỹ thuật QR", 1.0).

``00`` A000000727, ``01`` {``00`` the bank's BIN, ``01`` the account or card}, ``02`` the service:
QRIBFTTA to an account, QRIBFTTC to a card.
"""

import re
from typing import Final

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers.account_numbers import fold_number
from blacklist.identifiers.banks import Bank, find_bank
from blacklist.identifiers.qr_payee import Payee
from blacklist.identifiers.reasons import refusal
from blacklist.identifiers.tlv import Fields
from blacklist.identifiers.wallets import fold_wallet

GUIDS: Final = ("A000000727",)

_CARD_SERVICE: Final = "QRIBFTTC"
_SERVICE: Final = re.compile("QRIBFTT[AC]", re.IGNORECASE)
_PAIR: Final = re.compile(r"0006([0-9]{6})01([0-9]{2})(.*)")
_NAPAS_CARD: Final = re.compile(r"9704[0-9]{12}(?:[0-9]{3})?")


def payee(fields: Fields) -> Payee:
    """Return the account; raises InvalidIdentifier ``card_number`` and those of an account.

    The Luhn check is not asked for: a card to which a code pays need not pass it.
    """
    bin_, number, notes = _beneficiary(fields)
    if (fields.get("02") or "").upper() == _CARD_SERVICE or _NAPAS_CARD.fullmatch(number):
        raise refusal("card_number")
    bank = _find_bin(bin_)
    if bank is None:
        return Payee(None, fold_number(number), notes=(*notes, "unknown_bank"))
    folded = fold_number(number)
    return Payee(bank, fold_wallet(folded) if bank.is_wallet else folded, notes=notes)


def _beneficiary(template: Fields) -> tuple[str, str, tuple[str, ...]]:
    """Return the BIN, the account, and the notes; raise ``unreadable_code``.

    Never an account cut short or made longer, which would be another one. Where the account's
    length and that of the whole differ, a service behind the whole says that the whole is right (so
    NAPAS's own paper prints a code); a service inside it, that the account is.
    """
    text = template.get("01") or ""
    found = _PAIR.fullmatch(text)
    if found is None:
        raise refusal("unreadable_code")
    bin_, length, number = found[1], int(found[2]), found[3]
    if length == len(number):
        return bin_, number, ()
    if _SERVICE.fullmatch(template.get("02") or ""):
        return bin_, number, ("bad_length",)
    if number[length:].startswith("02"):
        return bin_, number[:length], ("bad_length",)
    raise refusal("unreadable_code")


def _find_bin(bin_: str) -> Bank | None:
    """Return the bank of a BIN, or None for one that is younger than our table."""
    try:
        return find_bank(bin_)
    except InvalidIdentifier:
        return None

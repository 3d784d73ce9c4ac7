"""Accounts at e-wallets: nearly always a Vietnamese mobile number, dialled in any way.

A wallet's account is folded to the number as it is dialled today (``0912345678``), so that
``+84 912 345 678`` and, since the change of 2018, ``0120…`` and ``070…`` are one account. An id
that the provider gave itself stays as it is. Called by ``account``; knows no kind.
"""

import re
from functools import cache
from typing import Final

from blacklist.identifiers.banks import wallets
from blacklist.identifiers.mobile_prefixes import renumber

_COUNTRY: Final = "+84"
_MOBILE: Final = re.compile(r"(?P<prefix>0084|84|0)?(?P<national>[35789][0-9]{8}|1[0-9]{9})")
_LONG_FORMS: Final = range(11, 15)
"""Characters of ``01201234567``, ``84912345678`` … ``00841201234567``."""

_DIALLING_MARKS: Final = str.maketrans("", "", "+()")


def drop_dialling_marks(text: str) -> str:
    """Return a wallet's number without the marks of dialling, which no bank's account has."""
    return text.translate(_DIALLING_MARKS)


def fold_wallet(number: str) -> str:
    """Return a wallet's account, given without separators, in its one form."""
    mobile = _MOBILE.fullmatch(number)
    return number if mobile is None else _fold(mobile)


def fold_unnamed(number: str) -> str:
    """Return a number without a bank as every wallet would write it; most stay as they are.

    Nine digits do: without their 0 they are a bank's account far more often.
    """
    if len(number) not in _LONG_FORMS:
        return number
    mobile = _MOBILE.fullmatch(number)
    return number if mobile is None or mobile["prefix"] is None else _fold(mobile)


def wallet_accounts(number: str) -> list[str]:
    """Return ``WALLET/ACCOUNT`` of each wallet for a number without a bank that would be folded.

    The bare number then is not what a wallet's listing wrote, so each wallet must be asked.
    """
    folded = fold_unnamed(number)
    return [start + folded for start in _starts()] if folded != number else []


def _fold(mobile: re.Match[str]) -> str:
    """Return the number as it is dialled today; an old one of no known prefix stays as it is."""
    national = mobile["national"]
    if national[0] == "1":
        national = renumber(_COUNTRY + national).removeprefix(_COUNTRY)
    return mobile[0] if national[0] == "1" else f"0{national}"


@cache
def _starts() -> tuple[str, ...]:
    return tuple(f"{wallet.key}/" for wallet in wallets())

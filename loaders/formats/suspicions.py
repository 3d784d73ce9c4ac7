"""What the State Bank's fraud-risk system (SIMO) says by its code ``NghiNgo``.

The codes are those of the lists that banks report under Circular 17/2024. Free remarks beside a
code (``GhiChu``) are not kept: they are where names stand.
"""

from typing import NamedTuple

from blacklist.model import Category


class Suspicion(NamedTuple):
    """What a code stands for; ``category`` None leaves it to the source."""

    note: str
    category: Category | None = None


WITHDRAWN = "0"
"""The code that takes a report back."""

_NO = frozenset({"false", "no", "không", "khong"})

CODES = {
    "1": Suspicion("SIMO 1: the holder's details differ from the population database"),
    "2": Suspicion("SIMO 2: offered for sale", Category.MULE_ACCOUNT),
    "3": Suspicion("SIMO 3: many pay in and it is paid out at once", Category.MULE_ACCOUNT),
    "4": Suspicion("SIMO 4: receives money from listed accounts", Category.MULE_ACCOUNT),
    "5": Suspicion("SIMO 5: on a list of an authority"),
    "6": Suspicion("SIMO 6: used in an unusual way"),
    "7": Suspicion("SIMO 7: one device uses many accounts", Category.MULE_ACCOUNT),
    "8": Suspicion("SIMO 8: another suspicion"),
}


def read_code(text: str) -> str | None:
    """Return the code of a cell (``3``, ``03``, ``3.0``, ``3 - …``); None for no code of SIMO's."""
    if text.strip().lower() in _NO:
        return WITHDRAWN
    digits = text.strip().partition(" ")[0].rstrip(".:-").removesuffix(".0")
    code = digits.lstrip("0") or (WITHDRAWN if digits else "")
    return code if code == WITHDRAWN or code in CODES else None

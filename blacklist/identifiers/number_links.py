"""Links whose page is a telephone number's: ``zalo.me/0912345678``, ``wa.me/84912345678``.

Whoever sends such a link shows the number, so it is asked, too, as a phone; and a messenger writes
one number in several ways, so each is looked up. Called by ``link`` with canonical values; what is
a number that can be dialled, ``phone`` alone decides.
"""

import re
from typing import Final

_PLUS: Final = r"(?:\+|%2B|%20)?"
"""``+`` as it stands in a path, and escaped in a query."""

_LINK: Final = re.compile(
    rf"(?P<page>wa\.me/|api\.whatsapp\.com/send\?phone=|viber\.click/|t\.me/(?=\+|%2B)){_PLUS}"
    r"(?P<digits>[1-9][0-9]{7,14})(?:/.*)?"
    rf"|zalo\.me/(?:{_PLUS}(?P<zalo>[1-9][0-9]{{9,12}})|0(?P<home>[1-9][0-9]{{8,9}}))(?:/.*)?"
)
"""Longer numbers under ``zalo.me`` are the ids of pages there."""

_HOSTS: Final = ("zalo.me/", "wa.me/", "t.me/", "api.whatsapp.com/", "viber.click/")
_HOME: Final = "84"
"""Zalo is Vietnam's: a number with a trunk 0 there is Vietnamese wherever it is asked from."""

_SPELLINGS: Final = {
    "zalo": ("zalo.me/{}",),
    "wa.m": ("wa.me/{}", "api.whatsapp.com/send?phone={}"),
    "api.": ("wa.me/{}", "api.whatsapp.com/send?phone={}"),
    "t.me": ("t.me/+{}",),
    "vibe": ("viber.click/{}",),
}
"""First four letters of a value → how the messenger writes a number's page."""


def may_hold_number(value: str) -> bool:
    """Tell cheaply whether a canonical value is on a host where numbers have pages."""
    return value.startswith(_HOSTS)


def number_in(value: str) -> str | None:
    """Return the number in a link's canonical value, as ``+`` and digits, or None."""
    found = _LINK.fullmatch(value) if may_hold_number(value) else None
    if found is None:
        return None
    return f"+{_HOME}{found['home']}" if found["home"] else f"+{found['digits'] or found['zalo']}"


def other_spellings(value: str) -> tuple[str, ...]:
    """Return the other canonical values of a number's page: ``zalo.me/0…`` and ``zalo.me/84…``."""
    number = number_in(value)
    if number is None or value.count("/") > 1:
        return ()
    digits = number.removeprefix("+")
    spellings = [template.format(digits) for template in _SPELLINGS[value[:4]]]
    if value.startswith("zalo.me/") and digits.startswith(_HOME):
        spellings.append(f"zalo.me/0{digits.removeprefix(_HOME)}")
    return tuple(spelling for spelling in spellings if spelling != value)

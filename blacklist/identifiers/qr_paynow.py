"""PayNow, Singapore (SGQR specification): ``01`` the proxy's type, ``02`` its value.

0 is a mobile number in E.164, 2 a company's registration number (UEN); 1 was a person's identity
number and 3 is a virtual address, neither of which leads to a phone or an account.
"""

import re
from typing import Final

from blacklist.identifiers.qr_payee import Payee
from blacklist.identifiers.reasons import refusal
from blacklist.identifiers.tlv import Fields

GUIDS: Final = ("SG.PAYNOW",)

_MOBILE: Final = re.compile(r"\+?65[0-9]{8}|\+[0-9]{7,15}|[89][0-9]{7}")
_HOME: Final = "+65"
_LOCAL_CHARACTERS: Final = 8
_OTHER: Final = "unreadable_code"
_REFUSALS: Final = {"1": "identity_number", "2": "business_number"}


def payee(fields: Fields) -> Payee:
    """Return the phone; raises InvalidIdentifier for other proxies."""
    proxy, value = fields.get("01"), (fields.get("02") or "").replace(" ", "")
    if proxy == "0" and _MOBILE.fullmatch(value):
        if len(value) == _LOCAL_CHARACTERS:
            return Payee(phone=_HOME + value)
        return Payee(phone="+" + value.removeprefix("+"))
    raise refusal(_REFUSALS.get(proxy, _OTHER) if proxy else _OTHER)

"""The change of Vietnam's 11-digit mobile numbers to 10 digits, 15 September 2018.

The four-digit prefix was swapped and the last seven digits stayed. The table is the plan of the
Ministry of Information and Communications, parallel dialling until 30 June 2019; every old form is
unassigned today and every new one is mobile, so an old number can only mean the new one.
"""

import csv
from functools import cache
from importlib.resources import files

_OLD_LENGTH = len("+84") + 3 + 7


@cache
def _swaps() -> dict[str, str]:
    """Return old → new, both as E.164 beginnings (``+84120`` → ``+8470``)."""
    table = files(__package__).joinpath("data", "vn_mobile_2018.tsv").read_text("utf-8")
    rows = csv.DictReader(table.splitlines(), delimiter="\t")
    return {f"+84{row['old']}": f"+84{row['new']}" for row in rows}


def renumber(e164: str) -> str:
    """Return the number's E.164 form of today; any number but an old VN mobile comes back as is."""
    if len(e164) != _OLD_LENGTH or e164[:6] not in _swaps():
        return e164
    return _swaps()[e164[:6]] + e164[6:]

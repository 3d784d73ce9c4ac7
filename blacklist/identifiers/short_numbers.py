"""Short numbers of Vietnam: emergency and report lines such as 113, 156 and 5656.

They exist inside one country only and have no E.164 form, so their canonical form is the country
and the digits, ``VN:113``, which no E.164 number can equal: those begin with ``+``. Only the
numbers of the table are read; any other few digits are a number cut short. Hotlines of the 1800 and
1900 ranges are ordinary numbers with an E.164 form and not meant here.
"""

import csv
import re
from functools import cache
from importlib.resources import files
from typing import Final

REGION: Final = "VN"
_KEY: Final = re.compile(rf"{REGION}:(?P<code>[0-9]{{3,5}})", re.IGNORECASE)
_SEPARATORS: Final = str.maketrans("", "", " .-()[]/~")
_MAX_CHARACTERS: Final = 16


def find_short_number(text: str, region: str) -> str | None:
    """Return a short number's digits, dialled from ``region`` or as its canonical form, or None."""
    if len(text) > _MAX_CHARACTERS:
        return None
    key = _KEY.fullmatch(text)
    if key is None and region.upper() != REGION:
        return None
    code = key["code"] if key else text.translate(_SEPARATORS)
    return code if code in _codes() else None


def key_of(code: str) -> str:
    """Return the canonical form of a short number: ``VN:113``."""
    return f"{REGION}:{code}"


@cache
def _codes() -> frozenset[str]:
    table = files(__package__).joinpath("data", "vn_short_codes.tsv").read_text("utf-8")
    return frozenset(row["code"] for row in csv.DictReader(table.splitlines(), delimiter="\t"))

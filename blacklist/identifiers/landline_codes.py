"""The change of Vietnam's area codes in 2017, in three phases; the subscriber's digits stayed.

The table is the plan of decision 2036/QĐ-BTTTT. Of 59 old codes 41 lead to numbers that nobody has
today, so such a number can only mean the new one. The other 18 (``taken``) were given to mobiles,
some partly: ``0838250000`` may be an old number of Ho Chi Minh City and is VinaPhone's today. Those
are never rewritten; a question about one also asks for what it was as a landline.
"""

import csv
from functools import cache
from importlib.resources import files

from phonenumbers import PhoneNumber, is_valid_number

_COUNTRY_CODE = 84
_E164_START = f"+{_COUNTRY_CODE}"
_TAKEN_LENGTH = len(_E164_START) + 9
_TAKEN_KEY_LENGTH = len(_E164_START) + 2


def renumber_landline(e164: str) -> str:
    """Return today's E.164 form of an old landline; a number that is anything else, as it is.

    For numbers that are not in use today only: the caller has asked the plan.
    """
    if not e164.startswith(_E164_START):
        return e164
    national = e164[len(_E164_START) :]
    for width in (3, 2, 1):
        found = _free().get((national[:width], len(national)))
        if found is not None:
            new = found + national[width:]
            return f"{_E164_START}{new}" if _is_in_use(new) else e164
    return e164


def old_landline(e164: str) -> str | None:
    """Return what a number of today meant as a landline before 2017, in E.164 of today, or None."""
    if len(e164) != _TAKEN_LENGTH:
        return None
    start = _taken().get(e164[:_TAKEN_KEY_LENGTH])
    return None if start is None else start + e164[_TAKEN_KEY_LENGTH:]


@cache
def _rows() -> list[dict[str, str]]:
    table = files(__package__).joinpath("data", "vn_landline_2017.tsv").read_text("utf-8")
    return list(csv.DictReader(table.splitlines(), delimiter="\t", restval=""))


@cache
def _free() -> dict[tuple[str, int], str]:
    """Return (old code, digits with the code) → new code, where no number of today is meant."""
    return {
        (row["old"], len(row["old"]) + int(row["subscriber_digits"])): row["new"]
        for row in _rows()
        if not row["taken"]
    }


@cache
def _taken() -> dict[str, str]:
    """Return how a mobile of today begins in E.164 → how the landline that was it does.

    Both begin with two digits behind the country code; the one-digit code 8 is told ten times.
    """
    starts = {}
    for row in _rows():
        for digit in "0123456789" if row["taken"] and len(row["old"]) == 1 else [""]:
            new = row["new"] + digit
            if row["taken"] and _is_in_use(f"{new:0<10}"):
                starts[f"{_E164_START}{row['old']}{digit}"] = _E164_START + new
    return starts


def _is_in_use(national: str) -> bool:
    return is_valid_number(PhoneNumber(country_code=_COUNTRY_CODE, national_number=int(national)))

"""The banks and wallets of Vietnam: any way of naming one → its BIN.

The table holds the BINs and SWIFT codes of the State Bank's letter (to 31 December 2023) and, for
wallets and digital banks, of public lists. A name that two banks go by (``BVB``, ``VTB``) is in
both rows and is refused with both names: guessing would accuse another bank's customer.
"""

import csv
import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

import msgspec

from blacklist.identifiers.reasons import refusal

_SWIFT_LENGTH: Final = 8
_SWIFT_WITH_BRANCH_LENGTH: Final = 11
_MAX_NAME_CHARACTERS: Final = 200
_LEGAL_FORM: Final = re.compile(
    r"\A(?:(?:ngan hang|nhtmcp|nhtm|nh|tmcp|thuong mai|co phan|tnhh|mtv|mot thanh vien"
    r"|trach nhiem huu han) )+"
)
_COUNTRY: Final = re.compile(r" viet ?nam\Z")
_NOT_WORD: Final = re.compile(r"[^a-z0-9]+")


class Bank(msgspec.Struct, frozen=True, gc=False):
    """A bank: the BIN that stands in keys, and its short name for people."""

    bin: str
    name: str


@lru_cache(maxsize=4096)
def find_bank(text: str) -> Bank:
    """Return the bank that is named by BIN, code, name or SWIFT (8 or 11 characters).

    Case, accents, blanks, punctuation and the legal form ("Ngân hàng TMCP …") do not matter.
    Raises InvalidIdentifier ``unknown_bank`` or ``ambiguous_bank``.
    """
    if len(text) > _MAX_NAME_CHARACTERS:
        raise refusal("unknown_bank")
    key = _fold_name(text)
    found = _table().get(key) or _table().get(_without_branch(key)) or ()
    if not found:
        raise refusal("unknown_bank")
    if len(found) > 1:
        names = " or ".join(f"{bank.name} ({bank.bin})" for bank in found)
        raise refusal("ambiguous_bank", f"The bank's name stands for {names}; say which.")
    return found[0]


def _fold_name(text: str) -> str:
    """Return the name's letters and digits: ``Ngân hàng TMCP Á Châu`` → ``achau``."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d"))
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    words = _NOT_WORD.sub(" ", bare).strip()
    name = _COUNTRY.sub("", _LEGAL_FORM.sub("", words))
    return name.replace(" ", "")


def _without_branch(key: str) -> str:
    """Return a SWIFT code of 11 characters as its first 8, and ``acbbank`` as ``acb``."""
    if len(key) == _SWIFT_WITH_BRANCH_LENGTH and key[:_SWIFT_LENGTH] in _swifts():
        return key[:_SWIFT_LENGTH]
    return key.removesuffix("bank")


@cache
def _rows() -> list[dict[str, str]]:
    text = files(__package__).joinpath("data", "banks.tsv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines(), delimiter="\t", restval=""))


@cache
def _swifts() -> frozenset[str]:
    return frozenset(row["swift"].lower() for row in _rows() if row["swift"])


@cache
def _table() -> dict[str, tuple[Bank, ...]]:
    """Return every way of naming a bank → the banks it may mean, nearly always one."""
    table: dict[str, tuple[Bank, ...]] = {}
    for row in _rows():
        bank = Bank(row["bin"], row["name"])
        names = [row["bin"], row["name"], row["swift"]]
        names += row["other_bins"].split() + row["also"].split(";")
        for key in {_fold_name(name) for name in names} - {""}:
            table[key] = (*table.get(key, ()), bank)
    return table

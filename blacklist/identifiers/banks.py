"""The banks and wallets of Vietnam, and SWIFT codes of all others: any way of naming one → its key.

A bank's key is its BIN; a wallet that has none has a word of ours (``ZALOPAY``); a foreign bank has
the first eight characters of its SWIFT code. The table holds the BINs and SWIFT codes of the State
Bank's letter (to 31 December 2023) and, for wallets and digital banks, of public lists. A name that
two banks go by (``BVB``, ``VTB``) is in both rows and is refused with both names: guessing would
accuse another bank's customer.
"""

import csv
import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

import msgspec
from phonenumbers import SUPPORTED_REGIONS

from blacklist.identifiers.reasons import refusal

_SWIFT_LENGTH: Final = 8
_SWIFT_WITH_BRANCH_LENGTH: Final = 11
_MAX_NAME_CHARACTERS: Final = 200
_LEGAL_FORM: Final = re.compile(
    r"\A(?:(?:ngan hang|nganhang|nhtmcp|nhtm|nh|tmcp|thuong mai|tm|co phan|cp|tnhh|mtv"
    r"|mot thanh vien|trach nhiem huu han|cong ty tai chinh|cty tai chinh"
    r"|vi dien tu|vi|joint stock commercial bank|jsc) )+"
)
_COUNTRY: Final = re.compile(r"(?: (?:viet ?nam|vn|jsc|joint stock company))+\Z")
_BRANCH: Final = re.compile(r" (?:chi nhanh|cn|phong giao dich|pgd)(?: .*)?\Z")
_NOT_WORD: Final = re.compile(r"[^a-z0-9]+")
_BRACKET: Final = re.compile(r"[()\[\]]")
_DASH: Final = re.compile(r"\s[-\u2013]\s")
_SWIFT: Final = re.compile(r"[A-Z]{4}([A-Z]{2})[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
"""ISO 9362: institution, country, place, branch."""

_HOME: Final = "VN"


class Bank(msgspec.Struct, frozen=True, gc=False):
    """A bank: what stands for it in keys, and its short name for people."""

    key: str
    name: str
    is_wallet: bool = False
    is_foreign: bool = False


@lru_cache(maxsize=4096)
def find_bank(text: str) -> Bank:
    """Return the bank that is named by BIN, code, name or SWIFT (8 or 11 characters).

    Case, accents, blanks, punctuation, the legal form ("Ngân hàng TMCP …") and a branch do not
    matter; two names, one in brackets, must agree. Raises InvalidIdentifier ``unknown_bank`` or
    ``ambiguous_bank``.
    """
    found = _find(text)
    if not found:
        raise refusal("unknown_bank")
    if len(found) > 1:
        names = " or ".join(f"{bank.name} ({bank.key})" for bank in found)
        raise refusal("ambiguous_bank", f"The bank's name stands for {names}; say which.")
    return found[0]


def is_bank(text: str) -> bool:
    """Tell whether a text names one bank or more. Remembers nothing: it may be a person's name."""
    return bool(_find(text))


def _find(text: str) -> tuple[Bank, ...]:
    """Return the banks that a text may mean."""
    if len(text) > _MAX_NAME_CHARACTERS:
        return ()
    words = _fold_words(text)
    return _look_up(words) or _look_up_parts(text) or _look_up_branch(words) or _foreign(text)


@cache
def wallets() -> tuple[Bank, ...]:
    """Return the e-wallets, whose accounts are phone numbers."""
    return tuple(bank for bank, _ in _rows() if bank.is_wallet)


@cache
def directory() -> tuple[Bank, ...]:
    """Return the banks and wallets of Vietnam, by name, for people to choose from."""
    return tuple(sorted((bank for bank, _ in _rows()), key=lambda bank: bank.name.casefold()))


@cache
def names() -> tuple[str, ...]:
    """Return every name of the table as it is written there: keys, codes, SWIFT codes, names."""
    return tuple(name for _, row in _rows() for name in _names_of(row) if name)


def _names_of(row: dict[str, str]) -> list[str]:
    names = [row["key"], row["name"], row["swift"], row["full_name"]]
    return names + row["other_bins"].split() + [name.strip() for name in row["also"].split(";")]


def _look_up(words: str) -> tuple[Bank, ...]:
    """Return the banks that one name may mean."""
    key = _squeeze(words)
    return _table().get(key) or _table().get(_without_tail(key)) or ()


def _look_up_branch(words: str) -> tuple[Bank, ...]:
    """Return the banks that one name with a branch may mean; some branches are banks themselves."""
    return _look_up(words) or _look_up(_BRANCH.sub("", words))


def _look_up_parts(text: str) -> tuple[Bank, ...]:
    """Return the banks of several names at once: ``VCB (Ngoại thương)``, ``BVB - Bản Việt``.

    The banks that all names may mean; where there is none, all of them, so that it is refused. A
    name may hold a dash itself, so each dash is tried by itself.
    """
    ways = [_BRACKET.split(text)]
    ways += [[text[: dash.start()], text[dash.end() :]] for dash in _DASH.finditer(text)]
    for way in ways:
        parts = [_look_up_branch(words) for words in map(_fold_words, way) if words]
        if len(parts) > 1 and all(parts):
            shared = tuple(bank for bank in parts[0] if all(bank in part for part in parts))
            return shared or tuple(dict.fromkeys(bank for part in parts for bank in part))
    return ()


def _foreign(text: str) -> tuple[Bank, ...]:
    """Return the bank of a well-formed SWIFT code abroad.

    Vietnam's own codes are in the table: another one is a slip. Mixed case, and what ends in "bank"
    (``Rabobank``), is a word that only looks like a code.
    """
    code = text.strip()
    swift = _SWIFT.fullmatch(code.upper())
    if swift is None or not code.isascii() or not (code.isupper() or code.islower()):
        return ()
    if swift[1] == _HOME or swift[1] not in SUPPORTED_REGIONS or swift[0].endswith("BANK"):
        return ()
    key = swift[0][:_SWIFT_LENGTH]
    return (Bank(key, key, is_foreign=True),)


def _fold_words(text: str) -> str:
    """Return the name's words in plain letters: ``NH Á Châu`` → ``nh a chau``."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d"))
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return _NOT_WORD.sub(" ", bare).strip()


def _squeeze(words: str) -> str:
    """Return the name's letters and digits: ``ngan hang tmcp a chau`` → ``achau``."""
    return _COUNTRY.sub("", _LEGAL_FORM.sub("", words)).replace(" ", "")


def _without_tail(key: str) -> str:
    """Return a SWIFT code of 11 characters as its first 8, and ``acbbank`` as ``acb``."""
    if len(key) == _SWIFT_WITH_BRANCH_LENGTH and key[:_SWIFT_LENGTH] in _swifts():
        return key[:_SWIFT_LENGTH]
    return key.removesuffix("bank")


@cache
def _rows() -> list[tuple[Bank, dict[str, str]]]:
    text = files(__package__).joinpath("data", "banks.tsv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t", restval="")
    return [(Bank(row["key"], row["name"], row["sort"] == "wallet"), row) for row in rows]


@cache
def _swifts() -> frozenset[str]:
    return frozenset(row["swift"].lower() for _, row in _rows() if row["swift"])


@cache
def _table() -> dict[str, tuple[Bank, ...]]:
    """Return every way of naming a bank → the banks it may mean, nearly always one."""
    table: dict[str, tuple[Bank, ...]] = {}
    for bank, row in _rows():
        for key in {_squeeze(_fold_words(name)) for name in _names_of(row)} - {""}:
            table[key] = (*table.get(key, ()), bank)
    return table

"""Names of banks and wallets in running text: where they stand, and how surely a bank is meant.

The names are those of ``banks``, in plain letters and however they are parted ("Viet com bank").
Many are also common words (MB, Nam Á, Sài Gòn): these are weak, and count only right beside a
number or an account's label. Which bank a name stands for is said by ``banks.find_bank``. Pure;
called by ``message_banks``.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache
from typing import Final

import msgspec

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers.banks import find_bank, names
from blacklist.identifiers.cards import is_card_number
from blacklist.identifiers.message_text import fold

_WORD: Final = re.compile(r"[a-z]+|[0-9]+")
_MAX_WORDS: Final = 12
_MAX_GAP: Final = 3
"""Characters between two words of one name: ``Đầu tư & Phát triển``."""

_PARTS: Final = frozenset(" .&-\u00a0")
_SURE_ENDS: Final = ("bank", "pay", "money")
_COMMON: Final = re.compile(
    "mb|mbb|sc|nn|scb|sea|ocean|timo|cake|abb|nab|bab|dob|sgb|pgb|htx|citi|moca|zion|vimo|coop"
    "|military|public|maritime|construction|cooperative|international|spay|airpay|tnex|vib|msb"
    "|ncb|gpb"
)
"""Short names that are also words, units or other firms' initials."""

_BRANDS: Final = frozenset(
    {"shinhan", "woori", "indovina", "vikki", "kookmin", "momo", "zalopay", "vietin"}
)
"""Names that are a bank's though they are written like words."""

_BEFORE: Final = re.compile(
    r"(?:\b(?:ngan hang|nganhang|nh|nhtmcp|tmcp|bank|vi|vi dien tu|swift|bic)\b)[\s:.(\[-]*\Z"
)
_BIN: Final = re.compile(
    r"(?<![0-9./-])(?P<bin>[0-9]{6})(?=[ :/,.-]{1,3}(?:(?:stk|so tai khoan|so tk|tk)[ :.-]{0,3})?"
    r"(?P<number>[0-9]{6,19})(?![0-9]))"
)
"""A BIN with its account behind it."""

_NAMED_TWICE: Final = re.compile(r" ?\( ?| - ?")
_SWIFT: Final = re.compile(
    r"\b(?:swift|bic)(?: code)?[\s:]{0,3}(?P<code>[a-z]{6}[a-z0-9]{2}(?:[a-z0-9]{3})?)\b"
)


class BankWord(msgspec.Struct, frozen=True):
    """A name's place in the plain text; ``is_weak`` says that it may well be no bank."""

    start: int
    end: int
    is_weak: bool


def find_bank_words(text: str) -> list[BankWord]:
    """Return the names of banks in a plain text, in order, the longest where several begin."""
    tokens = [(match.start(), match.end()) for match in _WORD.finditer(text)]
    prefixes, keys = _index()
    found, number = [], 0
    while number < len(tokens):
        start, end = tokens[number]
        taken = 0
        if text[start:end] in prefixes:
            taken = _longest(text, tokens[number : number + _MAX_WORDS], prefixes, keys)
        if taken:
            end = tokens[number + taken - 1][1]
            found.append(BankWord(start, end, _is_weak(text, start, end)))
        number += taken or 1
    return _with_codes(text, _merged(text, found))


def find_bins(text: str) -> list[BankWord]:
    """Return the BINs that stand in front of an account; the two together are no card's number."""
    return [
        BankWord(*match.span("bin"), is_weak=True)
        for match in _BIN.finditer(text)
        if match["bin"] in _bins() and not is_card_number(match["bin"] + match["number"])
    ]


def _merged(text: str, found: list[BankWord]) -> list[BankWord]:
    """Return the names, where two stand for one bank that neither tells alone as one name."""
    merged: list[BankWord] = []
    for one in found:
        if merged and _NAMED_TWICE.fullmatch(text, merged[-1].end, one.start):
            start, end = merged[-1].start, one.end + (text[one.end : one.end + 1] == ")")
            if not _is_bank(text[start : merged[-1].end]) and _is_bank(text[start:end]):
                merged[-1] = BankWord(start, end, is_weak=False)
                continue
        merged.append(one)
    return merged


def _is_bank(name: str) -> bool:
    try:
        find_bank(name)
    except InvalidIdentifier:
        return False
    return True


def near(words: Sequence[BankWord], start: int, end: int) -> Sequence[BankWord]:
    """Return the names around a place: two before it, two behind."""
    place = bisect_left(words, start, key=lambda word: word.start)
    return [
        one for one in words[max(0, place - 2) : place + 2] if one.end <= start or one.start >= end
    ]


def _longest(
    text: str, tokens: list[tuple[int, int]], prefixes: frozenset[str], keys: frozenset[str]
) -> int:
    """Return how many of the words in a row are the longest name, 0 for none."""
    joined, taken, before = "", 0, tokens[0][0]
    for number, (start, end) in enumerate(tokens, 1):
        gap = text[before:start]
        if len(gap) > _MAX_GAP or not _PARTS.issuperset(gap):
            break
        joined += text[start:end]
        if joined in keys and not text[end : end + 1].isalpha():
            taken = number
        if joined not in prefixes:
            break
        before = end
    return taken


def _is_weak(text: str, start: int, end: int) -> bool:
    name = re.sub(r"[^a-z0-9]", "", text[start:end])
    if _BEFORE.search(text, max(0, start - 24), start):
        return False
    if _COMMON.fullmatch(name):
        return True
    return not (name.endswith(_SURE_ENDS) or name in _codes() or name.startswith("nganhang"))


def _with_codes(text: str, found: list[BankWord]) -> list[BankWord]:
    """Return the names with BINs and with foreign banks' SWIFT codes, told by the word in front."""
    codes = find_bins(text) + [
        BankWord(*match.span("code"), is_weak=False)
        for match in _SWIFT.finditer(text)
        if not any(one.start < match.end() and match.start("code") < one.end for one in found)
    ]
    return sorted((*found, *codes), key=lambda one: one.start) if codes else found


@cache
def _bins() -> frozenset[str]:
    return frozenset(name for name in names() if name.isdigit())


@cache
def _codes() -> frozenset[str]:
    """Return the names that are nothing but a bank's: short codes, SWIFT codes, brands."""
    return (
        frozenset(
            name.lower()
            for name in names()
            if name.isascii() and name.isalnum() and not name.istitle()
        )
        | _BRANDS
    )


@cache
def _index() -> tuple[frozenset[str], frozenset[str]]:
    """Return all beginnings of names, and all names, both without what parts their words."""
    keys = {re.sub(r"[^a-z0-9]", "", fold(name).text) for name in names()}
    keys = {key for key in keys if not key.isdigit() and len(key) > 1}
    keys |= {f"{key}bank" for key in keys if not key.endswith("bank")}
    keys |= {f"nganhang{key}" for key in keys if not key.startswith("nganhang")}
    prefixes = {key[:length] for key in keys for length in range(1, len(key) + 1)}
    return frozenset(prefixes), frozenset(keys)

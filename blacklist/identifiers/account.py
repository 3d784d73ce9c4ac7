"""Bank accounts and e-wallets, keyed on the bank's BIN and the number: ``970436/0000000000001``.

A number is up to 19 letters and digits; lengths differ within a bank and leading zeros count, so
nothing is told from the length and a number is never an int. Without a bank the bare number is the
key: a listing with a bank lists the bare number too, so that a question that names no bank, or
another one, still finds it and says how (``unknown_bank``, ``other_bank``).
"""

import re
import unicodedata
from typing import Final

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers.banks import Bank, find_bank
from blacklist.identifiers.cards import is_card_number
from blacklist.identifiers.protocol import Hints
from blacklist.identifiers.reasons import refusal
from blacklist.identifiers.text import drop_hidden, require_one_line
from blacklist.model import Candidate, Identifier, Kind, Match, Reading

_NUMBER: Final = re.compile(r"[A-Z]*[0-9][0-9A-Z]*")
_LENGTHS: Final = range(4, 20)
_MAX_CHARACTERS: Final = 250
"""With all separators; it bounds the work on texts that are no account."""
_SEPARATORS: Final = str.maketrans("", "", " .-")
_DASHES: Final = re.compile(r"[\s\u2010-\u2015\u2212]+")
_NEVER_IN_ACCOUNTS: Final = re.compile(r"[+:;,|@()?#\\]")
_DOTTED_ADDRESS: Final = re.compile(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}")
_BIN_AND_NUMBER: Final = re.compile(r"[0-9]{6}/[0-9A-Za-z]{4,19}")
_CLAIMED_LENGTHS: Final = range(6, 250)
_FIVE_DIGITS: Final = re.compile(r"(?:\D*\d){5}")
_BANK: Final = re.compile(r"[0-9]{6}|[^/.]*[^\W\d_][^/.]*")


def claims(text: str) -> bool:
    """Tell whether the text is 6 characters, 5 digits, as ``NUMBER`` or ``BANK/NUMBER``.

    Letters among blanks or dots are a domain, or words around a phone number.
    """
    if len(text) not in _CLAIMED_LENGTHS or _NEVER_IN_ACCOUNTS.search(text):
        return False
    if _FIVE_DIGITS.match(text) is None:
        return False
    bank, slash, number = text.rpartition("/")
    if slash and _BANK.fullmatch(bank) is None:
        return False
    if number.isalnum():
        return True
    has_letters = any(character.isalpha() for character in number)
    return not has_letters and _DOTTED_ADDRESS.fullmatch(number) is None


def resembles(text: str) -> bool:
    """Tell whether a row is ``BIN/NUMBER``; a number alone might be anything."""
    return _BIN_AND_NUMBER.fullmatch(text) is not None


def suggests(text: str, _hints: Hints) -> bool:
    """Tell whether a text asked as something else may be an account: wallets are phone numbers."""
    return claims(text)


def read(text: str, hints: Hints) -> Reading:
    """Understand ``NUMBER``, or ``BANK/NUMBER`` with the bank named in any way.

    Raises InvalidIdentifier: ``not_an_account``, ``card_number``, ``placeholder``,
    ``unknown_bank``, ``ambiguous_bank``, ``bank_conflict``, ``control_characters``.
    """
    bank, number = _recognise(text, hints.bank)
    bare = Identifier(Kind.ACCOUNT, number)
    if bank is None:
        return Reading(bare, number, (Candidate(bare, Match.UNKNOWN_BANK),), ("bank_missing",))
    identifier = Identifier(Kind.ACCOUNT, f"{bank.bin}/{number}")
    # A bare number that names no bank itself; one that stands for other banks points to them.
    candidates = (Candidate(identifier, Match.EXACT), Candidate(bare, Match.UNKNOWN_BANK))
    return Reading(identifier, f"{bank.name} {number}", candidates)


def is_card(text: str) -> bool:
    """Tell whether the text is a payment card's number in any grouping."""
    try:
        _fold_number(text)
    except InvalidIdentifier as refused:
        return refused.reason == "card_number"
    return False


def list_as(text: str, hints: Hints) -> tuple[Identifier, ...]:
    """Return the account and, if its bank is known, the bare number; raises like :func:`read`."""
    bank, number = _recognise(text, hints.bank)
    bare = Identifier(Kind.ACCOUNT, number)
    if bank is None:
        return (bare,)
    return (Identifier(Kind.ACCOUNT, f"{bank.bin}/{number}"), bare)


def _recognise(text: str, bank_text: str | None) -> tuple[Bank | None, str]:
    """Return the bank, if any is named, and the number."""
    require_one_line(text)
    prefix, slash, rest = text.partition("/")
    number = _fold_number(rest if slash else text)
    bank = find_bank(bank_text) if bank_text and not bank_text.isspace() else None
    if not slash:
        return bank, number
    named = find_bank(prefix)
    if bank is not None and bank != named:
        raise refusal("bank_conflict")
    return named, number


def _fold_number(text: str) -> str:
    """Return the number upper-cased and without separators."""
    if len(text) > _MAX_CHARACTERS:
        raise refusal("not_an_account")
    if not text.isascii():
        text = _DASHES.sub("", drop_hidden(unicodedata.normalize("NFKC", text)))
    number = text.translate(_SEPARATORS).upper() if text.isascii() else ""
    if len(number) not in _LENGTHS or _NUMBER.fullmatch(number) is None:
        raise refusal("not_an_account")
    if is_card_number(number):
        raise refusal("card_number")
    if not number.strip("0"):
        raise refusal("placeholder")
    return number

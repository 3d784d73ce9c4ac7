"""Bank accounts and e-wallets, keyed on the bank and the number: ``970436/0000000000001``.

The bank is a BIN, a word of ours for a wallet without one, or a foreign bank's SWIFT code
(``banks``); what numbers look like stands in ``account_numbers``. Without a bank the bare number is
the key: a listing with a bank lists the bare number too, so that a question that names no bank, or
another one, still finds it and says how (``unknown_bank``, ``other_bank``). An IBAN names its bank
itself and is one thing: ``IBAN/GB82WEST12345698765432``.
"""

import re
from typing import Final

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers import iban
from blacklist.identifiers.account_numbers import fold_number
from blacklist.identifiers.banks import Bank, find_bank
from blacklist.identifiers.iban import Iban, find_iban
from blacklist.identifiers.protocol import Hints
from blacklist.identifiers.reasons import refusal
from blacklist.identifiers.text import require_one_line
from blacklist.identifiers.wallets import drop_dialling_marks, fold_wallet
from blacklist.model import Candidate, Identifier, Kind, Match, Reading

_NEVER_IN_ACCOUNTS: Final = re.compile(r"[+:;,|@()?#\\]")
_DOTTED_ADDRESS: Final = re.compile(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}")
_KEY: Final = re.compile(r"([0-9]{6}|[0-9A-Z]{4,13})/[0-9A-Za-z]{4,19}")
_CLAIMED_LENGTHS: Final = range(6, 250)
_FIVE_DIGITS: Final = re.compile(r"(?:\D*\d){5}")
_ACCOUNT: Final = Kind.ACCOUNT
_EXACT: Final = Match.EXACT
_UNKNOWN_BANK: Final = Match.UNKNOWN_BANK
_BANK_MISSING: Final = ("bank_missing",)
_FOREIGN_BANK: Final = ("foreign_bank",)
_BANK: Final = re.compile(r"[0-9]{6}|[^/.]*[^\W\d_][^/.]*")


def claims(text: str) -> bool:
    """Tell whether the text is an IBAN, or ``NUMBER`` or ``BANK/NUMBER`` with at least 5 digits.

    It has at least 6 characters. Letters among blanks or dots are a domain, or words around a phone
    number.
    """
    if len(text) not in _CLAIMED_LENGTHS:
        return False
    if _has_shape_of_iban(text):
        return True
    if _NEVER_IN_ACCOUNTS.search(text) or _FIVE_DIGITS.match(text) is None:
        return False
    bank, slash, number = text.rpartition("/")
    if slash and _BANK.fullmatch(bank) is None:
        return False
    if number.isalnum():
        return True
    has_letters = any(character.isalpha() for character in number)
    return not has_letters and _DOTTED_ADDRESS.fullmatch(number) is None


def resembles(text: str) -> bool:
    """Tell whether a row is an IBAN or ``BANK/NUMBER`` as in keys; a number might be anything."""
    key = _KEY.fullmatch(text)
    return (key is not None and _is_bank(key[1])) or _is_iban(text)


def suggests(text: str, _hints: Hints) -> bool:
    """Tell whether a text asked as something else may be an account: wallets are phone numbers."""
    return claims(text)


def read(text: str, hints: Hints) -> Reading:
    """Understand ``NUMBER``, ``BANK/NUMBER`` with the bank named in any way, or an IBAN.

    A bank that is named beside an IBAN is not looked at. Raises InvalidIdentifier:
    ``not_an_account``, ``card_number``, ``placeholder``, ``bad_iban``, ``unknown_bank``,
    ``ambiguous_bank``, ``bank_conflict``, ``control_characters``.
    """
    bank, number = _recognise(text, hints.bank)
    return _read_iban(number) if isinstance(number, Iban) else read_number(number, bank)


def read_number(number: str, bank: Bank | None) -> Reading:
    """Return the reading of a number, written as in keys, at a bank or where none is known."""
    bare = Identifier(_ACCOUNT, number)
    if bank is None:
        return Reading(bare, number, (Candidate(bare, _UNKNOWN_BANK),), _BANK_MISSING)
    identifier = Identifier(_ACCOUNT, f"{bank.key}/{number}")
    # A bare number that names no bank itself; one that stands for other banks points to them.
    candidates = (Candidate(identifier, _EXACT), Candidate(bare, _UNKNOWN_BANK))
    notes = _FOREIGN_BANK if bank.is_foreign else ()
    return Reading(identifier, f"{bank.name} {number}", candidates, notes)


def list_as(text: str, hints: Hints) -> tuple[Identifier, ...]:
    """Return the account and, if its bank is known, the bare number; raises like :func:`read`."""
    bank, number = _recognise(text, hints.bank)
    if isinstance(number, Iban):
        return (_iban_key(number),)
    bare = Identifier(Kind.ACCOUNT, number)
    if bank is None:
        return (bare,)
    return (Identifier(Kind.ACCOUNT, f"{bank.key}/{number}"), bare)


def is_card(text: str) -> bool:
    """Tell whether the text, or what follows a bank in it, is a payment card's number."""
    try:
        fold_number(text.rpartition("/")[2])
    except InvalidIdentifier as refused:
        return refused.reason == "card_number"
    return False


def _recognise(text: str, bank_text: str | None) -> tuple[Bank | None, str | Iban]:
    """Return the bank, if any is named, and the number."""
    require_one_line(text)
    prefix, slash, rest = text.partition("/")
    number = rest if slash else text
    found = find_iban(text if prefix.strip().upper() == iban.BANK else number)
    if found is not None:
        return None, found
    bank = find_bank(bank_text) if bank_text and not bank_text.isspace() else None
    if slash:
        # Before the bank: a card's number must be told, whatever stands beside it.
        named = _find_named(prefix, number)
        if bank is not None and bank != named:
            raise refusal("bank_conflict")
        bank = named
    if bank is not None and bank.is_wallet:
        return bank, fold_wallet(fold_number(drop_dialling_marks(number)))
    return bank, fold_number(number)


def _find_named(prefix: str, number: str) -> Bank:
    try:
        return find_bank(prefix)
    except InvalidIdentifier:
        if is_card(number):
            raise refusal("card_number") from None
        raise


def _read_iban(number: Iban) -> Reading:
    identifier = _iban_key(number)
    notes = () if number.is_length_known else ("unknown_iban_country",)
    candidates = (Candidate(identifier, Match.EXACT),)
    return Reading(identifier, f"{iban.BANK} {number.display}", candidates, notes)


def _iban_key(number: Iban) -> Identifier:
    return Identifier(Kind.ACCOUNT, f"{iban.BANK}/{number.number}")


def _is_iban(text: str) -> bool:
    try:
        return find_iban(text) is not None
    except InvalidIdentifier:
        return False


def _has_shape_of_iban(text: str) -> bool:
    """Tell whether the text is an IBAN or fails to be one only by its check digits or length."""
    try:
        return find_iban(text) is not None
    except InvalidIdentifier:
        return True


def _is_bank(text: str) -> bool:
    try:
        return find_bank(text).key == text
    except InvalidIdentifier:
        return False

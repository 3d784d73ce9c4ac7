"""The short way for what is asked most: digits written plainly, asked in Vietnam.

It takes a text of at most 32 characters that is nothing but ASCII digits, blanks, dots, dashes and
one leading ``+``, asked from ``VN``:

* a phone number in use, as it is dialled, asked as a phone or without a kind, and no bank named;
* an account's number, asked as an account, at a bank or at any.

Everything else it leaves (None) to the general way of ``asking``, which does not know of it and
stays the truth: a property test and ``scripts/compare_question_paths.py`` hold the two equal. They
are, since such a text

* is no payment code (those are longer), no IBAN and no ``BANK/NUMBER`` (no letter, no slash), and a
  link only as four numbers of up to three digits with dots between, which are left alone;
* is read as a number by the same pattern, and as an account by the same function; with ``+`` it is
  no account;
* is a card only with 16 or 19 digits and a placeholder only as zeros, which are left alone, as are
  wallets, which fold their numbers;
* imitates nobody's line when it is a number in use: ``spoofed_lines`` says so first of all.
"""

import re
from functools import cache
from typing import Final

from blacklist.identifiers import account, phone
from blacklist.identifiers.account_numbers import MAX_CHARACTERS, MIN_CHARACTERS
from blacklist.identifiers.banks import find_bank
from blacklist.identifiers.cards import LENGTHS as CARD_LENGTHS
from blacklist.identifiers.numbering import plain_form
from blacklist.model import Kind, Question, Reading

_PHONE: Final = Kind.PHONE
_ACCOUNT: Final = Kind.ACCOUNT
_REGION: Final = "VN"
_MAX_CHARACTERS: Final = 32
_GROUPING: Final = str.maketrans("", "", " .-")
_QUAD: Final = re.compile(r"\s*(?:[0-9]{1,3}\.){3}[0-9]{1,3}\s*")
_NUMBER_LENGTHS: Final = frozenset(range(MIN_CHARACTERS, MAX_CHARACTERS + 1)) - set(CARD_LENGTHS)


def ask_plain(text: str, kind: Kind | None, bank: str | None, region: str) -> Question | None:
    """Return what a plain text asks, or None for a text that the general way is to read.

    The arguments are those of ``ask``, the text as it was given. Raises InvalidIdentifier
    (``unknown_bank``, ``ambiguous_bank``).
    """
    if region != _REGION or len(text) > _MAX_CHARACTERS:
        return None
    digits = text
    if not text.removeprefix("+").isdigit():
        if _QUAD.fullmatch(text):
            return None
        digits = text.translate(_GROUPING)
    if kind is _ACCOUNT or (bank and kind is None and not bank.isspace()):
        return _ask_account(digits, bank)
    return _ask_phone(digits, kind) if not bank and (kind is None or kind is _PHONE) else None


def _ask_phone(digits: str, kind: Kind | None) -> Question | None:
    found = _pattern().fullmatch(digits)
    if found is None:
        return None
    number = phone.read_national(found["national"])
    landline = phone.read_as_old_landline(number)
    before = () if landline is None else (landline,)
    if digits[0] == "+":
        return Question((number,), before)
    beside = account.read_number(digits, None)
    if kind is None:
        return Question((number, beside), before)
    return Question((number,), (beside, *before))


def _ask_account(digits: str, bank_text: str | None) -> Question | None:
    if len(digits) not in _NUMBER_LENGTHS or not (digits.isdigit() and digits.isascii()):
        return None
    bank = find_bank(bank_text) if bank_text and not bank_text.isspace() else None
    if not digits.strip("0") or (bank is not None and bank.is_wallet):
        return None
    found = _pattern().fullmatch(digits)
    related: tuple[Reading, ...] = ()
    if found is not None and found["prefix"] is not None:
        related = (phone.read_national(found["national"]),)
    return Question((account.read_number(digits, bank),), related)


@cache
def _pattern() -> re.Pattern[str]:
    form = plain_form(_REGION)
    return re.compile("(?!)") if form is None else form.pattern

"""A whole SMS, chat or e-mail → the places in it that can be asked about.

    text ──▶ payment codes ──▶ links ──▶ numbers with their labels and banks ──▶ places

What an earlier step found is masked for the later ones, so places never overlap. Recall comes
before tidiness: a number of which nothing is told is asked without a kind, and ``ask`` reads it in
every way. Called by ``blacklist.scan``; never raises, never looks anything up. The work is linear
in the text's length, whatever it holds.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers.bank_words import BankWord, find_bank_words, find_bins, near
from blacklist.identifiers.banks import find_bank
from blacklist.identifiers.iban import find_iban, length_of
from blacklist.identifiers.message_banks import pair
from blacklist.identifiers.message_codes import find_codes
from blacklist.identifiers.message_labels import Label, Labels
from blacklist.identifiers.message_links import find_links
from blacklist.identifiers.message_numbers import (
    MAX_DIGITS,
    Number,
    find_numbers,
    read_look_alikes,
    without_amounts,
)
from blacklist.identifiers.message_text import MASK, Folded, fold, mask
from blacklist.identifiers.short_numbers import find_short_number
from blacklist.model import Kind

_MIN_DIGITS: Final = 8
_MIN_LABELLED_DIGITS: Final = 6
_SHORT: Final = range(3, 6)
_IDENTITY_DIGITS: Final = (9, 12)
_WALLET_CODE: Final = re.compile(r"99(?:zp|mm)[0-9a-z]{6,15}|vqr[0-9a-z]{6,16}|psp[0-9a-z]{6,16}")
_READ_BY_ACCOUNTS: Final = re.compile(r"[0-9 .-]*")
_READ_BY_PHONES: Final = re.compile(r"[0-9 .()/\[\]~+\u2010-\u2015\u00a0\uff10-\uff19-]*")
"""What a number may be written with; another script's digits and look-alike letters are none."""

_BESIDE_BANK: Final = re.compile(r"[ :.()-]{0,4}(?:(?:stk|so tai khoan|so tk|tk)[ :.()-]{0,4})?")
_MIXED: Final = re.compile(r"(?<![a-z0-9])(?:[a-z]+[0-9]|[0-9]+[a-z])[a-z0-9]*")
_MIXED_LENGTHS: Final = range(_MIN_LABELLED_DIGITS, MAX_DIGITS + 1)
_GLUED: Final = re.compile(r"(?P<before>[a-z]*)(?P<digits>[0-9]{6,})(?P<behind>[a-z]*)")
_BIN_AND_NUMBER: Final = re.compile(r"(?<![0-9a-z])([0-9]{6})/([0-9a-z]{4,19})(?![0-9a-z])")
_IBAN: Final = re.compile(r"(?<![a-z0-9])[a-z]{2}[0-9]{2}(?=[ ]?[0-9a-z])")
_IBAN_PART: Final = re.compile(r"(?:[ -]?[0-9a-z]){11,36}")
_PHONE: Final = re.compile(
    r"\+[0-9]{8,15}|0[0-9]{7,14}|84[0-9]{8,10}|1[89]00[0-9]{4,6}|[35789][0-9]{8}"
)


class Place(msgspec.Struct, frozen=True):
    """Something in a message that can be asked about.

    ``start`` and ``end`` are indices of the text (Unicode code points), ``text`` what stands there.
    ``kind`` and ``bank`` are what the words around tell, None where they tell nothing. ``value`` is
    what to ask, nearly always ``text``. ``refused`` is a word of ``reasons`` for what must not be
    asked: an identity number.
    """

    start: int
    end: int
    text: str
    value: str
    kind: Kind | None = None
    bank: str | None = None
    refused: str | None = None


class _Found(msgspec.Struct):
    """A place in the plain text."""

    start: int
    end: int
    kind: Kind | None = None
    bank: str | None = None
    value: str | None = None
    refused: str | None = None


def find(text: str, *, region: str = "VN") -> tuple[Place, ...]:
    """Return the places of a message in order; they never overlap. ``region`` as for ``ask``."""
    unmasked = text.replace(MASK, " ")
    codes = [_Found(start, end) for start, end in find_codes(unmasked)]
    message = fold(_masked(unmasked, codes))
    links = find_links(message)
    found = [_Found(link.start, link.end, link.kind, value=link.value) for link in links]
    plain = read_look_alikes(_masked(message.text, found))
    found += _find_numbers(message, plain, region)
    places = [_place(text, one.start, one.end, one) for one in codes]
    places += [_place(text, *message.span(one.start, one.end), one) for one in found]
    return tuple(sorted(places, key=lambda one: one.start))


def _place(text: str, start: int, end: int, one: _Found) -> Place:
    written = text[start:end]
    value = one.value or written
    return Place(start, end, written, value, one.kind, one.bank, one.refused)


def _find_numbers(message: Folded, plain: str, region: str) -> list[_Found]:
    """Return accounts of letters and digits, IBANs and numbers."""
    labels, words = Labels(plain), find_bank_words(plain)
    found = [*_find_ibans(plain, labels), *_find_at_bins(plain)]
    plain = _masked(plain, [*found, *(_Found(one.start, one.end) for one in find_bins(plain))])
    mixed = list(_find_mixed(plain, labels, words))
    numbers = find_numbers(without_amounts(_masked(plain, mixed), labels), labels)
    whole = [_as_number(one) for one in mixed]
    every = sorted((*numbers, *whole), key=lambda one: one.start)
    paired = pair(plain, every, words, labels)
    for at, number in enumerate(every):
        found += _understand(message, number, paired.get(at), region)
    return list({one.start: one for one in found}.values())  # a clash's name is told once


def _masked(text: str, found: Sequence[_Found]) -> str:
    return mask(text, sorted((one.start, one.end) for one in found))


def _as_number(one: _Found) -> Number:
    """Return an account of letters and digits as a number that a bank may belong to."""
    return Number(one.start, one.end, "", Label.ACCOUNT)


def _find_ibans(plain: str, labels: Labels) -> Iterator[_Found]:
    """Yield the IBANs: as long as their country's are, with right check digits or so labelled."""
    done = 0
    for begun in _IBAN.finditer(plain):
        length = length_of(begun[0][:2].upper())
        part = _IBAN_PART.match(plain, begun.end()) if length and begun.start() >= done else None
        end = _end_of(plain, begun.start(), part.end(), length) if part and length else None
        if end is None or plain[end : end + 1].isalnum():
            continue
        label = labels.before(begun.start(), done)
        is_labelled = label is not None and plain[label.start : label.end] == "iban"
        if is_labelled or _is_iban(plain[begun.start() : end]):
            done = end
            yield _Found(begun.start(), end, Kind.ACCOUNT)


def _end_of(plain: str, start: int, stop: int, length: int) -> int | None:
    """Return where the given number of letters and digits from a start ends."""
    for at in range(start, stop):
        length -= plain[at].isalnum()
        if not length:
            return at + 1
    return None


def _is_iban(text: str) -> bool:
    try:
        return find_iban(text) is not None
    except InvalidIdentifier:
        return False


def _find_at_bins(plain: str) -> Iterator[_Found]:
    """Yield ``BIN/NUMBER`` as keys are written."""
    for match in _BIN_AND_NUMBER.finditer(plain):
        if _is_bank(match[1]) and any(map(str.isdigit, match[2])):
            yield _Found(match.start(), match.end(), Kind.ACCOUNT)


def _is_bank(text: str) -> bool:
    try:
        find_bank(text)
    except InvalidIdentifier:
        return False
    return True


def _find_mixed(plain: str, labels: Labels, words: Sequence[BankWord]) -> Iterator[_Found]:
    """Yield accounts of letters and digits: of a known shape, behind a label or beside a bank.

    Digits with a label or a bank's name glued to them are a number and left.
    """
    edges = {one.end for one in words} | {one.end for one in labels.found}
    starts = {one.start for one in words} | {one.start for one in labels.found}
    for match in _MIXED.finditer(plain):
        if len(match[0]) not in _MIXED_LENGTHS:
            continue
        glued = _GLUED.fullmatch(match[0])
        if glued and _is_glued(match, glued, edges, starts):
            continue
        label = labels.before(match.start(), 0)
        is_labelled = (
            label is not None
            and label.label is Label.ACCOUNT
            and labels.is_beside(label, match.start())
        )
        if _WALLET_CODE.fullmatch(match[0]) or is_labelled or _touches(plain, match, words):
            yield _Found(match.start(), match.end(), Kind.ACCOUNT)


def _is_glued(
    match: re.Match[str], glued: re.Match[str], edges: set[int], starts: set[int]
) -> bool:
    """Tell whether the letters around digits are words of their own."""
    before, behind = match.start() + glued.end("before"), match.start() + glued.start("behind")
    is_word_before = not glued["before"] or before in edges
    return is_word_before and (not glued["behind"] or behind in starts)


def _touches(plain: str, match: re.Match[str], words: Sequence[BankWord]) -> bool:
    """Tell whether a bank's name stands right before or behind, on the same line."""
    return any(
        _BESIDE_BANK.fullmatch(plain, *gap)
        for one in near(words, match.start(), match.end())
        for gap in [
            (one.end, match.start()) if one.end <= match.start() else (match.end(), one.start)
        ]
        if gap[0] <= gap[1]
    )


def _understand(
    message: Folded, number: Number, word: BankWord | None, region: str
) -> Iterator[_Found]:
    """Yield what to ask about a number, if anything: at most the number and its bank's name."""
    start, end = number.start, number.end
    if not number.digits:
        yield from _at_bank(message, number, word)
    elif _is_identity(number):
        yield _Found(start, end, refused="identity_number")
    elif _is_short_code(number, region):
        yield _Found(start, end, Kind.PHONE)
    elif not _is_asked(number, has_bank=word is not None):
        return
    elif number.digits[0] == "+" and not _is_wallet(word, message):
        value = _value(message, number, _READ_BY_PHONES)
        yield _Found(start, end, Kind.PHONE if number.label else None, value=value)
    elif word is not None or number.label is Label.ACCOUNT:
        yield from _at_bank(message, number, word)
    else:
        is_phone = number.label is Label.PHONE and _PHONE.fullmatch(number.digits) is not None
        value = _value(message, number, _READ_BY_PHONES)
        yield _Found(start, end, Kind.PHONE if is_phone else None, value=value)


def _is_identity(number: Number) -> bool:
    return (
        number.label is Label.IDENTITY
        and number.is_beside
        and len(number.digits) in _IDENTITY_DIGITS
    )


def _is_short_code(number: Number, region: str) -> bool:
    return (
        number.label is Label.PHONE
        and number.is_beside
        and len(number.digits) in _SHORT
        and find_short_number(number.digits, region) is not None
    )


def _is_asked(number: Number, *, has_bank: bool) -> bool:
    """Tell whether digits are enough for what the words around say that they are."""
    digits = number.digits.lstrip("+")
    if len(digits) > MAX_DIGITS:
        return False
    is_account = number.label is Label.ACCOUNT
    if len(digits) < _MIN_DIGITS:
        is_told = is_account and (number.is_beside or has_bank)
        return is_told and len(digits) >= _MIN_LABELLED_DIGITS
    if number.label is Label.CODE and number.is_beside and len(digits) == _MIN_DIGITS:
        return False
    return number.label is not None or len(set(digits)) > 1


def _is_wallet(word: BankWord | None, message: Folded) -> bool:
    if word is None:
        return False
    try:
        return find_bank(message.slice(word.start, word.end)).is_wallet
    except InvalidIdentifier:
        return False


def _at_bank(message: Folded, number: Number, word: BankWord | None) -> Iterator[_Found]:
    """Yield an account at the bank that is named.

    A name of two banks is told with both, as the name's own place, and the account is asked for
    without a bank: neither guessed nor lost.
    """
    value = _value(message, number, _READ_BY_ACCOUNTS)
    asked = _Found(number.start, number.end, Kind.ACCOUNT, value=value)
    if word is None:
        yield asked
        return
    name = message.slice(word.start, word.end)
    try:
        find_bank(name)
    except InvalidIdentifier as refused:
        yield asked
        if refused.reason == "ambiguous_bank":
            value = value or message.slice(number.start, number.end)
            yield _Found(word.start, word.end, Kind.ACCOUNT, name, value)
    else:
        asked.bank = name
        yield asked


def _value(message: Folded, number: Number, readable: re.Pattern[str]) -> str | None:
    """Return the digits, where a kind could not read them as they are written, or None."""
    if not number.digits:
        return None
    is_readable = readable.fullmatch(message.slice(number.start, number.end)) is not None
    return None if is_readable else number.digits

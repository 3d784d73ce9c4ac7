"""The general way of a question: any text to its readings, whatever it is. Called by ``ask``."""

from typing import Final

import msgspec

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers import emv_qr, link, phone
from blacklist.identifiers.account_words import Written, find_written
from blacklist.identifiers.among_words import ask_written, read_among_words
from blacklist.identifiers.emv_qr import Payment
from blacklist.identifiers.kinds import (
    KINDS,
    as_card,
    number_at_bank,
    read_all,
    read_others,
    try_read,
)
from blacklist.identifiers.protocol import Hints
from blacklist.identifiers.reasons import refusal
from blacklist.identifiers.text import clean
from blacklist.model import Kind, Question, Reading

_LINK: Final = Kind.LINK


def ask_generally(text: str, kind: Kind | None, bank: str | None, region: str) -> Question:
    """Return what any text asks, plain or not; ``ask`` of the package says how."""
    phone.require_region(region)
    cleaned = clean(text)
    hints = Hints(bank, region)
    if kind is None and bank and not bank.isspace():
        kind = Kind.ACCOUNT
    if emv_qr.claims(cleaned):
        return _ask_payee(emv_qr.read(cleaned), hints, kind)
    written = find_written(cleaned)
    question = ask_written(written, cleaned, hints, kind) if written is not None else None
    if question is not None:
        return question
    if kind is None:
        return _ask_as_any(cleaned, written, hints)
    return _ask_as(kind, cleaned, written, hints)


def _ask_as_any(text: str, written: Written | None, hints: Hints) -> Question:
    among = written and read_among_words(text, written, hints)
    readings = among or read_all(text, hints)
    beside = (*_read_beside(readings, hints), *_read_before(readings))
    return Question((*readings, *_read_linked(text, readings, hints)), beside)


def _ask_as(kind: Kind, text: str, written: Written | None, hints: Hints) -> Question:
    try:
        reading = KINDS[kind].read(text, hints)
    except InvalidIdentifier as refused:
        raise as_card(text, refused) from refused
    others = read_others(number_at_bank(reading) or text, hints, kind)
    if written is not None and written.is_named:
        others = (*others, *try_read(written.text, hints, [Kind.ACCOUNT])[0])
    linked = _read_linked(text, (reading,), hints)
    same = (one for one in linked if one.identifier.kind is kind)
    others = (*others, *(one for one in linked if one.identifier.kind is not kind))
    return Question((reading, *same), (*others, *_read_before((reading,))))


def _ask_payee(payment: Payment, hints: Hints, kind: Kind | None) -> Question:
    """Return the question for whom a payment code pays.

    Asked as an account, a code that pays to a phone number is answered for the phone.
    """
    payee = payment.kind
    if kind not in {None, Kind.ACCOUNT, payee}:
        raise refusal("not_a_domain" if kind is Kind.LINK else "not_a_number")
    reading = KINDS[payee].read(payment.payee, hints)
    reading = msgspec.structs.replace(reading, notes=(*reading.notes, *payment.notes))
    return Question((reading,), (*_read_beside((reading,), hints), *_read_before((reading,))))


def _read_beside(readings: tuple[Reading, ...], hints: Hints) -> tuple[Reading, ...]:
    """Return what the number is that a text without a kind puts at a bank: often a phone's."""
    numbers = filter(None, map(number_at_bank, readings))
    others = (other for number in numbers for other in read_others(number, hints, Kind.ACCOUNT))
    known = {reading.identifier for reading in readings}
    return tuple(other for other in others if other.identifier not in known)


def _read_before(readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """Return the landlines of before 2017 that phone numbers of today may be meant as."""
    phones = (one for one in readings if one.identifier.kind is Kind.PHONE)
    return tuple(before for one in phones if (before := phone.read_as_old_landline(one)))


def _read_linked(text: str, readings: tuple[Reading, ...], hints: Hints) -> tuple[Reading, ...]:
    """Return what else a link leads to: an app link's other addresses, a number's telephone."""
    page = readings[-1]  # a link is the surest shape and stands last
    if page.identifier.kind is not _LINK or not link.leads_further(page):
        return ()
    further = link.read_further(text, page)
    numbers = dict.fromkeys(filter(None, map(link.number_in, (page, *further))))
    phones = (try_read(number, hints, (Kind.PHONE,))[0] for number in numbers)
    return (*further, *(found for read in phones for found in read))

"""How texts become identifiers: the way in, and the registry of kinds.

Pure: no I/O but reading the package's own tables at first use. Called by ``lookup`` (questions) and
``publish`` and the loaders (rows). For any ``str`` nothing but InvalidIdentifier is raised; its
reasons and the notes of readings stand in ``reasons``.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers import account, emv_qr, link, phone
from blacklist.identifiers.account_words import Written, find_written
from blacklist.identifiers.emv_qr import Payment
from blacklist.identifiers.plain import ask_plain
from blacklist.identifiers.protocol import Hints, KindModule
from blacklist.identifiers.reasons import refusal
from blacklist.identifiers.senders import is_withheld
from blacklist.identifiers.text import clean
from blacklist.model import Identifier, Kind, Question, Reading

__all__ = ["ask", "guess_kind", "list_as"]

_KINDS: Final[dict[Kind, KindModule]] = {
    Kind.PHONE: phone,
    Kind.ACCOUNT: account,
    Kind.LINK: link,
}
"""The surest shape last: what a text fails to be is told, and a row's kind guessed, in reverse."""

_LINK: Final = Kind.LINK
_GUESSES: Final = frozenset({"not_assigned", "plus_added", "unknown_suffix"})
"""Notes of readings that are possible but may well not be meant."""

_UNCLEAR: Final = frozenset({"ambiguous_bank", "bank_conflict"})


def ask(
    text: str, *, kind: Kind | None = None, bank: str | None = None, region: str = "VN"
) -> Question:
    """Return what a text asks.

    Without ``kind`` every reading that the text allows; with it that kind's only, and in
    ``related`` what else the text plainly is. ``bank`` (any name of it) without a kind means an
    account. ``region`` (ISO 3166 alpha-2) is where a phone number was dialled. Raises
    InvalidIdentifier.
    """
    return ask_plain(text, kind, bank, region) or ask_generally(text, kind, bank, region)


def ask_generally(text: str, kind: Kind | None, bank: str | None, region: str) -> Question:
    """Return what any text asks, plain or not; :func:`ask` says how."""
    phone.require_region(region)
    cleaned = clean(text)
    hints = Hints(bank, region)
    if kind is None and bank and not bank.isspace():
        kind = Kind.ACCOUNT
    if emv_qr.claims(cleaned):
        return _ask_payee(emv_qr.read(cleaned), hints, kind)
    written = find_written(cleaned)
    question = _ask_written(written, cleaned, hints, kind) if written is not None else None
    if question is not None:
        return question
    if kind is None:
        if written is None:
            readings = _read_all(cleaned, hints)
        else:
            readings = _read_among_words(cleaned, written, hints)
        beside = (*_read_beside(readings, hints), *_read_before(readings))
        return Question((*readings, *_read_linked(cleaned, readings, hints)), beside)
    try:
        reading = _KINDS[kind].read(cleaned, hints)
    except InvalidIdentifier as refused:
        raise _as_card(cleaned, refused) from refused
    others = _read_others(_number_at_bank(reading) or cleaned, hints, kind)
    if written is not None and written.is_named:
        others = (*others, *_try_read(written.text, hints, [Kind.ACCOUNT])[0])
    linked = _read_linked(cleaned, (reading,), hints)
    same = (one for one in linked if one.identifier.kind is kind)
    others = (*others, *(one for one in linked if one.identifier.kind is not kind))
    return Question((reading, *same), (*others, *_read_before((reading,))))


def list_as(
    text: str, *, kind: Kind, bank: str | None = None, region: str = "VN"
) -> tuple[Identifier, ...]:
    """Return what a feed's row lists: the thing itself, then what must be listed along with it.

    An account ``BANK/NUMBER`` also lists the bare ``NUMBER``. Raises InvalidIdentifier, also for
    what may be asked but never listed: a host, suffix or path that everybody shares.
    """
    phone.require_region(region)
    cleaned = clean(text)
    if emv_qr.claims(cleaned):
        cleaned = _listed_payee(emv_qr.read(cleaned), kind)
    hints = Hints(bank, region)
    if (written := find_written(cleaned)) is not None:
        _require_no_account(written, kind, hints)
        if kind == Kind.ACCOUNT:
            raise refusal("not_an_account")
    try:
        return _KINDS[kind].list_as(cleaned, hints)
    except InvalidIdentifier as refused:
        raise _as_card(cleaned, refused) from refused


def _ask_payee(payment: Payment, hints: Hints, kind: Kind | None) -> Question:
    """Return the question for whom a payment code pays.

    Asked as an account, a code that pays to a phone number is answered for the phone.
    """
    payee = payment.kind
    if kind not in {None, Kind.ACCOUNT, payee}:
        raise refusal("not_a_domain" if kind is Kind.LINK else "not_a_number")
    reading = _KINDS[payee].read(payment.payee, hints)
    reading = msgspec.structs.replace(reading, notes=(*reading.notes, *payment.notes))
    return Question((reading,), (*_read_beside((reading,), hints), *_read_before((reading,))))


def _ask_written(written: Written, text: str, hints: Hints, kind: Kind | None) -> Question | None:
    """Return the question about an account's number among words, or None if it is not asked so.

    Words that name neither bank nor account are dropped only from what is asked as an account; a
    word that may be letters of the number is then also asked along with it.
    """
    _require_no_account(written, kind, hints)
    if kind not in {None, Kind.ACCOUNT} or (kind is None and not written.is_named):
        return None
    readings = _read_written(written, hints)
    if written.may_be_whole and not written.is_named:
        readings = (*_try_read(text, hints, [Kind.ACCOUNT])[0], *readings)
    if not readings:
        return None
    number = _number_at_bank(readings[-1]) or written.number
    return Question(readings, _read_others(number, hints, Kind.ACCOUNT))


def _read_among_words(text: str, written: Written, hints: Hints) -> tuple[Reading, ...]:
    """Return every reading of a text that is not plainly an account's number, but may be one.

    That is where a bank's name is among the words, and where the phone number is a guess.
    """
    try:
        readings = _read_all(text, hints)
    except InvalidIdentifier:
        found = _read_written(written, hints) if written.names_bank else ()
        if not found:
            raise
        return found
    if written.names_bank or not any(map(_is_plain, readings)):
        readings += tuple(_try_read(written.text, hints, [Kind.ACCOUNT])[0])
    return readings


def _read_written(written: Written, hints: Hints) -> tuple[Reading, ...]:
    """Return the one reading of an account's number among words, or none.

    Raises InvalidIdentifier for a bank that is not clear, and for what is said to be an account.
    """
    try:
        reading = account.read(written.text, hints)
    except InvalidIdentifier as refused:
        if refused.reason in _UNCLEAR or (written.is_named and refused.reason != "not_an_account"):
            raise
        return ()
    if written.was_cut:
        reading = msgspec.structs.replace(reading, notes=(*reading.notes, "words_dropped"))
    return (reading,)


def _require_no_account(written: Written, kind: Kind | None, hints: Hints) -> None:
    """Raise for a card's number, and for words beside an account's that is no phone's."""
    if account.is_card(written.number):
        raise refusal("card_number")
    if kind == Kind.PHONE and written.is_named and not phone.suggests(written.number, hints):
        raise refusal("letters_in_number")


def _read_beside(readings: tuple[Reading, ...], hints: Hints) -> tuple[Reading, ...]:
    """Return what the number is that a text without a kind puts at a bank: often a phone's."""
    numbers = filter(None, map(_number_at_bank, readings))
    others = (other for number in numbers for other in _read_others(number, hints, Kind.ACCOUNT))
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
    phones = (_try_read(number, hints, (Kind.PHONE,))[0] for number in numbers)
    return (*further, *(found for read in phones for found in read))


def _number_at_bank(reading: Reading) -> str | None:
    """Return the number of an account whose bank is known, or None."""
    identifier = reading.identifier
    if identifier.kind is not Kind.ACCOUNT or "/" not in identifier.value:
        return None
    return identifier.value.rpartition("/")[2]


def _listed_payee(payment: Payment, kind: Kind) -> str:
    """Return the text to list for a payment code; one that was changed might name anybody."""
    if "damaged_code" in payment.notes:
        raise refusal("damaged_code")
    if kind is Kind.LINK:
        raise refusal("not_a_domain")
    return payment.payee


def _as_card(text: str, refused: InvalidIdentifier) -> InvalidIdentifier:
    """Return the refusal of a card number, whatever it was asked as: its text is kept nowhere."""
    return refusal("card_number") if account.is_card(text) else refused


def guess_kind(text: str) -> Kind | None:
    """Return what a row of a plain list looks like, or None when unclear; never raises."""
    try:
        cleaned = clean(text)
    except InvalidIdentifier:
        return None
    if emv_qr.claims(cleaned):
        return Kind.ACCOUNT
    return next((kind for kind in reversed(_KINDS) if _KINDS[kind].resembles(cleaned)), None)


def _read_all(text: str, hints: Hints) -> tuple[Reading, ...]:
    """Return every reading that the text allows; raise if there is none, or if it is a card.

    A guess gives way to a surer shape: ``192.168.1.1`` is no phone number.
    """
    claimants = [kind for kind, module in _KINDS.items() if module.claims(text)]
    readings, refusals = _try_read(text, hints, claimants)
    card = next((refused for refused in refusals if refused.reason == "card_number"), None)
    if card is not None:
        raise card
    if claimants and claimants[-1] is Kind.LINK:
        readings = [
            found for found in readings if found.identifier.kind is Kind.LINK or _is_plain(found)
        ]
    if not readings:
        raise refusals[-1] if refusals else refusal(_what_else(text))
    return tuple(readings)


def _what_else(text: str) -> str:
    """Return the reason for a text that no kind claims."""
    return "withheld_number" if is_withheld(text) else "not_understood"


def _read_others(text: str, hints: Hints, kind: Kind) -> tuple[Reading, ...]:
    """Return what else the text plainly is."""
    readings = []
    for other, module in _KINDS.items():
        if other == kind or not module.suggests(text, hints):
            continue
        try:
            reading = module.read(text, hints)
        except InvalidIdentifier:
            continue
        if _is_plain(reading):
            readings.append(reading)
    return tuple(readings)


def _try_read(
    text: str, hints: Hints, kinds: Iterable[Kind]
) -> tuple[list[Reading], list[InvalidIdentifier]]:
    """Return the readings of the kinds that understand the text, and the refusals of the others."""
    readings: list[Reading] = []
    refusals: list[InvalidIdentifier] = []
    for kind in kinds:
        try:
            readings.append(_KINDS[kind].read(text, hints))
        except InvalidIdentifier as refused:
            refusals.append(refused)
    return readings, refusals


def _is_plain(reading: Reading) -> bool:
    """Tell whether the reading is more than a guess."""
    return _GUESSES.isdisjoint(reading.notes)

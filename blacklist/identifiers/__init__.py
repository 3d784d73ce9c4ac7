"""How texts become identifiers: the way in, and the registry of kinds.

Pure: no I/O but reading the package's own tables at first use. Called by ``lookup`` (questions) and
``publish`` and the loaders (rows). For any ``str`` nothing but InvalidIdentifier is raised; its
reasons and the notes of readings stand in ``reasons``.
"""

from collections.abc import Iterable
from typing import Final

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers import account, link, phone
from blacklist.identifiers.protocol import Hints, KindModule
from blacklist.identifiers.reasons import refusal
from blacklist.identifiers.text import clean
from blacklist.model import Identifier, Kind, Question, Reading

__all__ = ["ask", "guess_kind", "list_as"]

_KINDS: Final[dict[Kind, KindModule]] = {
    Kind.PHONE: phone,
    Kind.ACCOUNT: account,
    Kind.LINK: link,
}
"""The surest shape last: what a text fails to be is told, and a row's kind guessed, in reverse."""

_GUESSES: Final = frozenset({"not_assigned", "unknown_suffix"})
"""Notes of readings that are possible but may well not be meant."""


def ask(
    text: str, *, kind: Kind | None = None, bank: str | None = None, region: str = "VN"
) -> Question:
    """Return what a text asks.

    Without ``kind`` every reading that the text allows; with it that kind's only, and in
    ``related`` what else the text plainly is. ``bank`` (any name of it) without a kind means an
    account. ``region`` (ISO 3166 alpha-2) is where a phone number was dialled. Raises
    InvalidIdentifier.
    """
    phone.require_region(region)
    cleaned = clean(text)
    hints = Hints(bank, region)
    if kind is None and bank and not bank.isspace():
        kind = Kind.ACCOUNT
    if kind is None:
        return Question(_read_all(cleaned, hints))
    try:
        reading = _KINDS[kind].read(cleaned, hints)
    except InvalidIdentifier as refused:
        raise _as_card(cleaned, refused) from refused
    return Question((reading,), _read_others(cleaned, hints, kind))


def list_as(
    text: str, *, kind: Kind, bank: str | None = None, region: str = "VN"
) -> tuple[Identifier, ...]:
    """Return what a feed's row lists: the thing itself, then what must be listed along with it.

    An account ``BANK/NUMBER`` also lists the bare ``NUMBER``. Raises InvalidIdentifier, also for
    what may be asked but never listed: a host, suffix or path that everybody shares.
    """
    phone.require_region(region)
    cleaned = clean(text)
    try:
        return _KINDS[kind].list_as(cleaned, Hints(bank, region))
    except InvalidIdentifier as refused:
        raise _as_card(cleaned, refused) from refused


def _as_card(text: str, refused: InvalidIdentifier) -> InvalidIdentifier:
    """Return the refusal of a card number, whatever it was asked as: its text is kept nowhere."""
    return refusal("card_number") if account.is_card(text) else refused


def guess_kind(text: str) -> Kind | None:
    """Return what a row of a plain list looks like, or None when unclear; never raises."""
    try:
        cleaned = clean(text)
    except InvalidIdentifier:
        return None
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
        raise refusals[-1] if refusals else refusal("not_understood")
    return tuple(readings)


def _read_others(text: str, hints: Hints, kind: Kind) -> tuple[Reading, ...]:
    """Return what else the text plainly is."""
    others = [other for other in _KINDS if other != kind and _KINDS[other].suggests(text, hints)]
    readings, _ = _try_read(text, hints, others)
    return tuple(filter(_is_plain, readings))


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

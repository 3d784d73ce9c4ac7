"""The registry of kinds, and how a text is read as one of them, as each, or as what else it is.

Called by ``asking`` (questions) and ``listing`` (rows). Adding a kind is one line of the registry.
"""

from collections.abc import Iterable
from typing import Final

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers import account, link, phone
from blacklist.identifiers.protocol import Hints, KindModule
from blacklist.identifiers.reasons import refusal
from blacklist.identifiers.senders import is_withheld
from blacklist.model import Kind, Reading

KINDS: Final[dict[Kind, KindModule]] = {
    Kind.PHONE: phone,
    Kind.ACCOUNT: account,
    Kind.LINK: link,
}
"""The surest shape last: what a text fails to be is told, and a row's kind guessed, in reverse."""

_GUESSES: Final = frozenset({"not_assigned", "plus_added", "unknown_suffix"})
"""Notes of readings that are possible but may well not be meant."""


def read_all(text: str, hints: Hints) -> tuple[Reading, ...]:
    """Return every reading that the text allows; raise if there is none, or if it is a card.

    A guess gives way to a surer shape: ``192.168.1.1`` is no phone number.
    """
    claimants = [kind for kind, module in KINDS.items() if module.claims(text)]
    readings, refusals = try_read(text, hints, claimants)
    card = next((refused for refused in refusals if refused.reason == "card_number"), None)
    if card is not None:
        raise card
    if claimants and claimants[-1] is Kind.LINK:
        readings = [
            found for found in readings if found.identifier.kind is Kind.LINK or is_plain(found)
        ]
    if not readings:
        raise refusals[-1] if refusals else refusal(_what_else(text))
    return tuple(readings)


def _what_else(text: str) -> str:
    """Return the reason for a text that no kind claims."""
    return "withheld_number" if is_withheld(text) else "not_understood"


def read_others(text: str, hints: Hints, kind: Kind) -> tuple[Reading, ...]:
    """Return what else the text plainly is."""
    readings = []
    for other, module in KINDS.items():
        if other == kind or not module.suggests(text, hints):
            continue
        try:
            reading = module.read(text, hints)
        except InvalidIdentifier:
            continue
        if is_plain(reading):
            readings.append(reading)
    return tuple(readings)


def try_read(
    text: str, hints: Hints, kinds: Iterable[Kind]
) -> tuple[list[Reading], list[InvalidIdentifier]]:
    """Return the readings of the kinds that understand the text, and the refusals of the others."""
    readings: list[Reading] = []
    refusals: list[InvalidIdentifier] = []
    for kind in kinds:
        try:
            readings.append(KINDS[kind].read(text, hints))
        except InvalidIdentifier as refused:
            refusals.append(refused)
    return readings, refusals


def is_plain(reading: Reading) -> bool:
    """Tell whether the reading is more than a guess."""
    return _GUESSES.isdisjoint(reading.notes)


def number_at_bank(reading: Reading) -> str | None:
    """Return the number of an account whose bank is known, or None."""
    identifier = reading.identifier
    if identifier.kind is not Kind.ACCOUNT or "/" not in identifier.value:
        return None
    return identifier.value.rpartition("/")[2]


def as_card(text: str, refused: InvalidIdentifier) -> InvalidIdentifier:
    """Return the refusal of a card number, whatever it was asked as: its text is kept nowhere."""
    return refusal("card_number") if account.is_card(text) else refused

"""The readings of an account's number among words: ``account_words`` finds it, ``asking`` asks."""

from typing import Final

import msgspec

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers import account, phone
from blacklist.identifiers.account_words import Written
from blacklist.identifiers.kinds import is_plain, number_at_bank, read_all, read_others, try_read
from blacklist.identifiers.protocol import Hints
from blacklist.identifiers.reasons import refusal
from blacklist.model import Kind, Question, Reading

_UNCLEAR: Final = frozenset({"ambiguous_bank", "bank_conflict"})


def ask_written(written: Written, text: str, hints: Hints, kind: Kind | None) -> Question | None:
    """Return the question about an account's number among words, or None if it is not asked so.

    Words that name neither bank nor account are dropped only from what is asked as an account; a
    word that may be letters of the number is then also asked along with it.
    """
    require_no_account(written, kind, hints)
    if kind not in {None, Kind.ACCOUNT} or (kind is None and not written.is_named):
        return None
    readings = _read_written(written, hints)
    if written.may_be_whole and not written.is_named:
        readings = (*try_read(text, hints, [Kind.ACCOUNT])[0], *readings)
    if not readings:
        return None
    number = number_at_bank(readings[-1]) or written.number
    return Question(readings, read_others(number, hints, Kind.ACCOUNT))


def read_among_words(text: str, written: Written, hints: Hints) -> tuple[Reading, ...]:
    """Return every reading of a text that is not plainly an account's number, but may be one.

    That is where a bank's name is among the words, and where the phone number is a guess.
    """
    try:
        readings = read_all(text, hints)
    except InvalidIdentifier:
        found = _read_written(written, hints) if written.names_bank else ()
        if not found:
            raise
        return found
    if written.names_bank or not any(map(is_plain, readings)):
        readings += tuple(try_read(written.text, hints, [Kind.ACCOUNT])[0])
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


def require_no_account(written: Written, kind: Kind | None, hints: Hints) -> None:
    """Raise for a card's number, and for words beside an account's that is no phone's."""
    if account.is_card(written.number):
        raise refusal("card_number")
    if kind == Kind.PHONE and written.is_named and not phone.suggests(written.number, hints):
        raise refusal("letters_in_number")

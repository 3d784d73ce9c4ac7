"""What a page shows of an answer: one state, and what stands behind it; pure.

The verdict is not judged again. A state is the one word that people see. ``nothing_known`` is said
only where real and current lists were looked at: all else that is not known "could not be checked".
Nor is it said where the same digits are listed as something else (``related``): that leaves a
verdict alone, but "no list has it" would be wrong, so people are told to be careful. Used by
``ask.py`` and by every page that shows a verdict.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from blacklist.model import Kind, Level, Outcome, Verdict
from blacklist.scan import Found, Scan

HIDDEN: Final = "•"


class State(StrEnum):
    """The one word of an answer, gravest first."""

    DANGER = "danger"
    WARNING = "warning"
    COULD_NOT_CHECK = "could_not_check"
    CAUTION = "caution"
    NOT_UNDERSTOOD = "not_understood"
    NOTHING_KNOWN = "nothing_known"
    CLEARED = "cleared"
    OFFICIAL = "official"


_LEVELS: Final = {
    Level.DANGER: State.DANGER,
    Level.WARNING: State.WARNING,
    Level.CAUTION: State.CAUTION,
}
_OUTCOMES: Final = {
    Outcome.OFFICIAL: State.OFFICIAL,
    Outcome.CLEARED: State.CLEARED,
    Outcome.UNAVAILABLE: State.COULD_NOT_CHECK,
}
_WORTH_LITTLE: Final = frozenset({"no_lists", "lists_stale", "filter_old"})
"""Notes with which "nothing known" is no answer (DESIGN 8)."""


class Piece(msgspec.Struct, frozen=True):
    """A part of a message: its text, and the number of what was found there, from 1; 0 of none."""

    text: str
    number: int = 0
    state: State | None = None


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """An answer as it is shown.

    ``results`` are one a thing found, in order; ``pieces`` are the whole text of a message.
    ``kinds`` are those of what the state comes from.
    """

    state: State
    results: tuple[Verdict, ...]
    kinds: tuple[Kind, ...] = ()
    pieces: tuple[Piece, ...] = ()
    notes: tuple[str, ...] = ()


def state_of(result: Verdict) -> State:
    """The state of one answer."""
    return _state(result.verdict, result.level, result.notes, is_related=bool(result.related))


def told_of_result(result: Verdict) -> Told:
    """What is shown of the answer about one thing."""
    return Told(state=state_of(result), results=(result,), kinds=_kinds([result]))


def told_of_message(text: str, scan: Scan) -> Told:
    """What is shown of the answer about a message."""
    # What stands in it several times shares one result (``scan``), and is told once.
    results = tuple({id(one.result): one.result for one in scan.found}.values())
    # What is worth little is worth little for the whole, whatever else is known of other parts.
    state = _state(
        scan.verdict,
        scan.level,
        [note for one in results for note in one.notes],
        is_related=any(one.related for one in results),
    )
    decisive = [one for one in results if state_of(one) is state]
    return Told(
        state=state,
        results=results,
        kinds=_kinds(decisive),
        pieces=_pieces(text, scan.found),
        notes=scan.notes,
    )


def without_secrets(text: str, found: Iterable[Found]) -> str:
    """The message with dots in place of what no answer repeats: numbers of cards and persons."""
    for one in found:
        if one.text is None:
            text = text[: one.start] + HIDDEN * (one.end - one.start) + text[one.end :]
    return text


def _state(
    outcome: Outcome | None, level: Level | None, notes: Iterable[str], *, is_related: bool
) -> State:
    if outcome is None:
        return State.NOT_UNDERSTOOD
    if level in _LEVELS:
        return _LEVELS[level]
    if outcome is Outcome.LISTED:  # never without a level; if ever, not "nothing known"
        return State.WARNING
    if outcome in _OUTCOMES:
        return _OUTCOMES[outcome]
    if not _WORTH_LITTLE.isdisjoint(notes):
        return State.COULD_NOT_CHECK
    return State.CAUTION if is_related else State.NOTHING_KNOWN


def _kinds(results: Iterable[Verdict]) -> tuple[Kind, ...]:
    return tuple(dict.fromkeys(one.kind for result in results for one in result.identifiers))


def _pieces(text: str, found: Sequence[Found]) -> tuple[Piece, ...]:
    """The text in pieces; joined they are the message, without what is not repeated."""
    text = without_secrets(text, found)
    numbers: dict[int, int] = {}
    pieces, end = [], 0
    for one in found:
        pieces.append(Piece(text[end : one.start]))
        number = numbers.setdefault(id(one.result), len(numbers) + 1)
        pieces.append(Piece(text[one.start : one.end], number, state_of(one.result)))
        end = one.end
    pieces.append(Piece(text[end:]))
    return tuple(piece for piece in pieces if piece.text)

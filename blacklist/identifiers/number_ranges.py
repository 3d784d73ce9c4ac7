"""Ranges of phone numbers: a listing may be a prefix, for those who call with all that follow it.

A range's canonical form is ``+8489999*`` (everything that begins so) or ``+4121560####`` (as many
digits more as there are ``#``); no number ends in either mark. A number is flagged by the ranges it
lies in. They are few, so each process holds them exactly (:class:`Ranges`, filled by ``replica``);
where nobody holds them, :func:`every_range` tells which could be. ``range_spellings`` reads them.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import msgspec

from blacklist.model import Candidate, Identifier, Kind, Match, Question, Reading

OPEN: Final = "*"
DIGIT: Final = "#"
MAX_WILD_DIGITS: Final = 5
"""Digits that a range may leave open: 100,000 numbers. Operators are given blocks of a million in
Vietnam; a range as wide as that would accuse everybody who bought a SIM there."""

_FEWEST_DIGITS: Final = 3
"""Of a range's prefix, the country's code among them: fewer digits are never listed."""

Covering = Callable[[str], Iterable[str]]
"""E.164 number → the ranges that it lies in."""


def is_range(value: str) -> bool:
    """Tell whether a phone's canonical form is that of a range."""
    return value.endswith((OPEN, DIGIT))


def every_range(number: str) -> list[str]:
    """Return every range that an E.164 number could lie in, some twenty."""
    if not number.startswith("+") or is_range(number):
        return []
    least = len("+") + _FEWEST_DIGITS
    starts = range(least, len(number))
    fixed = range(max(least, len(number) - MAX_WILD_DIGITS), len(number))
    return [
        *(number[:end] + OPEN for end in starts),
        *(number[:end] + DIGIT * (len(number) - end) for end in fixed),
    ]


class Ranges:
    """The ranges that are listed, exactly. One thread may add while others ask."""

    __slots__ = ("_by_shape",)

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._by_shape: tuple[tuple[int, int, set[str]], ...] = ()
        self.add(values)

    def add(self, values: Iterable[str]) -> None:
        """Take the ranges among values of phones; numbers are passed over."""
        for value in filter(is_range, values):
            start = len(value.rstrip(OPEN + DIGIT))
            total = 0 if value.endswith(OPEN) else len(value)
            known = next((one for *shape, one in self._by_shape if shape == [start, total]), None)
            if known is None:
                # A new tuple, so that whoever walks through the old one is not disturbed.
                self._by_shape = (*self._by_shape, (start, total, {value}))
            else:
                known.add(value)

    def covering(self, number: str) -> list[str]:
        """Return the ranges that an E.164 number lies in."""
        found = []
        for start, total, values in self._by_shape:
            if total in (0, len(number)) and len(number) > start:
                value = number[:start] + (DIGIT * (total - start) if total else OPEN)
                if value in values:
                    found.append(value)
        return found

    def __bool__(self) -> bool:
        return bool(self._by_shape)

    def __iter__(self) -> Iterator[str]:
        # Each set copied at once: whoever adds meanwhile would break a walk through it.
        return iter([value for *_, values in self._by_shape for value in tuple(values)])


def with_ranges(question: Question, covering: Covering) -> Question:
    """Return the question with the ranges as candidates that its phone numbers lie in."""
    return Question(
        tuple(_widened(reading, covering) for reading in question.readings),
        tuple(_widened(reading, covering) for reading in question.related),
    )


def _widened(reading: Reading, covering: Covering) -> Reading:
    if reading.identifier.kind is not Kind.PHONE:
        return reading
    known = {candidate.identifier.value for candidate in reading.candidates}
    more = [value for value in covering(reading.identifier.value) if value not in known]
    if not more:
        return reading
    ranges = (Candidate(Identifier(Kind.PHONE, value), Match.RANGE) for value in more)
    return msgspec.structs.replace(reading, candidates=(*reading.candidates, *ranges))

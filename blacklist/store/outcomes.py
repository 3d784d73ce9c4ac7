"""How transfers ended that somebody had asked about: counts and sums of money, day by day.

For the periodic reports that directives ask for. A day is that of the answer (since 1970, UTC), so
that an answer and what came of it lie in one day, and one script on one node counts both. What is
kept: outcome, level, kind and the key's id, and that an answer was counted, as a keyed hash, while
it may be told again. No identifier, no person. Called by the web, and by whoever makes a report.
"""

from collections.abc import Iterable
from enum import StrEnum
from importlib.resources import files
from typing import Final

import msgspec
import redis

from blacklist.model import Kind, Level
from blacklist.store import keys
from blacklist.store.connect import run, store_errors

KEPT_DAYS: Final = 27 * 31
"""Twenty-six months and one: the last report's period and the same one a year before."""

TOLD_DAYS: Final = 7
"""For how many days after its own an answer's outcome may be told, or told otherwise."""

MAX_AMOUNT: Final = 10_000_000_000_000
"""In VND: ten thousand billion. A million of those are still exact in 64 bits."""

_DAY_SECONDS: Final = 86_400
_DAYS_A_TRIP: Final = 100
_COUNT: Final = files(__package__).joinpath("outcome.lua").read_text()


class Ending(StrEnum):
    """How a transfer ended; ``held`` is for whoever has to decide yet."""

    STOPPED = "stopped"
    HELD = "held"
    WENT_AHEAD = "went_ahead"


class Outcome(msgspec.Struct, frozen=True):
    """What came of one answer. ``name`` is its keyed hash, ``amount`` in VND, 0 if not told."""

    day: int
    name: bytes
    ending: Ending
    level: Level
    kind: Kind
    caller: str
    amount: int = 0


class Totals(msgspec.Struct, frozen=True):
    """How many transfers, and how much money in VND."""

    count: int = 0
    amount: int = 0


class Sum(msgspec.Struct, frozen=True):
    """All transfers of one day that ended alike, were judged alike and asked about with one key."""

    day: int
    ending: Ending
    level: Level
    kind: Kind
    caller: str
    totals: Totals


def count(client: redis.Redis, outcome: Outcome) -> None:
    """Count one outcome; the same word once, another in place of the one before.

    Raises Unavailable; to be acknowledged as any write (``durability.replicate``).
    """
    field = "|".join((outcome.ending, outcome.level, outcome.kind, outcome.caller))
    told_until = (outcome.day + TOLD_DAYS + 2) * _DAY_SECONDS
    kept_until = (outcome.day + KEPT_DAYS) * _DAY_SECONDS
    with store_errors():
        client.register_script(_COUNT)(
            keys=[keys.outcomes_told(outcome.day), keys.outcomes(outcome.day)],
            args=[outcome.name, field, outcome.amount, told_until, kept_until],
        )


def read(client: redis.Redis, days: Iterable[int]) -> dict[tuple[int, str], Totals]:
    """The totals by day and outcome (a word of :class:`Ending`); what did not happen is left out.

    Raises Unavailable.
    """
    totals: dict[tuple[int, str], Totals] = {}
    for one in sums(client, days):
        place = one.day, one.ending.value
        before = totals.get(place, Totals())
        totals[place] = Totals(before.count + one.totals.count, before.amount + one.totals.amount)
    return totals


def sums(client: redis.Redis, days: Iterable[int]) -> list[Sum]:
    """Every sum of some days, by day. Raises Unavailable."""
    wanted, found = list(days), list[Sum]()
    for start in range(0, len(wanted), _DAYS_A_TRIP):
        part = wanted[start : start + _DAYS_A_TRIP]
        with store_errors():
            pipe = client.pipeline(transaction=False)
            for day in part:
                pipe.hgetall(keys.outcomes(day))
            answers = run(pipe)
        for day, raw in zip(part, answers, strict=True):
            found += _sums(day, {name.decode(): int(value) for name, value in raw.items()})
    return found


def _sums(day: int, raw: dict[str, int]) -> Iterable[Sum]:
    """The sums of one day; one of which all were told otherwise later is none any more."""
    for name, number in sorted(raw.items()):
        what, _, field = name.partition("|")
        if what == "count" and number:
            ending, level, kind, caller = field.split("|", 3)
            totals = Totals(number, raw.get(f"amount|{field}", 0))
            yield Sum(day, Ending(ending), Level(level), Kind(kind), caller, totals)

"""Daily sums: how many entries came, went and stood, by kind, category and source.

Kept apart from the journal, which is trimmed, for the periodic reports that directives ask for
(this period beside the same one a year before). A day is one of Vietnam (UTC+7, which has no summer
time). One hash a day; its fields are ``what|kind|category|source``.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec
import redis

from blacklist.model import Category, Kind
from blacklist.store import keys
from blacklist.store.connect import run, store_errors
from blacklist.working_days import VIETNAM

KEPT_DAYS: Final = 25 * 31
"""Twenty-five months: the last report's period and the same one a year before."""

_DAYS_A_TRIP: Final = 100


class What(StrEnum):
    """What is counted. ``current`` is how many stood at the day's last change."""

    ADDED = "added"
    WITHDRAWN = "withdrawn"
    CURRENT = "current"


class Tally(msgspec.Struct, frozen=True):
    """One sum of one day."""

    day: date
    what: What
    kind: Kind
    category: Category
    source: str
    count: int


def day_of(second: float) -> date:
    """The day in Vietnam that a Unix second lies in."""
    return datetime.fromtimestamp(second, UTC).astimezone(VIETNAM).date()


def record(client: redis.Redis, tallies: Iterable[Tally]) -> None:
    """Add to what came and went that day, and set what stands."""
    with store_errors():
        pipe = client.pipeline(transaction=True)
        days = set()
        for one in tallies:
            days.add(one.day)
            field = "|".join((one.what, one.kind, one.category, one.source))
            if one.what is What.CURRENT:
                pipe.hset(keys.tally(one.day), field, one.count)
            else:
                pipe.hincrby(keys.tally(one.day), field, one.count)
        for day in days:
            pipe.expire(keys.tally(day), KEPT_DAYS * 86_400)
        run(pipe)


def read(client: redis.Redis, first: date, last: date) -> list[Tally]:
    """Every sum of the days from ``first`` to ``last``, both included, by day.

    A day on which nothing changed has none: what stood the day before still stands.
    """
    days = [first + timedelta(number) for number in range((last - first).days + 1)]
    found: list[Tally] = []
    for start in range(0, len(days), _DAYS_A_TRIP):
        part = days[start : start + _DAYS_A_TRIP]
        with store_errors():
            pipe = client.pipeline(transaction=False)
            for day in part:
                pipe.hgetall(keys.tally(day))
            answers = run(pipe)
        for day, raw in zip(part, answers, strict=True):
            found += [_tally(day, field, count) for field, count in sorted(raw.items())]
    return found


def _tally(day: date, field: bytes, count: bytes) -> Tally:
    what, kind, category, source = field.decode().split("|", 3)
    return Tally(day, What(what), Kind(kind), Category(category), source, int(count))


def sums(
    day: date, source: str, added: Mapping[tuple[Kind, Category], int], what: What
) -> list[Tally]:
    """One source's counts by kind and category, as tallies of a day; zeros are left out."""
    return [
        Tally(day, what, kind, category, source, count)
        for (kind, category), count in added.items()
        if count or what is What.CURRENT
    ]

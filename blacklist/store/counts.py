"""Daily counts: what was asked and found, reported, disputed and decided; nothing of anybody.

For the periodic reports that directives ask for, and for the page of the state of the lists. A day
is one of Vietnam, as in ``tallies.py``, and is kept as long. Counts of cases are written together
with the case; those of questions come behind the answers, from ``web/daily.py``.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

import redis

from blacklist.store import keys
from blacklist.store.connect import run, store_errors
from blacklist.store.tallies import KEPT_DAYS

KEPT_SECONDS: Final = KEPT_DAYS * 86_400
_DAYS_A_TRIP: Final = 100


class Event(StrEnum):
    """What is counted."""

    ASKED_FILTER = "asked_filter"
    ASKED_STORE = "asked_store"
    ASKED_NOBODY = "asked_nobody"
    """Questions, by the layer that answered; ``nobody``: it could not be looked up."""
    HIT = "hit"
    """Questions whose verdict was ``listed``."""
    REPORT_RECEIVED = "report_received"
    REPORT_ACCEPTED = "report_accepted"
    REPORT_REJECTED = "report_rejected"
    REPORT_MERGED = "report_merged"
    """Reports that were counted; cases (all reports of one thing) that ended so."""
    DISPUTE_OPENED = "dispute_opened"
    DISPUTE_ANSWERED = "dispute_answered"
    DISPUTE_CLEARED = "dispute_cleared"
    DISPUTE_KEPT = "dispute_kept"


ASKED: Final = (Event.ASKED_FILTER, Event.ASKED_STORE, Event.ASKED_NOBODY)


def add(pipe: redis.client.Pipeline, day: date, counts: Mapping[Event, int]) -> None:
    """Add to a day's counts, in a pipeline that the caller runs."""
    for event, count in counts.items():
        pipe.hincrby(keys.counts(day), event, count)
    pipe.expire(keys.counts(day), KEPT_SECONDS)


def record(client: redis.Redis, day: date, counts: Mapping[Event, int]) -> None:
    """Add to a day's counts; zeros make the day one that was counted."""
    with store_errors():
        pipe = client.pipeline(transaction=True)
        add(pipe, day, counts)
        run(pipe)


def read(client: redis.Redis, first: date, last: date) -> dict[date, dict[str, int]]:
    """By day and word of :class:`Event`, what was counted from ``first`` to ``last``, in order.

    A day on which nobody counted is left out.
    """
    days = [first + timedelta(number) for number in range((last - first).days + 1)]
    found: dict[date, dict[str, int]] = {}
    for start in range(0, len(days), _DAYS_A_TRIP):
        part = days[start : start + _DAYS_A_TRIP]
        with store_errors():
            pipe = client.pipeline(transaction=False)
            for day in part:
                pipe.hgetall(keys.counts(day))
            answers = run(pipe)
        found |= {
            day: {name.decode(): int(count) for name, count in raw.items()}
            for day, raw in zip(part, answers, strict=True)
            if raw
        }
    return found

"""What this process was asked, written behind the answers into the counts of the day.

Once a minute is added what the lookups have counted since (``write_behind.py``); an answer waits
for nothing. What a killed worker had not written is lost, a minute at most; while the store is away
it is kept. A day's counts begin with zeros, so that a day on which nobody asked differs from one
that was not counted.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from blacklist.lookup import Lookup
from blacklist.store import Client, counts
from blacklist.store.counts import Event
from blacklist.store.tallies import day_of

WRITE_SECONDS: Final = 60.0


class DailyCounts:
    """Questions and hits of this process, on their way to the store."""

    def __init__(
        self, client: Client, lookups: Sequence[Lookup], *, wall: Callable[[], float] = time.time
    ) -> None:
        self._client = client
        self._lookups = lookups
        self._wall = wall
        self._written: Counter[Event] = Counter()

    def write(self) -> None:
        """Add what was asked since to today's counts. Raises StoreError."""
        now: Counter[Event] = Counter()
        for lookup in self._lookups:
            now.update({Event(f"asked_{layer}"): n for layer, n in lookup.answered_by.items()})
            now[Event.HIT] += lookup.hits
        since = {event: now[event] - self._written[event] for event in (*counts.ASKED, Event.HIT)}
        counts.record(self._client, day_of(self._wall()), since)
        self._written = now

"""When a feed is fetched next, and how it stands; pure.

A feed is due after nine to ten tenths of its ``refresh``, each at its own place within the last
tenth, so that not all are fetched at one moment. After a failure it is due sooner: five minutes
after the first, then twice as long each time, and never later than its ``refresh``.
"""

from enum import StrEnum
from hashlib import sha256
from typing import Final

from blacklist.coverage import OVERDUE_TURNS
from blacklist.store.feeds import FeedState
from blacklist.store.sources import SourceRecord, State
from loaders.catalogue import Entry

FIRST_RETRY_SECONDS: Final = 300
SPREAD: Final = 0.1
_MOST_DOUBLINGS: Final = 20


class Standing(StrEnum):
    """How a feed stands, in one word."""

    OFF = "off"
    """Not fetched by itself, and never fetched."""
    NEVER = "never"
    """It lists nothing yet."""
    OK = "ok"
    DUE = "due"
    FAILING = "failing"
    """It could not be fetched; what it listed before still answers."""
    HELD = "held"
    """What came was stopped for a person to look at; what it listed before still answers."""
    OVERDUE = "overdue"
    """It was not loaded for two turns: answers carry ``lists_stale``."""


def next_due(entry: Entry, state: FeedState, record: SourceRecord | None, store_id: int) -> int:
    """The second from which the feed is due; 0 where it never was loaded or was cut off."""
    every = entry.refresh_seconds
    if state.failures and state.tried is not None:
        doubled = FIRST_RETRY_SECONDS << min(state.failures - 1, _MOST_DOUBLINGS)
        # What was held is as the publisher means it; it is not fetched again before its turn.
        return state.tried + (every if state.error == Standing.HELD else min(doubled, every))
    if record is None or record.loaded is None or record.state is State.DIRTY:
        return 0
    return record.loaded + round(every * (1 - SPREAD * _place(entry.name, store_id)))


def stand(
    entry: Entry, state: FeedState, record: SourceRecord | None, *, now: int, store_id: int
) -> Standing:
    """How the feed stands now, the gravest first."""
    loaded = record.loaded if record is not None else None
    if not entry.enabled and loaded is None and not state.failures:
        return Standing.OFF
    if state.failures:
        return Standing.HELD if state.error == Standing.HELD else Standing.FAILING
    if loaded is None:
        return Standing.NEVER
    if now - loaded > entry.refresh_seconds * OVERDUE_TURNS:
        return Standing.OVERDUE
    return Standing.DUE if now >= next_due(entry, state, record, store_id) else Standing.OK


def _place(name: str, store_id: int) -> float:
    """A feed's own place between 0 and 1, another one for every store."""
    digest = sha256(f"{store_id:x}:{name}".encode()).digest()
    return int.from_bytes(digest[:4]) / 2**32

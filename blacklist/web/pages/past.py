"""How the lists and the questions went over the last months, for the page of their state.

Reading half a year of daily sums costs more than an answer may, so a process reads it once a minute
at most, however often the page is opened.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import Final

import msgspec

from blacklist.model import Category
from blacklist.standing import Cell, Standing
from blacklist.store import Client, counts, sources, tallies
from blacklist.store.counts import Event
from blacklist.store.tallies import What
from blacklist.web.pages.plots import Plot, plot
from blacklist.web.pages.words import CATEGORIES, KINDS, N_

WEEKS: Final = 26
DAYS: Final = 28
MOST_CATEGORIES: Final = 5

LAYERS: Final = {
    Event.ASKED_FILTER: N_("Answered by the filter alone: on no list"),
    Event.ASKED_STORE: N_("Answered after a look into the lists"),
    Event.ASKED_NOBODY: N_("Could not be looked up"),
}
_OTHERS: Final = N_("All other categories")


class Past(msgspec.Struct, frozen=True):
    """Plots of entries by week and of questions by day; when each source last changed."""

    kinds: list[Plot]
    categories: list[Plot]
    layers: list[Plot]
    changed: dict[str, date]


class PastReader:
    """Reads the past of one store, once a minute at most."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._read: tuple[int, Past] | None = None

    def read(self) -> Past:
        """The past as of this minute. Raises StoreError."""
        now = time.time()
        minute = int(now // 60)
        with self._lock:
            if self._read is None or self._read[0] != minute:
                self._read = minute, read(self._client, tallies.day_of(now))
            return self._read[1]


def read(client: Client, today: date) -> Past:
    """The past as of today. Raises StoreError."""
    weeks = [today - timedelta(weeks=number) for number in range(WEEKS, -1, -1)]
    told = tallies.read(client, weeks[0], today)
    standing = Standing(told, sources.read(client).by_code.values())
    since = min((one.day for one in told), default=today)
    stood = [standing.at(day) if day >= since else None for day in weeks]
    return Past(
        kinds=[
            plot(title, weeks, _sums(stood, lambda cell: cell.kind, {kind}))
            for kind, title in KINDS.items()
        ],
        categories=_categories(weeks, stood),
        layers=_layers(client, today),
        changed={
            one.source: one.day
            for one in told
            if one.what in {What.ADDED, What.WITHDRAWN} and one.count
        },
    )


def _sums(
    stood: Iterable[dict[Cell, int] | None], word_of: Callable[[Cell], str], words: Collection[str]
) -> list[int | None]:
    return [
        None
        if cells is None
        else sum(count for cell, count in cells.items() if word_of(cell) in words)
        for cells in stood
    ]


def _category(cell: Cell) -> str:
    return cell.category


def _categories(weeks: Sequence[date], stood: Sequence[dict[Cell, int] | None]) -> list[Plot]:
    """A plot for each of the largest categories of today, and one of all others together."""
    sums: Counter[Category] = Counter()
    for cell, count in (stood[-1] or {}).items():
        sums[cell.category] += count
    largest = [category for category, _ in sums.most_common(MOST_CATEGORIES)]
    plots = [plot(CATEGORIES[one], weeks, _sums(stood, _category, {one})) for one in largest]
    others = _sums(stood, _category, set(Category) - set(largest))
    return [*plots, plot(_OTHERS, weeks, others)] if any(others) else plots


def _layers(client: Client, today: date) -> list[Plot]:
    days = [today - timedelta(days=number) for number in range(DAYS - 1, -1, -1)]
    found = counts.read(client, days[0], today)
    return [
        plot(title, days, [found[day].get(event, 0) if day in found else None for day in days])
        for event, title in LAYERS.items()
    ]

"""The periodic report: what a period came to, beside the same days of the year before.

Called by the command ``report`` and by the page. It reads sums only and names nobody. Where no data
were kept it says so (None), never zero; where they were kept for a part of a period only, it tells
from which day on.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from blacklist.periods import Period
from blacklist.standing import Cell, Standing
from blacklist.store import Client, counts, outcomes, sources, tallies
from blacklist.store.counts import Event
from blacklist.store.tallies import KEPT_DAYS, Tally, What

_EPOCH: Final = date(1970, 1, 1)


class By(StrEnum):
    """What a row's ``name`` is; of a sum over everything it is empty."""

    ALL = "all"
    KIND = "kind"
    CATEGORY = "category"
    SOURCE = "source"


class Row(msgspec.Struct, frozen=True):
    """One number. ``count`` and ``year_before`` are None where no data were kept."""

    measure: str
    by: By
    name: str
    count: int | None
    year_before: int | None


class Kept(msgspec.Struct, frozen=True):
    """From which day on data were kept in a period, and in that of a year before; None: none."""

    first: date | None
    year_before: date | None


class Report(msgspec.Struct, frozen=True):
    """All numbers of a period.

    ``until`` is the last day that is in them: today, where the period is not over. ``kept`` is by
    the first word of the measures it speaks of. ``titles`` are those of the sources named.
    """

    period: Period
    year_before: Period
    until: date
    kept: dict[str, Kept]
    rows: list[Row]
    titles: dict[str, str]

    def is_comparable(self, word: str) -> bool:
        """Whether the numbers of both periods are of whole periods; ``word`` is one of ``kept``."""
        kept, firsts = self.kept[word], (self.period.first, self.year_before.first)
        return (kept.first, kept.year_before) == firsts and self.until == self.period.last


ENTRIES: Final = {
    "entries_added": What.ADDED,
    "entries_withdrawn": What.WITHDRAWN,
    "entries_current": What.CURRENT,
}

_COUNTED: Final[Mapping[str, Sequence[Event]]] = {
    "questions": counts.ASKED,
    "questions_hit": (Event.HIT,),
    "questions_unanswered": (Event.ASKED_NOBODY,),
    "reports_received": (Event.REPORT_RECEIVED,),
    "reports_accepted": (Event.REPORT_ACCEPTED,),
    "reports_rejected": (Event.REPORT_REJECTED,),
    "reports_merged": (Event.REPORT_MERGED,),
    "disputes_opened": (Event.DISPUTE_OPENED,),
    "disputes_answered": (Event.DISPUTE_ANSWERED,),
    "disputes_cleared": (Event.DISPUTE_CLEARED,),
    "disputes_kept": (Event.DISPUTE_KEPT,),
}
_OUTCOMES: Final = ("stopped", "held", "went_ahead")

_TRANSFERS: Final = tuple(
    f"transfers_{outcome}{unit}" for outcome in _OUTCOMES for unit in ("", "_amount")
)
"""Transfers at counters by how they ended, and what they came to in đồng."""


def make(client: Client, period: Period, today: date) -> Report:
    """Read a period's report from a store. Raises StoreError."""
    start = today - timedelta(days=KEPT_DAYS)
    before = period.year_before()
    table = sources.read(client)
    told = _Entries(tallies.read(client, start, today), table.by_code.values(), today)
    cases = _Days(counts.read(client, start, today), _COUNTED)
    transfers = _Days(_transfers(client, start, today), {one: (one,) for one in _TRANSFERS})
    rows = told.rows(period, before)
    for days in (cases, transfers):
        rows += days.rows(period, before)
    kept = {"entries": told.since}
    kept |= dict.fromkeys(("questions", "reports", "disputes"), cases.since)
    kept |= {"transfers": transfers.since}
    return Report(
        period=period,
        year_before=before,
        until=min(period.last, today),
        kept={
            word: Kept(_first(period, since), _first(before, since)) for word, since in kept.items()
        },
        rows=rows,
        titles={one.source.name: one.source.title for one in table.by_code.values()},
    )


def _first(period: Period, since: date | None) -> date | None:
    """The first day of a period of which there are data."""
    return None if since is None or since > period.last else max(since, period.first)


class _Days:
    """Numbers by day and word; a measure is the sum of some words."""

    def __init__(
        self,
        days: Mapping[date, Mapping[str, int]],
        measures: Mapping[str, Sequence[str]],
    ) -> None:
        self._days = days
        self._measures = measures
        self.since = min(days, default=None)

    def rows(self, period: Period, before: Period) -> list[Row]:
        """A row a measure."""
        now, then = self._sums(period), self._sums(before)
        return [
            Row(measure, By.ALL, "", _of(now, measure), _of(then, measure))
            for measure in self._measures
        ]

    def _sums(self, period: Period) -> Mapping[str, int] | None:
        if _first(period, self.since) is None:
            return None
        days = [one for day, one in self._days.items() if period.first <= day <= period.last]
        return {
            measure: sum(one.get(word, 0) for one in days for word in words)
            for measure, words in self._measures.items()
        }


def _of(sums: Mapping[str, int] | None, measure: str) -> int | None:
    return None if sums is None else sums.get(measure, 0)


class _Entries:
    """What came, went and stood, as the tallies tell."""

    def __init__(
        self, told: Sequence[Tally], records: Iterable[sources.SourceRecord], today: date
    ) -> None:
        self._told = told
        self._standing = Standing(told, records)
        self._today = today
        self.since = min((one.day for one in told), default=None)

    def rows(self, period: Period, before: Period) -> list[Row]:
        """Each measure over all, then by kind, category and source, of what there was any."""
        now, then = self._cells(period), self._cells(before)
        return [
            row
            for measure in ENTRIES
            for by, name_of in _NAMES.items()
            for row in _named(measure, by, _by(now, measure, name_of), _by(then, measure, name_of))
        ]

    def _cells(self, period: Period) -> dict[str, Mapping[Cell, int]] | None:
        if _first(period, self.since) is None:
            return None
        changes: dict[What, Counter[Cell]] = {What.ADDED: Counter(), What.WITHDRAWN: Counter()}
        for one in self._told:
            if one.what in changes and period.first <= one.day <= period.last:
                changes[one.what][Cell(one.kind, one.category, one.source)] += one.count
        stood = self._standing.at(min(period.last, self._today))
        return {
            measure: stood if what is What.CURRENT else changes[what]
            for measure, what in ENTRIES.items()
        }


_NAMES: Final[Mapping[By, Callable[[Cell], str]]] = {
    By.ALL: lambda _: "",
    By.KIND: lambda cell: cell.kind.value,
    By.CATEGORY: lambda cell: cell.category.value,
    By.SOURCE: lambda cell: cell.source,
}


def _by(
    cells: Mapping[str, Mapping[Cell, int]] | None, measure: str, name_of: Callable[[Cell], str]
) -> dict[str, int] | None:
    if cells is None:
        return None
    sums: Counter[str] = Counter()
    for cell, count in cells[measure].items():
        sums[name_of(cell)] += count
    return dict(sums)


def _named(
    measure: str, by: By, now: Mapping[str, int] | None, then: Mapping[str, int] | None
) -> list[Row]:
    names = {""} if by is By.ALL else {*(now or {}), *(then or {})}
    return [Row(measure, by, name, _of(now, name), _of(then, name)) for name in sorted(names)]


def _transfers(client: Client, first: date, last: date) -> dict[date, dict[str, int]]:
    """What tellers told of transfers, by day and measure."""
    numbers = range((first - _EPOCH).days, (last - _EPOCH).days + 1)
    found: dict[date, dict[str, int]] = {}
    for (number, outcome), totals in outcomes.read(client, numbers).items():
        day = found.setdefault(_EPOCH + timedelta(days=number), {})
        day[f"transfers_{outcome}"] = totals.count
        day[f"transfers_{outcome}_amount"] = totals.amount
    return found

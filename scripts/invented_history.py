"""A year and a half of invented lists and daily sums, for the pages that show how things went.

Called by the browser tests and by ``screenshots.py``. Nothing in it is anybody's: domains are
reserved, numbers are those of fiction, accounts are zeros.
"""

from datetime import date, timedelta
from typing import Final, NamedTuple

from blacklist.model import Category, Identifier, Kind, Level, Source, Trust
from blacklist.publish import Publisher
from blacklist.store import Client, counts, outcomes, tallies
from blacklist.store.counts import Event
from blacklist.store.outcomes import Ending, Outcome
from blacklist.store.stage import Staged
from blacklist.store.tallies import Tally, What

WEEKS: Final = 78
DAYS: Final = 28
_EPOCH: Final = date(1970, 1, 1)


class _List(NamedTuple):
    source: Source
    kind: Kind
    form: str
    entries: int


_LISTS: Final = (
    _List(
        Source(
            "police-invented",
            "Công an tỉnh (ví dụ)",
            trust=Trust.AUTHORITY,
            category=Category.MULE_ACCOUNT,
        ),
        Kind.ACCOUNT,
        "970436/0000000{:06}",
        180,
    ),
    _List(
        Source(
            "carriers-invented",
            "Các nhà mạng (ví dụ)",
            trust=Trust.PARTNER,
            category=Category.SPAM_CALL,
        ),
        Kind.PHONE,
        "+447700900{:03}",
        420,
    ),
    _List(
        Source("links-invented", "Danh sách cộng đồng (ví dụ)", category=Category.PHISHING),
        Kind.LINK,
        "l{}.example",
        950,
    ),
)


def write(publisher: Publisher, today: date) -> None:
    """Load the lists, and record what they and the questions came to until today."""
    client = publisher.client
    for one in _LISTS:
        with publisher.load(one.source, full=True) as load:
            load.put(
                Staged(Identifier(one.kind, one.form.format(number)))
                for number in range(one.entries)
            )
            load.commit()
        tallies.record(client, _grown(one, today))
    for number in range(DAYS):
        for before in (0, 365):
            _record_day(client, today - timedelta(days=number + before), number)


def _grown(one: _List, today: date) -> list[Tally]:
    """How a list grew, week by week, until the last one before today."""
    told: list[Tally] = []
    stood = 0
    for week in range(WEEKS, 0, -1):
        day = today - timedelta(weeks=week)
        stands = one.entries * (WEEKS - week + 1) // WEEKS
        gone = stands // 40 if week % 4 == 0 else 0
        cell = (one.kind, one.source.category, one.source.name)
        told.append(Tally(day, What.ADDED, *cell, stands - stood + gone))
        told.append(Tally(day, What.WITHDRAWN, *cell, gone))
        told.append(Tally(day, What.CURRENT, *cell, stands))
        stood = stands
    return told


def _record_day(client: Client, day: date, number: int) -> None:
    busy = 900 + 37 * (number * 11 % 17)
    counts.record(
        client,
        day,
        {
            Event.ASKED_FILTER: busy,
            Event.ASKED_STORE: busy // 12,
            Event.ASKED_NOBODY: number % 3,
            Event.HIT: busy // 30,
            Event.REPORT_RECEIVED: number % 5,
            Event.REPORT_ACCEPTED: number % 2,
        },
    )
    for ending in Ending:
        told = f"{day}{ending}".encode()
        outcomes.count(
            client,
            Outcome(
                (day - _EPOCH).days,
                told,
                ending,
                Level.DANGER,
                Kind.ACCOUNT,
                "invented",
                amount=2_500_000 * (number + 1),
            ),
        )

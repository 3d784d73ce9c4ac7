"""A trail that tests write: days of requests by a clock that they set."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from blacklist.audit.keys import AuditKeys
from blacklist.audit.notes import PUBLIC, Asked, Note
from blacklist.audit.trail import Trail
from blacklist.model import IdentifierView, Kind, Outcome, Verdict

KEYS = AuditKeys.of(b"s" * 32)
FIRST_DAY = datetime(2026, 11, 25, 8, tzinfo=UTC).timestamp()
DAY_SECONDS = 86_400
DAYS = ("2026-11-25", "2026-11-26", "2026-11-27")


class Clock:
    """A clock that stands still until it is set; both clocks of a trail."""

    def __init__(self, second: float) -> None:
        self.second = second

    def __call__(self) -> float:
        return self.second


def verdict_on(value: str, outcome: Outcome = Outcome.NO_RECORD) -> Verdict:
    """An answer about a phone number."""
    return Verdict(verdict=outcome, identifiers=(IdentifierView(Kind.PHONE, value, value),))


def note_of(second: float, *verdicts: Verdict, caller: str = PUBLIC, number: int = 0) -> Note:
    """A request that was answered at a second."""
    asked = Asked()
    asked.take(verdicts)
    whence = ("192.0.2.7", None) if caller == PUBLIC else None
    return Note(second, f"r{number}", caller, "POST /v1/check", 200, "transfer", whence, asked)


def numbered(count: int) -> Sequence[str]:
    """Numbers of films and books."""
    return [f"+4477009{number:05}" for number in range(count)]


def trail_at(folder: Path, clock: Clock, *, keep_days: int = 730) -> Trail:
    """A trail whose thread does not run: a test takes its turns."""
    return Trail(folder, KEYS, keep_days=keep_days, address_of=str, wall=clock, clock=clock)


def write_days(folder: Path, requests: int = 12) -> None:
    """Two workers on three days, each file of some requests; the last day is not over.

    The first worker ends as it should, the second is killed on the last day.
    """
    clock = Clock(FIRST_DAY)
    workers = [trail_at(folder, clock) for _ in range(2)]
    number = 0
    for _ in DAYS:
        for _ in range(requests):
            for worker in workers:
                asked = [verdict_on(one) for one in numbered(number % 3 + 1)]
                worker.put(note_of(clock.second, *asked, caller=f"key{number % 4}", number=number))
                number += 1
            clock.second += 1
            for worker in workers:
                worker.turn()
        clock.second += DAY_SECONDS - requests
        if clock.second < FIRST_DAY + len(DAYS) * DAY_SECONDS:
            for worker in (*workers, workers[0]):
                worker.turn()
    clock.second -= DAY_SECONDS - requests
    workers[0].end()
    workers[1].put(note_of(clock.second))
    workers[1].turn()

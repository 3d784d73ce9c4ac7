"""Reports of fraud: counted in a queue, decided by a person, and never a listing by themselves.

Whoever decides accepts a case (then it is listed under the source ``reports``, with the case as its
reference), rejects it, or merges it into another. A key that told of a thing does not decide about
it. Called by the web and the command line.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from blacklist import hand
from blacklist.errors import Busy, Undecided
from blacklist.hand import Keeper, Row
from blacklist.model import Category, Source, Trust
from blacklist.publish import Publisher
from blacklist.source_names import REPORTS
from blacklist.store import Client, durability
from blacklist.store import reports as stored
from blacklist.store.listings import Detail
from blacklist.store.locks import hold
from blacklist.store.reports import Bounds, Case, Counted, Decided, End, Report

SOURCE: Final = Source(REPORTS, "Reports that a reviewer accepted", trust=Trust.COMMUNITY, days=365)
CITIZENS: Final = Bounds(a_teller=200, a_day=200_000, cases=20_000)
KEYS: Final = Bounds(a_teller=10_000, a_day=0, cases=30_000)
"""What tellers with keys may still report when citizens' reports have filled the queue."""

_WAIT_SECONDS: Final = 10.0


def count(publisher: Publisher, report: Report) -> Counted:
    """Count one report, unless this teller told the same before or tells too much."""
    bounds = KEYS if report.is_key else CITIZENS
    return stored.count(publisher.client, report, bounds, now=publisher.now())


def accept(
    publisher: Publisher,
    case_id: str,
    *,
    by: str,
    reason: str,
    person: str = "",
    category: Category | None = None,
) -> Case:
    """List what was reported and end the case; returns when every process answers so.

    ``by`` is the id of the key that decides, ``person`` who uses it. Raises Undecided,
    Busy or Unavailable (do it again).
    """
    with _deciding(publisher.client, case_id, by) as case:
        if Keeper(publisher.client).hold(case.identifier) is not None:
            raise Undecided("held", "the guard lets nobody list this")
        detail = Detail(category=category or case.category, reference=case.id)
        hand.publish(publisher, SOURCE, [Row(case.identifier, detail)])
        end = End(Decided.ACCEPTED, by, publisher.now(), reason, person=person)
        stored.close(publisher.client, case, end)
        return case


def reject(publisher: Publisher, case_id: str, *, by: str, reason: str, person: str = "") -> Case:
    """End a case without a listing; raises like :func:`accept`."""
    with _deciding(publisher.client, case_id, by) as case:
        end = End(Decided.REJECTED, by, publisher.now(), reason, person=person)
        stored.close(publisher.client, case, end)
        return case


def merge(
    publisher: Publisher, case_id: str, *, by: str, reason: str, into: str, person: str = ""
) -> Case:
    """Add a case's counts to another open one and end it; raises like :func:`accept`."""
    with _deciding(publisher.client, case_id, by) as case:
        other = _open_case(publisher.client, into)
        if other.id == case.id:
            raise Undecided("no_such_case", "a case cannot be merged into itself")
        end = End(Decided.MERGED, by, publisher.now(), reason, into=other.id, person=person)
        stored.close(publisher.client, case, end)
        return case


@contextmanager
def _deciding(client: Client, case_id: str, by: str) -> Iterator[Case]:
    """An open case, while nobody else decides about any."""
    durability.require(client)
    with hold(client, "reports", wait_seconds=_WAIT_SECONDS) as lock:
        if lock is None:
            raise Busy("somebody else decides about reports at this moment")
        case = _open_case(client, case_id)
        if by in case.tellers:
            raise Undecided("own_case", "who told of a thing does not decide about it")
        yield case


def _open_case(client: Client, case_id: str) -> Case:
    case = stored.find(client, case_id)
    if case is None or case.end is not None:
        raise Undecided("no_such_case", "there is no such open case")
    return case

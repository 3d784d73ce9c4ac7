"""What a day counts, and what a period comes to, on a real server."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from blacklist import disputes, periodic, reports
from blacklist.disputes import Claim
from blacklist.errors import Unavailable
from blacklist.lookup import Ask, Lookup
from blacklist.marks import Reason
from blacklist.model import Category, Identifier, Kind, Level, Source
from blacklist.periodic import By, Report
from blacklist.periods import Period
from blacklist.publish import Publisher
from blacklist.replica import Replica
from blacklist.store import Client, connect, counts, outcomes, tallies
from blacklist.store.counts import Event
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.outcomes import Ending, Outcome
from blacklist.store.reports import Report as Told
from blacklist.store.tallies import Tally, What
from blacklist.web.daily import DailyCounts

NOON = 1_795_600_000
TODAY = tallies.day_of(NOON)
YESTERDAY = TODAY - timedelta(days=1)
A_YEAR_AGO = TODAY.replace(year=TODAY.year - 1)
SOURCE = Source("s1", "Source one", category=Category.PHISHING)
THING = Identifier(Kind.LINK, "evil.example")

Load = Callable[..., None]


@pytest.fixture
def publisher(publisher: Publisher) -> Publisher:
    publisher.wall = lambda: float(NOON)
    return publisher


def counted(client: Client, day: date = TODAY) -> dict[str, int]:
    return counts.read(client, day, day).get(day, {})


def number(report: Report, measure: str, by: By = By.ALL, name: str = "") -> tuple:
    (row,) = [one for one in report.rows if (one.measure, one.by, one.name) == (measure, by, name)]
    return row.count, row.year_before


@pytest.fixture
def lookup(server: EmbeddedServer, list_values: Load) -> Lookup:
    list_values(SOURCE, THING.value)
    replica = Replica(connect.reader(server.url))
    replica.poll()
    return Lookup(replica, connect.reader(server.url))


def test_questions_and_hits_are_added_once(client: Client, lookup: Lookup) -> None:
    """The first write is of zeros: a day on which nobody asked is not one without data."""
    daily = DailyCounts(client, [lookup], wall=lambda: NOON)
    daily.write()
    assert counted(client) == {"asked_filter": 0, "asked_store": 0, "asked_nobody": 0, "hit": 0}
    lookup.check_many([Ask("evil.example"), Ask("clean.example"), Ask("other.example")])
    for _ in range(2):
        daily.write()
        found = counted(client)
        assert sum(found[event] for event in counts.ASKED) == 3
        assert found["hit"] == 1


@pytest.mark.one_server
def test_what_could_not_be_written_is_written_later(
    client: Client, server: EmbeddedServer, lookup: Lookup
) -> None:
    daily = DailyCounts(connect.reader(server.url), [lookup], wall=lambda: NOON)
    daily.write()
    lookup.check(Ask("evil.example"))
    away = DailyCounts(connect.reader("unix:///nonexistent/store.sock"), [lookup])
    with pytest.raises(Unavailable):
        away.write()
    daily.write()
    assert counted(client)["hit"] == 1


def test_a_report_is_counted_once_and_its_end(client: Client, publisher: Publisher) -> None:
    told = Told(THING, Category.PHISHING, "", "192.0.2.1", is_key=False)
    reports.count(publisher, told)
    reports.count(publisher, told)  # known already
    (case,) = reports.stored.page(client, reports.stored.Order.NEWEST, 0, 9)
    reports.accept(publisher, case.id, by="k", reason="r")
    assert counted(client) == {Event.REPORT_RECEIVED: 1, Event.REPORT_ACCEPTED: 1}
    assert 0 < client.ttl(counts.keys.counts(TODAY)) <= counts.KEPT_SECONDS


def test_a_dispute_is_counted_with_its_first_answer_and_its_end(
    client: Client, publisher: Publisher
) -> None:
    claim = Claim(
        identifier=THING, claim=Reason.WRONGLY_LISTED, note="", contact="", teller="192.0.2.1"
    )
    dispute = disputes.open_dispute(publisher, claim)
    for _ in range(2):
        disputes.answer(publisher, dispute.reference, by="k", reason="r")
    disputes.keep(publisher, dispute.reference, by="k", reason="r")
    assert counted(client) == {
        Event.DISPUTE_OPENED: 1,
        Event.DISPUTE_ANSWERED: 1,
        Event.DISPUTE_KEPT: 1,
    }


def test_a_period_stands_beside_the_year_before(
    client: Client, publisher: Publisher, list_values: Load
) -> None:
    """Sums by kind, category and source; of days outside nothing."""
    cell = (Kind.PHONE, Category.GAMBLING, "s2")
    tallies.record(client, [Tally(A_YEAR_AGO, What.ADDED, *cell, 9)])
    tallies.record(client, [Tally(A_YEAR_AGO, What.CURRENT, *cell, 9)])
    tallies.record(client, [Tally(YESTERDAY, What.WITHDRAWN, *cell, 2)])
    tallies.record(client, [Tally(YESTERDAY, What.CURRENT, *cell, 7)])
    list_values(SOURCE, THING.value, "more.example")
    found = periodic.make(client, Period(YESTERDAY, TODAY), TODAY)
    assert number(found, "entries_added") == (2, 9)
    assert number(found, "entries_withdrawn") == (2, 0)
    assert number(found, "entries_current") == (9, 9)
    assert number(found, "entries_current", By.KIND, "phone") == (7, 9)
    assert number(found, "entries_current", By.CATEGORY, "phishing") == (2, 0)
    assert number(found, "entries_added", By.SOURCE, "s1") == (2, 0)
    later = periodic.make(client, Period(TODAY, TODAY), TODAY)
    assert number(later, "entries_withdrawn") == (0, 0)


def test_no_data_is_not_zero(client: Client, publisher: Publisher) -> None:
    """And a period that was counted in part says from when on."""
    counts.record(client, YESTERDAY, {Event.ASKED_FILTER: 5, Event.HIT: 0})
    whole = Period(YESTERDAY - timedelta(days=9), TODAY)
    found = periodic.make(client, whole, TODAY)
    assert number(found, "questions") == (5, None)
    assert number(found, "questions_hit") == (0, None)
    assert number(found, "entries_added") == (None, None)
    assert number(found, "entries_current") == (None, None)
    assert number(found, "transfers_stopped") == (None, None)
    assert found.kept["questions"] == periodic.Kept(YESTERDAY, None)
    earlier = Period(YESTERDAY - timedelta(days=9), YESTERDAY - timedelta(days=1))
    assert number(periodic.make(client, earlier, TODAY), "questions") == (None, None)


def test_transfers_are_told_with_their_money(client: Client, publisher: Publisher) -> None:
    day = (TODAY - date(1970, 1, 1)).days
    for place, ending in enumerate((Ending.STOPPED, Ending.STOPPED, Ending.HELD)):
        told = Outcome(
            *(day, bytes([place]), ending, Level.DANGER, Kind.ACCOUNT, "k"), amount=5_000_000
        )
        outcomes.count(client, told)
    found = periodic.make(client, Period(TODAY, TODAY), TODAY)
    assert number(found, "transfers_stopped") == (2, None)
    assert number(found, "transfers_stopped_amount") == (10_000_000, None)
    assert number(found, "transfers_held") == (1, None)
    assert number(found, "transfers_went_ahead") == (0, None)


def test_a_period_that_is_not_over_ends_today(client: Client, publisher: Publisher) -> None:
    found = periodic.make(client, Period(TODAY, TODAY + timedelta(days=20)), TODAY)
    assert found.until == TODAY


def test_a_difference_is_of_whole_periods(client: Client, publisher: Publisher) -> None:
    """Not where one of them is still going on, or was counted in part."""
    for day in (A_YEAR_AGO - timedelta(days=1), YESTERDAY):
        counts.record(client, day, {Event.HIT: 1})
    for first, last, is_so in ((0, 0, True), (1, 0, True), (2, 0, False), (0, -1, False)):
        wanted = Period(TODAY - timedelta(days=first), TODAY - timedelta(days=last))
        assert periodic.make(client, wanted, TODAY).is_comparable("questions") is is_so
    assert not periodic.make(client, Period(TODAY, TODAY), TODAY).is_comparable("transfers")

"""What a source's entries go through besides being loaded: withdrawn, ended, counted by day."""

from datetime import date

import pytest

from blacklist.load import Changes
from blacklist.lookup import Ask, Lookup
from blacklist.model import Category, Identifier, Kind, Outcome, Source, Trust
from blacklist.publish import Publisher
from blacklist.replica import Replica
from blacklist.store import Client, connect, sources, tallies
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.listings import Detail
from blacklist.store.meta import StoreInfo
from blacklist.store.sources import State
from blacklist.store.stage import Staged, Withdrawal
from blacklist.store.tallies import What

SOURCE = Source("s1", "Source one", category=Category.PHISHING)
POLICE = Source("police", "Police", trust=Trust.AUTHORITY, category=Category.MULE_ACCOUNT)
DAY = 86_400
NOON = 1_795_600_000
"""2026-11-25 about noon in Vietnam."""

NUMBER = "0000000000001"


@pytest.fixture
def publisher(publisher: Publisher) -> Publisher:
    publisher.wall = lambda: float(NOON)
    return publisher


@pytest.fixture
def lookup(server: EmbeddedServer, info: StoreInfo, publisher: Publisher) -> Lookup:
    client = connect.reader(server.url)
    return Lookup(Replica(client), client, wall=lambda: publisher.wall())  # noqa: PLW0108 - tests change it


def link(value: str, **detail: object) -> Staged:
    return Staged(Identifier(Kind.LINK, value), None, Detail(**detail))


def account(bank: str) -> list[Staged]:
    bare = Staged(Identifier(Kind.ACCOUNT, NUMBER), None, Detail(banks=(bank,)))
    return [Staged(Identifier(Kind.ACCOUNT, f"{bank}/{NUMBER}")), bare]


def load(
    publisher: Publisher, source: Source, *rows: Staged, full: bool = False, out: tuple = ()
) -> dict[Kind, Changes]:
    with publisher.load(source, full=full) as loading:
        loading.put(rows)
        loading.withdraw(out)
        return loading.commit()


def withdrawn(bank: str) -> tuple[Withdrawal, ...]:
    return (
        Withdrawal(Identifier(Kind.ACCOUNT, f"{bank}/{NUMBER}")),
        Withdrawal(Identifier(Kind.ACCOUNT, NUMBER), bank),
    )


def record(client: Client, name: str) -> sources.SourceRecord:
    found = sources.read(client).named(name)
    assert found is not None
    return found


def told(client: Client, day: date) -> dict[tuple[What, Kind, Category], int]:
    return {(t.what, t.kind, t.category): t.count for t in tallies.read(client, day, day)}


def test_a_withdrawn_entry_is_gone_and_its_neighbours_stay(
    client: Client, publisher: Publisher, lookup: Lookup
) -> None:
    load(publisher, SOURCE, link("a.example"), link("b.example"))
    out = (Withdrawal(Identifier(Kind.LINK, "a.example")),)
    assert load(publisher, SOURCE, out=out) == {Kind.LINK: Changes(0, 1, 2, 1)}
    verdicts = [lookup.check(Ask(value)).verdict for value in ("a.example", "b.example")]
    assert verdicts == [Outcome.NO_RECORD, Outcome.LISTED]
    assert record(client, "s1").entries == {Kind.LINK: 1}
    assert load(publisher, SOURCE, out=out) == {}


def test_an_account_withdrawn_at_one_bank_stays_at_the_other(
    client: Client, publisher: Publisher, lookup: Lookup
) -> None:
    load(publisher, POLICE, *account("970436"), *account("970415"))
    load(publisher, POLICE, out=withdrawn("970436"))
    bare = lookup.check(Ask(NUMBER, kind=Kind.ACCOUNT))
    assert [match.listed for match in bare.matches] == [f"970415/{NUMBER}"]
    load(publisher, POLICE, out=withdrawn("970415"))
    assert lookup.check(Ask(NUMBER, kind=Kind.ACCOUNT)).verdict is Outcome.NO_RECORD
    assert record(client, "police").entries == {}


def test_what_a_load_brings_and_withdraws_at_once_stays(
    publisher: Publisher, lookup: Lookup
) -> None:
    out = (Withdrawal(Identifier(Kind.LINK, "a.example")),)
    load(publisher, SOURCE, link("a.example"), out=out)
    assert lookup.check(Ask("a.example")).verdict is Outcome.LISTED


def test_a_sweep_removes_what_has_ended_and_nothing_else(
    client: Client, publisher: Publisher, lookup: Lookup
) -> None:
    short = Source("short", "Short", days=10)
    load(publisher, short, link("old.example"), link("own.example", expires=NOON + 40 * DAY))
    publisher.wall = lambda: NOON + 5.0 * DAY
    load(publisher, short, link("young.example"), link("old.example"), full=False)
    load(publisher, short, link("gone.example", expires=NOON + 6 * DAY))
    publisher.wall = lambda: NOON + 11.0 * DAY
    with publisher.load(short, full=False) as loading:
        assert loading.sweep() == {Kind.LINK: Changes(0, 2, 4, 2)}
    values = ["old.example", "young.example", "own.example", "gone.example"]
    outcomes = [lookup.check(Ask(value)).verdict for value in values]
    listed, nothing = Outcome.LISTED, Outcome.NO_RECORD
    assert outcomes == [listed, listed, nothing, nothing]
    assert record(client, "short").state is State.CLEAN
    assert record(client, "short").loaded == NOON + 5 * DAY


def test_a_swept_account_goes_with_its_bare_number(publisher: Publisher, lookup: Lookup) -> None:
    source = Source("short", "Short", days=1)
    load(publisher, source, *account("970436"))
    publisher.wall = lambda: NOON + 2.0 * DAY
    assert lookup.check(Ask(NUMBER, kind=Kind.ACCOUNT)).verdict is Outcome.NO_RECORD
    with publisher.load(source, full=False) as loading:
        loading.sweep()
    publisher.wall = lambda: float(NOON)
    assert lookup.check(Ask(NUMBER, kind=Kind.ACCOUNT)).verdict is Outcome.NO_RECORD


def test_a_number_is_not_listed_for_longer_than_a_year_unless_it_is_brought_again(
    publisher: Publisher, lookup: Lookup
) -> None:
    number = Staged(Identifier(Kind.PHONE, "+447700900123"), NOON - 300 * DAY)
    load(publisher, SOURCE, number)
    asked = Ask("+447700900123", Kind.PHONE)
    publisher.wall = lambda: NOON + 100.0 * DAY
    assert lookup.check(asked).verdict is Outcome.LISTED
    load(publisher, SOURCE, number)
    publisher.wall = lambda: NOON + 460.0 * DAY
    assert lookup.check(asked).verdict is Outcome.LISTED
    publisher.wall = lambda: NOON + 466.0 * DAY
    assert lookup.check(asked).verdict is Outcome.NO_RECORD


def test_reports_are_added_up_within_a_feed_and_over_increments(
    publisher: Publisher, lookup: Lookup
) -> None:
    row = link("a.example", reports=1)
    load(publisher, SOURCE, row, row, row)
    load(publisher, SOURCE, row, link("b.example"))
    first, second = lookup.check_many([Ask("a.example"), Ask("b.example")])
    assert [first.matches[0].reports, second.matches[0].reports] == [4, None]
    load(publisher, SOURCE, row, full=True)
    assert lookup.check(Ask("a.example")).matches[0].reports == 1


def test_the_day_says_what_came_what_went_and_what_stands(
    client: Client, publisher: Publisher
) -> None:
    today = tallies.day_of(NOON)
    load(publisher, SOURCE, link("a.example"), link("b.example", category=Category.GAMBLING))
    load(publisher, SOURCE, link("a.example"), link("c.example"), full=True)
    assert told(client, today) == {
        (What.ADDED, Kind.LINK, Category.PHISHING): 2,
        (What.ADDED, Kind.LINK, Category.GAMBLING): 1,
        (What.WITHDRAWN, Kind.LINK, Category.GAMBLING): 1,
        (What.CURRENT, Kind.LINK, Category.PHISHING): 2,
        (What.CURRENT, Kind.LINK, Category.GAMBLING): 0,
    }
    publisher.wall = lambda: NOON + 1.0 * DAY
    load(publisher, SOURCE, link("a.example", category=Category.ROMANCE), link("c.example"))
    assert told(client, tallies.day_of(NOON + DAY)) == {
        (What.CURRENT, Kind.LINK, Category.PHISHING): 1,
        (What.CURRENT, Kind.LINK, Category.ROMANCE): 1,
    }


def test_a_load_that_was_cut_off_is_counted_by_the_next(
    client: Client, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    load(publisher, SOURCE, link("a.example"))
    with monkeypatch.context() as patched:
        patched.setattr("blacklist.load.tally", cut_off)
        with pytest.raises(KeyboardInterrupt):
            load(publisher, SOURCE, link("b.example"), link("c.example"))
    assert record(client, "s1").state is State.DIRTY
    load(publisher, SOURCE, link("c.example"))
    assert record(client, "s1").entries == {Kind.LINK: 3}
    counts = told(client, tallies.day_of(NOON))
    assert counts[What.ADDED, Kind.LINK, Category.PHISHING] == 3
    assert counts[What.CURRENT, Kind.LINK, Category.PHISHING] == 3


def test_a_day_ends_at_midnight_in_vietnam() -> None:
    assert tallies.day_of(1_795_539_599) == date(2026, 11, 24)
    assert tallies.day_of(1_795_539_600) == date(2026, 11, 25)

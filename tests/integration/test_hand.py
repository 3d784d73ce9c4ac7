"""Listings by hand in the store: dates, cut-offs, the guard, and what waits for a second key."""

import pytest

from blacklist import hand, marks, pending
from blacklist.callers import Caller, Scope, mint
from blacklist.hand import Keeper, Row
from blacklist.lookup import Ask, Lookup
from blacklist.model import Audience, Category, Identifier, Kind, Outcome, Trust
from blacklist.pending import Decision, Full, Result
from blacklist.publish import Publisher
from blacklist.replica import Replica
from blacklist.store import Client, callers, connect, sources
from blacklist.store import pending as stored
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.listings import Detail
from blacklist.store.marks import Mark
from blacklist.store.sources import State

NOW = 1_795_600_000
DAY = 86_400
DOMAIN = Identifier(Kind.LINK, "shop.example")
PHONE = Identifier(Kind.PHONE, "+447700900123")
SOURCE = hand.source_of("a1", "An authority", Trust.AUTHORITY)


@pytest.fixture
def publisher(publisher: Publisher) -> Publisher:
    publisher.wall = lambda: float(NOW)
    return publisher


@pytest.fixture
def replica(server: EmbeddedServer, publisher: Publisher) -> Replica:
    replica = Replica(connect.reader(server.url))
    replica.poll()
    return replica


@pytest.fixture
def lookups(
    server: EmbeddedServer, replica: Replica, publisher: Publisher
) -> dict[Audience, Lookup]:
    client = connect.reader(server.url)
    return {
        one: Lookup(replica, client, wall=lambda: publisher.wall(), audience=one)  # noqa: PLW0108 - tests change it
        for one in Audience
    }


@pytest.fixture
def partner(client: Client, publisher: Publisher) -> Caller:
    return known_key(client, "A partner")


def known_key(client: Client, name: str) -> Caller:
    caller, _ = mint(name, [Scope.LIST], now=NOW)
    callers.write(client, caller)
    return caller


def row(identifier: Identifier = DOMAIN, **told: object) -> Row:
    return Row(identifier, Detail(category=Category.PHISHING, **told))


def test_listed_again_it_keeps_its_first_date_and_a_phone_lives_another_year(
    replica: Replica, lookups: dict[Audience, Lookup], publisher: Publisher
) -> None:
    hand.publish(publisher, SOURCE, [row(), row(PHONE)])
    publisher.wall = lambda: NOW + 300.0 * DAY
    assert not any(one.is_new for one in hand.publish(publisher, SOURCE, [row(), row(PHONE)]))
    publisher.wall = lambda: NOW + 600.0 * DAY
    replica.poll()
    for value in (DOMAIN.value, PHONE.value):
        (match,) = lookups[Audience.PUBLIC].check(Ask(value)).matches
        assert match.since == "2026-11-25T09:46:40Z"


@pytest.mark.parametrize("where", ["tell", "acknowledge"])
def test_a_change_that_was_cut_off_is_whole_when_it_is_made_again(
    replica: Replica,
    lookups: dict[Audience, Lookup],
    publisher: Publisher,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
) -> None:
    """Cut off between the sets and the journal: the filters do not know of it yet."""
    hand.publish(publisher, SOURCE, [row(PHONE)])

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut, pytest.raises(KeyboardInterrupt):
        cut.setattr(publisher, where, end)
        hand.publish(publisher, SOURCE, [row()])
    record = sources.read(client).named(SOURCE.name)
    assert record is not None
    assert (record.state is State.DIRTY) is (where == "tell")
    hand.publish(publisher, SOURCE, [row()])
    replica.poll()
    assert lookups[Audience.PUBLIC].check(Ask(DOMAIN.value)).verdict is Outcome.LISTED
    record = sources.read(client).named(SOURCE.name)
    assert record is not None
    assert (record.state, record.entries) == (State.CLEAN, {Kind.PHONE: 1, Kind.LINK: 1})


def test_who_lists_nothing_and_withdraws_is_no_source(publisher: Publisher, client: Client) -> None:
    assert hand.withdraw(publisher, SOURCE, [DOMAIN, PHONE]) == [False, False]
    assert sources.read(client).by_code == {}
    hand.publish(publisher, SOURCE, [row()])
    assert hand.withdraw(publisher, SOURCE, [DOMAIN, PHONE]) == [True, False]


def test_what_is_cleared_is_listed_and_masked(publisher: Publisher) -> None:
    marks.clear(publisher, [DOMAIN], marks.Reason.SITE_CLEANED)
    (done,) = hand.publish(publisher, SOURCE, [row()])
    assert (done.is_new, done.is_masked) == (True, True)


@pytest.mark.parametrize(
    ("kind", "value", "word"),
    [
        (Kind.LINK, "google.com", "popular_host"),
        (Kind.LINK, "bank.example", "official"),
        (Kind.LINK, "login.bank.example", "official"),
        (Kind.LINK, "login.bank.example/page", None),
        (Kind.ACCOUNT, "970436/0000000000001", "official"),
        (Kind.ACCOUNT, "0000000000001", "official"),
        (Kind.ACCOUNT, "970415/0000000000001", None),
        (Kind.PHONE, "+447700900999", "official"),
        (Kind.PHONE, "+4477009009*", "official"),
        (Kind.PHONE, "+44770090099#", "official"),
        (Kind.PHONE, "+4477009008*", None),
        (Kind.LINK, "shop.example", None),
    ],
)
def test_an_institutions_own_is_listed_by_nobody(
    publisher: Publisher, client: Client, kind: Kind, value: str, word: str | None
) -> None:
    """Neither by its number under no bank, nor by a range around its line."""
    own = [
        Identifier(Kind.LINK, "bank.example"),
        Identifier(Kind.ACCOUNT, "970436/0000000000001"),
        Identifier(Kind.PHONE, "+447700900999"),
    ]
    marks.replace_official(publisher, [Mark(one, NOW, "A bank") for one in own])
    assert Keeper(client).hold(Identifier(kind, value)) == word


def test_what_waits_is_told_to_institutions_alone_and_ends_by_itself(
    replica: Replica, lookups: dict[Audience, Lookup], publisher: Publisher, partner: Caller
) -> None:
    pending.submit(publisher, partner, [row()])
    replica.poll()

    def notes(audience: Audience) -> tuple[str, ...]:
        answer = lookups[audience].check(Ask("www.shop.example/x"))
        assert (answer.verdict, answer.suspicious) == (Outcome.NO_RECORD, False)
        return tuple(note for note in answer.notes if note != "no_lists")

    assert notes(Audience.INSTITUTIONS) == ("being_verified",)
    assert notes(Audience.PUBLIC) == ()
    publisher.wall = lambda: float(NOW + pending.DAYS * DAY)
    assert notes(Audience.INSTITUTIONS) == ()
    assert pending.waiting(publisher.client, now=publisher.now()) == []
    other = Identifier(Kind.LINK, "other.example")
    pending.submit(publisher, partner, [row(other)])
    assert [one.identifier for one in stored.read(publisher.client).values()] == [other]


def test_the_public_cannot_tell_by_an_answers_age_that_something_waits(
    server: EmbeddedServer, publisher: Publisher, partner: Caller, clock
) -> None:
    """What the store says is of this moment, what the filter says as old as its last look."""
    pending.submit(publisher, partner, [row()])
    hand.publish(publisher, SOURCE, [row(PHONE)])
    replica = Replica(connect.reader(server.url), clock=clock)
    replica.poll()
    clock.now += 0.05
    lookup = Lookup(replica, connect.reader(server.url), clock=clock)
    ages = []
    for value in (DOMAIN.value, "never-heard-of.example", PHONE.value):
        as_of = lookup.check(Ask(value)).as_of
        assert as_of is not None
        ages.append(as_of.age_ms)
    assert ages == [50, 50, 0]


def test_a_confirmation_that_was_cut_off_is_finished_by_confirming_again(
    publisher: Publisher, partner: Caller, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off between the listing and the end of the wait."""
    (waiting,) = pending.submit(publisher, partner, [row()])

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut, pytest.raises(KeyboardInterrupt):
        cut.setattr(marks, "withdraw", end)
        pending.decide(publisher, "checker", [Decision(waiting.id, is_confirmed=True)])
    decision = [Decision(waiting.id, is_confirmed=True)]
    assert pending.decide(publisher, "checker", decision) == [Result.LISTED]
    assert pending.decide(publisher, "checker", decision) == [Result.UNKNOWN]
    record = sources.read(client).named(hand.own_source(partner).name)
    assert record is not None
    assert record.entries == {Kind.LINK: 1}


def test_of_two_words_about_one_thing_the_first_counts(
    publisher: Publisher, partner: Caller, client: Client
) -> None:
    (waiting,) = pending.submit(publisher, partner, [row()])
    words = [Decision(waiting.id, is_confirmed=one) for one in (False, True)]
    assert pending.decide(publisher, "checker", words) == [Result.REFUSED, Result.UNKNOWN]
    assert sources.read(client).by_code == {}
    assert stored.read(client) == {}


def test_what_became_official_meanwhile_is_not_confirmed(
    publisher: Publisher, partner: Caller
) -> None:
    (waiting,) = pending.submit(publisher, partner, [row()])
    marks.replace_official(publisher, [Mark(DOMAIN, NOW, "A bank")])
    decision = [Decision(waiting.id, is_confirmed=True)]
    assert pending.decide(publisher, "checker", decision) == [Result.HELD]


def test_as_much_waits_as_may_wait(
    publisher: Publisher, partner: Caller, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key has its own bound, so that one cannot keep the others out."""
    monkeypatch.setattr(pending, "MAX_A_MAKER", 3)
    rows = [row(Identifier(Kind.LINK, f"w{number}.example")) for number in range(4)]
    pending.submit(publisher, partner, rows[:3])
    with pytest.raises(Full):
        pending.submit(publisher, partner, rows[3:])
    pending.submit(publisher, partner, rows[:3])
    pending.submit(publisher, known_key(client, "Another"), rows[3:])
    assert len(stored.read(client)) == 4


def test_a_mark_of_being_verified_is_no_listing_in_sums_or_filters(
    publisher: Publisher, partner: Caller, server: EmbeddedServer
) -> None:
    """It survives a filter that is built anew, as every mark does."""
    pending.submit(publisher, partner, [row()])
    publisher.rebuild(Kind.LINK)
    replica = Replica(connect.reader(server.url))
    replica.poll()
    lookup = Lookup(
        replica,
        connect.reader(server.url),
        wall=lambda: publisher.wall(),  # noqa: PLW0108 - tests change it
        audience=Audience.INSTITUTIONS,
    )
    answer = lookup.check(Ask(DOMAIN.value))
    assert "being_verified" in answer.notes
    assert answer.matches == ()
    assert sources.read(publisher.client).by_code == {}

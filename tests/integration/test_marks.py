"""What people decide about single identifiers, over every later load."""

import pytest

from blacklist import marks
from blacklist.lookup import Ask, Lookup
from blacklist.marks import Reason
from blacklist.model import Identifier, Kind, Level, Outcome, Source, Trust
from blacklist.publish import Publisher
from blacklist.replica import Replica
from blacklist.store import Client, connect
from blacklist.store import marks as stored
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.marks import Mark, Sort
from blacklist.store.meta import StoreInfo

SOURCE = Source("s1", "Source one")
POLICE = Source("police", "Police", trust=Trust.AUTHORITY)
NOW = 1_795_600_000
DAY = 86_400
PHONE = Identifier(Kind.PHONE, "+447700900123")
DOMAIN = Identifier(Kind.LINK, "bank.example")


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
def lookup(server: EmbeddedServer, replica: Replica, publisher: Publisher) -> Lookup:
    return Lookup(replica, connect.reader(server.url), wall=lambda: publisher.wall())  # noqa: PLW0108 - tests change it


def verdict_of(lookup: Lookup, value: str) -> Outcome | None:
    return lookup.check(Ask(value)).verdict


def test_a_clearance_masks_later_loads_until_it_ends_and_says_when_and_why(
    lookup: Lookup, replica: Replica, publisher: Publisher, list_values
) -> None:
    marks.clear(publisher, [PHONE], Reason.NUMBER_REASSIGNED, until=NOW + 10 * DAY)
    for source in (SOURCE, POLICE):
        list_values(source, PHONE.value, kind=Kind.PHONE, full=True)
    replica.poll()
    answer = lookup.check(Ask(PHONE.value))
    assert (answer.verdict, answer.level, answer.suspicious) == (Outcome.CLEARED, Level.NONE, False)
    assert not answer.matches
    assert "cleared_since:2026-11-25T09:46:40Z" in answer.notes
    assert "cleared_because:number_reassigned" in answer.notes
    publisher.wall = lambda: NOW + 11.0 * DAY
    assert verdict_of(lookup, PHONE.value) is Outcome.LISTED
    assert marks.clearances(publisher) == {}


def test_a_lifted_clearance_masks_nothing(
    lookup: Lookup, replica: Replica, publisher: Publisher, list_values
) -> None:
    list_values(SOURCE, PHONE.value, kind=Kind.PHONE)
    marks.clear(publisher, [PHONE], Reason.OTHER)
    assert set(marks.clearances(publisher)) == {PHONE}
    replica.poll()
    assert verdict_of(lookup, PHONE.value) is Outcome.CLEARED
    marks.lift(publisher, [PHONE])
    replica.poll()
    assert verdict_of(lookup, PHONE.value) is Outcome.LISTED


def test_a_cleared_domain_clears_what_lies_under_it_and_nothing_above(
    lookup: Lookup, replica: Replica, publisher: Publisher, list_values
) -> None:
    list_values(SOURCE, "shop.bank.example/x", "evil.example")
    marks.clear(publisher, [Identifier(Kind.LINK, "shop.bank.example")], Reason.SITE_CLEANED)
    replica.poll()
    assert verdict_of(lookup, "shop.bank.example/x/y") is Outcome.CLEARED
    assert verdict_of(lookup, "evil.example") is Outcome.LISTED
    assert verdict_of(lookup, "bank.example") is Outcome.NO_RECORD


def test_official_entries_are_answered_as_official_and_replaced_whole(
    lookup: Lookup, replica: Replica, publisher: Publisher, client: Client, list_values
) -> None:
    entries = [Mark(DOMAIN, NOW, "A bank"), Mark(PHONE, NOW, "A bank", hotline="1900 0000")]
    assert marks.replace_official(publisher, entries) == (2, 0)
    list_values(SOURCE, "login.bank.example")
    replica.poll()
    for value in ("bank.example", "login.bank.example", PHONE.value):
        answer = lookup.check(Ask(value))
        assert answer.verdict is Outcome.OFFICIAL
        assert "official_of:A bank" in answer.notes
    assert marks.replace_official(publisher, entries[:1]) == (0, 1)
    replica.poll()
    assert verdict_of(lookup, PHONE.value) is Outcome.NO_RECORD
    assert set(stored.read(client, Sort.OFFICIAL)) == {DOMAIN}


def test_a_directory_that_was_cut_off_is_whole_when_it_is_loaded_again(
    lookup: Lookup, replica: Replica, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off between the sets and the journal: the filters do not know of it yet."""
    entries = [Mark(DOMAIN, NOW, "A bank")]

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut, pytest.raises(KeyboardInterrupt):
        cut.setattr(publisher, "tell", end)
        marks.replace_official(publisher, entries)
    marks.replace_official(publisher, entries)
    replica.poll()
    assert verdict_of(lookup, "bank.example") is Outcome.OFFICIAL
    with monkeypatch.context() as cut, pytest.raises(KeyboardInterrupt):
        cut.setattr(stored, "forget", end)
        marks.replace_official(publisher, [])
    assert marks.replace_official(publisher, []) == (0, 1)


def test_marks_survive_a_snapshot(
    server: EmbeddedServer, publisher: Publisher, info: StoreInfo
) -> None:
    marks.replace_official(publisher, [Mark(DOMAIN, NOW, "A bank")])
    publisher.rebuild(Kind.LINK)
    replica = Replica(connect.reader(server.url))
    replica.poll()
    lookup = Lookup(replica, connect.reader(server.url))
    assert verdict_of(lookup, "bank.example") is Outcome.OFFICIAL


def test_a_cleared_wallet_is_met_without_its_name_however_its_number_is_written(
    lookup: Lookup, replica: Replica, publisher: Publisher
) -> None:
    """The filter is asked for the bare number only; a mark writes none into the sets."""
    momo = Identifier(Kind.ACCOUNT, "971025/0912345678")
    marks.clear(publisher, [momo], Reason.OWNER_VERIFIED)
    asks = [
        Ask("0912345678", kind=Kind.ACCOUNT, bank="MoMo"),
        Ask("+84 912 345 678", kind=Kind.ACCOUNT, bank="MoMo"),
        Ask("clean.example"),
    ]
    for _ in range(2):
        replica.poll()
        found = [one.verdict for one in lookup.check_many(asks)]
        assert found == [Outcome.CLEARED, Outcome.CLEARED, Outcome.NO_RECORD]
        assert lookup.check(asks[0]).verdict is Outcome.CLEARED
        publisher.rebuild(Kind.ACCOUNT)

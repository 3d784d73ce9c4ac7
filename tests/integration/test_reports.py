"""The queue of reports under a flood, and cases that were cut off."""

import pytest

from blacklist import hand, reports
from blacklist.errors import Undecided
from blacklist.model import Category, Identifier, Kind
from blacklist.publish import Publisher
from blacklist.store import Client, keys, tellers
from blacklist.store import reports as stored
from blacklist.store.reports import Bounds, Counted, Order, Report

NOW = 1_795_600_000
BOUNDS = Bounds(a_teller=3, a_day=10, cases=5)


@pytest.fixture
def publisher(publisher: Publisher) -> Publisher:
    publisher.wall = lambda: float(NOW)
    return publisher


def thing(number: int) -> Identifier:
    return Identifier(Kind.LINK, f"reported-{number}.example")


def report(number: int, teller: str, *, is_key: bool = False, note: str = "") -> Report:
    return Report(thing(number), Category.PHISHING, note, teller, is_key=is_key)


def count(client: Client, told: Report, *, now: int = NOW) -> Counted:
    return stored.count(client, told, BOUNDS, now=now)


def size(client: Client) -> int:
    """How many keys and fields there are of reports."""
    total = 0
    for name in client.scan_iter("bl:{bl}:report*"):
        kind = client.type(name)
        total += client.zcard(name) if kind == b"zset" else client.hlen(name)
    for name in client.scan_iter("bl:{bl}:told:*"):
        kind = client.type(name)
        if kind != b"string":
            total += client.scard(name) if kind == b"set" else client.hlen(name)
    return total


def test_a_flood_from_one_address_ends_at_its_bound(client: Client, publisher: Publisher) -> None:
    found = [count(client, report(number, "192.0.2.1")) for number in range(20)]
    assert found == [Counted.COUNTED] * 3 + [Counted.MANY] * 17
    assert stored.length(client) == 3


def test_a_flood_from_many_addresses_fills_no_memory(client: Client, publisher: Publisher) -> None:
    """Neither with things nor with reports of one thing, nor with notes."""
    found = [count(client, report(number, f"10.0.0.{number}")) for number in range(50)]
    assert found.count(Counted.COUNTED) == BOUNDS.cases
    assert set(found) == {Counted.COUNTED, Counted.FULL}
    before = size(client)
    for number in range(200):
        count(client, report(0, f"10.1.0.{number}", note="x" * 500))
    (case,) = [one for one in stored.page(client, Order.MOST, 0, 9) if one.identifier == thing(0)]
    assert case.citizens + 4 == BOUNDS.a_day
    assert len(case.notes) == stored.MAX_NOTES
    assert size(client) - before <= 2 * BOUNDS.a_day + stored.MAX_NOTES + 1
    grown = size(client)
    for number in range(200):
        count(client, report(number, f"10.2.0.{number}", note="y"))
    assert size(client) == grown


def test_keys_are_heard_when_citizens_have_filled_the_queue(
    client: Client, publisher: Publisher
) -> None:
    for number in range(20):
        count(client, report(number, f"10.0.0.{number}"))
    more = Bounds(a_teller=3, a_day=0, cases=BOUNDS.cases + 1)
    told = report(99, "a1b2c3", is_key=True)
    assert stored.count(client, told, more, now=NOW) is Counted.COUNTED
    assert stored.count(client, told, more, now=NOW) is Counted.KNOWN


def test_an_address_counts_again_the_next_day_and_is_forgotten(
    client: Client, publisher: Publisher
) -> None:
    for now, word in ((NOW, Counted.COUNTED), (NOW + 60, Counted.KNOWN)):
        assert count(client, report(1, "192.0.2.1"), now=now) is word
    assert count(client, report(1, "192.0.2.1"), now=NOW + 86_400) is Counted.COUNTED
    today = [keys.told(tellers.day_of(NOW), what) for what in ("things", "reports", "secret")]
    assert all(0 < client.ttl(name) <= tellers.KEEP_SECONDS for name in today)
    held = b"".join(client.smembers(today[0])) + b"".join(client.hgetall(today[1]))
    assert b"192.0.2.1" not in held


def test_an_acceptance_that_was_cut_off_is_finished_by_accepting_again(
    client: Client, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off between the listing and the end of the case."""
    count(client, report(1, "192.0.2.1"))
    (case,) = stored.page(client, Order.NEWEST, 0, 9)

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut, pytest.raises(KeyboardInterrupt):
        cut.setattr(stored, "close", end)
        reports.accept(publisher, case.id, by="k", reason="r")
    assert stored.length(client) == 1
    reports.accept(publisher, case.id, by="k", reason="r")
    ended = stored.find(client, case.id)
    assert ended is not None
    assert ended.end is not None
    assert (ended.end.by, ended.end.reason, ended.notes) == ("k", "r", ())
    assert 0 < client.ttl(keys.report(case.id)) <= stored.KEPT_SECONDS
    with pytest.raises(Undecided):
        reports.reject(publisher, case.id, by="k", reason="r")


@pytest.mark.parametrize("host", ["google.com", "www.facebook.com"])
def test_a_popular_host_cannot_be_accepted(client: Client, publisher: Publisher, host: str) -> None:
    told = Report(Identifier(Kind.LINK, host), Category.OTHER, "", "192.0.2.1", is_key=False)
    count(client, told)
    (case,) = stored.page(client, Order.NEWEST, 0, 9)
    with pytest.raises(Undecided, match="guard"):
        reports.accept(publisher, case.id, by="k", reason="r")
    assert hand.withdraw(publisher, reports.SOURCE, [told.identifier]) == [False]

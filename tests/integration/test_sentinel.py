"""A real primary under Sentinels that dies while questions are asked."""

import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
import redis

from askers import asking, eventually, following
from blacklist.errors import StoreError, Unavailable
from blacklist.lookup import Ask, Lookup
from blacklist.model import Identifier, Kind, Outcome, Source
from blacklist.publish import Publisher
from blacklist.replica import Replica
from blacklist.store import Client, connect, durability, meta
from blacklist.store.meta import StoreInfo
from blacklist.store.stage import Staged
from cluster import HEAL_SECONDS, role, wait_until
from processes import quick_folder
from sentinels import Watched
from servers import MAX_LAG_SECONDS

pytestmark = pytest.mark.slow

SOURCE = Source("writer", "Writer")
LISTED = [f"listed-{number}.example" for number in range(40)]


@pytest.fixture
def watched() -> Iterator[Watched]:
    """A primary with two replicas, so that one is left to copy to when the primary is gone."""
    with quick_folder() as folder:
        watched = Watched(folder, replicas=2)
        try:
            watched.start()
            yield watched
        finally:
            watched.end()


@pytest.fixture
def client(watched: Watched) -> Iterator[Client]:
    client = connect.writer(watched.url)
    yield client
    client.close()


@pytest.fixture
def info(client: Client) -> StoreInfo:
    return meta.create(client, bits=dict.fromkeys(Kind, 4), max_lag_seconds=MAX_LAG_SECONDS)


def publish(client: Client, info: StoreInfo, *values: str) -> None:
    with Publisher(client, info).load(SOURCE, full=False) as load:
        load.put(Staged(Identifier(Kind.LINK, value)) for value in values)
        load.commit()


@pytest.mark.parametrize("how", ["killed", "frozen"])
def test_a_primary_that_goes_is_replaced_and_nothing_acknowledged_is_missed(
    watched: Watched, client: Client, info: StoreInfo, how: str
) -> None:
    publish(client, info, *LISTED)
    with asking(watched.url, LISTED) as askers:
        askers.wait_until_healed(HEAL_SECONDS, time.monotonic())
        publish(client, info, "before.example")
        askers.acknowledged.append("before.example")
        old = watched.primary()
        gone = time.monotonic()
        old.kill() if how == "killed" else old.freeze()
        wait_until(
            lambda: any(role(one) == "master" for one in watched.servers if one is not old),
            "nobody is promoted",
            HEAL_SECONDS,
        )
        askers.wait_until_healed(HEAL_SECONDS, gone)
        other = connect.writer(watched.url)
        eventually(lambda: publish(other, info, "meanwhile.example"), StoreError)
        askers.acknowledged.append("meanwhile.example")
        other.close()
        if how == "killed":
            eventually(lambda: publish(client, info, "after.example"), StoreError)
            askers.acknowledged.append("after.example")
        askers.wait_until_healed(HEAL_SECONDS, time.monotonic())
        if how == "frozen":
            old.thaw()
            time.sleep(1)
            askers.wait_until_healed(HEAL_SECONDS, time.monotonic())
    assert not askers.wrong
    assert askers.asked > 500


def test_nothing_is_acknowledged_that_a_replica_has_not(
    watched: Watched, client: Client, info: StoreInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blacklist.store.replicated.REPLICA_SECONDS", 0.3)
    publish(client, info, *LISTED)
    primary = watched.primary()
    replicas = [one for one in watched.servers if one is not primary]
    replicas[0].freeze()
    with pytest.raises(Unavailable, match="no replica"):
        publish(client, info, "new.example")
    replicas[0].thaw()
    eventually(lambda: publish(client, info, "new.example"), StoreError)
    with following(watched.url) as process:
        wait_until(lambda: process.outcomes("new.example") == [Outcome.LISTED], "not listed")


def test_what_was_written_before_a_failover_is_not_acknowledged_after_it(
    watched: Watched, client: Client
) -> None:
    """The new primary's replicas have what it has, which is not what was written elsewhere."""
    durability.require(client)
    client.set("key", "value")
    durability.replicate(client)
    client.set("key", "other")
    watched.primary().kill()
    eventually(lambda: client.get("key"), redis.RedisError)
    with pytest.raises(Unavailable):
        durability.replicate(client)
    durability.require(client)
    client.set("key", "value")
    eventually(lambda: durability.replicate(client), Unavailable)


def test_an_old_primary_that_is_cut_off_with_its_askers_answers_nothing(
    watched: Watched, client: Client, info: StoreInfo
) -> None:
    """It does not know that another one has taken its place, and nobody there can tell it."""
    publish(client, info, *LISTED)
    replica = Replica(connect.reader(watched.url))
    lookup = Lookup(replica, connect.reader(watched.url))
    question = Ask("meanwhile.example", kind=Kind.LINK)
    replica.poll()
    assert lookup.check(Ask(LISTED[0], kind=Kind.LINK)).verdict is Outcome.LISTED
    assert lookup.check(question).verdict is Outcome.NO_RECORD
    old = watched.primary()
    old.freeze()
    writer = connect.writer(watched.url)
    eventually(lambda: publish(writer, info, "meanwhile.example"), StoreError)
    writer.close()
    for sentinel in watched.sentinels[1:]:
        sentinel.kill()
    old.thaw()
    assert role(old) == "master"
    for _ in range(20):
        with suppress(StoreError):
            replica.poll()
        assert lookup.check(question).verdict is Outcome.UNAVAILABLE
        time.sleep(0.05)

"""A store that has lost a part of itself, or was told something wrong, never says "not listed"."""

import threading
import time
from collections.abc import Callable

import pytest

from blacklist.errors import BlacklistError, Mismatch
from blacklist.lookup import Ask, Lookup
from blacklist.model import Identifier, Kind, Outcome, Source
from blacklist.publish import Publisher
from blacklist.replica import DESCRIPTION_SECONDS, Replica
from blacklist.store import Client, keys, meta, sources
from blacklist.store.meta import StoreInfo
from blacklist.store.stage import Staged

SOURCE = Source("a", "A")
LISTED = "evil.example"
PARTS = [
    keys.STORE,
    keys.SOURCES,
    keys.SOURCES_VERSION,
    keys.CHANGES,
    keys.snapshot(Kind.LINK),
]


def verdict_of(client: Client, value: str) -> Outcome | None:
    """What a process that has just begun answers."""
    replica = Replica(client)
    try:
        replica.poll()
    except BlacklistError:
        assert replica.view is None
    return Lookup(replica, client).check(Ask(value)).verdict


@pytest.mark.parametrize("part", [*PARTS, "both tables", "a chunk of the snapshot"])
def test_a_lost_part_is_no_empty_list(
    client: Client, list_values: Callable[..., None], publisher: Publisher, clock, part: str
) -> None:
    """By whoever has just begun, by whoever was there, and by the next load."""
    list_values(SOURCE, LISTED)
    publisher.rebuild(Kind.LINK)
    replica = Replica(client, clock=clock)
    replica.poll()
    lookup = Lookup(replica, client, clock=clock)
    chunks = client.keys(keys.snapshot_chunk(Kind.LINK, "*", 0))
    several = {
        "both tables": [keys.SOURCES, keys.SOURCES_VERSION],
        "a chunk of the snapshot": chunks,
    }
    assert client.delete(*several.get(part, [part])) > 0
    assert verdict_of(client, LISTED) is not Outcome.NO_RECORD
    for _ in range(3):
        clock.now += DESCRIPTION_SECONDS
        assert lookup.check(Ask(LISTED)).verdict is not Outcome.NO_RECORD
        try:
            replica.poll()
        except BlacklistError:
            continue
        assert lookup.check(Ask(LISTED)).verdict is not Outcome.NO_RECORD


@pytest.mark.parametrize("also_sources", [True, False])
def test_no_store_is_made_over_lists_that_are_left(
    client: Client, list_values: Callable[..., None], info: StoreInfo, also_sources: bool
) -> None:
    """Its filters would be empty, and all that is listed be missed."""
    list_values(SOURCE, LISTED)
    client.delete(keys.STORE, *([keys.SOURCES] if also_sources else []))
    with pytest.raises(Mismatch, match="has lost what says how"):
        meta.create(client, bits=info.bits)


def test_a_creation_that_was_cut_off_is_done_again(client: Client, info: StoreInfo) -> None:
    client.delete(keys.STORE)
    again = meta.create(client, bits=info.bits, max_lag_seconds=info.max_lag_seconds)
    assert again.id != info.id
    assert meta.require(client) == again


def test_a_store_whose_last_source_was_removed_goes_on(
    client: Client, list_values: Callable[..., None], publisher: Publisher
) -> None:
    list_values(SOURCE, LISTED)
    list_values(SOURCE, full=True)
    sources.forget(client, SOURCE.name)
    assert sources.read(client).by_code == {}
    assert verdict_of(client, LISTED) is Outcome.NO_RECORD
    list_values(SOURCE, LISTED)
    assert verdict_of(client, LISTED) is Outcome.LISTED


@pytest.mark.parametrize("bits", ["3", "5", "0", "-1", "24", "25", "99", "phone", ""])
def test_a_wrong_number_of_bits_is_never_an_empty_list(
    client: Client, list_values: Callable[..., None], clock, bits: str
) -> None:
    """Neither by whoever was there and had the right one, nor by whoever has just begun."""
    list_values(SOURCE, LISTED)
    replica = Replica(client, clock=clock)
    lookup = Lookup(replica, client, clock=clock)
    replica.poll()
    client.hset(keys.STORE, "bits:link", bits)
    assert lookup.check(Ask(LISTED)).verdict is Outcome.LISTED
    assert verdict_of(client, LISTED) is Outcome.UNAVAILABLE
    for _ in range(2):
        clock.now += DESCRIPTION_SECONDS
        try:
            replica.poll()
        except Mismatch:
            assert replica.view is None
        assert lookup.check(Ask(LISTED)).verdict is Outcome.UNAVAILABLE
    with pytest.raises(BlacklistError):
        meta.require(client)
        list_with(client, "other.example")
    client.hset(keys.STORE, "bits:link", "4")
    clock.now += DESCRIPTION_SECONDS
    replica.poll()
    assert lookup.check(Ask(LISTED)).verdict is Outcome.LISTED


def list_with(client: Client, value: str) -> None:
    """A load by a process that read the store's description as it is now."""
    publisher = Publisher(client, meta.require(client), sleep=lambda _seconds: None)
    with publisher.load(SOURCE, full=False) as load:
        load.put([Staged(Identifier(Kind.LINK, value))])
        load.commit()


@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-lru"])
def test_a_server_that_drops_keys_is_not_answered_from(
    client: Client, list_values: Callable[..., None], clock, policy: str
) -> None:
    list_values(SOURCE, LISTED)
    replica = Replica(client, clock=clock)
    lookup = Lookup(replica, client, clock=clock)
    replica.poll()
    client.config_set("maxmemory-policy", policy)
    with pytest.raises(Mismatch, match="noeviction"):
        meta.require(client)
    with pytest.raises(BlacklistError, match="noeviction"):
        list_values(SOURCE, "other.example")
    clock.now += DESCRIPTION_SECONDS
    with pytest.raises(Mismatch, match="noeviction"):
        replica.poll()
    for value in (LISTED, "clean.example"):
        assert lookup.check(Ask(value)).verdict is Outcome.UNAVAILABLE
    client.config_set("maxmemory-policy", "noeviction")
    replica.poll()
    assert lookup.check(Ask(LISTED)).verdict is Outcome.LISTED


def test_a_changed_time_limit_is_taken_over(
    client: Client, list_values: Callable[..., None], clock
) -> None:
    """Writers and replicas have to agree on it."""
    list_values(SOURCE, LISTED)
    replica = Replica(client, clock=clock)
    replica.poll()
    client.hset(keys.STORE, "max_lag_ms", 700)
    clock.now += DESCRIPTION_SECONDS
    replica.poll()
    assert replica.view is not None
    assert replica.view.info.max_lag_seconds == 0.7


def test_a_replica_goes_on_whatever_befalls_its_servers_keeper(
    client: Client, list_values: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    """A thread that died in silence would never see the store again; it complains once."""
    list_values(SOURCE, LISTED)
    replica = Replica(client)
    tried = threading.Semaphore(0)

    def revive() -> None:
        tried.release()
        raise OSError

    replica.on_disconnect = revive
    client.replicaof("127.0.0.1", 1)
    replica.start()
    try:
        assert all(tried.acquire(timeout=5) for _ in range(3))
        client.replicaof("NO", "ONE")
        deadline = time.monotonic() + 5
        while replica.trouble is not None:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        replica.stop()
    assert [record.message for record in caplog.records] == ["replica: OSError"]

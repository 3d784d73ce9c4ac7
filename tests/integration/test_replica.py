"""A process's copy of the filters, against a real server that is emptied, set back and killed."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from blacklist.errors import Mismatch, Unavailable
from blacklist.lookup import Ask, Lookup
from blacklist.model import Identifier, Kind, Outcome, Source
from blacklist.publish import Publisher
from blacklist.replica import Doubt, Replica
from blacklist.store import Client, connect, meta, snapshot
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.meta import StoreInfo
from blacklist.store.sources import SourceRecord, SourceTable
from servers import MAX_LAG_SECONDS, kill_server

SOURCE = Source("s1", "Source one")
OTHER = Source("s2", "Source two")

Load = Callable[..., None]


@pytest.fixture
def replica(server: EmbeddedServer, info: StoreInfo, clock: Callable) -> Iterator[Replica]:
    client = connect.reader(server.url)
    replica = Replica(client, clock=clock)
    replica.poll()
    yield replica
    client.close()


def holds(replica: Replica, value: str) -> bool:
    assert replica.view is not None
    return replica.view.filters[Kind.LINK].test(value)


def test_it_follows_the_journal(replica: Replica, list_values: Load) -> None:
    list_values(SOURCE, "a.example")
    assert not holds(replica, "a.example")
    replica.poll()
    assert holds(replica, "a.example")
    assert replica.view is not None
    assert replica.view.table.named("s1") is not None


def test_it_starts_from_a_snapshot_and_what_came_after(
    server: EmbeddedServer, publisher: Publisher, list_values: Load
) -> None:
    list_values(SOURCE, "before.example")
    publisher.rebuild(Kind.LINK)
    list_values(SOURCE, "after.example")
    replica = Replica(connect.reader(server.url))
    replica.poll()
    assert holds(replica, "before.example")
    assert holds(replica, "after.example")


def test_it_loads_a_new_snapshot_when_the_journal_says_so(
    replica: Replica, list_values: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blacklist.load.SNAPSHOT_CHANGES", 1)
    list_values(SOURCE, "a.example", "b.example", "c.example", full=True)
    replica.poll()
    assert holds(replica, "a.example")
    assert replica.doubt is None


def test_the_lease_counts_from_the_moment_the_read_was_sent(
    replica: Replica, clock: Callable
) -> None:
    assert replica.view is not None
    assert replica.view.age(clock()) == 0
    clock.now += 5
    assert replica.view.age(clock()) == 5
    replica.poll()
    assert replica.view.age(clock()) == 0


def test_a_store_that_does_not_answer_leaves_the_view_and_lets_the_lease_run_out(
    replica: Replica, data_dir: Path, clock: Callable
) -> None:
    kill_server(data_dir)
    clock.now += MAX_LAG_SECONDS
    view = replica.view
    with pytest.raises(Unavailable):
        replica.poll()
    assert replica.view is view
    assert view is not None
    assert view.age(clock()) >= MAX_LAG_SECONDS


def test_an_emptied_store_is_noticed_and_ends_the_lease(
    replica: Replica, client: Client, clock: Callable
) -> None:
    view = replica.view
    client.flushall()
    with pytest.raises(Mismatch):
        replica.poll()
    assert replica.view is None
    assert view is not None
    assert view.age(clock()) == float("inf")


def test_another_store_in_its_place_is_refused_for_good(
    replica: Replica, client: Client, list_values: Load
) -> None:
    client.flushall()
    meta.create(client, bits=dict.fromkeys(Kind, 4))
    for _ in range(3):
        with pytest.raises(Mismatch):
            replica.poll()
    assert replica.view is None


def test_a_store_set_back_is_loaded_anew_and_what_it_lost_is_in_doubt(
    replica: Replica, keep_store: Callable[[], Callable[[], None]], list_values: Load
) -> None:
    """Past a lost tail an exclusive read would answer an innocent "nothing new"."""
    list_values(SOURCE, "kept.example", full=True)
    restore = keep_store()
    list_values(OTHER, "lost.example", full=True)
    replica.poll()
    assert holds(replica, "lost.example")
    restore()
    with pytest.raises(Mismatch):
        replica.poll()
    replica.poll()
    assert holds(replica, "kept.example")
    assert not holds(replica, "lost.example")
    assert replica.doubt is not None
    assert replica.doubt.covers(Identifier(Kind.LINK, "lost.example"))
    assert not replica.doubt.covers(Identifier(Kind.LINK, "never.example"))


def test_a_wallets_number_that_was_lost_is_in_doubt_however_it_is_asked(
    replica: Replica,
    server: EmbeddedServer,
    clock: Callable,
    keep_store: Callable[[], Callable[[], None]],
    list_values: Load,
) -> None:
    """The filter answers for all wallets by one key; the accounts that it stands for are lost."""
    list_values(SOURCE, "kept.example", full=True)
    restore = keep_store()
    list_values(OTHER, "971025/0912345678", kind=Kind.ACCOUNT, full=True)
    replica.poll()
    restore()
    with pytest.raises(Mismatch):
        replica.poll()
    replica.poll()
    lookup = Lookup(replica, connect.reader(server.url), clock=clock)
    for text in ("0912345678", "84912345678", "0084912345678"):
        found = lookup.check(Ask(text, Kind.ACCOUNT))
        assert (found.verdict, found.notes[-1]) == (Outcome.UNAVAILABLE, "store_rolled_back"), text
    assert lookup.check(Ask("84912345679", Kind.ACCOUNT)).verdict is Outcome.NO_RECORD


def test_doubt_ends_when_every_list_was_loaded_again(
    replica: Replica, keep_store: Callable[[], Callable[[], None]], list_values: Load
) -> None:
    list_values(SOURCE, "kept.example", full=True)
    restore = keep_store()
    list_values(OTHER, "lost.example", full=True)
    replica.poll()
    restore()
    with pytest.raises(Mismatch):
        replica.poll()
    replica.poll()
    list_values(SOURCE, "kept.example", full=True)
    replica.poll()
    assert replica.doubt is not None
    list_values(OTHER, "lost.example", full=True)
    replica.poll()
    assert replica.doubt is None
    assert holds(replica, "lost.example")


def test_a_store_set_back_to_before_anything_was_applied_raises_no_doubt(
    replica: Replica, keep_store: Callable[[], Callable[[], None]], list_values: Load
) -> None:
    restore = keep_store()
    list_values(SOURCE, "unseen.example")
    restore()
    replica.poll()
    assert replica.doubt is None


def test_a_store_set_back_within_one_poll_is_noticed(
    replica: Replica,
    keep_store: Callable[[], Callable[[], None]],
    publisher: Publisher,
    list_values: Load,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Between the row that announces a snapshot and the snapshot: the row before is lost, too."""
    restore = keep_store()
    list_values(SOURCE, "lost.example", full=True)
    replica.poll()
    publisher.rebuild(Kind.LINK)
    require = meta.require

    def set_back_first(client: Client) -> StoreInfo:
        restore()
        return require(client)

    monkeypatch.setattr("blacklist.store.meta.require", set_back_first)
    replica.poll()
    assert not holds(replica, "lost.example")
    assert replica.doubt is not None
    assert replica.doubt.covers(Identifier(Kind.LINK, "lost.example"))


def test_doubt_outlasts_a_second_loss(
    replica: Replica, keep_store: Callable[[], Callable[[], None]], list_values: Load
) -> None:
    """The list that the first one took is still to be loaded again."""
    list_values(SOURCE, "kept.example", full=True)
    restore = keep_store()
    list_values(OTHER, "lost.example", full=True)
    replica.poll()
    for value in ("third.example", "fourth.example"):
        restore()
        with pytest.raises(Mismatch):
            replica.poll()
        replica.poll()
        list_values(SOURCE, value, full=True)
        replica.poll()
        assert replica.doubt is not None
        assert replica.doubt.covers(Identifier(Kind.LINK, "lost.example"))


def test_a_list_set_back_once_more_is_not_loaded_again() -> None:
    def at(generation: int) -> SourceTable:
        return SourceTable(1, {16: SourceRecord(SOURCE, 16, generation=generation)})

    doubt = Doubt([], {"s1": 3})
    assert [doubt.is_settled_by(at(generation)) for generation in (2, 3, 4)] == [False, False, True]


def test_a_snapshot_that_is_replaced_while_a_replica_starts_is_read_again(
    server: EmbeddedServer, info: StoreInfo, list_values: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the newer one holds stands in no row: its own row would be all that is read of it."""
    monkeypatch.setattr("blacklist.load.SNAPSHOT_CHANGES", 1)
    read, reads = snapshot.load, []

    def load(client: Client, kind: Kind) -> snapshot.Snapshot:
        loaded = read(client, kind)
        reads.append(kind)
        if reads == list(Kind):
            list_values(SOURCE, "a.example", "b.example", full=True)
        return loaded

    monkeypatch.setattr("blacklist.store.snapshot.load", load)
    replica = Replica(connect.reader(server.url))
    replica.poll()
    assert holds(replica, "a.example")


def test_a_row_of_the_same_id_and_another_nonce_is_another_row(
    replica: Replica, client: Client, list_values: Load
) -> None:
    """A store that was set back can give one id out twice."""
    list_values(SOURCE, "a.example")
    replica.poll()
    position = replica.position
    assert position is not None
    client.xdel("bl:{bl}:changes", position.id)
    client.execute_command("DEL", "bl:{bl}:changes")
    client.xadd("bl:{bl}:changes", {"n": "other", "c": b"\x81\xa4what\xa7genesis"}, id=position.id)
    with pytest.raises(Mismatch):
        replica.poll()


def test_a_replica_that_slept_past_a_trim_loads_anew_without_doubt(
    replica: Replica,
    client: Client,
    publisher: Publisher,
    list_values: Load,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("blacklist.publish.KEEP_ROWS_SECONDS", -1)
    client.config_set("stream-node-max-entries", 1)
    list_values(SOURCE, *(f"site-{number}.example" for number in range(50)))
    for kind in Kind:
        publisher.rebuild(kind)
    publisher.tidy()
    with pytest.raises(Mismatch):
        replica.poll()
    replica.poll()
    assert holds(replica, "site-7.example")
    assert replica.doubt is None


def test_the_thread_follows_by_itself_and_stops(
    server: EmbeddedServer, info: StoreInfo, list_values: Load
) -> None:
    replica = Replica(connect.reader(server.url))
    replica.start()
    try:
        list_values(SOURCE, "a.example")
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            if replica.view is not None and holds(replica, "a.example"):
                break
            time.sleep(0.01)
        assert holds(replica, "a.example")
    finally:
        replica.stop()
    assert replica.view is not None
    assert replica.view.age(0.0) == float("inf")

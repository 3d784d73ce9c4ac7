"""The way of a write, on a real server."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from blacklist.bloom import Filter
from blacklist.errors import Busy, ConfigError, Mismatch
from blacklist.model import Identifier, Kind, Source
from blacklist.publish import Publisher
from blacklist.store import Client, connect, journal, keys, listings, locks, snapshot, sources
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.listings import Detail
from blacklist.store.meta import StoreInfo
from blacklist.store.sources import State
from blacklist.store.stage import Staged

SOURCE = Source("s1", "Source one")
OTHER = Source("s2", "Source two")

Load = Callable[..., None]


def link(value: str) -> Identifier:
    return Identifier(Kind.LINK, value)


def entries(client: Client, info: StoreInfo, *values: str, kind: Kind = Kind.LINK) -> dict:
    """What the sets hold of some values: by value, a list of (code, since, detail)."""
    codes = list(sources.read(client).by_code)
    wanted = [Identifier(kind, value) for value in values]
    answer = listings.confirm(client, info, wanted, codes, None)
    assert not answer.failed
    return {one.value: found for one, found in answer.entries.items()}


def record(client: Client, name: str = "s1") -> sources.SourceRecord:
    found = sources.read(client).named(name)
    assert found is not None
    return found


def journalled(client: Client) -> list[tuple[str, str]]:
    rows = journal.read_from(client, "0", 10_000)
    return [
        *(("+", value) for row in rows for value in row.change.added),
        *(("-", value) for row in rows for value in row.change.removed),
    ]


def test_a_load_writes_sets_journal_and_sums(
    client: Client, info: StoreInfo, list_values: Load
) -> None:
    list_values(SOURCE, "a.example", "b.example", full=True)
    found = entries(client, info, "a.example", "b.example", "c.example")
    assert [len(found[value]) for value in ("a.example", "b.example", "c.example")] == [1, 1, 0]
    assert sorted(journalled(client)) == [("+", "a.example"), ("+", "b.example")]
    state = record(client)
    assert state.entries == {Kind.LINK: 2}
    assert (state.state, state.generation) == (State.CLEAN, 1)
    assert state.loaded is not None


def test_a_full_load_removes_what_it_no_longer_brings_and_keeps_dates(
    client: Client, info: StoreInfo, publisher: Publisher, list_values: Load
) -> None:
    publisher.wall = lambda: 1_000_000.0
    list_values(SOURCE, "a.example", "b.example", full=True)
    publisher.wall = lambda: 2_000_000.0
    list_values(SOURCE, "b.example", "c.example", full=True)
    found = entries(client, info, "a.example", "b.example", "c.example")
    assert not found["a.example"]
    assert found["b.example"][0].since == 1_000_000
    assert found["c.example"][0].since == 2_000_000
    assert record(client).entries == {Kind.LINK: 2}
    assert ("-", "a.example") in journalled(client)


def test_an_increment_removes_nothing(client: Client, info: StoreInfo, list_values: Load) -> None:
    list_values(SOURCE, "a.example", full=True)
    list_values(SOURCE, "b.example", "a.example")
    found = entries(client, info, "a.example", "b.example")
    assert found["a.example"]
    assert found["b.example"]
    assert record(client).entries == {Kind.LINK: 2}


def test_an_earlier_date_is_taken_and_a_later_one_is_not(
    client: Client, info: StoreInfo, publisher: Publisher
) -> None:
    for since in (5_000, 9_000, 3_000):
        with publisher.load(SOURCE, full=False) as load:
            load.put([Staged(link("a.example"), since)])
            load.commit()
    assert entries(client, info, "a.example")["a.example"][0].since == 3_000


def test_sources_do_not_touch_each_other(
    client: Client, info: StoreInfo, list_values: Load
) -> None:
    list_values(SOURCE, "a.example", full=True)
    list_values(OTHER, "a.example", "b.example", full=True)
    list_values(SOURCE, "c.example", full=True)
    found = entries(client, info, "a.example", "b.example", "c.example")
    assert {e.code for e in found["a.example"]} == {record(client, "s2").code}
    assert found["b.example"]
    assert found["c.example"]


def test_details_are_replaced_by_a_full_load(
    client: Client, info: StoreInfo, publisher: Publisher
) -> None:
    for detail in (Detail(reference="1/A", note="n"), Detail(reference="2/B")):
        with publisher.load(SOURCE, full=True) as load:
            load.put([Staged(link("a.example"), None, detail)])
            load.commit()
    assert entries(client, info, "a.example")["a.example"][0].detail == Detail(reference="2/B")


def test_details_are_added_to_by_an_increment(
    client: Client, info: StoreInfo, publisher: Publisher
) -> None:
    for detail in (Detail(reference="1/A", note="n"), Detail(reference="2/B")):
        with publisher.load(SOURCE, full=False) as load:
            load.put([Staged(link("a.example"), None, detail)])
            load.commit()
    found = entries(client, info, "a.example")["a.example"][0].detail
    assert found == Detail(reference="2/B", note="n")


@pytest.mark.parametrize("full", [True, False])
def test_a_bare_account_number_unites_its_banks(
    client: Client, info: StoreInfo, publisher: Publisher, full: bool
) -> None:
    """Two banks' accounts with one number share one pointer, which is not counted."""

    def account(bank: str) -> list[Staged]:
        number = "0000000000001"
        return [
            Staged(Identifier(Kind.ACCOUNT, f"{bank}/{number}")),
            Staged(Identifier(Kind.ACCOUNT, number), None, Detail(banks=(bank,))),
        ]

    with publisher.load(SOURCE, full=full) as load:
        assert load.put(account("970436")) == 1
        assert load.put(account("970415")) == 1
        assert load.put(account("970415")) == 0
        load.commit()
    if not full:
        with publisher.load(SOURCE, full=False) as load:
            load.put(account("970403"))
            load.commit()
    banks = ("970403",) * (not full) + ("970415", "970436")
    found = entries(client, info, "0000000000001", kind=Kind.ACCOUNT)["0000000000001"]
    assert found[0].detail.banks == banks
    assert record(client).entries == {Kind.ACCOUNT: len(banks)}
    # A list that names no bank for the same number counts it as an entry of its own.
    with publisher.load(SOURCE, full=False) as load:
        bare = Identifier(Kind.ACCOUNT, "0000000000001")
        assert load.put([Staged(bare, None, Detail(reference="R", banks=("",)))]) == 1
        load.commit()
    found = entries(client, info, "0000000000001", kind=Kind.ACCOUNT)["0000000000001"]
    assert found[0].detail == Detail(reference="R", banks=("", *banks))
    assert record(client).entries == {Kind.ACCOUNT: len(banks) + 1}


def test_compare_changes_nothing_and_tells_what_would(
    client: Client, info: StoreInfo, publisher: Publisher, list_values: Load
) -> None:
    list_values(SOURCE, "a.example", "b.example", full=True)
    with publisher.load(SOURCE, full=True) as load:
        load.put([Staged(link("b.example")), Staged(link("c.example"))])
        changes = load.compare()[Kind.LINK]
    assert (changes.added, changes.removed, changes.before, changes.after) == (1, 1, 2, 2)
    assert entries(client, info, "a.example")["a.example"]
    assert record(client).state is State.CLEAN
    assert not list(client.scan_iter("*:s:*"))


def test_a_new_source_that_was_only_compared_leaves_no_trace(
    client: Client, publisher: Publisher
) -> None:
    with publisher.load(SOURCE, full=True) as load:
        load.put([Staged(link("b.example"))])
        load.compare()
    assert sources.read(client).named("s1") is None


def test_a_load_that_fails_leaves_the_lists_as_they_were(
    client: Client, info: StoreInfo, publisher: Publisher, list_values: Load
) -> None:
    list_values(SOURCE, "a.example", full=True)
    with pytest.raises(RuntimeError), publisher.load(SOURCE, full=True) as load:
        load.put([Staged(link("b.example"))])
        raise RuntimeError
    assert entries(client, info, "a.example")["a.example"]
    assert not entries(client, info, "b.example")["b.example"]
    assert record(client).state is State.CLEAN


def test_two_loads_of_one_source_at_once_are_refused(
    server: EmbeddedServer, info: StoreInfo, publisher: Publisher
) -> None:
    second = Publisher(connect.writer(server.url), info)
    with publisher.load(SOURCE, full=True), pytest.raises(Busy), second.load(SOURCE, full=True):
        pass
    with second.load(OTHER, full=True):
        pass


def test_after_a_crash_between_sets_and_journal_the_next_load_tells_everything(
    client: Client, info: StoreInfo, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ "Already in the set" does not mean "already in the journal"."""

    def crash(*_args: object, **_more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(journal, "append", crash)
        with pytest.raises(KeyboardInterrupt), publisher.load(SOURCE, full=True) as load:
            load.put([Staged(link("a.example"))])
            load.commit()
    assert record(client).state is State.DIRTY
    assert entries(client, info, "a.example")["a.example"]
    assert not journalled(client)
    with publisher.load(SOURCE, full=True) as load:
        load.put([Staged(link("a.example"))])
        load.commit()
    filter_ = Filter.from_bytes(snapshot.load(client, Kind.LINK).data)
    assert filter_.test("a.example")
    assert journal.read_from(client, "0", 100)[-1].change.what is journal.What.SNAPSHOT
    assert record(client).state is State.CLEAN


def test_an_increment_after_a_crash_knows_what_the_source_lists(
    client: Client, publisher: Publisher, list_values: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sum is counted anew, since the load that was cut off did not write it."""
    list_values(SOURCE, "a.example", full=True)

    def crash(*_args: object, **_more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(journal, "append", crash)
        with pytest.raises(KeyboardInterrupt), publisher.load(SOURCE, full=False) as load:
            load.put(Staged(link(f"{name}.example")) for name in "bcd")
            load.commit()
    list_values(SOURCE, "e.example", "b.example")
    assert record(client).entries == {Kind.LINK: 5}
    filter_ = Filter.from_bytes(snapshot.load(client, Kind.LINK).data)
    assert filter_.test_many([f"{name}.example" for name in "abcde"]).all()


def test_a_large_load_publishes_a_snapshot_in_place_of_rows(
    client: Client, info: StoreInfo, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when it only turns out on the way how large it is: some rows may have been told."""
    monkeypatch.setattr("blacklist.load.SNAPSHOT_CHANGES", 100)
    monkeypatch.setattr("blacklist.store.listings.SHARDS_A_TRIP", 4)
    values = [f"site-{number}.example" for number in range(300)]
    with publisher.load(SOURCE, full=True) as load:
        load.put(Staged(link(value)) for value in values)
        load.commit()
    assert 0 < len(journalled(client)) <= 100
    built = snapshot.load(client, Kind.LINK)
    assert Filter.from_bytes(built.data).test_many(values).all()
    rows = journal.read_from(client, built.position.id, 10)
    assert [row.change.what for row in rows[1:]] == [journal.What.SNAPSHOT]


def test_a_snapshot_begins_before_its_scan(
    client: Client,
    info: StoreInfo,
    server: EmbeddedServer,
    publisher: Publisher,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is written while the sets are scanned lies after the snapshot's position."""
    second = Publisher(connect.writer(server.url), info, sleep=lambda _seconds: None)
    scan = listings.scan

    def scan_while_somebody_writes(*args: object) -> object:
        with second.load(OTHER, full=False) as load:
            load.put([Staged(link("meanwhile.example"))])
            yield from scan(*args)
            load.commit()

    monkeypatch.setattr(listings, "scan", scan_while_somebody_writes)
    publisher.rebuild(Kind.LINK)
    built = snapshot.load(client, Kind.LINK)
    filter_, position = Filter.from_bytes(built.data), built.position
    later = journal.read_from(client, position.id, 100)[1:]
    told = [value for row in later for value in row.change.added]
    assert not filter_.test("meanwhile.example")
    assert told == ["meanwhile.example"]


def test_a_load_keeps_its_lock_while_its_snapshot_is_built(
    client: Client, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Building takes longer than the lock lasts, as it does of ten million entries."""
    monkeypatch.setattr("blacklist.load.SNAPSHOT_CHANGES", 1)
    monkeypatch.setattr(locks, "LEASE_SECONDS", 0.6)
    scan = listings.scan

    def scan_slowly(*args: Any) -> Iterator[list[str]]:
        for values in scan(*args):
            for value in values:
                time.sleep(0.25)
                yield [value]

    monkeypatch.setattr(listings, "scan", scan_slowly)
    with publisher.load(SOURCE, full=True) as load:
        load.put(Staged(link(f"site-{number}.example")) for number in range(4))
        load.commit()
    assert record(client).state is State.CLEAN


def test_tidy_grows_a_full_filter_and_trims_the_journal(
    client: Client, info: StoreInfo, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blacklist.publish.KEEP_ROWS_SECONDS", -1)
    values = [f"site-{number}.example" for number in range(30_000)]
    with publisher.load(SOURCE, full=True) as load:
        load.put(Staged(link(value)) for value in values)
        load.commit()
    before = snapshot.states(client)[Kind.LINK]
    assert before.added == 30_000
    publisher.tidy()
    after = snapshot.states(client)[Kind.LINK]
    assert after.keys >= 29_900
    assert after.capacity >= 45_000
    # The other kinds' snapshots still begin at the first row, so it stays.
    assert journal.read_from(client, "0", 1)[0].change.what is journal.What.GENESIS
    for kind in (Kind.PHONE, Kind.ACCOUNT):
        publisher.rebuild(kind)
    client.config_set("stream-node-max-entries", 1)
    publisher.tidy()
    first = journal.read_from(client, "0", 1)[0]
    oldest = min(
        (state.position.id for state in snapshot.states(client).values()), key=journal.id_order
    )
    assert journal.id_order(first.position.id) <= journal.id_order(oldest)


def test_a_shard_without_its_marker_is_not_written(
    client: Client, info: StoreInfo, publisher: Publisher
) -> None:
    """A missing marker is a lost node, not an empty list."""
    shard = keys.shard_of(link("a.example"), info.bits[Kind.LINK])
    client.delete(keys.entries(Kind.LINK, info.bits[Kind.LINK], shard))
    with pytest.raises(Mismatch), publisher.load(SOURCE, full=False) as load:
        load.put([Staged(link("a.example"))])
        load.commit()


def test_acknowledging_waits_longer_than_max_lag(client: Client, info: StoreInfo) -> None:
    waited: list[float] = []
    Publisher(client, info, sleep=waited.append).acknowledge()
    assert waited == [pytest.approx(info.max_lag_seconds * 1.1)]


def test_a_server_that_keeps_nothing_on_disk_is_refused(
    client: Client, publisher: Publisher
) -> None:
    """Neither a load begins there nor is one acknowledged: WAITAOF was seen not to wait."""
    for name, value in {"appendfsync": "everysec", "appendonly": "no"}.items():
        client.config_set(name, value)
        with pytest.raises(ConfigError, match="appendfsync always"):
            publisher.acknowledge()
        with pytest.raises(ConfigError), publisher.load(SOURCE, full=True):
            pass
        client.config_set("appendfsync", "always")

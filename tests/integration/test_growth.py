"""Filters that grow, get stale or are damaged, while others ask; on a real server."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from blacklist.errors import Mismatch
from blacklist.lookup import Ask, Lookup
from blacklist.model import Identifier, Kind, Outcome, Source
from blacklist.publish import STALE_SHARE, Publisher
from blacklist.replica import Replica
from blacklist.store import Client, connect, journal, keys, meta, snapshot
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.meta import StoreInfo
from blacklist.store.stage import Staged, Withdrawal
from servers import MAX_LAG_SECONDS

SOURCE = Source("s1", "Source one")
OTHER = Source("s3", "Source three")
GROWING = Source("s2", "Source two")
KEPT = [f"kept-{number}.example" for number in range(200)]
STEP = 15_000
STEPS = 7

Load = Callable[..., None]


def host(place: int) -> str:
    return f"h{place}.example"


def state_of(client: Client) -> snapshot.State:
    return snapshot.states(client)[Kind.LINK]


class Asker:
    """A process's replica and lookup, asked by a thread of its own, about what is known for sure.

    ``acknowledged`` is the number of hosts that must be found by questions asked from now on.
    """

    def __init__(self, url: str) -> None:
        self.acknowledged = 0
        self.answers: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.replica = Replica(connect.reader(url))
        self.replica.start()
        self._lookup = Lookup(self.replica, connect.reader(url))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        turn = 0
        while not self._stop.is_set():
            turn += 1
            known = self.acknowledged
            listed = [KEPT[turn % len(KEPT)]]
            listed += [host((turn * 7919 + at) % known) for at in range(20)] if known else []
            unlisted = [f"clean-{turn}-{at}.example" for at in range(20)]
            verdicts = self._lookup.check_many([Ask(one) for one in (*listed, *unlisted)])
            for at, one in enumerate(verdicts):
                expected = Outcome.LISTED if at < len(listed) else Outcome.NO_RECORD
                self.answers[str(one.verdict)] += 1
                if one.verdict not in {expected, Outcome.UNAVAILABLE}:
                    self.wrong.append(f"{one.input}: {one.verdict}")

    def end(self) -> None:
        self._stop.set()
        self._thread.join()
        self.replica.stop()


@pytest.fixture
def spread(client: Client) -> StoreInfo:
    """A store of 256 shards a kind."""
    return meta.create(client, bits=dict.fromkeys(Kind, 8), max_lag_seconds=MAX_LAG_SECONDS)


@pytest.fixture
def asker(server: EmbeddedServer, spread: StoreInfo, client: Client) -> Iterator[Asker]:
    writer = Publisher(client, spread)
    with writer.load(SOURCE, full=True) as load:
        load.put(Staged(Identifier(Kind.LINK, one)) for one in KEPT)
        load.commit()
    asker = Asker(server.url)
    yield asker
    asker.end()


@pytest.mark.slow
def test_a_filter_that_is_full_again_and_again_misses_nothing(
    asker: Asker, client: Client, spread: StoreInfo
) -> None:
    """It keeps taking bits past its capacity until a larger one is there; nobody is told wrong."""
    publisher = Publisher(client, spread)
    builds = set()
    past_capacity = 0
    for turn in range(STEPS):
        with publisher.load(GROWING, full=False) as load:
            places = range(turn * STEP, (turn + 1) * STEP)
            load.put(Staged(Identifier(Kind.LINK, host(place))) for place in places)
            load.commit()
        asker.acknowledged = (turn + 1) * STEP
        full = state_of(client)
        past_capacity += full.keys + full.added > full.capacity
        publisher.tidy()
        state = state_of(client)
        builds.add(state.build)
        assert state.keys + state.added <= max(state.capacity, 25_000)
        oldest = min(journal.id_order(one.position.id) for one in snapshot.states(client).values())
        first = client.xrange(keys.CHANGES, count=1)[0][0].decode()
        assert journal.id_order(first) <= oldest
    assert asker.wrong == []
    assert asker.answers["listed"] > 500
    assert asker.answers["unavailable"] == 0
    assert past_capacity >= 3
    assert len(builds) >= 3
    deadline = time.monotonic() + 5
    while asker.replica.view is None or asker.replica.view.filters[Kind.LINK].count < STEP * STEPS:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    filter_ = asker.replica.view.filters[Kind.LINK]
    assert filter_.count < 1.01 * (STEP * STEPS + len(KEPT))
    assert 0.3 < filter_.fill < 0.56  # it grew past its capacity by a bit


def test_a_filter_with_too_much_that_is_gone_is_built_again(
    publisher: Publisher, client: Client, list_values: Load
) -> None:
    """And asks the store no longer about what went."""
    values = [host(place) for place in range(400)]
    list_values(SOURCE, *values, full=True)
    publisher.rebuild(Kind.LINK)
    capacity, build = state_of(client).capacity, state_of(client).build
    snapshot.note_changes(client, Kind.LINK, added=0, removed=int(STALE_SHARE * capacity) - 100)
    with publisher.load(SOURCE, full=False) as load:
        load.withdraw(Withdrawal(Identifier(Kind.LINK, one)) for one in values[:90])
        load.commit()
    publisher.tidy()
    assert state_of(client).build == build
    with publisher.load(SOURCE, full=False) as load:
        load.withdraw(Withdrawal(Identifier(Kind.LINK, one)) for one in values[90:120])
        load.commit()
    publisher.tidy()
    state = state_of(client)
    assert (state.keys, state.removed) == (280, 0)
    replica = Replica(publisher.client)
    replica.poll()
    assert replica.view is not None
    assert not replica.view.filters[Kind.LINK].test(values[0])
    assert replica.view.filters[Kind.LINK].test(values[-1])


def test_rows_older_than_a_snapshot_bring_nothing_back(
    publisher: Publisher, client: Client, list_values: Load
) -> None:
    """They are read because the other kinds' snapshots lie further back."""
    list_values(SOURCE, "kept.example", "gone.example", full=True)
    list_values(SOURCE, "kept.example", full=True)
    publisher.rebuild(Kind.LINK)
    list_values(OTHER, "later.example")
    replica = Replica(publisher.client)
    replica.poll()
    assert replica.view is not None
    holds = replica.view.filters[Kind.LINK].test
    assert [holds(f"{one}.example") for one in ("kept", "gone", "later")] == [True, False, True]


def test_a_kind_that_does_not_change_does_not_keep_the_journal(
    publisher: Publisher, client: Client, list_values: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its snapshot lies ever further back, behind all that the others tell."""
    monkeypatch.setattr("blacklist.publish.KEEP_ROWS_SECONDS", -1)
    monkeypatch.setattr("blacklist.publish.JOURNAL_VALUES", 300)
    client.config_set("stream-node-max-entries", 1)
    list_values(SOURCE, "+447700900123", kind=Kind.PHONE)
    for turn in range(40):
        list_values(SOURCE, *(host(turn * 100 + place) for place in range(100)))
        publisher.tidy()
    assert journal.length(client) < 25
    monkeypatch.setattr("blacklist.publish.JOURNAL_ROWS", 20)
    for turn in range(60):
        list_values(SOURCE, host(10_000 + turn))
        publisher.tidy()
    assert journal.length(client) < 30
    replica = Replica(publisher.client)
    replica.poll()
    assert replica.view is not None
    assert replica.view.filters[Kind.PHONE].test("+447700900123")
    assert all(replica.view.filters[Kind.LINK].test(host(place)) for place in range(4000))


class Killed(Exception):
    """The process ends here."""


def test_a_build_that_was_cut_off_changes_nothing_and_is_done_by_the_next_write(
    publisher: Publisher, client: Client, list_values: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    list_values(SOURCE, "a.example")
    snapshot.note_changes(client, Kind.LINK, added=0, removed=50_000)
    build = state_of(client).build

    def end(*_: object) -> None:
        raise Killed

    for place in ("blacklist.store.listings.scan", "blacklist.store.snapshot.save"):
        with monkeypatch.context() as patch:
            patch.setattr(place, end)
            with pytest.raises(Killed):
                publisher.tidy()
        assert state_of(client).build == build
        replica = Replica(publisher.client)
        replica.poll()
        assert replica.view is not None
        assert replica.view.filters[Kind.LINK].test("a.example")
    publisher.tidy()
    state = state_of(client)
    assert state.build != build
    assert (state.keys, state.added, state.removed) == (1, 0, 0)


def lose_a_chunk(client: Client, name: str) -> None:
    client.delete(name)


def change_a_chunk(client: Client, name: str) -> None:
    """One bit, far from the header."""
    data = bytearray(client.get(name))
    data[1_000] ^= 1
    client.set(name, bytes(data))


@pytest.mark.parametrize("damage", [lose_a_chunk, change_a_chunk])
def test_a_damaged_snapshot_is_not_believed_and_is_built_by_the_next_write(
    publisher: Publisher, client: Client, list_values: Load, damage: Callable
) -> None:
    """Questions go to the store meanwhile."""
    list_values(SOURCE, "a.example")
    publisher.rebuild(Kind.LINK)
    state = state_of(client)
    damage(client, keys.snapshot_chunk(Kind.LINK, state.build, 0))
    replica = Replica(publisher.client)
    with pytest.raises(Mismatch):
        replica.poll()
    assert replica.view is None
    assert Lookup(replica, client).check(Ask("a.example")).verdict is Outcome.LISTED
    assert Lookup(replica, client).check(Ask("b.example")).verdict is Outcome.NO_RECORD
    assert state_of(client).is_damaged
    publisher.tidy()
    assert not state_of(client).is_damaged
    replica.poll()
    assert replica.view is not None
    assert replica.view.filters[Kind.LINK].test("a.example")


def test_a_snapshot_of_several_chunks_is_put_together_again(
    publisher: Publisher, client: Client, list_values: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blacklist.store.snapshot.CHUNK_BYTES", 1_000)
    list_values(SOURCE, *KEPT)
    publisher.rebuild(Kind.LINK)
    before = state_of(client)
    assert before.chunks > 40
    replica = Replica(publisher.client)
    replica.poll()
    assert replica.view is not None
    assert all(replica.view.filters[Kind.LINK].test(one) for one in KEPT)
    publisher.rebuild(Kind.LINK)
    left = client.ttl(keys.snapshot_chunk(Kind.LINK, before.build, before.chunks - 1))
    assert 0 < left <= snapshot.GRACE_SECONDS


def test_a_snapshot_of_an_older_program_has_no_digest_and_is_believed(
    publisher: Publisher, client: Client, list_values: Load
) -> None:
    list_values(SOURCE, "a.example")
    publisher.rebuild(Kind.LINK)
    client.hdel(keys.snapshot(Kind.LINK), "digest")
    replica = Replica(publisher.client)
    replica.poll()
    assert replica.view is not None
    assert replica.view.filters[Kind.LINK].test("a.example")

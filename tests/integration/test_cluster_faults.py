"""A real cluster whose nodes die, stand still or come back empty, while questions are asked.

Answers are right or unavailable, what was acknowledged is there afterwards, and it heals by itself.
"""

import time
from collections.abc import Callable, Iterator

import pytest

from askers import asking, eventually, following
from blacklist import identifiers, verdict
from blacklist.errors import StoreError, Unavailable
from blacklist.model import Identifier, Kind, Outcome, Source
from blacklist.publish import Publisher
from blacklist.store import Client, connect, journal, keys, meta
from blacklist.store.connect import READ_SECONDS
from blacklist.store.meta import StoreInfo
from blacklist.store.stage import Staged
from cluster import HEAL_SECONDS, Cluster, Node, wait_until
from servers import MAX_LAG_SECONDS

pytestmark = pytest.mark.slow

SOURCE = Source("writer", "Writer")
LISTED = [f"listed-{number}.example" for number in range(60)]
BITS = 6


class Store:
    """A store on the cluster, and who writes to it."""

    def __init__(self, cluster: Cluster, info: StoreInfo | None = None) -> None:
        self.cluster = cluster
        self.url = cluster.url
        self.client: Client = connect.writer(self.url)
        self.info = info or meta.create(
            self.client, bits=dict.fromkeys(Kind, BITS), max_lag_seconds=MAX_LAG_SECONDS
        )

    def publish(self, *values: str) -> None:
        """List links; returns when that is acknowledged."""
        with Publisher(self.client, self.info).load(SOURCE, full=False) as load:
            load.put(Staged(Identifier(Kind.LINK, value)) for value in values)
            load.commit()

    def owner(self, value: str) -> Node:
        """The primary that holds a link."""
        shard = keys.shard_of(Identifier(Kind.LINK, value), BITS)
        return self.cluster.owner(keys.entries(Kind.LINK, BITS, shard))

    def split(self, node: Node) -> tuple[list[str], list[str]]:
        """What a node lists, and what it is never asked about, with a filter or without."""
        here = [value for value in LISTED if self.owner(value) is node]
        return here, [value for value in LISTED if node not in self.asked(value)]

    def asked(self, value: str) -> list[Node]:
        """The primaries that a question about a link may be put to."""
        question = identifiers.ask(value, kind=Kind.LINK)
        return [self.owner(one.identifier.value) for one in verdict.candidates(question)]

    def central(self) -> Node:
        """The primary that holds journal and sources."""
        return self.cluster.owner(keys.STORE)

    def other(self) -> Node:
        """A primary that holds shards and nothing else."""
        return next(node for node in self.cluster.primaries() if node is not self.central())


@pytest.fixture
def store(cluster_nodes: Cluster) -> Iterator[Store]:
    """A store that lists LISTED."""
    cluster_nodes.clear()
    store = Store(cluster_nodes)
    store.publish(*LISTED)
    yield store
    store.client.close()
    cluster_nodes.restore()


NODES = {"shards": Store.other, "journal": Store.central}


@pytest.mark.parametrize("which", NODES)
@pytest.mark.parametrize("how", ["killed", "frozen"])
def test_a_primary_that_goes_is_replaced_and_nothing_acknowledged_is_missed(
    store: Store, which: str, how: str
) -> None:
    node: Node = NODES[which](store)
    with asking(store.url, LISTED) as askers:
        askers.wait_until_healed(HEAL_SECONDS, time.monotonic())
        store.publish("before.example")
        askers.acknowledged.append("before.example")
        gone = time.monotonic()
        node.kill() if how == "killed" else node.freeze()
        wait_until(lambda: len(store.cluster.primaries()) == 3, "nobody is promoted", HEAL_SECONDS)
        askers.wait_until_healed(HEAL_SECONDS, gone)
        # The new primary has no replica, so nothing that it holds can be acknowledged.
        values = [f"meanwhile-{number}.example" for number in range(20)]
        writer = Store(store.cluster, store.info)
        with pytest.raises(StoreError):
            writer.publish(*values)
        node.thaw() if how == "frozen" else node.start()
        store.cluster.wait_until_whole()
        eventually(lambda: writer.publish(*values), StoreError)
        askers.acknowledged += values
        askers.wait_until_healed(HEAL_SECONDS, time.monotonic())
        # The writer that was there before the failover goes on, too.
        eventually(lambda: store.publish("after.example"), StoreError)
        askers.acknowledged.append("after.example")
        time.sleep(0.3)
        writer.client.close()
    assert not askers.wrong
    assert askers.asked > 500
    assert askers.seconds_at_most < 4 * READ_SECONDS


@pytest.mark.parametrize("which", NODES)
def test_a_node_that_comes_back_empty_is_unavailable_and_the_others_answer(
    store: Store, which: str
) -> None:
    node: Node = NODES[which](store)
    lost, kept = store.split(node)
    replica = store.cluster.replica_of(node)
    with asking(store.url, LISTED) as askers:
        askers.wait_until_healed(HEAL_SECONDS, time.monotonic())
        replica.kill()
        node.kill()
        node.lose_data()
        time.sleep(0.5)
        node.start()
        with following(store.url) as process:
            if which == "shards":
                wait_until(lambda: set(process.outcomes(*kept)) == {Outcome.LISTED}, "no answers")
                wait_until(
                    lambda: "store_lost_a_shard" in process.ask(lost[0])[0].notes, "nobody sees it"
                )
                with pytest.raises(StoreError):
                    store.publish(lost[0])
            assert set(process.outcomes(*lost)) == {Outcome.UNAVAILABLE}
            time.sleep(0.3)
    assert not askers.wrong
    assert askers.unavailable > 0


def test_a_node_that_is_gone_does_not_stall_what_lies_elsewhere(store: Store) -> None:
    """Neither in one question with it nor in others beside it."""
    node = store.other()
    lost, kept = store.split(node)
    replica = store.cluster.replica_of(node)
    times = []
    with following(store.url) as process:
        wait_until(lambda: set(process.outcomes(*LISTED)) == {Outcome.LISTED}, "no answers come")
        replica.freeze()
        node.freeze()
        begun = time.monotonic()
        while time.monotonic() < begun + 2.5:
            asked = time.monotonic()
            told = process.ask(lost[0], *kept[:5], lost[1])
            times.append(time.monotonic() - asked)
            assert [one.verdict for one in told[1:-1]] == [Outcome.LISTED] * 5, told
            assert {told[0].verdict, told[-1].verdict} == {Outcome.UNAVAILABLE}
            assert "store_unavailable" in told[0].notes
            time.sleep(0.01)
    assert max(times) < 2 * READ_SECONDS, "it is waited for once, not twice"
    slow = sum(one > 0.3 for one in times)
    assert slow <= 3, "a node that stands still is tried once in a while, not by every question"
    assert len(times) > 30


def test_nothing_is_acknowledged_that_only_the_primary_has(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blacklist.store.replicated.REPLICA_SECONDS", 0.3)
    replica = store.cluster.replica_of(store.owner("new.example"))
    replica.freeze()
    with pytest.raises(Unavailable, match="no replica"):
        store.publish("new.example")
    replica.thaw()
    eventually(lambda: store.publish("new.example"), StoreError)


def test_a_write_whose_connection_broke_is_not_acknowledged(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another connection would be told that everything it wrote, which is nothing, was copied."""
    append: Callable[..., object] = journal.append

    def kill_connections(*args: object) -> object:
        with store.owner("new.example").client() as client:
            client.client_kill_filter(_type="normal", skipme=True)
        return append(*args)

    with monkeypatch.context() as patched:
        patched.setattr(journal, "append", kill_connections)
        with pytest.raises(Unavailable):
            store.publish("new.example")
    store.publish("new.example")


def test_a_primary_that_hands_over_loses_nothing(store: Store) -> None:
    """``CLUSTER FAILOVER``: the old primary lives on and sends its askers to the new one."""
    node = store.owner("new.example")
    replica = store.cluster.replica_of(node)
    with asking(store.url, LISTED) as askers:
        askers.wait_until_healed(HEAL_SECONDS, time.monotonic())
        with replica.client() as client:
            client.execute_command("CLUSTER", "FAILOVER")
        for number in range(5):
            value = f"new-{number}.example"
            eventually(lambda value=value: store.publish(value), StoreError)
            askers.acknowledged.append(value)
        askers.wait_until_healed(HEAL_SECONDS, time.monotonic())
    assert not askers.wrong

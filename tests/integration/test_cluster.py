"""The client of a cluster: where commands go while slots move, and what a cluster must be."""

import threading
from collections.abc import Iterator

import pytest
import redis

from blacklist.errors import ConfigError, StoreError, Unavailable
from blacklist.store import Client, connect, durability, meta
from blacklist.store.connect import run, store_errors
from blacklist.store.locks import hold
from cluster import Cluster, Node, call, wait_until
from processes import DURABLE, Process, new_port

pytestmark = pytest.mark.slow

KEY = "bl:{moving}:a"
OTHER = "bl:{moving}:b"
ELSEWHERE = [f"bl:{{{number}}}:a" for number in range(30)]


class Move:
    """A slot on its way from one node to another."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.slot = call(cluster.nodes[0], "CLUSTER", "KEYSLOT", KEY)
        self.source = cluster.owner(KEY)
        self.target = next(node for node in cluster.primaries() if node is not self.source)

    def begin(self) -> None:
        """Let the target take over what the source no longer has."""
        set_slot(self.target, self.slot, "IMPORTING", name(self.source))
        set_slot(self.source, self.slot, "MIGRATING", name(self.target))

    def end(self) -> None:
        """Give the slot to the target, keys included."""
        for key in (KEY, OTHER):
            call(self.source, "MIGRATE", "127.0.0.1", self.target.port, key, 0, 1000)
        for node in (self.target, *self.cluster.primaries()):
            set_slot(node, self.slot, "NODE", name(self.target))
        wait_until(self.cluster.is_whole, "the nodes do not agree")


def name(node: Node) -> object:
    return call(node, "CLUSTER", "MYID")


def set_slot(node: Node, slot: object, *what: object) -> None:
    call(node, "CLUSTER", "SETSLOT", slot, *what)


@pytest.fixture
def move(cluster_nodes: Cluster) -> Iterator[Move]:
    """A slot that is about to move, and that goes back afterwards."""
    cluster_nodes.clear()
    move = Move(cluster_nodes)
    yield move
    cluster_nodes.clear()
    for node in cluster_nodes.primaries():
        set_slot(node, move.slot, "STABLE")
    back = Move(cluster_nodes)
    if back.source is not move.source:
        back.target = move.source
        back.begin()
        back.end()


@pytest.fixture(params=["reader", "writer"])
def either(request: pytest.FixtureRequest, cluster_nodes: Cluster) -> Iterator[Client]:
    client = getattr(connect, request.param)(cluster_nodes.url)
    yield client
    client.close()


def test_commands_follow_a_slot_while_and_after_it_moves(move: Move, either: Client) -> None:
    """``ASK`` sends one command on, ``MOVED`` all that come after it."""
    either.set(KEY, "before")
    move.begin()
    either.set(OTHER, "meanwhile")
    assert call(move.source, "EXISTS", KEY) == 1
    pipe = either.pipeline(transaction=False)
    for key in (KEY, *ELSEWHERE, OTHER):
        pipe.get(key)
    assert run(pipe) == [b"before", *[None] * 30, b"meanwhile"]
    move.end()
    pipe = either.pipeline(transaction=False)
    for key in (KEY, *ELSEWHERE, OTHER):
        pipe.append(key, "!")
    assert run(pipe) == [7, *[1] * 30, 10]
    assert either.get(KEY) == b"before!"


def test_a_transaction_follows_its_slot(move: Move, either: Client) -> None:
    either.set(KEY, "0")
    move.begin()
    move.end()
    pipe = either.pipeline(transaction=True)
    pipe.incr(KEY)
    pipe.hset(OTHER, "field", "value")
    pipe.hgetall(OTHER)
    pipe.lpush(KEY, "no list")
    *told, refused = pipe.execute(raise_on_error=False)
    assert told == [1, 1, {b"field": b"value"}]
    assert isinstance(refused, redis.ResponseError)


def test_keys_that_are_parted_while_their_slot_moves_are_an_error_in_the_end(
    move: Move, either: Client
) -> None:
    """``TRYAGAIN`` is tried again, and not for ever."""
    either.set(KEY, "before")
    move.begin()
    either.set(OTHER, "meanwhile")
    with pytest.raises(Unavailable), store_errors():
        either.mget([KEY, OTHER])


def test_a_transaction_over_several_slots_is_refused(either: Client) -> None:
    pipe = either.pipeline(transaction=True)
    pipe.get(KEY)
    pipe.get(ELSEWHERE[0])
    with pytest.raises(Unavailable), store_errors():
        pipe.execute()


def test_keys_of_several_slots_are_deleted_at_once(cluster_nodes: Cluster, either: Client) -> None:
    cluster_nodes.clear()
    for key in ELSEWHERE:
        either.set(key, "value")
    assert sorted(either.scan_iter("bl:*")) == sorted(key.encode() for key in ELSEWHERE)
    assert either.unlink(*ELSEWHERE) == len(ELSEWHERE)
    assert not list(either.scan_iter("bl:*"))


def test_a_script_that_nodes_have_forgotten_is_loaded_again(
    cluster_nodes: Cluster, either: Client
) -> None:
    cluster_nodes.clear()
    script = either.register_script("return redis.call('INCR', KEYS[1])")
    for count in (1, 2):
        pipe = either.pipeline(transaction=False)
        for key in ELSEWHERE:
            script(keys=[key], client=pipe)
        assert run(pipe) == [count] * len(ELSEWHERE)
        for node in cluster_nodes.primaries():
            call(node, "SCRIPT", "FLUSH")
    assert script(keys=[KEY]) == 1


def test_a_lock_is_held_by_one(cluster_nodes: Cluster) -> None:
    cluster_nodes.clear()
    first, second = (connect.writer(cluster_nodes.url) for _ in range(2))
    with hold(first, "one") as lock:
        assert lock is not None
        lock.extend()
        with hold(second, "one") as other:
            assert other is None
    with hold(second, "one") as other:
        assert other is not None
    first.close()
    second.close()


def test_one_node_that_does_not_sync_every_write_is_refused(cluster_nodes: Cluster) -> None:
    """A replica, too: it may be the primary a moment later."""
    client = connect.writer(cluster_nodes.url)
    durability.require(client)
    for node in (cluster_nodes.nodes[0], cluster_nodes.replica_of(cluster_nodes.primaries()[0])):
        call(node, "CONFIG", "SET", "appendfsync", "everysec")
        with pytest.raises(ConfigError, match="appendfsync always"):
            durability.require(client)
        call(node, "CONFIG", "SET", "appendfsync", "always")
    durability.require(client)
    client.close()


def test_a_server_that_is_no_node_is_refused_with_what_is_wrong(tmp_path) -> None:
    from blacklist.store.embedded import find_server

    alone = Process(find_server(), tmp_path / "alone", **DURABLE)
    alone.start()
    client = connect.reader(f"redis+cluster://127.0.0.1:{alone.port}")
    try:
        with pytest.raises(ConfigError, match="no node of a cluster"):
            meta.read(client)
    finally:
        client.close()
        alone.kill()


def test_a_cluster_of_which_no_node_answers_is_unavailable() -> None:
    client = connect.reader(f"redis+cluster://127.0.0.1:{new_port()},127.0.0.1:{new_port()}")
    with pytest.raises(StoreError):
        meta.read(client)
    client.close()


def test_what_is_to_be_asked_last_is_asked_when_all_else_was_answered(
    cluster_nodes: Cluster,
) -> None:
    """What a set-back store lost before it answered for a shard must show in what is asked last."""
    cluster_nodes.clear()
    away = next(
        key for key in ELSEWHERE if cluster_nodes.owner(key) is not cluster_nodes.owner(KEY)
    )
    node = cluster_nodes.owner(away)
    replica = cluster_nodes.replica_of(node)
    client = connect.reader(cluster_nodes.url)
    client.set(KEY, "before")
    client.get(away)
    pipe = client.pipeline(transaction=False, shard_hint=connect.LAST)
    pipe.get(away)
    pipe.get(KEY)
    try:
        replica.freeze()
        node.freeze()
        change = threading.Timer(0.3, client.set, (KEY, "after"))
        change.start()
        late, last = run(pipe, apart=1)
        change.join()
    finally:
        cluster_nodes.restore()
        client.close()
    assert isinstance(late, redis.TimeoutError)
    assert last == b"after"

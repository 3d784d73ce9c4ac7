"""A real cluster for tests: three primaries with a replica each on loopback ports.

Made with ``CLUSTER`` commands, so that no ``redis-cli`` is needed.
"""

import shutil
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import redis

from blacklist.store.embedded import find_server
from processes import DURABLE, Process, new_port, take_back

SLOTS = 16_384
NODE_TIMEOUT_MILLISECONDS = 1_000
HEAL_SECONDS = 20
"""A failover is over by then, answers included."""


class Node(Process):
    """A node of a cluster; other nodes answer although one of them is gone."""

    def __init__(self, folder: Path, number: int) -> None:
        self.bus_port = new_port()
        super().__init__(
            find_server(),
            folder / f"node-{number}",
            **DURABLE,
            cluster_enabled="yes",
            cluster_port=str(self.bus_port),
            cluster_node_timeout=str(NODE_TIMEOUT_MILLISECONDS),
            cluster_require_full_coverage="no",
            cluster_replica_validity_factor="0",
            repl_diskless_sync_delay="0",
            bind="127.0.0.1",
        )

    def lose_data(self) -> None:
        """Delete what a killed node kept, all but its place in the cluster."""
        shutil.rmtree(self.folder / "appendonlydir", ignore_errors=True)
        (self.folder / "dump.rdb").unlink(missing_ok=True)


class Cluster:
    """Nodes 0, 1, 2 begin as primaries of a third of the slots, 3, 4, 5 as their replicas."""

    def __init__(self, folder: Path) -> None:
        self.nodes = [Node(folder, number) for number in range(6)]

    @property
    def url(self) -> str:
        """Its address, by two of its nodes."""
        places = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes[:2])
        return f"redis+cluster://{places}"

    def start(self) -> None:
        """Start and join the nodes, and wait until all of them know it."""
        for node in self.nodes:
            node.start()
        primaries, replicas = self.nodes[:3], self.nodes[3:]
        cuts = [round(SLOTS * part / 3) for part in range(4)]
        for node, (first, end) in zip(primaries, pairwise(cuts), strict=True):
            call(node, "CLUSTER", "ADDSLOTSRANGE", first, end - 1)
        for number, node in enumerate(self.nodes):
            call(node, "CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        first = self.nodes[0]
        for node in self.nodes[1:]:
            call(node, "CLUSTER", "MEET", "127.0.0.1", first.port, first.bus_port)
        wait_until(lambda: all(known(node) == 6 for node in self.nodes), "the nodes do not meet")
        for primary, replica in zip(primaries, replicas, strict=True):
            call(replica, "CLUSTER", "REPLICATE", call(primary, "CLUSTER", "MYID"))
        self.wait_until_whole()

    def end(self) -> None:
        """Kill all nodes."""
        for node in self.nodes:
            node.kill()

    def wait_until_whole(self) -> None:
        """Wait until every node runs, every slot is served and every primary has a replica."""
        wait_until(self.is_whole, "the cluster does not become whole")

    def is_whole(self) -> bool:
        """Whether nothing is missing in anybody's eyes."""
        try:
            return (
                len(self.primaries()) == 3
                and all(_state(node) == "ok" for node in self.nodes)
                and all(_replicas(node) == 1 for node in self.primaries())
                and all(_layout(node) == _layout(self.nodes[0]) for node in self.nodes)
            )
        except redis.RedisError:
            return False

    def primaries(self) -> list[Node]:
        """The nodes that are primaries now and answer."""
        return [node for node in self.nodes if node.is_running and role(node) == "master"]

    def owner(self, key: str) -> Node:
        """The primary that serves a key, in the eyes of the other nodes that answer."""
        slot = next(call(node, "CLUSTER", "KEYSLOT", key) for node in self.nodes if node.is_running)
        for node in self.primaries():
            for first, last, place, *_ in call(node, "CLUSTER", "SLOTS"):
                if first <= slot <= last:
                    return next(one for one in self.nodes if one.port == place[1])
        raise AssertionError("nobody serves the slot")

    def replica_of(self, primary: Node) -> Node:
        """The one replica of a primary."""
        ((_, port, _),) = call(primary, "ROLE")[2]
        return next(node for node in self.nodes if node.port == int(port))

    def restore(self) -> None:
        """Make it whole again after a test: all nodes run and hold the same."""
        for node in self.nodes:
            node.thaw()
            if not node.is_running:
                node.start()
        self.wait_until_whole()

    def clear(self) -> None:
        """Empty it and forget what tests set."""
        for node in self.nodes:
            with node.client() as client:
                take_back(client)
        for node in self.primaries():
            call(node, "FLUSHALL")
            call(node, "SCRIPT", "FLUSH")


def call(node: Process, *command: object) -> object:
    """One command to one server."""
    with node.client() as client:
        return client.execute_command(*command)


def _replicas(node: Process) -> int | None:
    """How many replicas a primary has; None of one that is none any more."""
    told: Any = call(node, "ROLE")
    return len(told[2]) if told[0] == b"master" else None


def role(node: Process) -> str:
    """``master``, ``slave``, or nothing where it does not answer."""
    try:
        with node.client(0.3) as client:
            return client.execute_command("ROLE")[0].decode()
    except redis.RedisError:
        return ""


def known(node: Process) -> int:
    """How many nodes a node has met."""
    return len(call(node, "CLUSTER", "SLOTS")) and len(_nodes(node))


def wait_until(is_so: Callable[[], bool], otherwise: str, seconds: float = 30) -> None:
    """Look again and again until it is so."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.02)


def _nodes(node: Process) -> list[str]:
    with node.client() as client:
        raw = client.execute_command("CLUSTER NODES")
    return list(raw) if isinstance(raw, dict) else raw.decode().splitlines()


def _state(node: Process) -> str:
    with node.client() as client:
        info = client.execute_command("CLUSTER INFO")
    if isinstance(info, dict):
        return info["cluster_state"]
    return info.decode().split("cluster_state:")[1].split()[0]


def _layout(node: Process) -> object:
    """Who serves what in a node's eyes."""
    return sorted(
        (first, last, place[1], sorted(one[1] for one in more))
        for first, last, place, *more in call(node, "CLUSTER", "SLOTS")
    )

"""The nodes of a cluster as one client sees them: who serves which slot, and connections there."""

import random
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import redis
from redis.connection import ConnectionPool

from blacklist.errors import ConfigError
from blacklist.store.addresses import Place
from blacklist.store.replicated import Wire

SLOTS: Final = 16_384

LAYOUT_SECONDS: Final = 0.5
"""Time limit for one node to say who serves what; a dead one must not keep the others from it."""

LAYOUT_AGE_SECONDS: Final = 0.2
"""The layout is not asked for more often, however many threads meet a node that is gone."""

REST_SECONDS: Final = 1.0
"""For so long after it let a question run into its time limit, a node is not asked again."""


class Node:
    """One node with connections that threads share."""

    def __init__(self, place: Place, options: Mapping[str, Any]) -> None:
        self.place = place
        host, port = place
        self._seconds: float = options["socket_timeout"]
        self._pool = ConnectionPool(host=host, port=port, **options)
        self._rests_until = 0.0

    def take(self) -> Wire:
        """Take a connection that is open; RedisError where there is none to be had in time.

        A node that stands still costs its time limit once in a while and not with every question:
        while it rests it fails at once, and after that the first who comes tries it.
        """
        if self._rests_until:
            now = time.monotonic()
            if now < self._rests_until:
                raise redis.TimeoutError
            self._rests_until = now + self._seconds
        try:
            connection: Wire = self._pool.get_connection()
        except redis.TimeoutError:
            self.rest()
            raise
        return connection

    def give_back(self, connection: Wire) -> None:
        """Give back a connection whose every answer was read, or that was disconnected."""
        self._pool.release(connection)

    def rest(self) -> None:
        """Leave the node alone for a while: it did not answer in time."""
        self._rests_until = time.monotonic() + REST_SECONDS

    def wake(self) -> None:
        """Ask it like any other again: it has answered."""
        self._rests_until = 0.0

    @property
    def is_doubtful(self) -> bool:
        """Whether it let somebody wait in vain and has not answered since."""
        return self._rests_until > 0

    def close(self) -> None:
        """Close its connections."""
        self._pool.disconnect()


class OwnNode(Node):
    """A node with one connection, which knows whether it was opened again since its first use.

    One thread uses it. It never rests: who writes has long time limits and tries once.
    """

    def __init__(self, place: Place, options: Mapping[str, Any]) -> None:
        super().__init__(place, {**options, "redis_connect_func": self._greet})
        self._opened = 0
        self._first: int | None = None
        self.touched = ""
        """A key that was asked here since :meth:`begin`, which is of a slot of this node."""

    def begin(self) -> None:
        """Forget what happened so far."""
        self.touched = ""
        self._first = None

    @property
    def is_lost(self) -> bool:
        """Whether the connection is another than the one that was used first."""
        return self._first != self._opened

    def take(self) -> Wire:
        """Take the connection, opened again where it broke."""
        connection: Wire = self._pool.get_connection()
        if self._first is None:
            self._first = self._opened
        return connection

    def rest(self) -> None:
        """Never rest."""

    def _greet(self, connection: Wire) -> None:
        """Begin a connection as redis-py does, and count it."""
        connection.on_connect()
        self._opened += 1


class Layout:
    """Who serves which slot, as the nodes tell it. Safe to share between threads."""

    def __init__(
        self, seeds: Iterable[Place], options: Mapping[str, Any], sort: type[Node]
    ) -> None:
        self._seeds = tuple(seeds)
        self._options = options
        self._sort = sort
        self._nodes: dict[Place, Node] = {}
        self._owners: list[Node | None] = [None] * SLOTS
        self._is_known = False
        self._tried = float("-inf")
        self._lock = threading.Lock()
        self._nodes_lock = threading.Lock()
        self.replicas: frozenset[Place] = frozenset()

    def owner(self, slot: int) -> Node | None:
        """Return who serves a slot; None where nobody does."""
        if not self._is_known:
            self.refresh(wait=True)
        return self._owners[slot]

    def primaries(self) -> list[Node]:
        """Return the nodes that serve slots."""
        self.owner(0)
        return self._serving()

    def _serving(self) -> list[Node]:
        # First the few, then who they are: there are 16,384 slots.
        return [node for node in dict.fromkeys(self._owners) if node is not None]

    def known(self) -> list[Node]:
        """Return every node that was ever asked."""
        with self._nodes_lock:
            return list(self._nodes.values())

    def node(self, place: Place) -> Node:
        """Return the node at a place."""
        with self._nodes_lock:
            if place not in self._nodes:
                self._nodes[place] = self._sort(place, self._options)
            return self._nodes[place]

    def move(self, slot: int, place: Place) -> Node:
        """Note that a node was heard to serve a slot."""
        node = self._owners[slot] = self.node(place)
        return node

    def refresh(self, *, wait: bool = False) -> None:
        """Ask the nodes who serves what, unless somebody did a moment ago or is doing it.

        With ``wait``: be that as it may. Raises ConnectionError where no node tells.
        """
        if not wait and time.monotonic() < self._tried + LAYOUT_AGE_SECONDS:
            return
        if not self._lock.acquire(blocking=wait):
            return
        try:
            self._tried = time.monotonic()
            self._read()
        finally:
            self._lock.release()

    def close(self) -> None:
        """Close all connections."""
        for node in self.known():
            node.close()

    def _read(self) -> None:
        for place in self._who_may_tell():
            try:
                slots = self._ask(place)
            except redis.ResponseError as exc:
                if "cluster support disabled" in str(exc):
                    raise ConfigError(
                        "BLACKLIST_REDIS_URL names a server that is no node of a cluster"
                    ) from exc
                continue
            except (redis.RedisError, OSError):
                continue
            if slots:
                self._take(place, slots)
                return
            if time.monotonic() > self._tried + LAYOUT_SECONDS * 3:
                break
        raise redis.ConnectionError

    def _who_may_tell(self) -> Iterator[Place]:
        """Yield the nodes in an order of their own each time, those that stand still last."""
        primaries = self._serving()
        random.shuffle(primaries)
        primaries.sort(key=lambda node: node.is_doubtful)
        yield from dict.fromkeys(
            (*(node.place for node in primaries), *sorted(self.replicas), *self._seeds)
        )

    def _ask(self, place: Place) -> list[Any]:
        host, port = place
        sort = self._options.get("connection_class", redis.Connection)
        options = {name: one for name, one in self._options.items() if name != "connection_class"}
        limits = {"socket_timeout": LAYOUT_SECONDS, "socket_connect_timeout": LAYOUT_SECONDS}
        connection = sort(host=host, port=port, **options | limits)
        try:
            connection.connect()
            connection.send_command("CLUSTER", "SLOTS")
            slots: list[Any] = connection.read_response()
        finally:
            connection.disconnect()
        return slots

    def _take(self, place: Place, slots: list[Any]) -> None:
        """Put in place what a node tells; a name it does not know is its own."""
        owners: list[Node | None] = [None] * SLOTS
        replicas: set[Place] = set()
        for first, last, primary, *others in slots:
            owner = self.node(_place(primary, place))
            owners[first : last + 1] = [owner] * (last + 1 - first)
            replicas.update(_place(one, place) for one in others)
        self._owners = owners
        self.replicas = frozenset(replicas)
        self._is_known = True


def _place(told: list[Any], teller: Place) -> Place:
    host = (told[0] or b"").decode()
    return (teller[0] if host in {"", "?"} else host, int(told[1]))

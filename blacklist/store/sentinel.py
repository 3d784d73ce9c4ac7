"""A client of the primary that Sentinels name, one server at a time, and of the replicas behind it.

A connection is used only to a server that says itself that it is a primary (Sentinel's guidelines
for clients, step 3: a Sentinel may be late). A writer knows in whose history it wrote: a primary
has an id of its own (``master_replid``), another one from every promotion and restart on. What was
written is believed to be on replicas only if all connections were to one and the same.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import redis

from blacklist.store import keys
from blacklist.store.addresses import Place, Sentinels
from blacklist.store.replicated import (
    CHECK_SECONDS,
    ReplicatedClient,
    Wire,
    confirm_replicas,
    is_answering,
)
from blacklist.store.sentinel_pool import PrimaryPool


class SentinelClient(ReplicatedClient):
    """Talks to the primary of one service, whichever that is.

    It has no connection of its own, not for writes either: redis-py opens such a one again at the
    address that it had, and would never leave the old primary.
    """

    def __init__(self, where: Sentinels, options: Mapping[str, Any]) -> None:
        self._options = {**options, **where.options}
        self._service = where.service
        self._history = ""
        self._histories: set[str] = set()
        self._primary = PrimaryPool(where, {**self._options, "redis_connect_func": self._greet})
        super().__init__(connection_pool=self._primary)
        self.auto_close_connection_pool = True

    def begin(self) -> None:
        """Begin to write; connections that lay idle are closed, since they might lead elsewhere."""
        self._primary.disconnect(inuse_connections=False)
        self._histories = set()
        # A primary that stands still is found in a second: a write's own time limit is long.
        with self._short(self._primary.make_sure()) as client:
            client.ping()

    def has_reached_replicas(self) -> bool:
        """Whether all that was read and written is on the primary's replicas."""
        connection: Wire = self._primary.get_connection()

        def ask(*args: Any) -> Any:
            connection.send_command(*args)
            return connection.read_response()

        try:
            is_there = confirm_replicas(ask, keys.sync(keys.STORE))
            self._note(ask("INFO", "replication"))
            is_it = self._primary.make_sure() == (connection.host, connection.port)
            return is_there and is_it and len(self._histories) == 1
        finally:
            self._histories = {self._history}
            self._primary.release(connection)

    def servers(self) -> Iterator[redis.Redis]:
        """Give the primary, and a client of each replica that answers."""
        yield self
        for place in self._primary.manager.discover_slaves(self._service):
            with self._short(place) as client:
                if is_answering(client):
                    yield client

    def close(self) -> None:
        """Close all connections, those to the Sentinels, too."""
        super().close()
        if "_primary" in self.__dict__:
            for sentinel in self._primary.manager.sentinels:
                sentinel.close()

    def _short(self, place: Place) -> redis.Redis:
        limits = {"socket_timeout": CHECK_SECONDS, "socket_connect_timeout": CHECK_SECONDS}
        pool = redis.ConnectionPool(host=place[0], port=place[1], **self._options | limits)
        return redis.Redis.from_pool(pool)

    def _greet(self, connection: Wire) -> None:
        """Begin a connection as redis-py does, and make sure that a primary is at its end."""
        connection.on_connect()
        connection.send_command("INFO", "replication")
        self._note(connection.read_response())

    def _note(self, info: bytes) -> None:
        """Note whose history a connection writes; ConnectionError where it is no primary's."""
        lines = info.decode().splitlines()
        told = dict(line.split(":", 1) for line in lines if ":" in line)
        if told["role"] != "master":
            raise redis.ConnectionError
        self._history = told["master_replid"]
        self._histories.add(self._history)

"""A client of the primary that Sentinels name: redis-py's, with three things added.

A connection is used only to a server that says itself that it is a primary (Sentinel's guidelines
for clients, step 3: a Sentinel may be late). One whose answer did not come is closed. And a writer
knows in whose history it wrote: a primary has an id of its own (``master_replid``), another one
from every promotion and restart on. What was written is believed to be on replicas only if all
connections were to one and the same.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.sentinel import (
    Sentinel,
    SentinelConnectionPool,
    SentinelManagedConnection,
    SentinelManagedSSLConnection,
)

from blacklist.store import keys
from blacklist.store.addresses import Sentinels
from blacklist.store.replicated import (
    CHECK_SECONDS,
    ReplicatedClient,
    Wire,
    confirm_replicas,
    is_answering,
)

SENTINEL_SECONDS = 0.5
"""Time limit for one Sentinel to name the primary; the others are asked after it."""


class _Closing:
    """Closes a connection whose answer did not come.

    redis-py's own for Sentinels keeps it: it would be used again, to the server that stands still,
    and the answer that comes too late would be taken for the next one's.
    """

    def read_response(self, *args: Any, **options: Any) -> Any:
        """Read one answer."""
        try:
            return super().read_response(*args, **options)  # type: ignore[misc]
        except (redis.ConnectionError, redis.TimeoutError):
            self.disconnect()  # type: ignore[attr-defined]
            raise


class _Connection(_Closing, SentinelManagedConnection):
    """A connection to the primary."""


class _TlsConnection(_Closing, SentinelManagedSSLConnection):
    """A connection to the primary with TLS."""


class SentinelClient(ReplicatedClient):
    """Talks to the primary of one service, whichever that is."""

    def __init__(self, where: Sentinels, options: Mapping[str, Any]) -> None:
        limits = {
            "socket_timeout": SENTINEL_SECONDS,
            "socket_connect_timeout": SENTINEL_SECONDS,
            "retry": Retry(NoBackoff(), 0),
        }
        self._options = {**options, **where.options}
        is_tls = "connection_class" in self._options
        self._service = where.service
        self._manager: Any = Sentinel(  # type: ignore[no-untyped-call]
            list(where.places), sentinel_kwargs=_as_ssl(where.sentinel_options) | limits
        )
        self._history = ""
        self._histories: set[str] = set()
        pool = SentinelConnectionPool(  # type: ignore[no-untyped-call]
            where.service,
            self._manager,
            **self._options
            | {
                "connection_class": _TlsConnection if is_tls else _Connection,
                "redis_connect_func": self._greet,
            },
        )
        # A connection of its own would never leave the old primary: redis-py opens one again at
        # the address that it had, and asks the Sentinels only for one that comes from the pool.
        super().__init__(connection_pool=pool)
        self.auto_close_connection_pool = True

    def begin(self) -> None:
        """Begin to write; connections that lay idle are closed, since they might lead elsewhere."""
        self.connection_pool.disconnect(inuse_connections=False)
        self._histories = set()
        self.ping()

    def has_reached_replicas(self) -> bool:
        """Whether all that was read and written is on the primary's replicas."""
        connection: Wire = self.connection_pool.get_connection()

        def ask(*args: Any) -> Any:
            connection.send_command(*args)
            return connection.read_response()

        try:
            is_there = confirm_replicas(ask, keys.sync(keys.STORE))
            self._note(ask("INFO", "replication"))
            return is_there and len(self._histories) == 1
        finally:
            self._histories = {self._history}
            self.connection_pool.release(connection)

    def servers(self) -> Iterator[redis.Redis]:
        """Give the primary, and a client of each replica that answers."""
        yield self
        limits = {"socket_timeout": CHECK_SECONDS, "socket_connect_timeout": CHECK_SECONDS}
        for host, port in self._manager.discover_slaves(self._service):
            pool = redis.ConnectionPool(host=host, port=port, **self._options | limits)
            with redis.Redis.from_pool(pool) as client:
                if is_answering(client):
                    yield client

    def close(self) -> None:
        """Close all connections, those to the Sentinels, too."""
        super().close()
        if "_manager" in self.__dict__:
            self._manager.close()

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


def _as_ssl(options: Mapping[str, Any]) -> dict[str, Any]:
    """Say ``ssl`` where redis-py's address reader chose a class of connections."""
    told = {name: value for name, value in options.items() if name != "connection_class"}
    return told | {"ssl": True} if "connection_class" in options else told

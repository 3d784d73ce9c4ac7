"""Connections to the primary that most Sentinels name, and to no other server.

redis-py's pool asks one Sentinel, and only for a new connection. That is not enough here: a primary
that was cut off with some who ask goes on answering from its copy, which lacks what the new one has
acknowledged meanwhile. So whoever takes a connection makes sure that most Sentinels still name the
server at its end, and a writer that most of them name it before it acknowledges. Two majorities
have a Sentinel in common: what was acknowledged elsewhere ends all answers from the old primary.
"""

import time
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.sentinel import (
    MasterNotFoundError,
    Sentinel,
    SentinelConnectionPool,
    SentinelManagedConnection,
    SentinelManagedSSLConnection,
)

from blacklist.store.addresses import Place, Sentinels
from blacklist.store.replicated import Wire

SENTINEL_SECONDS: Final = 0.5
"""Time limit for one Sentinel to name the primary; the others are asked after it."""

SURE_SECONDS: Final = 0.05
"""For so long what the Sentinels named is believed: half of what a barrier waits beyond a lease."""


class Majority(Sentinel):
    """Sentinels, of which most must name a primary."""

    def discover_master(self, service_name: str) -> Place:
        """Return the address that most Sentinels name; MasterNotFoundError where there is none."""
        named: Counter[Place] = Counter()
        for sentinel in list(self.sentinels):
            try:
                address: Any = sentinel.sentinel_get_master_addr_by_name(service_name)
            except (redis.RedisError, OSError):
                # The next time it comes last, so that it costs nobody its time limit.
                self.sentinels.remove(sentinel)
                self.sentinels.append(sentinel)
                continue
            if address is not None:
                named[address] += 1
                if named[address] > len(self.sentinels) // 2:
                    return (address[0], address[1])
        raise MasterNotFoundError


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


class PrimaryPool(SentinelConnectionPool):
    """Gives connections to whichever server is the primary."""

    def __init__(self, where: Sentinels, options: Mapping[str, Any]) -> None:
        limits = {
            "socket_timeout": SENTINEL_SECONDS,
            "socket_connect_timeout": SENTINEL_SECONDS,
            "retry": Retry(NoBackoff(), 0),
        }
        self.manager: Any = Majority(  # type: ignore[no-untyped-call]
            list(where.places), sentinel_kwargs=_as_ssl(where.sentinel_options) | limits
        )
        sort = _TlsConnection if "connection_class" in options else _Connection
        self._sure_until = float("-inf")
        super().__init__(  # type: ignore[no-untyped-call]
            where.service, self.manager, **{**options, "connection_class": sort}
        )

    def get_connection(self, *args: Any, **options: Any) -> Wire:
        """Take a connection to the primary that most Sentinels name at this moment."""
        if time.monotonic() >= self._sure_until:
            self.make_sure()
        return super().get_connection(*args, **options)

    def make_sure(self) -> Place:
        """Ask who is the primary; connections that lie idle to another one are closed."""
        asked = time.monotonic()
        address: Place = self.get_master_address()  # type: ignore[no-untyped-call]
        self._sure_until = asked + SURE_SECONDS
        return address


def _as_ssl(options: Mapping[str, Any]) -> dict[str, Any]:
    """Say ``ssl`` where redis-py's address reader chose a class of connections."""
    told = {name: value for name, value in options.items() if name != "connection_class"}
    return told | {"ssl": True} if "connection_class" in options else told

"""Stores that keep every write on another machine, too: a cluster, or a primary under Sentinels.

A write is acknowledged when the replicas have it: a primary that dies takes along what only it had.
``WAIT`` speaks of the connection and the server it is sent to, so it is asked where the write went
and nowhere else (another connection answers for what *it* wrote, another node for its own replicas:
both were seen to say yes too early).
"""

from abc import abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, Final

import redis

REPLICA_SECONDS: Final = 5.0
"""How long an acknowledgement waits for a server's replicas."""

SYNC_SECONDS: Final = 60
"""How long the trace of an acknowledgement lies in the store."""

CHECK_SECONDS: Final = 1.0
"""Time limit of a look at one server's settings."""


Wire = Any
"""A connection of redis-py, whose methods have no types."""


class ReplicatedClient(redis.Redis):
    """A client of a store with replicas; ``durability`` is who asks it about them."""

    @abstractmethod
    def begin(self) -> None:
        """Begin to write: what was written before is not asked after any more."""

    @abstractmethod
    def has_reached_replicas(self) -> bool:
        """Whether all that this client read and wrote since :meth:`begin` is on replicas.

        False, too, where a connection broke since: nobody can tell then. Raises RedisError.
        """

    @abstractmethod
    def servers(self) -> Iterable[redis.Redis]:
        """Give a short-lived client of every server that keeps the store, or may have to.

        Raises RedisError where a primary does not answer; replicas that do not are left out.
        """


def confirm_replicas(ask: Callable[..., Any], key: str) -> bool:
    """Whether all that a primary did so far is on every replica that follows it, at least on one.

    ``ask`` sends one command over one connection. On *every* replica, since the one that is
    promoted need not be the one that was fastest. ``key`` is set for a moment first: ``WAIT`` is
    about the connection's last write, and this one comes after all that was written and read.
    """
    ask("SET", key, "", "EX", SYNC_SECONDS)
    replicas = len(ask("ROLE")[2])
    if replicas == 0:
        return False
    reached: int = ask("WAIT", replicas, int(REPLICA_SECONDS * 1000))
    return reached >= replicas


def is_answering(client: redis.Redis) -> bool:
    """Whether a server answers at all."""
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False

"""Locks between processes, for writes that must not run twice at once.

A lock runs out by itself after :data:`LEASE_SECONDS` when its holder dies; a living holder
extends it as it goes, and finds out there when it was too slow. Between two such looks a holder may
stand still for longer and then go on: so what it writes is *fenced*, that is, the server looks at
the lock at the same moment as it writes (:attr:`Held.fence`).
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import redis
from redis.exceptions import LockError
from redis.lock import Lock

from blacklist.errors import Busy
from blacklist.store import durability, keys
from blacklist.store.connect import store_errors

LEASE_SECONDS = 30.0
_TOKEN_BYTES = 16


class Held:
    """A lock this process holds."""

    def __init__(self, lock: Lock) -> None:
        self._lock = lock

    @property
    def fence(self) -> tuple[str, bytes]:
        """The lock's key and what must stand there while this process holds it."""
        return str(self._lock.name), bytes(self._lock.local.token)

    def extend(self) -> None:
        """Hold it for another :data:`LEASE_SECONDS`; Busy when it ran out meanwhile."""
        with store_errors():
            try:
                self._lock.reacquire()
            except LockError as exc:
                raise Busy("this write was too slow and lost its lock; run it again") from exc


@contextmanager
def hold(client: redis.Redis, name: str, *, wait_seconds: float = 0.0) -> Iterator[Held | None]:
    """Hold the lock ``name`` inside the block; None is given when somebody else holds it."""
    lock = client.lock(
        keys.lock(name),
        timeout=LEASE_SECONDS,
        blocking=wait_seconds > 0,
        blocking_timeout=wait_seconds or None,
        thread_local=False,
    )
    with store_errors():
        # redis-py's own token is a uuid1: libuuid leaves a file open for each thread that made one.
        got = lock.acquire(token=secrets.token_hex(_TOKEN_BYTES))
    if not got:
        yield None
        return
    try:
        durability.replicate(client)  # or a failover would give it to somebody else, too
        yield Held(lock)
    finally:
        # A store that is gone releases it by time; an error here must not hide the one before.
        with suppress(redis.RedisError):
            lock.release()

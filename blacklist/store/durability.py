"""Whether the store keeps what it answered for: on disk, in memory when that is full, on replicas.

With ``appendfsync always`` a server answers a write after it was synced. ``WAITAOF``, which would
let a server sync once a second and tell when it has, cannot be believed: Valkey 9.1.2 answers at
once, before the sync (1,999 of 2,000 answers, docs/measurements.md). So every server must sync
every write; it costs 0.26 ms a write. A replica, too: it may be the primary a moment later.

A server that makes room by dropping keys (``maxmemory-policy``) would drop lists and the table of
sources; the policies that drop only keys with an end (``volatile-…``) drop rows that a load staged.
"""

from typing import Any

import redis

from blacklist.errors import ConfigError, Unavailable
from blacklist.store.connect import run, store_errors
from blacklist.store.replicated import ReplicatedClient

_KEEPS_ALL = "noeviction"
REQUIRED = {
    "appendonly": "yes",
    "appendfsync": "always",
    "maxmemory-policy": _KEEPS_ALL,
}


def require(client: redis.Redis) -> None:
    """Begin to write; ConfigError unless every server syncs each write and never drops a key."""
    with store_errors():
        if isinstance(client, ReplicatedClient):
            client.begin()
        for server in client.servers() if isinstance(client, ReplicatedClient) else (client,):
            _require(server)


def replicate(client: redis.Redis) -> None:
    """Return when what was written since :func:`require` is on replicas, where the store has any.

    Raises Unavailable where it may not be: nothing of it may be acknowledged then.
    """
    if not isinstance(client, ReplicatedClient):
        return
    with store_errors():
        is_there = client.has_reached_replicas()
    if not is_there:
        raise Unavailable("the store has no replica of what was written: try again when it has")


def _require(server: redis.Redis) -> None:
    pipe = server.pipeline(transaction=False)
    for name in REQUIRED:
        pipe.config_get(name)
    settings = {name: text for answer in run(pipe) for name, text in answer.items()}
    if settings != REQUIRED:
        wanted = ", ".join(f"'{name} {value}'" for name, value in REQUIRED.items())
        raise ConfigError(f"the Redis server would lose acknowledged entries: it needs {wanted}")


def may_drop_keys(client: redis.Redis) -> bool:
    """Whether the server drops keys when its memory is full, as far as this user may see that.

    Of a cluster only the node of the store's own keys is asked; :func:`require` asks all servers.
    """
    with store_errors():
        try:
            memory: Any = client.info("memory")
        except redis.ResponseError:
            return False  # a user that may only read lists; whoever writes looks, too
    return bool(memory.get("maxmemory_policy", _KEEPS_ALL) != _KEEPS_ALL)

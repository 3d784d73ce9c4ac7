"""Whether the server keeps what it answered for: on disk, and in memory when that is full.

With ``appendfsync always`` a server answers a write after it was synced. ``WAITAOF``, which would
let a server sync once a second and tell when it has, cannot be believed: Valkey 9.1.2 answers at
once, before the sync (1,999 of 2,000 answers, docs/measurements.md). So every server must sync
every write; it costs 0.26 ms a write.

A server that makes room by dropping keys (``maxmemory-policy``) would drop lists and the table of
sources; the policies that drop only keys with an end (``volatile-…``) drop rows that a load staged.
"""

from typing import Any

import redis

from blacklist.errors import ConfigError
from blacklist.store.connect import store_errors

_KEEPS_ALL = "noeviction"
_REQUIRED = {
    "appendonly": "yes",
    "appendfsync": "always",
    "maxmemory-policy": _KEEPS_ALL,
}


def require(client: redis.Redis) -> None:
    """ConfigError unless the server syncs every write to its log and never drops a key."""
    with store_errors():
        settings: dict[str, Any] = {}
        for name in _REQUIRED:
            answer: Any = client.config_get(name)
            settings |= answer
    if settings != _REQUIRED:
        wanted = ", ".join(f"'{name} {value}'" for name, value in _REQUIRED.items())
        raise ConfigError(f"the Redis server would lose acknowledged entries: it needs {wanted}")


def may_drop_keys(client: redis.Redis) -> bool:
    """Whether the server drops keys when its memory is full, as far as this user may see that."""
    with store_errors():
        try:
            memory: Any = client.info("memory")
        except redis.ResponseError:
            return False  # a user that may only read lists; whoever writes looks, too
    return bool(memory.get("maxmemory_policy", _KEEPS_ALL) != _KEEPS_ALL)

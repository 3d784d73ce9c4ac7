"""Whether what the server answered for is on disk.

With ``appendfsync always`` a server answers a write after it was synced. ``WAITAOF``, which would
let a server sync once a second and tell when it has, cannot be believed: Valkey 9.1.2 answers at
once, before the sync (1,999 of 2,000 answers, docs/measurements.md). So every server must sync
every write; it costs 0.26 ms a write.
"""

from typing import Any

import redis

from blacklist.errors import ConfigError
from blacklist.store.connect import store_errors

_REQUIRED = {"appendonly": "yes", "appendfsync": "always"}


def require(client: redis.Redis) -> None:
    """ConfigError unless the server syncs every write to its log before it answers."""
    with store_errors():
        settings: dict[str, Any] = {}
        for name in _REQUIRED:
            answer: Any = client.config_get(name)
            settings |= answer
    if settings != _REQUIRED:
        wanted = ", ".join(f"'{name} {value}'" for name, value in _REQUIRED.items())
        raise ConfigError(f"the Redis server would lose acknowledged entries: it needs {wanted}")

"""Whether a write has reached the disk; asked on the very connection that wrote.

Valkey and Redis from 7.2 have ``WAITAOF``, which waits for the next sync; older servers must sync
every write (``appendfsync always``). With ``everysec`` and no wait, killing the server lost
acknowledged writes (docs/measurements.md).
"""

import redis

from blacklist.errors import ConfigError, Unavailable
from blacklist.store.connect import store_errors

SYNC_SECONDS = 30.0
"""How long a write may take to reach the disk before it is refused as unacknowledged."""


def settle(client: redis.Redis) -> None:
    """Return once everything this connection wrote is on disk; Unavailable when it is not in time.

    Raises ConfigError when the server keeps nothing on disk, or not in time to promise anything.
    """
    with store_errors():
        local, _ = _wait_for_sync(client)
    if local < 1:
        raise Unavailable("the write has not reached the disk in time; try again")


def _wait_for_sync(client: redis.Redis) -> tuple[int, int]:
    try:
        local, replicas = client.waitaof(1, 0, int(SYNC_SECONDS * 1000))
    except redis.ResponseError as exc:
        if "unknown command" in str(exc):
            _require_sync_of_every_write(client)
            return 1, 0
        if "appendonly" in str(exc):
            raise _not_durable() from exc
        raise
    return int(local), int(replicas)


def _require_sync_of_every_write(client: redis.Redis) -> None:
    settings = {name: client.config_get(name).get(name) for name in ("appendonly", "appendfsync")}
    if settings != {"appendonly": "yes", "appendfsync": "always"}:
        raise _not_durable()


def _not_durable() -> ConfigError:
    return ConfigError(
        "the Redis server would lose acknowledged entries: set 'appendonly yes', and on servers "
        "older than 7.2 also 'appendfsync always'"
    )

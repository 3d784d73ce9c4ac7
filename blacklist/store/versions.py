"""The versions of the tables that every process holds whole: one trip a poll tells of a change."""

import redis

from blacklist.store import keys
from blacklist.store.connect import store_errors


def read(client: redis.Redis) -> tuple[int, int]:
    """The versions of the table of sources and of that of keys; 0 where there is none."""
    with store_errors():
        found = client.mget(keys.SOURCES_VERSION, keys.CALLERS_VERSION)
    sources, callers = (int(one or 0) for one in found)
    return sources, callers

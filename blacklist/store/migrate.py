"""From an older schema to this one, step by step; each step is named by the schema it leaves.

A step may be cut off at any moment and is then simply run again: the schema number is raised when
its step is complete. Run with all writers stopped; services answer "unavailable" for a store of
another schema until they are restarted on the new one.
"""

from collections.abc import Callable

import redis

from blacklist.errors import Mismatch
from blacklist.store import keys, meta
from blacklist.store.connect import store_errors

STEPS: dict[int, tuple[str, Callable[[redis.Redis], None]]] = {}


def run(client: redis.Redis) -> list[str]:
    """Do every step that is missing; returns what was done, in order."""
    info = meta.read(client)
    if info is None:
        raise Mismatch("this Redis holds no store")
    done = []
    for schema in range(info.schema, meta.SCHEMA):
        name, step = STEPS[schema]
        step(client)
        with store_errors():
            client.hset(keys.STORE, "schema", schema + 1)
        done.append(f"schema {schema} to {schema + 1}: {name}")
    return done

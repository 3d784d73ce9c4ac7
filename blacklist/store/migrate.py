"""From an older schema to this one, step by step; each step is named by the schema it leaves.

A step may be cut off at any moment and is then simply run again: the schema number is raised when
its step is complete. Run with all writers stopped; services answer "unavailable" for a store of
another schema until they are restarted on the new one.
"""

from collections.abc import Callable

import msgspec
import redis

from blacklist.errors import Mismatch
from blacklist.model import Kind
from blacklist.store import durability, keys, meta
from blacklist.store.connect import store_errors
from blacklist.store.meta import StoreInfo, mark_shards


class Step(msgspec.Struct, frozen=True):
    """The way from one schema to the next."""

    what: str
    do: Callable[[redis.Redis, StoreInfo], None]


def _add_exact_values(client: redis.Redis, _info: StoreInfo) -> None:
    """No older store lists a range, so no snapshot of it holds a value to be known exactly."""
    for kind in Kind:
        with store_errors():
            client.hset(keys.snapshot(kind), "exact", "[]")


STEPS = {
    1: Step("markers come first in their shards, where a question meets them soonest", mark_shards),
    2: Step("snapshots tell ranges of phone numbers one by one", _add_exact_values),
}


def run(client: redis.Redis) -> list[str]:
    """Do every step that is missing; returns what was done, in order."""
    info = meta.read(client)
    if info is None:
        raise Mismatch("this Redis holds no store")
    done = []
    for schema in range(info.schema, meta.SCHEMA):
        step = STEPS[schema]
        step.do(client, info)
        durability.replicate(client)
        with store_errors():
            client.hset(keys.STORE, "schema", schema + 1)
        done.append(f"schema {schema} to {schema + 1}: {step.what}")
    return done

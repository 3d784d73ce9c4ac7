"""From an older schema to this one, step by step; each step is named by the schema it leaves.

A step may be cut off at any moment and is then simply run again: the schema number is raised when
its step is complete. Run with all writers stopped; services answer "unavailable" for a store of
another schema until they are restarted on the new one.
"""

from collections.abc import Callable
from typing import Any

import msgspec
import redis

from blacklist.errors import Mismatch
from blacklist.model import Identifier, Kind
from blacklist.store import durability, keys, members, meta
from blacklist.store.connect import run as run_all
from blacklist.store.connect import store_errors
from blacklist.store.meta import StoreInfo, mark_shards

_MARKER = keys.MARKER.encode()


class Step(msgspec.Struct, frozen=True):
    """The way from one schema to the next."""

    what: str
    do: Callable[[redis.Redis, StoreInfo], None]


def _add_exact_values(client: redis.Redis, _info: StoreInfo) -> None:
    """No older store lists a range, so no snapshot of it holds a value to be known exactly."""
    for kind in Kind:
        with store_errors():
            client.hset(keys.snapshot(kind), "exact", "[]")


def _pack_numbers(client: redis.Redis, info: StoreInfo) -> None:
    """Write each phone number's member and details anew; those that are packed stay as they are."""
    kind = Kind.PHONE
    for shard in range(1 << info.bits[kind]):
        entries = keys.entries(kind, info.bits[kind], shard)
        details = keys.details(kind, info.bits[kind], shard)
        with store_errors():
            scored: Any = client.zrange(entries, 0, -1, withscores=True)
            told: Any = client.hgetall(details)
            pipe = client.pipeline(transaction=True)
            for member, score in scored:
                if (packed := _packed(member)) != member:
                    pipe.zadd(entries, {packed: score})
                    pipe.zrem(entries, member)
            for field, text in told.items():
                if (packed := _packed(field)) != field:
                    pipe.hset(details, packed, text)
                    pipe.hdel(details, field)
            run_all(pipe)


def _packed(member: bytes) -> bytes:
    if member.startswith(_MARKER):  # said of the shard
        return member
    code, value = members.read(Kind.PHONE, member)
    return members.member(code, Identifier(Kind.PHONE, value))


STEPS = {
    1: Step("markers come first in their shards, where a question meets them soonest", mark_shards),
    2: Step("snapshots tell ranges of phone numbers one by one", _add_exact_values),
    3: Step("phone numbers take half the bytes in their shards", _pack_numbers),
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

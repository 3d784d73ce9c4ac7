"""What a store says of itself: its id, schema, shard bits and the replicas' time limit.

``max_lag`` stands in the store and not in each process's settings because writers and replicas
must agree on it: a replica that trusts its filter longer than a writer waits would miss a listing.
"""

import secrets
import time

import msgspec
import redis

from blacklist.errors import Busy, Mismatch
from blacklist.model import Kind
from blacklist.store import durability, journal, keys, snapshot
from blacklist.store.connect import run, store_errors
from blacklist.store.locks import hold

SCHEMA = 4
"""Version of the layout of keys and values; ``migrate.py`` knows the way from older ones."""

DEFAULT_BITS = {Kind.PHONE: 14, Kind.ACCOUNT: 12, Kind.LINK: 12}
"""Of a new store: 4,096 shards hold 1 M identifiers at the 256 a shard that questions like best."""

DEFAULT_MAX_LAG_SECONDS = 1.0

MAX_BITS = 24
"""Of a shard's number: sixteen million shards of a kind hold more than there are numbers."""

_IS_LOST = (
    "this Redis holds lists, but has lost what says how they lie there: restore it from a backup, "
    "or empty it and load the lists again"
)
_ID_BITS = 48
_BATCH = 1024


class StoreInfo(msgspec.Struct, frozen=True):
    """Identity and layout of a store; ``bits`` by kind, ``id`` below 2**48."""

    id: int
    schema: int
    max_lag_seconds: float
    bits: dict[Kind, int]

    @property
    def marker(self) -> int:
        """The score of every shard's marker: negative, so that it is the first member read."""
        return -self.id


def read(client: redis.Redis) -> StoreInfo | None:
    """What the store says of itself, of whatever schema; None where there is no store yet."""
    with store_errors():
        raw = client.hgetall(keys.STORE)
    if not raw:
        return None
    try:
        info = StoreInfo(
            id=int(raw[b"id"]),
            schema=int(raw[b"schema"]),
            max_lag_seconds=int(raw[b"max_lag_ms"]) / 1000,
            bits={kind: int(raw[b"bits:" + kind.value.encode()]) for kind in Kind},
        )
    except (KeyError, ValueError) as exc:
        raise Mismatch("this Redis holds something that is not a store of ours") from exc
    if info.max_lag_seconds <= 0 or not all(0 < bits <= MAX_BITS for bits in info.bits.values()):
        raise Mismatch("the store describes itself with settings that no program wrote")
    return info


def require(client: redis.Redis) -> StoreInfo:
    """The store's info; Mismatch where there is no store, another schema, or it may lose lists."""
    info = read(client)
    if info is None:
        raise Mismatch("this Redis holds no store; 'blacklist load' makes one")
    if info.schema < SCHEMA:
        raise Mismatch(
            f"the store has schema {info.schema}, this program needs {SCHEMA}: "
            "stop all writers and run 'blacklist migrate'"
        )
    if info.schema > SCHEMA:
        raise Mismatch(
            f"the store has schema {info.schema}, this program only knows {SCHEMA}: "
            "install a newer version"
        )
    if durability.may_drop_keys(client):
        raise Mismatch(
            "the Redis server drops keys when its memory is full, and lists with them: "
            "set its 'maxmemory-policy' to 'noeviction'"
        )
    return info


def create(
    client: redis.Redis,
    *,
    bits: dict[Kind, int] = DEFAULT_BITS,
    max_lag_seconds: float = DEFAULT_MAX_LAG_SECONDS,
) -> StoreInfo:
    """Make an empty store, or return the one that somebody else made first.

    The hash of :data:`keys.STORE` is written last: until then there is no store, and a creation
    that was cut off is simply done again.
    """
    with store_errors(), hold(client, "create", wait_seconds=60) as lock:
        existing = read(client)
        if existing is not None:
            return existing
        if lock is None:
            raise Busy("another process is making the store")
        _require_no_entries(client, bits)
        info = StoreInfo(
            id=secrets.randbits(_ID_BITS) | 1,
            schema=SCHEMA,
            max_lag_seconds=max_lag_seconds,
            bits=bits,
        )
        mark_shards(client, info)
        client.delete(keys.CHANGES)
        genesis = journal.append(client, journal.Change(what=journal.What.GENESIS))
        for kind in Kind:
            snapshot.save(client, kind, snapshot.Snapshot(b"", genesis), lock)
        durability.replicate(client)
        _write(client, info)
    return info


def _require_no_entries(client: redis.Redis, bits: dict[Kind, int]) -> None:
    """Mismatch where a store was that has lost its description: its filters would be empty."""
    if client.exists(keys.SOURCES):
        raise Mismatch(_IS_LOST)
    for kind, number in bits.items():
        for start in range(0, 1 << number, _BATCH):
            pipe = client.pipeline(transaction=False)
            for shard in range(start, min(start + _BATCH, 1 << number)):
                pipe.zcard(keys.entries(kind, number, shard))
            if max(run(pipe)) > 1:  # one is the marker of a creation that was cut off
                raise Mismatch(_IS_LOST)


def mark_shards(client: redis.Redis, info: StoreInfo) -> None:
    """Put the store's marker into every shard."""
    with store_errors():
        for kind, bits in info.bits.items():
            for start in range(0, 1 << bits, _BATCH):
                pipe = client.pipeline(transaction=False)
                for shard in range(start, min(start + _BATCH, 1 << bits)):
                    pipe.zadd(keys.entries(kind, bits, shard), {keys.MARKER: info.marker})
                run(pipe)


def _write(client: redis.Redis, info: StoreInfo) -> None:
    client.hset(
        keys.STORE,
        mapping={
            "id": info.id,
            "schema": info.schema,
            "created": int(time.time()),
            "max_lag_ms": round(info.max_lag_seconds * 1000),
            **{f"bits:{kind.value}": bits for kind, bits in info.bits.items()},
        },
    )

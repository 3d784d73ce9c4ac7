"""The keys a store knows: a hash from id to record, and a version that changes with each write.

Every process holds the table and looks at the version at each poll, between the journal and its
lease (``replica.py``): a key that was revoked and acknowledged is refused by every worker.
"""

import secrets
from typing import Any, Final

import msgspec
import redis

from blacklist.callers import Caller, CallerTable
from blacklist.errors import Mismatch
from blacklist.store import keys
from blacklist.store.connect import run, store_errors

_VERSION_BITS: Final = 60


def read(client: redis.Redis) -> CallerTable:
    """All keys; version and records are read at one moment."""
    with store_errors():
        pipe = client.pipeline(transaction=True)
        pipe.get(keys.CALLERS_VERSION)
        pipe.hgetall(keys.CALLERS)
        version, raw = run(pipe)
    return _decode(version, raw)


def write(client: redis.Redis, caller: Caller) -> None:
    """Add or change one key and give the table another version, at once."""
    with store_errors():
        pipe = client.pipeline(transaction=True)
        pipe.hset(keys.CALLERS, caller.id, msgspec.json.encode(caller))
        pipe.set(keys.CALLERS_VERSION, secrets.randbits(_VERSION_BITS) | 1)
        run(pipe)


def _decode(version: bytes | None, raw: dict[bytes, Any]) -> CallerTable:
    try:
        callers = [msgspec.json.decode(value, type=Caller) for value in raw.values()]
    except msgspec.MsgspecError as exc:
        raise Mismatch("the store holds a key that this program does not know") from exc
    return CallerTable(int(version or 0), {caller.id: caller for caller in callers})

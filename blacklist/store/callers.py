"""The keys a store knows: a hash from id to record, and a version that changes with each write.

Every process holds the table and looks at the version at each poll, between the journal and its
lease (``replica.py``): a key that was revoked and acknowledged is refused by every worker, and so
is a session that was ended.
"""

import secrets
from typing import Any, Final

import msgspec
import redis

from blacklist.callers import Caller, CallerTable
from blacklist.errors import Mismatch
from blacklist.store import keys, steady
from blacklist.store.connect import run, store_errors

_VERSION_BITS: Final = 60


def read(client: redis.Redis) -> CallerTable:
    """All keys; version and records are read at one moment. Mismatch where a part was lost."""
    version, raw, ended = steady.read(client, keys.CALLERS_VERSION, _ask_all)
    if (version is None) != (not raw):
        raise Mismatch("a part of the table of keys is gone: put it back, or make the keys anew")
    return _decode(version, raw, ended)


def _ask_all(pipe: redis.client.Pipeline) -> None:
    pipe.hgetall(keys.CALLERS)
    pipe.zrange(keys.ENDED, 0, -1)


def write(client: redis.Redis, caller: Caller) -> None:
    """Add or change one key and give the table another version, at once."""
    with store_errors():
        pipe = client.pipeline(transaction=True)
        pipe.hset(keys.CALLERS, caller.id, msgspec.json.encode(caller))
        _renew_version(pipe)
        run(pipe)


def end_session(client: redis.Redis, session_id: str, *, now: int, until: int) -> None:
    """Remember that a session is over before ``until``, when it would be over by itself."""
    with store_errors():
        pipe = client.pipeline(transaction=True)
        pipe.zremrangebyscore(keys.ENDED, "-inf", now - 1)
        pipe.zadd(keys.ENDED, {session_id: until})
        _renew_version(pipe)
        run(pipe)


def _renew_version(pipe: Any) -> None:
    pipe.set(keys.CALLERS_VERSION, secrets.randbits(_VERSION_BITS) | 1)


def _decode(version: bytes | None, raw: dict[bytes, Any], ended: list[bytes]) -> CallerTable:
    try:
        callers = [msgspec.json.decode(value, type=Caller) for value in raw.values()]
    except msgspec.MsgspecError as exc:
        raise Mismatch("the store holds a key that this program does not know") from exc
    over = frozenset(one.decode() for one in ended)
    return CallerTable(int(version or 0), {caller.id: caller for caller in callers}, over)

"""A whole store written into an empty place of another server, key by key.

By what the keys hold and not by the servers' own form of it: the two may be of different versions.
What says that a store is there is written last, at one moment: until then every process is told
that there is none, and answers ``unavailable``.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

import redis

from blacklist.errors import Mismatch
from blacklist.store import keys
from blacklist.store.connect import run, store_errors

PREFIX: Final = b"bl:{"
"""How every key of a store begins."""

_LAST: Final = (keys.CHANGES.encode(), keys.STORE.encode())
_LOCKS: Final = keys.lock("").encode()
_KEYS_A_TRIP: Final = 128
_CELLS_A_COMMAND: Final = 2_000

Progress = Callable[[int], None]
"""Told how many keys more are done."""


def keys_of(client: redis.Redis) -> Iterator[bytes]:
    """Every key of the store, some perhaps twice; locks are none of it."""
    with store_errors():
        found: Iterable[bytes] = client.scan_iter(match=PREFIX + b"*", count=1_000)
        yield from (key for key in found if not key.startswith(_LOCKS))


def is_empty(client: redis.Redis) -> bool:
    """Whether nothing of a store lies there."""
    return next(keys_of(client), None) is None


def close(client: redis.Redis) -> None:
    """Let there be no store any more, at one moment; what it held still lies there."""
    with store_errors():
        pipe = client.pipeline(transaction=True)
        pipe.unlink(*_LAST)
        run(pipe)


def clear(client: redis.Redis, progress: Progress) -> None:
    """Remove all that a closed store held."""
    for names in _trips(keys_of(client)):
        progress(0)
        with store_errors():
            client.unlink(*names)


def copy(source: redis.Redis, target: redis.Redis, progress: Progress) -> int:
    """Write a store into an empty place; returns how many keys it has. Mismatch if one is missing.

    Locks are left out: whoever held them has nothing to do with the copy.
    """
    names = set(keys_of(source))
    for some in _trips(sorted(names.difference(_LAST))):
        _copy_some(source, target, some, transaction=False)
        progress(len(some))
    missing = names.difference(_LAST, keys_of(target))
    with store_errors():
        if any(source.exists(name) for name in missing):  # and has not run out meanwhile
            raise Mismatch("the copy is not complete: run it again")
    _copy_some(source, target, list(_LAST), transaction=True)
    return len(names)


def _copy_some(
    source: redis.Redis, target: redis.Redis, names: Sequence[bytes], *, transaction: bool
) -> None:
    with store_errors():
        look: Any = source.pipeline(transaction=False)
        for name in names:
            look.type(name)
            look.pttl(name)
        told = run(look)
        sorts, ends = told[0::2], told[1::2]
        read: Any = source.pipeline(transaction=False)
        for name, sort in zip(names, sorts, strict=True):
            if sort in _READ:
                _READ[sort](read, name)
            else:  # it ran out just now
                read.exists(name)
        pipe: Any = target.pipeline(transaction=transaction)
        for name, sort, value, end in zip(names, sorts, run(read), ends, strict=True):
            if sort in _WRITE:
                _WRITE[sort](pipe, name, value)
            if end > 0:
                pipe.pexpire(name, end)
        run(pipe)


_READ: Final[dict[bytes, Callable[[Any, bytes], Any]]] = {
    b"string": lambda pipe, name: pipe.get(name),
    b"hash": lambda pipe, name: pipe.hgetall(name),
    b"list": lambda pipe, name: pipe.lrange(name, 0, -1),
    b"set": lambda pipe, name: pipe.smembers(name),
    b"zset": lambda pipe, name: pipe.zrange(name, 0, -1, withscores=True),
    b"stream": lambda pipe, name: pipe.xrange(name),
}


def _write_hash(pipe: Any, name: bytes, value: dict[bytes, bytes]) -> None:
    for some in _parts(value.items()):
        pipe.hset(name, mapping=dict(some))


def _write_list(pipe: Any, name: bytes, value: Iterable[bytes]) -> None:
    for some in _parts(value):
        pipe.rpush(name, *some)


def _write_set(pipe: Any, name: bytes, value: Iterable[bytes]) -> None:
    for some in _parts(value):
        pipe.sadd(name, *some)


def _write_sorted(pipe: Any, name: bytes, value: Iterable[tuple[bytes, float]]) -> None:
    for some in _parts(value):
        pipe.zadd(name, dict(some))


def _write_stream(pipe: Any, name: bytes, value: Iterable[tuple[bytes, Any]]) -> None:
    for row, fields in value:
        pipe.xadd(name, fields, id=row)


_WRITE: Final[dict[bytes, Callable[[Any, bytes, Any], Any]]] = {
    b"string": lambda pipe, name, value: pipe.set(name, value),
    b"hash": _write_hash,
    b"list": _write_list,
    b"set": _write_set,
    b"zset": _write_sorted,
    b"stream": _write_stream,
}


def _trips(names: Iterable[bytes]) -> Iterator[list[bytes]]:
    rest = iter(names)
    while some := list(islice(rest, _KEYS_A_TRIP)):
        yield some


def _parts(cells: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(cells)
    while some := list(islice(rest, _CELLS_A_COMMAND)):
        yield some

"""Rows that the guard held back, and what a person decided about them.

A decision is about an identifier and lasts: later loads of any source go by it.
"""

from collections.abc import Sequence
from typing import Any, Final, TypeVar

import msgspec
import redis

from blacklist.errors import Mismatch
from blacklist.model import Identifier
from blacklist.store import keys
from blacklist.store.connect import run, store_errors

MAX_HELD: Final = 10_000
"""Rows of one source that wait for a person; a feed with more of them is not worth reading."""


class Held(msgspec.Struct, frozen=True):
    """A row that waits: who would list it, and why the guard held it (a word)."""

    identifier: Identifier
    source: str
    reason: str
    since: int


class Decision(msgspec.Struct, frozen=True):
    """Whether an identifier may be listed by feeds, decided by a person, with the reason told."""

    identifier: Identifier
    may_be_listed: bool
    reason: str
    since: int


_Shape = TypeVar("_Shape")
_encode = msgspec.json.Encoder().encode


def replace(client: redis.Redis, source: str, rows: Sequence[Held]) -> None:
    """Let these rows, and no others of the source, wait."""
    with store_errors():
        pipe = client.pipeline(transaction=True)
        pipe.hdel(keys.HELD, source)
        if rows:
            pipe.hset(keys.HELD, source, _encode(rows[:MAX_HELD]))
        run(pipe)


def read_held(client: redis.Redis) -> list[Held]:
    """All rows that wait, by source."""
    with store_errors():
        raw: Any = client.hgetall(keys.HELD)
    return [row for _, text in sorted(raw.items()) for row in _decode(text, list[Held])]


def decide(client: redis.Redis, decision: Decision) -> None:
    """Write a decision down; one about the same identifier goes."""
    with store_errors():
        client.hset(keys.DECISIONS, str(decision.identifier), _encode(decision))


def read_decisions(client: redis.Redis) -> dict[Identifier, Decision]:
    """All decisions."""
    with store_errors():
        raw: Any = client.hgetall(keys.DECISIONS)
    decisions = [_decode(text, Decision) for text in raw.values()]
    return {one.identifier: one for one in decisions}


def _decode(text: bytes, shape: type[_Shape]) -> _Shape:
    try:
        return msgspec.json.decode(text, type=shape)
    except msgspec.MsgspecError as exc:
        raise Mismatch("the store holds a decision this program does not know") from exc

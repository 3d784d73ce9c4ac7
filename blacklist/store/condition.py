"""How a server is set and how a store stands, for whoever looks after it; nothing is changed."""

import time
from typing import Any, Final

import msgspec
import redis

from blacklist.model import Kind
from blacklist.store import keys, layout
from blacklist.store.connect import store_errors
from blacklist.store.durability import REQUIRED
from blacklist.store.embedded import COMPACT_BYTES, COMPACT_ENTRIES

COMPACT: Final = {
    f"{sort}-max-{{}}-{what}": least
    for sort in ("zset", "hash")
    for what, least in (("entries", COMPACT_ENTRIES), ("value", COMPACT_BYTES))
}
_NO_KEY: Final = -2
"""What ``PTTL`` answers of a key that is not there; -1 of one that never runs out."""

_NAMES: Final = ("listpack", "ziplist")
"""How the compact encoding is called, and how it was before 7.0."""


class Condition(msgspec.Struct, frozen=True):
    """What was found.

    ``settings`` and ``compact`` hold what is otherwise than it should be, with what it should be;
    None where this user may not look. ``memory`` is used and limit in bytes (0: none).
    ``skew_seconds`` is the server's clock less ours; ``locks`` are seconds that locks still last.
    """

    settings: dict[str, str] | None
    compact: dict[str, str] | None
    memory: tuple[int, int] | None
    skew_seconds: float
    locks: dict[str, float]


def look(client: redis.Redis) -> Condition:
    """Look once. Raises StoreError."""
    with store_errors():
        memory = _allowed(lambda: client.info("memory"))
        return Condition(
            settings=_allowed(lambda: _wrong_settings(client)),
            compact=_allowed(lambda: _low_limits(client)),
            memory=memory and (int(memory["used_memory"]), int(memory.get("maxmemory", 0))),
            skew_seconds=_skew(client),
            locks=_locks(client),
        )


def _allowed(ask: Any) -> Any:
    try:
        return ask()
    except redis.ResponseError:
        return None


def _wrong_settings(client: redis.Redis) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in REQUIRED:
        answer: Any = client.config_get(name)
        found |= answer
    return {name: value for name, value in REQUIRED.items() if found.get(name) != value}


def _low_limits(client: redis.Redis) -> dict[str, str]:
    low = {}
    for pattern, least in COMPACT.items():
        for name in map(pattern.format, _NAMES):
            found: Any = client.config_get(name)
            if name in found:
                if int(found[name]) < least:
                    low[name] = str(least)
                break
    return low


def _skew(client: redis.Redis) -> float:
    """The server's clock less ours, as of the middle of the question."""
    before = time.time()
    told = _allowed(client.time)
    after = time.time()
    if told is None:
        return 0.0
    second, microsecond = told
    return float(second) + float(microsecond) / 1e6 - (before + after) / 2


def _locks(client: redis.Redis) -> dict[str, float]:
    known: Any = client.smembers(keys.WRITERS)
    names = {name.decode() for name in known} | {layout.LOCK, "create"}
    names |= {f"filter:{kind}" for kind in Kind}
    left: dict[str, Any] = {name: client.pttl(keys.lock(name)) for name in sorted(names)}
    return {name: ms / 1000 for name, ms in left.items() if ms != _NO_KEY}

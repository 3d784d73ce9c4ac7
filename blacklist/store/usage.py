"""How many things each key has asked, day by day; kept for a week."""

from collections.abc import Mapping
from typing import Any, Final

import redis

from blacklist.store import keys
from blacklist.store.connect import run, store_errors

_KEEP_SECONDS: Final = 7 * 86_400


def add(client: redis.Redis, counts: Mapping[tuple[int, str], int]) -> dict[tuple[int, str], int]:
    """Add counts by day (since 1970, UTC) and key's id; return each one's sum."""
    with store_errors():
        pipe = client.pipeline(transaction=False)
        for (day, caller), count in counts.items():
            pipe.hincrby(keys.usage(day), caller, count)
        for day in {day for day, _ in counts}:
            pipe.expire(keys.usage(day), _KEEP_SECONDS)
        sums = run(pipe)
    return dict(zip(counts, sums, strict=False))


def read(client: redis.Redis, day: int) -> dict[str, int]:
    """What each key has asked on a day."""
    with store_errors():
        raw: Any = client.hgetall(keys.usage(day))
    return {caller.decode(): int(count) for caller, count in raw.items()}

"""Who told something today, as keyed hashes that nobody can link to a person a day later.

An address is hashed with a secret of its day, which the store forgets after the next. Called by
those who count reports and disputes.
"""

import hmac
import secrets
from typing import Final

import redis

from blacklist.store import keys
from blacklist.store.connect import run, store_errors

DAY_SECONDS: Final = 86_400
KEEP_SECONDS: Final = 2 * DAY_SECONDS
_DIGEST_BYTES: Final = 12
_SECRET_BYTES: Final = 32


def day_of(now: int) -> int:
    """The day (since 1970, UTC) of a Unix second."""
    return now // DAY_SECONDS


def seconds_left(now: int) -> int:
    """Until the next day begins."""
    return DAY_SECONDS - now % DAY_SECONDS


class DaySecret:
    """Hashes of one day."""

    def __init__(self, client: redis.Redis, day: int) -> None:
        key = keys.told(day, "secret")
        with store_errors():
            pipe = client.pipeline(transaction=True)
            pipe.set(key, secrets.token_bytes(_SECRET_BYTES), nx=True, ex=KEEP_SECONDS)
            pipe.get(key)
            _, self._secret = run(pipe)

    def digest(self, *parts: str) -> bytes:
        """The keyed hash of some texts."""
        message = "\0".join(parts).encode()
        return hmac.digest(self._secret, message, "sha256")[:_DIGEST_BYTES]


def count(client: redis.Redis, day: int, what: str, teller: bytes) -> int:
    """Count one thing more that somebody told on a day; returns how many those are by now."""
    key = keys.told(day, what)
    with store_errors():
        pipe = client.pipeline(transaction=True)
        pipe.hincrby(key, teller.hex(), 1)
        pipe.expire(key, KEEP_SECONDS)
        total, _ = run(pipe)
    return int(total)

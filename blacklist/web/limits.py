"""How much may be asked: by an address without a key a minute, by a key a day.

Nothing here waits for the store. An address is counted in this process alone, so that its share of
a minute is the limit divided by the workers: approximate, and enough against whoever floods. What
keys ask is counted here and written behind the answers once a second, when the sum of all workers
comes back: a day's quota is exact but for what is asked within that second.

(The library ``limits`` 5.8 was looked at: its memory storage walks over all addresses in a thread
of its own a hundred times a second; its Redis storage would double the price of an answer.)
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Final, NamedTuple

from blacklist.callers import Caller
from blacklist.errors import BlacklistError
from blacklist.store import Client, usage
from blacklist.web.problems import Refusal

MINUTE: Final = 60
DAY: Final = 86_400
MAX_ADDRESSES: Final = 200_000
"""In one minute of one process, some 20 MB; further addresses share what is left of one."""

WHOM_TO_CALL: Final = (
    "too many questions from this network; this says nothing about the thing asked. If you are "
    "about to send money, stop and call your bank or the police (113) first"
)
QUOTA_USED: Final = (
    "this is more than is left of the day's quota of this key; it begins again at midnight UTC"
)
_OTHERS: Final = ""

_Used = tuple[int, str]
"""A day (since 1970, UTC) and a key's id."""


class Left(NamedTuple):
    """What is left of a limit: of ``limit`` things in a window, for so many seconds more."""

    name: str
    limit: int
    window_seconds: int
    remaining: int
    seconds: int

    def fields(self) -> dict[str, str]:
        """Return it as the fields of draft-ietf-httpapi-ratelimit-headers-10."""
        return {
            "RateLimit-Policy": f'"{self.name}";q={self.limit};w={self.window_seconds}',
            "RateLimit": f'"{self.name}";r={self.remaining};t={self.seconds}',
        }


class AddressLimit:
    """A fixed window of a minute for each address; ``detail`` is told past it."""

    def __init__(
        self,
        per_minute: int,
        *,
        workers: int,
        name: str = "address",
        detail: str = WHOM_TO_CALL,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._detail = detail
        self._limit = max(1, per_minute // workers)
        self._clock = clock
        self._lock = threading.Lock()
        self._minute = -1
        self._counts: dict[str, int] = {}

    def take(self, address: str, cost: int) -> Left:
        """Count so many things asked; Refusal 429 where that is too much, 413 if it always is."""
        if cost > self._limit:
            detail = f"without a key at most {self._limit:,} things at once"
            raise Refusal(413, "too_many_items", detail)
        now = self._clock()
        with self._lock:
            minute = int(now // MINUTE)
            if minute != self._minute:
                self._minute, self._counts = minute, {}
            if address not in self._counts and len(self._counts) >= MAX_ADDRESSES:
                address = _OTHERS
            count = self._counts.get(address, 0) + cost
            is_within = count <= self._limit
            if is_within:
                self._counts[address] = count
        remaining = self._limit - count if is_within else 0
        left = Left(self._name, self._limit, MINUTE, remaining, MINUTE - int(now % MINUTE))
        if not is_within:
            raise _refusal(left, self._detail)
        return left


class Quotas:
    """What each key has asked today, in all workers; call :meth:`write` once a second."""

    def __init__(self, client: Client, *, wall: Callable[[], float] = time.time) -> None:
        self._client = client
        self._wall = wall
        self._lock = threading.Lock()
        self._pending: Counter[_Used] = Counter()
        self._under_way: Counter[_Used] = Counter()
        """What is being written: known again only when it is."""
        self._known: dict[_Used, int] = {}

    def take(self, caller: Caller, cost: int) -> Left | None:
        """Count so many things asked; Refusal 429 where they are more than the day's quota.

        None where the key has no quota.
        """
        now = self._wall()
        key = int(now // DAY), caller.id
        with self._lock:
            used = self._known.get(key, 0) + self._under_way[key] + self._pending[key] + cost
            is_within = caller.quota is None or used <= caller.quota
            if is_within:
                self._pending[key] += cost
        if caller.quota is None:
            return None
        remaining = max(0, caller.quota - used)
        left = Left("day", caller.quota, DAY, remaining, DAY - int(now % DAY))
        if not is_within:
            raise _refusal(left, QUOTA_USED)
        return left

    def write(self) -> None:
        """Add what was asked since to the store, and learn what all workers have counted."""
        with self._lock:
            self._under_way, self._pending = self._pending, Counter()
        if not self._under_way:
            return
        try:
            known = usage.add(self._client, self._under_way)
        except BlacklistError:
            with self._lock:
                self._pending.update(self._under_way)
                self._under_way = Counter()
            raise
        today = int(self._wall() // DAY)
        with self._lock:
            self._under_way = Counter()
            self._known |= known
            self._known = {key: count for key, count in self._known.items() if key[0] >= today}


def _refusal(left: Left, detail: str) -> Refusal:
    headers = {"Retry-After": str(left.seconds), **left.fields()}
    return Refusal(429, "too_many_requests", detail, headers)

"""How full the shards of a kind are, and how many bits that calls for (docs/measurements.md)."""

import math
from typing import Final

import msgspec
import redis

from blacklist.model import Kind
from blacklist.store import keys
from blacklist.store.connect import run, store_errors
from blacklist.store.meta import StoreInfo

GROW_AT: Final = 256
"""Mean members of a shard from which on a question costs too much, and at which to grow."""

MOST: Final = 640
"""No reshard makes them fuller: the fullest would be near the 1,024 where encodings change."""

STEP_BITS: Final = 2
MIN_BITS: Final = 4
MAX_BITS: Final = 20
"""A million shards hold 268 M members at :data:`GROW_AT`; empty ones take some 90 bytes each."""

_SAMPLED_SHARDS: Final = 256


class Fill(msgspec.Struct, frozen=True):
    """Members a shard: entries, bare account numbers and marks, without the store's marker."""

    mean: float

    @property
    def is_due(self) -> bool:
        """Whether more shards are called for."""
        return self.mean > GROW_AT


def look(client: redis.Redis, info: StoreInfo, kind: Kind) -> Fill:
    """The mean over some shards: a hash spreads members, so 256 tell it to about a percent."""
    bits = info.bits[kind]
    shards = range(min(1 << bits, _SAMPLED_SHARDS))
    with store_errors():
        pipe = client.pipeline(transaction=False)
        for shard in shards:
            pipe.zcard(keys.entries(kind, bits, shard))
        cards = run(pipe)
    return Fill(sum(max(0, card - 1) for card in cards) / len(shards))


def bits_for(members: int, bits: int) -> int:
    """How many bits so many members call for, in steps of two; never fewer than there are."""
    if members <= GROW_AT << bits:
        return bits
    missing = math.log2(members / GROW_AT) - bits
    return min(MAX_BITS, bits + STEP_BITS * math.ceil(missing / STEP_BITS))


def least_bits(members: int) -> int:
    """The fewest bits that hold so many members."""
    return max(MIN_BITS, math.ceil(math.log2(members / MOST))) if members else MIN_BITS

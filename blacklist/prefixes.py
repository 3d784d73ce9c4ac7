"""How a shard is named to those who ask by hash, and what is told of its identifiers; pure.

    sha256("link:evil.example") = 3f0 91b7c2… ──▶ prefix 3f0 (12 bits), suffix 91b7c2…

A prefix is the shard's number in hex. A suffix is cut so that two identifiers of the world hardly
share one, and every answer is filled up with dummies (:class:`Padding`), so that its size does not
say which shard it is. Called by ``private_lookups``.
"""

import hmac
import math
import re
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from hashlib import scrypt, sha256
from typing import Final

from blacklist.model import Identifier, Kind

SUFFIX_DIGITS: Final = 20
"""77 bits at least behind the prefix: of 10**20 unlisted things one is taken for one of 512."""

_HASH_BITS: Final = 256
PREFIX: Final = "[0-9a-f]{1,16}"
_HEX: Final = re.compile(PREFIX)
_LEAST: Final = 16
_ROOM: Final = 8


class Tag(StrEnum):
    """What is told of an identifier, one letter each, so that all entries are of one length."""

    AUTHORITY = "a"
    """Listed, by an authority among others: that holds under an official domain, too."""

    DANGER = "d"
    WARNING = "w"
    AT_A_BANK = "b"
    """A bare account number that is listed at some bank."""

    CLEARED = "c"
    OFFICIAL = "o"


def digits_of(bits: int) -> int:
    """How many hex digits a prefix of so many bits has."""
    return -(-bits // 4)


def skipped_digits(bits: int) -> int:
    """Where in a hash's hex digits a suffix begins: at the last digit that the prefix shares."""
    return bits // 4


def name(shard: int, bits: int) -> str:
    """The prefix of a shard: its number in hex."""
    return f"{shard:0{digits_of(bits)}x}"


def is_prefix(text: str) -> bool:
    """Whether a text may be a prefix, of whatever number of bits."""
    return _HEX.fullmatch(text) is not None


def shard_named(prefix: str, bits: int) -> int | None:
    """The shard that a prefix names, None where it can be none of so many bits."""
    if not is_prefix(prefix) or len(prefix) != digits_of(bits):
        return None
    shard = int(prefix, 16)
    return shard if shard < 1 << bits else None


def suffix_of(identifier: Identifier, bits: int) -> str:
    """The part of an identifier's hash that an answer tells."""
    return _cut(sha256(str(identifier).encode()).hexdigest(), bits)


def multiple_for(entries: int, bits: int) -> int:
    """To a multiple of what answers are padded, where a kind has so many entries in all shards.

    Six standard deviations above the mean, rounded up to a power of two: nearly every shard of a
    kind then has exactly so many.
    """
    mean = entries / (1 << bits)
    wanted = mean + 6 * math.sqrt(mean) + _ROOM
    return max(_LEAST, 1 << math.ceil(math.log2(wanted)))


class Padding:
    """Dummies that only the store's own processes can tell from what is listed.

    Which dummies a shard has depends on the store alone: they stay while lists change, and one goes
    where a listing comes. Otherwise what stays from one answer to the next would be what is listed.
    """

    _TAGS: Final = {
        Kind.LINK: (Tag.WARNING, Tag.WARNING, Tag.WARNING, Tag.DANGER),
        Kind.PHONE: (Tag.WARNING, Tag.WARNING, Tag.WARNING, Tag.AUTHORITY),
        Kind.ACCOUNT: (Tag.AT_A_BANK, Tag.AT_A_BANK, Tag.AUTHORITY, Tag.WARNING),
    }
    """Of the sorts that most listings of a kind have; each is drawn by its dummy's own hash."""

    def __init__(self, store_id: int) -> None:
        self._key = _secret(store_id)

    def fill(
        self, kind: Kind, bits: int, shard: int, *, told: Iterable[str], multiple: int
    ) -> list[str]:
        """What is told of a shard with dummies among it, sorted; a multiple, and at least one."""
        entries = list(told)
        size = max(1, -(-len(entries) // multiple)) * multiple
        dummies = (self._dummy(kind, bits, shard, at) for at in range(size - len(entries)))
        return sorted([*entries, *dummies])

    def _dummy(self, kind: Kind, bits: int, shard: int, at: int) -> str:
        digest = hmac.digest(self._key, f"{kind}:{bits}:{shard}:{at}".encode(), "sha256")
        rest = int.from_bytes(digest) >> bits
        as_hash = f"{shard << (_HASH_BITS - bits) | rest:064x}"
        tags = self._TAGS[kind]
        return entry(_cut(as_hash, bits), tags[digest[-1] % len(tags)])


def entry(suffix: str, tag: Tag) -> str:
    """One entry of an answer."""
    return f"{suffix}:{tag}"


def _cut(digest: str, bits: int) -> str:
    start = skipped_digits(bits)
    return digest[start : start + SUFFIX_DIGITS]


@lru_cache(maxsize=4)
def _secret(store_id: int) -> bytes:
    """A key that all processes of a store have and nobody else, slow to guess.

    A store's id has 48 bits: to try them all against one dummy takes a tenth of a second each.
    """
    return scrypt(store_id.to_bytes(8), salt=b"blacklist padding", n=1 << 14, r=8, p=1, dklen=32)

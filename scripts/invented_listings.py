"""Rows to load into a measured store, invented: distinct phones and links, the same each time."""

import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

SEED = 20261122

LINK_BYTES_COMPACT = 64


@dataclass(frozen=True, slots=True)
class Listings:
    """Rows to store, in loading order: three arrays of one length.

    ``hashes`` holds the first 32 bits of sha256 of ``kind:value``; ``codes`` the source's number.
    """

    kind: str
    values: Array
    hashes: Array
    codes: Array

    def __len__(self) -> int:
        return len(self.values)

    def shards(self, bits: int) -> Array:
        """Return each row's shard: the first bits of its hash."""
        return self.hashes >> np.uint32(32 - bits)

    def batches(self, rows: int) -> Iterator["Listings"]:
        """Yield the rows in order, so many at a time."""
        for start in range(0, len(self), rows):
            cut = slice(start, start + rows)
            yield replace(
                self, values=self.values[cut], hashes=self.hashes[cut], codes=self.codes[cut]
            )


def make_listings(kind: str, values: Array, sources: int) -> Listings:
    """Give each value a source, one source after the other, as loads come."""
    prefix = f"{kind}:".encode()
    first = (hashlib.sha256(prefix + value).digest()[:4] for value in values.tolist())
    hashes = np.frombuffer(b"".join(first), dtype=">u4").astype(np.uint32)
    codes = (np.arange(len(values)) * sources // len(values) + 1).astype(np.uint8)
    return Listings(kind, values, hashes, codes)


def make_phones(count: int) -> Array:
    """Return distinct ``+84`` and nine digits, in random order."""
    generator = np.random.default_rng(SEED)
    numbers = np.unique(generator.integers(100_000_000, 1_000_000_000, int(count * 1.02) + 100))
    chosen = generator.permutation(numbers)[:count]
    return np.strings.add(b"+84", chosen.astype("S9"))


def make_links(count: int) -> Array:
    """Return distinct links: two thirds hosts, one third over 64 bytes with a path.

    Lengths follow the public lists we looked at: hosts of 14 to 40 bytes, paths
    of 65 to 150 bytes, and some past 256.
    """
    generator = np.random.default_rng(SEED)
    letters = generator.integers(97, 123, size=(count, 32), dtype=np.uint8)
    hosts = np.clip(generator.lognormal(2.4, 0.35, count), 2, 28).astype(int)
    paths = LINK_BYTES_COMPACT + generator.exponential(25, count)
    paths += generator.choice([0, 250], count, p=[0.97, 0.03]) * generator.exponential(1, count)
    is_long = generator.choice([False, True], count, p=[2 / 3, 1 / 3])
    made = np.empty(count, dtype=object)
    for i in range(count):
        host = count_in_letters(i) + letters[i, : hosts[i]].tobytes() + b".example"
        made[i] = make_path(host, letters[i].tobytes(), int(paths[i])) if is_long[i] else host
    return made


def count_in_letters(number: int) -> bytes:
    """Return a number as four letters, base 36: what makes a host unlike the others."""
    digits = b"0123456789abcdefghijklmnopqrstuvwxyz"
    return bytes(digits[number // 36**place % 36] for place in range(4))


def make_path(host: bytes, letters: bytes, length: int) -> bytes:
    """Return the host with a path, over 64 bytes and about ``length`` of them."""
    path = itertools.chain.from_iterable(itertools.repeat(letters))
    return host + b"/" + bytes(itertools.islice(path, max(length - len(host), 64 - len(host))))

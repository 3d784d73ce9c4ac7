"""The filter: pybloom-live's bits, tested and filled one by one or many at once.

A filter answers "definitely not" or "maybe", never "no" for something it holds. The bits are
pybloom-live's own, bit for bit (held by ``tests/unit/test_bloom.py``): what this module adds is

* a bulk path over numpy (one digest a key, then all bit positions of a batch at once),
* adding past the capacity: pybloom-live raises ``IndexError`` there, which would lose an entry;
  here the filter keeps taking bits, which costs false positives and never a false negative,
* whole filters as bytes, for snapshots.

Pure: no I/O, no clock, no threads. One thread may add while others test: bits only ever go from
0 to 1, and a key counts as added when ``add_many`` has returned.
"""

import io
from collections.abc import Sequence
from hashlib import sha384
from struct import Struct, pack

import numpy as np
import numpy.typing as npt
from pybloom_live import BloomFilter

ERROR_RATE = 0.001
"""Share of unknown keys that read as "maybe" at capacity; it costs 14.4 bits a key."""

MIN_CAPACITY = 25_000
"""Below about 22,800 keys pybloom-live hashes in another way; one way is enough."""

_SLICES = 10
_WORDS = Struct(f"={_SLICES}I")
# pybloom-live seeds its first (here: only) digest with the digest of a 32-bit zero.
_SALT = sha384(sha384(pack("I", 0)).digest())
_DIGEST_WORDS = _SALT.digest_size // 4
_HEADER = Struct(BloomFilter.FILE_FMT)
_BATCH = 50_000
_BIT_OF_BYTE = np.array([1, 2, 4, 8, 16, 32, 64, 128], dtype=np.uint8)


class Filter:
    """A Bloom filter of text keys."""

    __slots__ = ("_bits", "_bloom", "_bytes", "_modulus", "_offsets")

    def __init__(self, bloom: BloomFilter) -> None:
        self._bloom = bloom
        self._bits = bloom.bitarray
        self._bytes = np.frombuffer(bloom.bitarray, dtype=np.uint8)
        self._modulus: int = bloom.bits_per_slice
        self._offsets = np.arange(_SLICES, dtype=np.int64) * self._modulus

    @classmethod
    def with_room_for(cls, capacity: int) -> "Filter":
        """An empty filter for ``capacity`` keys at :data:`ERROR_RATE`."""
        return cls(BloomFilter(max(capacity, MIN_CAPACITY), ERROR_RATE))

    @classmethod
    def from_bytes(cls, data: bytes) -> "Filter":
        """The filter that :meth:`to_bytes` wrote; ValueError when the bytes are not one."""
        _require_header(data)
        return cls(BloomFilter.fromfile(io.BytesIO(data)))

    def to_bytes(self) -> bytes:
        """The whole filter: pybloom-live's header and bits (1.8 bytes a key of capacity)."""
        out = io.BytesIO()
        self._bloom.tofile(out)
        return out.getvalue()

    @property
    def capacity(self) -> int:
        """How many keys it holds at its error rate."""
        return int(self._bloom.capacity)

    @property
    def count(self) -> int:
        """How many keys were added that it did not already seem to hold."""
        return int(self._bloom.count)

    @property
    def fill(self) -> float:
        """Share of bits that are set; 0.5 at capacity."""
        return float(self._bits.count() / len(self._bits))

    def test(self, key: str) -> bool:
        """Whether the key may have been added: False is certain, True is "maybe"."""
        digest = _SALT.copy()
        digest.update(key.encode())
        bits, modulus, offset = self._bits, self._modulus, 0
        for word in _WORDS.unpack_from(digest.digest()):
            if not bits[offset + word % modulus]:
                return False
            offset += modulus
        return True

    def test_many(self, keys: Sequence[str]) -> npt.NDArray[np.bool_]:
        """One answer a key, in order: False is certain, True is "maybe"."""
        if len(keys) <= _BATCH:
            return self._all_set(self._positions(keys))
        return np.concatenate(
            [
                self._all_set(self._positions(keys[start : start + _BATCH]))
                for start in range(0, len(keys), _BATCH)
            ]
        )

    def add_many(self, keys: Sequence[str]) -> None:
        """Add all keys, past the capacity too."""
        for start in range(0, len(keys), _BATCH):
            positions = self._positions(keys[start : start + _BATCH])
            new = int(np.count_nonzero(~self._all_set(positions)))
            flat = positions.ravel()
            np.bitwise_or.at(self._bytes, flat >> 3, _BIT_OF_BYTE[flat & 7])
            self._bloom.count += new

    def _positions(self, keys: Sequence[str]) -> npt.NDArray[np.int64]:
        """Bit positions, shape (keys, slices)."""
        copy = _SALT.copy
        digests = []
        for key in keys:
            digest = copy()
            digest.update(key.encode())
            digests.append(digest.digest())
        words = np.frombuffer(b"".join(digests), dtype=np.uint32).reshape(len(keys), _DIGEST_WORDS)
        places = words[:, :_SLICES] % np.uint32(self._modulus)
        positions: npt.NDArray[np.int64] = places + self._offsets
        return positions

    def _all_set(self, positions: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        found = self._bytes[positions >> 3] & _BIT_OF_BYTE[positions & 7]
        answer: npt.NDArray[np.bool_] = found.all(axis=1)
        return answer


def _require_header(data: bytes) -> None:
    """ValueError unless the bytes begin like a filter of ours and are as long as it says.

    pybloom-live believes the header: a damaged one makes it hash and allocate without end.
    """
    if len(data) < _HEADER.size:
        raise ValueError("not a filter: too short")
    error_rate, slices, bits_per_slice, _capacity, _count = _HEADER.unpack_from(data)
    if error_rate != ERROR_RATE or slices != _SLICES:
        raise ValueError("not a filter of this project's shape")
    if not (1 << 15) <= bits_per_slice < (1 << 31):
        raise ValueError("not a filter of this project's shape")
    if len(data) - _HEADER.size != (slices * bits_per_slice + 7) // 8:
        raise ValueError("not a whole filter")

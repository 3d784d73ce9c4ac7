"""The filter that a service gives out, read with the standard library alone.

Layout, as pybloom-live writes it: error rate (float64), slices, bits a slice, capacity, count
(uint64 each), all little-endian, then the bits, eight a byte, the lowest first. A key sets one bit
in each slice: the words (uint32, little-endian) of SHA-384(salt + key), each modulo the bits of a
slice. The salt is the SHA-384 of four zero bytes.
"""

from hashlib import sha384
from struct import Struct

_HEADER = Struct("<dQQQQ")
_SALT = sha384(sha384(bytes(4)).digest())
_MOST_SLICES = sha384().digest_size // 4


class FilterBits:
    """Says "definitely not" (False) or "maybe" (True)."""

    def __init__(self, data: bytes) -> None:
        """Take the bytes of a filter; ValueError where they are none."""
        if len(data) < _HEADER.size:
            raise ValueError("not a filter: too short")
        _, slices, self._bits_a_slice, _, self.count = _HEADER.unpack_from(data)
        self._bits = memoryview(data)[_HEADER.size :]
        if not 0 < slices <= _MOST_SLICES or self._bits_a_slice == 0:
            raise ValueError("not a filter")
        if len(self._bits) != (slices * self._bits_a_slice + 7) // 8:
            raise ValueError("not a whole filter")
        self._words = Struct(f"<{slices}I")

    def may_hold(self, key: str) -> bool:
        """Whether the key may have been added."""
        digest = _SALT.copy()
        digest.update(key.encode())
        for number, word in enumerate(self._words.unpack_from(digest.digest())):
            place = number * self._bits_a_slice + word % self._bits_a_slice
            if not self._bits[place >> 3] >> (place & 7) & 1:
                return False
        return True

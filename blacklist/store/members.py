"""How an identifier stands in a shard: who says so, and its value; phone numbers are packed.

A member is the character of a code in UTF-8 (``sources.py``) and the value behind it. A number in
E.164 is a whole number of 47 bits: it takes six bytes in place of twelve, a fifth of what a
million of them take (docs/measurements.md). The top bit of its first byte is set, which no text of
ours begins with. What else a phone may be (a range, a short code, more digits) is text, as all
accounts and links are. Shards are found by the text (``keys.shard_of``), and everything outside the
shards tells values as text.
"""

from typing import Final

from blacklist.model import Identifier, Kind

_PHONE: Final = Kind.PHONE
_TOP: Final = 1 << 47
_BYTES: Final = 6
_DIGITS: Final = range(1, 15)
"""Fourteen digits are less than 2**47; E.164 allows one more, which nobody has."""

_ONE_BYTE: Final = 0x80
_TWO_BYTES: Final = 0xE0
"""First bytes below which a character of UTF-8 is one byte long, or two; no code takes four."""


def pack(kind: Kind, value: str) -> bytes:
    """Return a value as it stands in a shard."""
    if kind is _PHONE and value[:1] == "+":
        digits = value[1:]
        if digits.isdecimal() and digits[0] != "0" and len(digits) in _DIGITS and digits.isascii():
            return (int(digits) | _TOP).to_bytes(_BYTES)
    return value.encode()


def unpack(kind: Kind, packed: bytes) -> str:
    """Return the value that :func:`pack` was given."""
    if kind is _PHONE and len(packed) == _BYTES and packed[0] >= _ONE_BYTE:
        return f"+{int.from_bytes(packed) ^ _TOP}"
    return packed.decode()


def member(code: int, identifier: Identifier) -> bytes:
    """Return the member of a shard by which a code says something of an identifier."""
    return chr(code).encode() + pack(identifier.kind, identifier.value)


def read(kind: Kind, member: bytes) -> tuple[int, str]:
    """Return the code and the value of a member."""
    first = member[0]
    width = 1 if first < _ONE_BYTE else 2 if first < _TWO_BYTES else 3
    return ord(member[:width].decode()), unpack(kind, member[width:])


def value_of(kind: Kind, member: bytes) -> str:
    """Return the value of a member, whoever says it."""
    return read(kind, member)[1]

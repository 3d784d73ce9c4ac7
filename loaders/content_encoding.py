"""What ``Content-Encoding`` did to a body, undone piece by piece; files are not unpacked here.

Only gzip is asked for. A piece is never longer than 64 KiB, so that whoever counts them can stop
before a bomb has gone off.
"""

import zlib
from collections.abc import Iterator

from loaders.fetch_reasons import unreachable

ACCEPTED = "gzip"
PIECE_BYTES = 1 << 16

_GZIP_WINDOW = 16 + zlib.MAX_WBITS


class Identity:
    """A body that was not packed."""

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Yield it as it is."""
        yield data

    def finish(self) -> None:
        """Nothing can be missing."""


class Gzip:
    """A body of gzip members (RFC 1952)."""

    def __init__(self) -> None:
        self._unpack = zlib.decompressobj(_GZIP_WINDOW)
        self._ended = True

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Yield the next pieces; raises Unreachable for what is not gzip."""
        full = False
        while data or full:
            self._ended = False
            try:
                piece = self._unpack.decompress(data, PIECE_BYTES)
            except zlib.error as exc:
                raise unreachable("bad_encoding") from exc
            yield piece
            full = len(piece) == PIECE_BYTES
            data = self._unpack.unconsumed_tail
            if self._unpack.eof:
                data, full = self._unpack.unused_data, False
                self._unpack = zlib.decompressobj(_GZIP_WINDOW)
                self._ended = True

    def finish(self) -> None:
        """Raise Unreachable where the last member has no end."""
        if not self._ended:
            raise unreachable("cut_off", passing=True)


def decoder(encoding: str | None) -> Identity | Gzip:
    """What undoes an encoding; raises Unreachable for one that was not asked for."""
    name = (encoding or "identity").strip().lower()
    if name == "identity":
        return Identity()
    if name in {"gzip", "x-gzip"}:
        return Gzip()
    raise unreachable("bad_encoding")

"""From a file, an address or standard input to bytes; no format is known here."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec

from blacklist.errors import Unreachable
from loaders.download import Access, Downloader, Limits, Wanted
from loaders.fetch_reasons import unreachable

CHUNK_BYTES = 1 << 16
MAX_BYTES = 2 << 30
"""A feed beyond this is not read to its end: it is refused."""

_SCHEMES = ("http://", "https://")


class Feed(msgspec.Struct, frozen=True):
    """An opened feed. ``size_bytes`` is what is known of its length, for a progress bar only."""

    name: str
    chunks: Iterator[bytes]
    size_bytes: int | None = None


@contextmanager
def open_feed(
    location: str, *, folder: Path | None = None, private: bool = False
) -> Iterator[Feed]:
    """Open a file's path, an ``http(s)://`` address, or ``-`` for standard input.

    What an address gives is fetched whole, into ``folder``, before it is read. The address itself,
    which a person typed, may lie in a private network; its redirects only with ``private``.
    Raises Unreachable, here or while the chunks are read.
    """
    if location == "-":
        yield Feed("standard input", read_chunks(sys.stdin.buffer))
    elif location.lower().startswith(_SCHEMES):
        with _open_address(location, folder, private=private) as feed:
            yield feed
    else:
        with _open_file(Path(location)) as feed:
            yield feed


@contextmanager
def _open_file(path: Path) -> Iterator[Feed]:
    try:
        with path.open("rb") as file:
            yield Feed(path.name, read_chunks(file), path.stat().st_size)
    except OSError as exc:
        raise Unreachable(f"the file cannot be read ({exc.strerror})") from exc


@contextmanager
def _open_address(address: str, folder: Path | None, *, private: bool) -> Iterator[Feed]:
    downloader = Downloader(folder or Path(tempfile.gettempdir()), Limits(max_bytes=MAX_BYTES))
    access = Access(private=private, private_start=True)
    downloaded = downloader.fetch(Wanted(address), access)
    if downloaded is None:
        raise unreachable("status", "304")
    with downloaded.file as file:
        yield Feed(address, read_chunks(file), downloaded.size_bytes)


def read_chunks(file: IO[bytes]) -> Iterator[bytes]:
    """The bytes of a file in pieces; raises Unreachable beyond :data:`MAX_BYTES`."""
    total = 0
    while chunk := file.read(CHUNK_BYTES):
        total += len(chunk)
        if total > MAX_BYTES:
            raise Unreachable(f"the feed is longer than {MAX_BYTES >> 20} MiB", reason="too_large")
        yield chunk

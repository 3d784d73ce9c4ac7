"""From a file, an address or standard input to bytes; no format is known here."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec
import requests

from blacklist import __version__
from blacklist.errors import Unreachable

CHUNK_BYTES = 1 << 16
MAX_BYTES = 2 << 30
"""A feed beyond this is not read to its end: it is refused."""

CONNECT_SECONDS = 10
READ_SECONDS = 60


class Feed(msgspec.Struct, frozen=True):
    """An opened feed. ``size_bytes`` is what is known of its length, for a progress bar only."""

    name: str
    chunks: Iterator[bytes]
    size_bytes: int | None = None


@contextmanager
def open_feed(location: str) -> Iterator[Feed]:
    """Open a file's path, an ``http(s)://`` address, or ``-`` for standard input.

    Raises Unreachable, here or while the chunks are read.
    """
    if location == "-":
        yield Feed("standard input", _chunks(sys.stdin.buffer))
    elif location.startswith(("http://", "https://")):
        with _open_address(location) as feed:
            yield feed
    else:
        with _open_file(Path(location)) as feed:
            yield feed


@contextmanager
def _open_file(path: Path) -> Iterator[Feed]:
    try:
        with path.open("rb") as file:
            yield Feed(path.name, _chunks(file), path.stat().st_size)
    except OSError as exc:
        raise Unreachable(f"the file cannot be read ({exc.strerror})") from exc


@contextmanager
def _open_address(address: str) -> Iterator[Feed]:
    try:
        with requests.get(
            address,
            stream=True,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            headers={"User-Agent": f"blacklist/{__version__}"},
        ) as response:
            response.raise_for_status()
            yield Feed(address, _bounded(response.iter_content(CHUNK_BYTES)))
    except requests.RequestException as exc:
        status = getattr(exc.response, "status_code", None)
        raise Unreachable(f"the address cannot be read ({status or type(exc).__name__})") from exc


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    return _bounded(iter(lambda: file.read(CHUNK_BYTES), b""))


def _bounded(chunks: Iterator[bytes]) -> Iterator[bytes]:
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if total > MAX_BYTES:
            raise Unreachable(f"the feed is longer than {MAX_BYTES >> 20} MiB")
        yield chunk

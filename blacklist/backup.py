"""A store kept in a file, and put back.

    server ──its own copy of one moment──▶ file (sha256, schema) ──server of a moment──▶ empty store

A backup holds everything acknowledged before it began, while the service goes on writing. It is
read once before it is called done: one that cannot be read is none. To put it back, whatever is in
its place is first declared to be no store, so that no process answers from half of each.

Called by the command line.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, Final

import msgspec

from blacklist import __version__
from blacklist.errors import ConfigError, Mismatch
from blacklist.reshard import writers_kept_out
from blacklist.store import Client, dump, durability, meta, scratch, transfer
from blacklist.store.transfer import Progress

FORMAT: Final = "blacklist backup 1"
HEAD_BYTES: Final = 512
_PIECE_BYTES: Final = 1 << 20
_BARRIER_FACTOR: Final = 1.1
_LARGEST_DATABASE: Final = 1 << 16


class Head(msgspec.Struct, frozen=True):
    """What a backup says of itself, in its first 512 bytes; the server's copy stands behind it.

    ``taken`` is the second it began, ``bytes`` and ``sha256`` are of the copy, ``database`` is the
    number under which the store lies in it.
    """

    format: str
    version: str
    schema: int
    store: int
    database: int
    taken: int
    bytes: int
    sha256: str


def take(client: Client, path: Path) -> Head:
    """Write a backup to a file that does not exist yet; returns when it is on disk and proven.

    Raises ConfigError, StoreError; a file that is not whole is not left behind.
    """
    info = meta.require(client)
    if path.exists():
        raise ConfigError("the file exists already: a backup is never written over another")
    partial = path.with_name(path.name + ".partial")
    begun = int(time.time())
    try:
        with _private(partial) as file:
            file.write(b" " * HEAD_BYTES)
            digest, size = sha256(), 0
            for piece in dump.read(client):
                file.write(piece)
                digest.update(piece)
                size += len(piece)
            head = Head(
                format=FORMAT,
                version=__version__,
                schema=info.schema,
                store=info.id,
                database=_database(client),
                taken=begun,
                bytes=size,
                sha256=digest.hexdigest(),
            )
            file.seek(0)
            file.write(msgspec.json.encode(head).ljust(HEAD_BYTES - 1) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with opened(partial):
            partial.rename(path)
    except OSError as exc:
        raise ConfigError(f"the backup cannot be written ({exc.strerror})") from exc
    finally:
        partial.unlink(missing_ok=True)
    _sync_folder(path.parent)
    return head


@contextmanager
def opened(path: Path) -> Iterator[tuple[Head, Client]]:
    """A backup proven to be whole and of this program's schema, and a client that reads it."""
    with scratch.folder() as folder:
        head = _unpack(path, folder / scratch.DATA)
        if head.schema != meta.SCHEMA:
            raise Mismatch(
                f"the backup has schema {head.schema}, this program {meta.SCHEMA}: restore it with "
                f"version {head.version} and run 'blacklist migrate' of this one"
            )
        with scratch.opened(folder, head.database) as client:
            if meta.require(client).id != head.store:
                raise Mismatch("the backup holds another store than it says")
            yield head, client


def restore(
    path: Path,
    target: Client,
    *,
    replace: bool,
    progress: Progress,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[Head, int]:
    """Put a backup into an empty place, or with ``replace`` into that of what is there.

    Nothing is changed before the backup is proven. Returns it and the number of its keys. Cut off,
    there is no store, and the same command with ``replace`` begins again.
    """
    with opened(path) as (head, source):
        durability.require(target)
        if not replace and not transfer.is_empty(target):
            raise ConfigError("a store is there already: --replace puts the backup in its place")
        with writers_kept_out(target) as lock:

            def go_on(done: int) -> None:
                lock.extend()
                progress(done)

            _empty(target, go_on, sleep)
            count = transfer.copy(source, target, go_on)
            durability.replicate(target)
    return head, count


def _empty(target: Client, go_on: Progress, sleep: Callable[[float], None]) -> None:
    """Remove what is there, once no replica answers from a filter of it."""
    if transfer.is_empty(target):
        return
    info = meta.read(target)
    transfer.close(target)
    sleep((info.max_lag_seconds if info else meta.DEFAULT_MAX_LAG_SECONDS) * _BARRIER_FACTOR)
    transfer.clear(target, go_on)


def _unpack(path: Path, copy: Path) -> Head:
    try:
        with path.open("rb") as file, copy.open("xb") as out:
            head = _read_head(file)
            digest, size = sha256(), 0
            while piece := file.read(_PIECE_BYTES):
                digest.update(piece)
                size += len(piece)
                out.write(piece)
    except OSError as exc:
        raise ConfigError(f"the backup cannot be read ({exc.strerror})") from exc
    if (size, digest.hexdigest()) != (head.bytes, head.sha256):
        raise Mismatch("the backup is damaged: its bytes are not those that were written")
    return head


def _read_head(file: IO[bytes]) -> Head:
    try:
        head = msgspec.json.decode(file.read(HEAD_BYTES), type=Head)
    except msgspec.MsgspecError as exc:
        raise Mismatch("the file is no backup of a store") from exc
    if head.format != FORMAT or not 0 <= head.database < _LARGEST_DATABASE:
        raise Mismatch("the file is no backup that this program knows")
    return head


def _private(path: Path) -> IO[bytes]:
    """A new file for its owner only: it holds lists of people's numbers, and keys' hashes."""
    return os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b")


def _database(client: Client) -> int:
    return int(client.connection_pool.connection_kwargs.get("db") or 0)


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)

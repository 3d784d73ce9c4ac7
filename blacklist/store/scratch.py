"""A server of a moment's life over a copy of a store: to look into it, and to take it apart.

So nothing here has to know how servers write their data, and a copy is proven to be readable.
"""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import redis

from blacklist.errors import Unavailable
from blacklist.store import connect
from blacklist.store.embedded import COMPACT_BYTES, COMPACT_ENTRIES, find_server

DATA: Final = "dump.rdb"
LOAD_SECONDS: Final = 600.0
_SETTINGS: Final = {
    "port": "0",
    "dbfilename": DATA,
    "unixsocketperm": "700",
    "appendonly": "no",
    "save": "",
    "maxmemory-policy": "noeviction",
    # Under the names from before 7.0, which newer servers still take.
    "zset-max-ziplist-entries": str(COMPACT_ENTRIES),
    "zset-max-ziplist-value": str(COMPACT_BYTES),
    "hash-max-ziplist-entries": str(COMPACT_ENTRIES),
    "hash-max-ziplist-value": str(COMPACT_BYTES),
}


@contextmanager
def folder() -> Iterator[Path]:
    """A private folder with a short path, for a copy's :data:`DATA`; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="bl-") as name:
        yield Path(name)


@contextmanager
def opened(place: Path, database: int) -> Iterator[redis.Redis]:
    """A client of a server over the :data:`DATA` in a folder; Unavailable where it is not read."""
    socket = place / "scratch.sock"
    settings = _SETTINGS | {
        "dir": str(place),
        "unixsocket": str(socket),
        "logfile": str(place / "scratch.log"),
    }
    arguments = [text for name, value in settings.items() for text in (f"--{name}", value)]
    process = subprocess.Popen(  # noqa: S603 - the server's own binary, no shell
        [find_server(), *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    client = connect.reader(f"unix://{socket}?db={database}")
    try:
        _wait(process, client)
        yield client
    finally:
        client.close()
        process.kill()
        process.wait()


def _wait(process: "subprocess.Popen[bytes]", client: redis.Redis) -> None:
    deadline = time.monotonic() + LOAD_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Unavailable(
                "this machine's server cannot read the copy: it is damaged, or was made by a newer "
                "or another sort of server; put that server on the PATH"
            )
        try:
            client.ping()
        except redis.RedisError:
            time.sleep(0.01)
        else:
            return
    raise Unavailable("the copy was not read in time")

"""A store on the embedded server whose resident memory is looked at from outside.

    with measured_store() as store:
        store.load(source, values)          the real way of a load, without waiting for replicas
        store.bytes_each(len(values))       resident bytes more than the empty server, by /proc

Used by the benchmarks. Linux only.
"""

import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from throwaway_service import HastyPublisher

from blacklist.model import Identifier, Kind, Source
from blacklist.publish import Publisher
from blacklist.store import Client, meta
from blacklist.store.place import Place
from blacklist.store.stage import Staged

BATCH: Final = 100_000
"""As the pipeline stages them."""

PLAIN_BATCH: Final = 10_000
SETTLE_SECONDS: Final = 0.3
"""The server drops the buffers of a connection that loaded a moment after it was closed."""


@dataclass
class Server:
    """The embedded server of one folder; ``empty`` is what it took before anything was listed.

    ``own`` is how much of that an empty store of ours takes: its markers, one a shard.
    """

    folder: Path
    place: Place
    empty: int = 0
    own: int = 0

    def resident_bytes(self) -> int:
        """Return what the kernel counts for the server, once it rests."""
        time.sleep(SETTLE_SECONDS)
        client = self.place.reader()
        while client.info("persistence")["aof_rewrite_in_progress"]:
            time.sleep(SETTLE_SECONDS)
        client.close()
        pid = int((self.folder / "store" / "server.pid").read_text())
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def bytes_each(self, count: int) -> float:
        """Return the bytes that each of so many things takes."""
        return (self.resident_bytes() - self.empty) / count


class Store(Server):
    """A store of ours on it."""

    def load(self, source: Source, kind: Kind, values: Iterable[str]) -> None:
        """List values beside what is listed already, as an increment of a source."""
        client = self.place.writer()
        publisher = HastyPublisher(client, meta.require(client))
        with publisher.load(source, full=False) as load:
            for batch in cut(values, BATCH):
                load.put(Staged(Identifier(kind, value)) for value in batch)
            load.commit()
        publisher.tidy()
        client.close()

    @contextmanager
    def publisher(self) -> Iterator[Publisher]:
        """Yield a publisher that waits for replicas, as those of the command line do."""
        client = self.place.writer()
        try:
            yield Publisher(client, meta.require(client))
        finally:
            client.close()

    def bits(self, kind: Kind) -> int:
        """Return the bits that number a kind's shards."""
        with self.publisher() as publisher:
            return publisher.info.bits[kind]


@contextmanager
def measured_server() -> Iterator[Server]:
    """Run an embedded server with nothing in it."""
    with tempfile.TemporaryDirectory(prefix="blacklist-memory-") as folder:
        server = Server(Path(folder), Place(None, Path(folder)))
        server.place.use()
        try:
            client = server.place.writer()
            warm_up(client)
            client.close()
            server.empty = server.resident_bytes()
            yield server
        finally:
            server.place.leave()


@contextmanager
def measured_store() -> Iterator[Store]:
    """Run an embedded server with an empty store of ours, whose own bytes stand in ``own``."""
    with measured_server() as server:
        client = server.place.writer()
        meta.create(client)
        client.close()
        made = server.resident_bytes()
        yield Store(server.folder, server.place, made, made - server.empty)


def warm_up(client: Client) -> None:
    """Make the server touch the code it will run, so that the code is not counted as data."""
    for number in range(200):
        client.zadd("warm", {"a": 1, "b" * 3000: 2})
        client.sadd("warm too", number)
        client.eval("return redis.call('ZCARD', KEYS[1])", 1, "warm")
    client.delete("warm", "warm too")


def fill_plain_set(client: Client, values: Iterable[str]) -> None:
    """Put values into one plain set."""
    for batch in cut(values, PLAIN_BATCH):
        client.sadd("plain", *batch)


def plain_set_bytes(values: Sequence[str]) -> float:
    """Return what each value takes in one plain set, in a server of the same kind."""
    with measured_server() as server:
        client = server.place.writer()
        fill_plain_set(client, values)
        client.close()
        return server.bytes_each(len(values))


def cut(values: Iterable[str], size: int) -> Iterator[list[str]]:
    """Yield values in order, so many at a time."""
    rest = iter(values)
    while batch := list(islice(rest, size)):
        yield batch

"""A look into the store of a service that a test started."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from blacklist.store import Client, connect
from blacklist.store.embedded import EmbeddedServer


@contextmanager
def reading(data_dir: Path) -> Iterator[Client]:
    """A client of the store in a data directory, whose server runs."""
    client = connect.writer(EmbeddedServer(data_dir).url)
    try:
        yield client
    finally:
        client.close()

"""What several integration tests share: a clock, and a store that is set back."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from blacklist.store import Client
from blacklist.store.embedded import EmbeddedServer
from servers import kill_server


class Clock:
    """A clock that goes on when it is told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keep_store(
    server: EmbeddedServer, client: Client, data_dir: Path
) -> Callable[[], Callable[[], None]]:
    """Keep the store's files; what is returned puts them in place of the newer ones."""
    log = data_dir / "store" / "appendonlydir"
    kept = data_dir / "kept"

    def keep() -> Callable[[], None]:
        shutil.copytree(log, kept)

        def restore() -> None:
            kill_server(data_dir)
            shutil.rmtree(log)
            shutil.copytree(kept, log)
            server.revive()
            client.close()

        return restore

    return keep

"""Real servers for the tests: each on a unix socket in a temporary folder, ended by its pid."""

import functools
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis.utils

from blacklist.model import Identifier, Kind, Source
from blacklist.publish import Publisher
from blacklist.store import Client, connect, meta
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.meta import StoreInfo
from blacklist.store.stage import Staged
from servers import FEEDS, MAX_LAG_SECONDS, ROOT, remove_data_dir

__all__ = ["FEEDS", "ROOT"]


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes by their argument: archives hold the time, and test processes must agree."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session", autouse=True)
def _version_read_once() -> Iterator[None]:
    """Let redis-py read its package's metadata once and not for every connection (0.5 ms)."""
    with pytest.MonkeyPatch.context() as patch:
        read = functools.cache(redis.utils.get_lib_version)
        patch.setattr(redis.utils, "get_lib_version", read)
        yield


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A data directory with a short path (a socket's path is limited); no server survives it."""
    path = Path(tempfile.mkdtemp(prefix="bl-"))
    yield path
    remove_data_dir(path)


@pytest.fixture
def server(data_dir: Path) -> Iterator[EmbeddedServer]:
    """A running embedded server."""
    server = EmbeddedServer(data_dir)
    server.use()
    yield server
    server.leave()


@pytest.fixture
def client(server: EmbeddedServer) -> Iterator[Client]:
    """A writing client of a server with nothing in it."""
    client = connect.writer(server.url)
    yield client
    client.close()


@pytest.fixture
def info(client: Client) -> StoreInfo:
    """An empty store of 16 shards a kind."""
    return meta.create(client, bits=dict.fromkeys(Kind, 4), max_lag_seconds=MAX_LAG_SECONDS)


@pytest.fixture
def publisher(client: Client, info: StoreInfo) -> Publisher:
    """A publisher that does not wait for replicas."""
    return Publisher(client, info, sleep=lambda _seconds: None)


@pytest.fixture
def list_values(publisher: Publisher) -> Callable[..., None]:
    """Load values of one kind under a source, by default as an increment."""

    def load(source: Source, *values: str, kind: Kind = Kind.LINK, full: bool = False) -> None:
        with publisher.load(source, full=full) as loading:
            loading.put(Staged(Identifier(kind, value)) for value in values)
            loading.commit()

    return load

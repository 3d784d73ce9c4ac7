"""What integration tests share: a clock, the stores they run over, and a store that is set back.

A test that takes ``server`` or ``client`` and not the data directory speaks to a store and knows
nothing of where it is: it runs over the embedded server, a plain one, a cluster, and Debian's
``redis-server`` where that is installed.
"""

import functools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from blacklist import lookup
from blacklist.store import Client
from blacklist.store.embedded import EmbeddedServer, find_server
from cluster import Cluster, wait_until
from processes import DURABLE, Process, quick_folder, take_back
from servers import kill_server

DEBIAN = Path("/usr/bin/redis-server")
ELSEWHERE = ("plain", "cluster", *(["debian"] if DEBIAN.exists() else []))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    names = set(metafunc.fixturenames)
    if "server" in names and "data_dir" not in names:
        is_for_one = metafunc.definition.get_closest_marker("one_server") is not None
        others = [
            pytest.param(one, marks=pytest.mark.slow)
            for one in ELSEWHERE
            if not (is_for_one and one == "cluster")
        ]
        metafunc.parametrize("server", ["embedded", *others], indirect=True)


@pytest.fixture(scope="module")
def identified_once() -> Iterator[None]:
    """Read the text of a question once, for tests that ask the same few again and again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lookup, "identify", functools.cache(lookup.identify))
        yield


class Clock:
    """A clock that goes on when it is told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Elsewhere:
    """A store that runs without us; shared by tests, each of which finds it empty."""

    def __init__(self, url: str, nodes: list[Process]) -> None:
        self.url = url
        self._nodes = nodes

    def clear(self) -> None:
        """Empty it, and take back what a test has set."""
        for node in self._nodes:
            with node.client() as client:
                take_back(client)
                if client.execute_command("ROLE")[0] == b"master":
                    client.flushall()
                    client.script_flush()
        for node in self._nodes:
            with node.client() as client:
                wait_until(lambda client=client: _is_logging(client), "no log is written")


def _is_logging(client: redis.Redis) -> bool:
    state = client.info("persistence")
    return not state["aof_rewrite_in_progress"] and not state.get("aof_rewrite_scheduled")


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A folder for the servers of a whole run."""
    with quick_folder() as path:
        yield path


@pytest.fixture(scope="session")
def plain(folder: Path) -> Iterator[Elsewhere]:
    """A server on a unix socket."""
    yield from _one(find_server(), folder / "plain", is_socket=True)


@pytest.fixture(scope="session")
def debian(folder: Path) -> Iterator[Elsewhere]:
    """Debian's own server on a loopback port."""
    yield from _one(DEBIAN, folder / "debian", is_socket=False)


def _one(binary: Path, place: Path, *, is_socket: bool) -> Iterator[Elsewhere]:
    path = place / "socket"
    server = Process(binary, place, **DURABLE, **({"unixsocket": str(path)} if is_socket else {}))
    try:
        server.start()
        url = f"unix://{path}" if is_socket else f"redis://127.0.0.1:{server.port}/0"
        yield Elsewhere(url, [server])
    finally:
        server.kill()


@pytest.fixture(scope="session")
def cluster_nodes(folder: Path) -> Iterator[Cluster]:
    """A whole cluster; who hurts it restores it."""
    cluster = Cluster(folder / "cluster")
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.end()


@pytest.fixture
def cluster(cluster_nodes: Cluster) -> Elsewhere:
    """The cluster as a store."""
    return Elsewhere(cluster_nodes.url, list(cluster_nodes.nodes))


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[EmbeddedServer | Elsewhere]:
    """An empty store: the embedded one, or what the test is run over."""
    sort = getattr(request, "param", "embedded")
    if sort == "embedded":
        server = EmbeddedServer(request.getfixturevalue("data_dir"))
        server.use()
        yield server
        server.leave()
        return
    store = request.getfixturevalue(sort)
    store.clear()
    yield store


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

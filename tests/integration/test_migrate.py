"""A data directory that the first commit with a store wrote, under today's program."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from blacklist.errors import Mismatch
from blacklist.model import Kind
from blacklist.store import Client, connect, keys, meta, migrate
from blacklist.store.embedded import EmbeddedServer, find_server
from service import COMMAND, serving

OLD_STORE = Path(__file__).with_name("stores") / "schema-1.tar.gz"

pytestmark = pytest.mark.skipif(
    "valkey" not in find_server().name, reason="the old store's files are Valkey's"
)


@pytest.fixture
def old_data_dir(data_dir: Path) -> Path:
    """A data directory of schema 1 with the sample's 34 entries; 16 shards a kind."""
    subprocess.run(["tar", "-xf", OLD_STORE, "-C", data_dir], check=True)
    return data_dir


@pytest.fixture
def client(old_data_dir: Path) -> Iterator[Client]:
    server = EmbeddedServer(old_data_dir)
    server.use()
    client = connect.writer(server.url)
    yield client
    client.close()
    server.leave()


def blacklist(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments],
        env={"BLACKLIST_DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.slow
def test_an_older_store_is_refused_with_what_to_do_then_migrated_and_served(
    old_data_dir: Path,
) -> None:
    refused = blacklist(old_data_dir, "check", "vn-bank.example")
    assert refused.returncode == 3
    assert "blacklist migrate" in refused.stderr
    done = blacklist(old_data_dir, "migrate")
    assert done.returncode == 0, done.stderr
    assert "schema 1 to 2" in done.stdout
    assert "schema 2 to 3" in done.stdout
    assert "schema 3 to 4" in done.stdout
    assert "nothing to do" in blacklist(old_data_dir, "migrate").stdout
    with serving(old_data_dir) as service:
        values = ["login.vn-bank.example", "+447700900123", "970436/0000000000001", "ok.example"]
        assert service.verdicts(*values) == ["listed", "listed", "listed", "no_record"]


def test_a_step_that_was_cut_off_is_done_again(client: Client) -> None:
    info = meta.read(client)
    assert info is not None
    bits = info.bits[Kind.LINK]
    client.zadd(keys.entries(Kind.LINK, bits, 0), {keys.MARKER: info.marker})
    assert len(migrate.run(client)) == 3
    assert meta.require(client).schema == meta.SCHEMA
    for kind, count in info.bits.items():
        for shard in range(1 << count):
            assert client.zscore(keys.entries(kind, count, shard), keys.MARKER) == info.marker


def test_a_newer_store_is_refused(client: Client) -> None:
    client.hset(keys.STORE, "schema", meta.SCHEMA + 1)
    with pytest.raises(Mismatch, match="newer version"):
        meta.require(client)


def test_a_redis_of_somebody_else_is_refused(client: Client) -> None:
    client.flushall()
    with pytest.raises(Mismatch, match="no store"):
        meta.require(client)
    client.hset(keys.STORE, "something", "else")
    with pytest.raises(Mismatch, match="not a store of ours"):
        meta.read(client)

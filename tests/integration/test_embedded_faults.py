"""The embedded server's keeper, where the directory or the server is not what it should be."""

import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from blacklist.errors import Unavailable
from blacklist.store import connect, embedded
from blacklist.store.embedded import EmbeddedServer
from servers import kill_server, server_pid


@pytest.fixture
def pid(server: EmbeddedServer, data_dir: Path) -> Iterator[int]:
    """The process id of a running server; it ends, wherever its files are."""
    pid = server_pid(data_dir)
    yield pid
    server._found_pid() and os.kill(server._found_pid(), signal.SIGKILL)


def test_a_server_whose_pid_file_is_empty_is_found_and_stopped(
    data_dir: Path, server: EmbeddedServer, pid: int
) -> None:
    """As it is when the disk was full at the start."""
    (data_dir / "store" / "server.pid").write_text("")
    assert server._pid() == pid
    server.leave()
    assert server._found_pid() == 0


def test_no_second_server_begins_beside_one_whose_files_were_removed(
    data_dir: Path, server: EmbeddedServer, pid: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service would answer from one while a load is acknowledged by the other."""
    monkeypatch.setattr(embedded, "STOP_SECONDS", 0.1)
    shutil.rmtree(data_dir / "store")
    with pytest.raises(Unavailable, match="data directory"):
        server.revive()
    with pytest.raises(Unavailable, match="still runs"):
        EmbeddedServer(data_dir).use()


def test_a_paused_server_with_a_full_queue_is_waited_for(server: EmbeddedServer, pid: int) -> None:
    """Its socket refuses as a dead one's does."""
    os.kill(pid, signal.SIGSTOP)
    waiting = []
    try:
        while True:
            line = socket.socket(socket.AF_UNIX)
            line.setblocking(False)
            waiting.append(line)
            try:
                line.connect(str(server.socket))
            except BlockingIOError:
                break
        going_on = threading.Timer(0.2, os.kill, (pid, signal.SIGCONT))
        going_on.start()
        begun = time.monotonic()
        server.revive()
        assert time.monotonic() - begun < 2
    finally:
        os.kill(pid, signal.SIGCONT)
        for line in waiting:
            line.close()
    assert server._pid() == pid


def test_a_log_that_ends_in_the_middle_of_a_write_is_read_up_to_there(
    data_dir: Path, server: EmbeddedServer
) -> None:
    """The machine died while it was written; whoever wrote it was not answered."""
    connect.writer(server.url).set("key", "acknowledged")
    kill_server(data_dir)
    (log,) = (data_dir / "store" / "appendonlydir").glob("*.incr.aof")
    with log.open("ab") as file:
        file.write(b"*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$7\r\nhalf")
    server.revive()
    client = connect.writer(server.url)
    assert client.get("key") == b"acknowledged"
    client.set("key", "goes on")
    kill_server(data_dir)
    server.revive()
    assert connect.writer(server.url).get("key") == b"goes on"


def test_a_server_that_cannot_be_run_is_unavailable(
    data_dir: Path, server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried again: there may be memory or room later."""
    kill_server(data_dir)
    for nothing in (data_dir / "nothing", data_dir / "store" / "server.lock"):
        monkeypatch.setattr(embedded, "find_server", lambda nothing=nothing: nothing)
        with pytest.raises(Unavailable, match="cannot be run"):
            server.revive()

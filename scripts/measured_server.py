"""A server on a unix socket in a folder of its own, measured from outside and ended by its id.

Used by the benchmarks. Linux only: resident memory is read from /proc.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from server_binaries import Server


def new_folder() -> tempfile.TemporaryDirectory[str]:
    """Return a folder that goes away with its block; TMPDIR says on which disk."""
    return tempfile.TemporaryDirectory(prefix="layout-", ignore_cleanup_errors=True)


@dataclass(slots=True)
class Running:
    """A server that runs, and one connection to it."""

    process: subprocess.Popen[bytes]
    socket: Path
    client: redis.Redis

    def memory(self) -> tuple[int, int]:
        """Return bytes the server says it uses, and bytes resident by the kernel's account."""
        self.client.close()
        self.client = connect(self.socket)
        time.sleep(0.3)  # the server drops the buffers of the connection that loaded
        used = int(ask(self.client, "INFO", "memory")["used_memory"])
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return used, pages * os.sysconf("SC_PAGE_SIZE")

    def microseconds(self, command: str) -> tuple[int, float]:
        """Return calls of a command since the last CONFIG RESETSTAT and the server's time in us."""
        stats = ask(self.client, "INFO", "commandstats").get(f"cmdstat_{command}")
        return (int(stats["calls"]), float(stats["usec"])) if stats else (0, 0.0)


@contextlib.contextmanager
def run_server(
    server: Server, folder: Path, *options: str, trace: Sequence[str] = ()
) -> Iterator[Running]:
    """Run a server on a unix socket in ``folder`` and end it, whatever happens inside.

    Without options it keeps nothing on disk. ``trace`` is a command to run it under.
    """
    socket = folder / "s"
    process = start_server(server, socket, options, trace)
    try:
        running = Running(process, socket, wait_for_pong(process, socket))
        try:
            yield running
        finally:
            running.client.close()
    finally:
        end_process(process)


def connect(socket: Path) -> redis.Redis:
    """Return one connection of its own, which never tries twice in silence."""
    return redis.Redis(
        unix_socket_path=str(socket),
        single_connection_client=True,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=120,
    )


def ask(client: redis.Redis, *words: object) -> Any:
    """Run one command, or queue it on a pipeline (which redis-py types as a client)."""
    return client.execute_command(*words)  # type: ignore[no-untyped-call]


def start_server(
    server: Server, socket: Path, options: Sequence[str], trace: Sequence[str]
) -> subprocess.Popen[bytes]:
    """Start a server without waiting for it; its files and its log lie beside the socket."""
    folder = socket.parent
    command = [*trace, str(server.binary), "--port", "0", "--unixsocket", str(socket)]
    command += ["--dir", str(folder), "--logfile", str(folder / "log"), "--save", ""]
    command += options or ("--appendonly", "no")
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


def wait_for_pong(process: subprocess.Popen[bytes], socket: Path) -> redis.Redis:
    """Return a connection once the server answers; end the program if it died or took 30 s."""
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(redis.ConnectionError):  # loading its files is one, too
            client = connect(socket)
            client.ping()
            return client
        time.sleep(0.0005)
    sys.exit(f"a server did not start; the end of its log: {read_log(socket)}")


def read_log(socket: Path) -> str:
    """Return the last kilobyte of a server's log."""
    log = socket.with_name("log")
    return log.read_text(errors="replace")[-1024:] if log.exists() else "(none)"


def end_process(process: subprocess.Popen[bytes]) -> None:
    """End one process of ours by its id, gently at first."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

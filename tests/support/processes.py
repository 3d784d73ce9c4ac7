"""Servers that tests start, stop, freeze and kill by their process id; none survives its test."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from service import free_port

START_SECONDS = 60

DURABLE = {
    "appendonly": "yes",
    "appendfsync": "always",
    "save": "",
}
"""As the README asks of a server."""

_TAKEN_BACK = {
    "appendfsync": "always",
    "maxmemory": "0",
    "maxmemory-policy": "noeviction",
    "min-replicas-to-write": "0",
    "stream-node-max-entries": "100",
}


MEMORY = Path("/dev/shm")


@contextmanager
def quick_folder() -> Iterator[Path]:
    """A temporary folder, in memory where there is such a place: a sync to disk is no wait there.

    For servers that are killed and not for machines that lose their power.
    """
    where = MEMORY if os.access(MEMORY, os.W_OK) else None
    path = Path(tempfile.mkdtemp(prefix="bl-", dir=where))
    try:
        yield path
    finally:
        shutil.rmtree(path)


_given: set[int] = set()


def new_port() -> int:
    """A free loopback port that was not given out before."""
    while (port := free_port()) in _given:
        pass
    _given.add(port)
    return port


class Process:
    """One server on a loopback port, with a folder of its own."""

    def __init__(self, binary: Path, folder: Path, *flags: str, **settings: str) -> None:
        self.port = new_port()
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._command = [str(binary), *flags]
        names = {name.replace("_", "-"): text for name, text in settings.items()}
        for name, text in {"port": str(self.port), "dir": str(folder), **names}.items():
            self._command += [f"--{name}", text]
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._child is not None
        return self._child.pid

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._child is not None and self._child.poll() is None

    def start(self) -> None:
        """Start it and wait until it answers."""
        with (self.folder / "server.log").open("ab") as log:
            self._child = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_SECONDS
        with self.client() as client:
            while True:
                try:
                    client.ping()
                    break
                except redis.RedisError:
                    assert self.is_running, (self.folder / "server.log").read_text()[-2000:]
                    assert time.monotonic() < deadline, "a server does not start"
                    time.sleep(0.01)

    def kill(self) -> None:
        """End it as a crash would."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()

    def freeze(self) -> None:
        """Let it stand still: it takes connections and answers nothing."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        if self.is_running:
            os.kill(self.pid, signal.SIGCONT)

    def client(self, seconds: float = 2.0) -> redis.Redis:
        """A plain client of this one server."""
        return redis.Redis(
            port=self.port,
            socket_timeout=seconds,
            socket_connect_timeout=seconds,
            protocol=2,
            retry=Retry(NoBackoff(), 0),
        )


def take_back(client: redis.Redis) -> None:
    """Set a server as it was before a test, whatever that has set."""
    for name, text in _TAKEN_BACK.items():
        client.config_set(name, text)
    if client.config_get("appendonly") != {"appendonly": "yes"}:
        client.config_set("appendonly", "yes")

"""A server of the tests' own, as an operator runs one: the program neither starts nor ends it."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import redis

from blacklist.store.embedded import find_server

START_SECONDS = 10


class OwnServer:
    """A server on a unix socket in a folder; it syncs every write before it answers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir(exist_ok=True)
        self.socket = folder / "own.sock"
        self.url = f"unix://{self.socket}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self, **settings: str) -> None:
        """Start it and return when it answers."""
        chosen = {
            "port": "0",
            "unixsocket": str(self.socket),
            "dir": str(self.folder),
            "logfile": str(self.folder / "own.log"),
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
            **{name.replace("_", "-"): text for name, text in settings.items()},
        }
        arguments = [text for name, value in chosen.items() for text in (f"--{name}", value)]
        self._process = subprocess.Popen([find_server(), *arguments], stdin=subprocess.DEVNULL)
        client = self.client()
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                client.ping()
                break
            except redis.ConnectionError:
                assert time.monotonic() < deadline, "the server does not start"
                time.sleep(0.01)
        client.close()

    def client(self) -> redis.Redis:
        """A connection past everything that stands between."""
        return redis.Redis(unix_socket_path=str(self.socket), protocol=2)

    def shut_down(self) -> None:
        """End it as an operator does."""
        client = self.client()
        client.shutdown(nosave=True)
        client.close()
        self._wait()

    def kill(self) -> None:
        """End it as a crash does."""
        if self._process is not None:
            self._process.kill()
            self._wait()

    def pause(self) -> None:
        """Let it stand still."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        os.kill(self.pid, signal.SIGCONT)

    def keep_files(self, away: Path) -> None:
        """Move what it has written away; it must not run."""
        shutil.move(self.folder / "appendonlydir", away)

    def put_back(self, kept: Path) -> None:
        """Put what was moved away into the place of what is there; it must not run."""
        shutil.rmtree(self.folder / "appendonlydir", ignore_errors=True)
        shutil.move(kept, self.folder / "appendonlydir")

    def _wait(self) -> None:
        assert self._process is not None
        self._process.wait(10)
        self._process = None

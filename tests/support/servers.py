"""What tests do to servers from outside, and where things are."""

import os
import shutil
import signal
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
FEEDS = ROOT.parent / "shared" / "feeds"

MAX_LAG_SECONDS = 0.2
"""Of the tests' stores: short, so that the barrier does not make them slow."""


def server_pid(data_dir: Path) -> int:
    """The process id of the embedded server on a data directory."""
    return int((data_dir / "store" / "server.pid").read_text())


def kill_server(data_dir: Path) -> None:
    """End the server on a data directory, if one runs, as a crash would."""
    try:
        pid = server_pid(data_dir)
        if os.fsencode(data_dir) in _title(pid):
            os.kill(pid, signal.SIGKILL)
            deadline = time.monotonic() + 10
            while _title(pid) and time.monotonic() < deadline:
                time.sleep(0.001)
    except (OSError, ValueError):
        return


def pause_server(data_dir: Path) -> None:
    """Let the server on a data directory stand still, as one that nobody can reach."""
    os.kill(server_pid(data_dir), signal.SIGSTOP)


def resume_server(data_dir: Path) -> None:
    """Let it go on."""
    os.kill(server_pid(data_dir), signal.SIGCONT)


def remove_data_dir(data_dir: Path) -> None:
    """End the server on a data directory and remove it.

    A child of the server (it writes the log anew) outlives it by a moment and may still write.
    """
    deadline = time.monotonic() + 10
    while True:
        kill_server(data_dir)
        try:
            shutil.rmtree(data_dir)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _title(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()

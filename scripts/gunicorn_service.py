"""gunicorn itself with the project's ``gunicorn.conf.py``, run for a measurement and then ended.

``wsgi:app`` is the service, ``bare_route:app`` the Flask application it is compared with.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import requests
from throwaway_service import NO_LIMIT, free_port

from blacklist.config import PREFIX

ROOT: Final = Path(__file__).parents[1]
BARE: Final = "bare_route:app"
SERVICE: Final = "wsgi:app"
READY_SECONDS: Final = 20
STOP_SECONDS: Final = 15


@contextmanager
def run_gunicorn(
    app: str, data_dir: Path, options: Sequence[str] = (), **settings: str
) -> Iterator[int]:
    """Run an application over a data directory; yields its port.

    ``options`` are gunicorn's and win over the project's; ``settings`` are the project's, without
    their prefix.
    """
    port = free_port()
    others = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}
    own = {
        "DATA_DIR": str(data_dir),
        "BIND": f"127.0.0.1:{port}",
        "PUBLIC_PER_MINUTE": NO_LIMIT,
        **settings,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", app, "--pythonpath", ROOT / "scripts", *options],
        cwd=ROOT,
        env=others | {f"{PREFIX}{name}": text for name, text in own.items()},
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_until_ready(process, port, is_bare=app == BARE)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_ready(process: subprocess.Popen[bytes], port: int, *, is_bare: bool) -> None:
    """Return when it answers; the service itself says when it can."""
    deadline = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if is_bare:
                socket.create_connection(("127.0.0.1", port)).close()
                return
            if requests.get(f"http://127.0.0.1:{port}/readyz", timeout=2).ok:
                return
        except (OSError, requests.RequestException):
            time.sleep(0.05)
    raise SystemExit(f"gunicorn does not answer (exit code {process.poll()})")

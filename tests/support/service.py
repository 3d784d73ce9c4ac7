"""A real service for tests: ``blacklist serve`` as a process of its own, asked over HTTP."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from warm_commands import Started, shared

COMMAND = Path(sys.executable).with_name("blacklist")
READY_SECONDS = 60
NO_LIMIT = str(10**9)
"""Of what one address may ask a minute: all questions of tests come from one."""


class Service:
    """A running service; every :meth:`ask` may reach any worker."""

    def __init__(self, process: Started, port: int) -> None:
        self.process = process
        self.port = port

    def request(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, Any]]:
        """One request over a connection of its own: the status and the JSON document."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def ask(self, *values: str, kind: str | None = None) -> list[dict[str, Any]]:
        """The results for some values, in order, of whatever status."""
        items = [{"value": value, **({"kind": kind} if kind else {})} for value in values]
        body = json.dumps({"items": items}).encode()
        _, answer = self.request("POST", "/v1/check", body, **{"Content-Type": "application/json"})
        results: list[dict[str, Any]] = answer["results"]
        return results

    def verdicts(self, *values: str) -> list[str | None]:
        """The verdict for each value."""
        return [result["verdict"] for result in self.ask(*values)]


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(data_dir: Path, **settings: str) -> Iterator[Service]:
    """A service on a data directory, ready to answer; ended by its process id."""
    port = free_port()
    environ = {name: text for name, text in os.environ.items() if not name.startswith("BLACKLIST_")}
    environ |= {
        "BLACKLIST_DATA_DIR": str(data_dir),
        "BLACKLIST_BIND": f"127.0.0.1:{port}",
        "BLACKLIST_PUBLIC_PER_MINUTE": NO_LIMIT,
        **settings,
    }
    with Path(os.devnull).open("r+b") as nothing:
        files = (nothing, nothing, sys.__stderr__)
        process = shared().start(["serve"], env=environ, cwd=Path.cwd(), files=files)
    service = Service(process, port)
    try:
        _wait_until_ready(service)
        yield service
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise


def _wait_until_ready(service: Service) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            status, _ = service.request("GET", "/readyz")
        except (OSError, http.client.HTTPException):
            status = 0
        if status == 200 or service.process.poll() is not None:
            break
        time.sleep(0.02)
    assert service.process.poll() is None, "the service ended by itself"
    assert status == 200, "the service did not become ready"

"""SIGHUP puts new workers in the place of the old ones, and no request is dropped meanwhile."""

import http.client
import os
import signal
import threading
from contextlib import suppress
from typing import Any

import pytest

VALUE = "/v1/check?value=vn-bank.example"
RELOADS = 3
WORKERS = 2


class Asker(threading.Thread):
    """Asks again and again, on new connections or on one that is kept, and notes what fails."""

    def __init__(self, port: int, *, is_kept: bool) -> None:
        super().__init__()
        self._port = port
        self._is_kept = is_kept
        self.stop = threading.Event()
        self.answered = 0
        self.failed: list[str] = []

    def run(self) -> None:
        connection = self._connect()
        while not self.stop.is_set():
            try:
                connection.request("GET", VALUE)
                response = connection.getresponse()
                document = response.read()
                is_right = response.status == 200 and b'"verdict":"listed"' in document
                self.answered += is_right
                if not is_right:
                    self.failed.append(f"{response.status} {document.decode()}")
            except (OSError, http.client.HTTPException) as exc:
                self.failed.append(repr(exc))
                connection.close()
            if not self._is_kept:
                connection.close()
                connection = self._connect()
        connection.close()

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)


@pytest.mark.parametrize("way", ["serve", "gunicorn"])
def test_a_reload_drops_no_request(module_service, eventually, way: str) -> None:
    service: Any = module_service(way=way)
    askers = [Asker(service.port, is_kept=is_kept) for is_kept in (False, False, True, True)]
    for asker in askers:
        asker.start()
    try:
        for _ in range(RELOADS):
            eventually(lambda: len(service.workers()) == WORKERS, 5)
            before = set(service.workers())
            os.kill(service.process.pid, signal.SIGHUP)
            eventually(lambda old=before: is_replaced(service, old), 15)
    finally:
        for asker in askers:
            asker.stop.set()
        for asker in askers:
            asker.join()
    assert [asker.failed for asker in askers] == [[], [], [], []]
    assert all(asker.answered > RELOADS for asker in askers), "each asks all the time"
    assert [line["event"] for line in service.told()].count("reload") == RELOADS


def is_replaced(service: Any, old: set[int]) -> bool:
    """Whether as many workers run as before, and none of those."""
    now: set[int] = set()
    with suppress(OSError):
        now = set(service.workers())
    return len(now) == WORKERS and not now & old

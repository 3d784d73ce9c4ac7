"""Moves to hold every thread: requests that come drop by drop."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from threading import Event, Thread
from typing import Any

import pytest

from blacklist.callers import Scope
from blacklist.web.patience import PART_SECONDS

HEAD = b"POST /v1/check HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
BODY = HEAD + b"Content-Length: 4000\r\n\r\n"
DROP_SECONDS = 0.5
THREADS = 4


@pytest.fixture(scope="module")
def narrow(module_service) -> Any:
    """A service with few threads."""
    return module_service(BLACKLIST_WORKERS="1", BLACKLIST_THREADS=str(THREADS))


@pytest.fixture
def drip(narrow) -> Iterator[Callable[[bytes], list[socket.socket]]]:
    """Begin twice as many requests as there are threads, and send a byte of each now and then."""
    is_over, threads = Event(), []
    with ExitStack() as stack:

        def drip(begun: bytes) -> list[socket.socket]:
            lines = [
                stack.enter_context(socket.create_connection(("127.0.0.1", narrow.port), 2))
                for _ in range(2 * THREADS)
            ]
            for one in lines:
                one.sendall(begun)

            def drop() -> None:
                while not is_over.wait(DROP_SECONDS):
                    for one in lines:
                        with suppress(OSError):
                            one.sendall(b"x")

            threads.append(Thread(target=drop))
            threads[-1].start()
            return lines

        yield drip
        is_over.set()
        for one in threads:
            one.join()


@pytest.mark.slow
@pytest.mark.parametrize("begun", [HEAD + b"X: ", BODY], ids=["head", "body"])
def test_sending_a_request_drop_by_drop(narrow, drip, eventually, begun: bytes) -> None:
    """Although bytes come all the time every one of them is given up, and others are answered."""
    drip(begun)

    def is_answered() -> bool:
        with suppress(OSError):
            return bool(narrow.check("vn-bank.example")["verdict"] == "listed")
        return False

    eventually(is_answered, 2 * PART_SECONDS + 10)  # two for each thread, one after the other


@pytest.mark.slow
def test_a_table_that_is_made_while_it_is_sent_is_no_attack(narrow, key_of) -> None:
    """A key's table may take longer than any head or body."""
    key = key_of(narrow.data_dir, Scope.CHECK)
    head = (
        "POST /v1/screen HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\n"
        f"Authorization: Bearer {key}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    row = b'{"value": "clean.example"}\n'
    began, rows, received = time.monotonic(), 0, b""
    with socket.create_connection(("127.0.0.1", narrow.port), 5) as line:
        line.sendall(head.encode())
        while time.monotonic() < began + PART_SECONDS + 2:
            line.sendall(b"%x\r\n%s\r\n" % (len(row), row))
            rows += 1
            time.sleep(DROP_SECONDS)
        line.sendall(b"0\r\n\r\n")
        while piece := line.recv(65_536):
            received += piece
    assert received.count(b'"no_record"') == rows

"""A server of feeds for tests that does exactly what it is told, right or wrong.

An answer is a function that gets the socket's file and the request's headers; whatever it writes
goes out as it is, and the connection ends behind it.
"""

import gzip
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import IO

Answer = Callable[[IO[bytes], dict[str, str]], None]


class FeedServer:
    """What is asked for (path and headers) and what is answered (by path)."""

    def __init__(self, port: int) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.answers: dict[str, Answer] = {}
        self.stopped = threading.Event()
        self.base = f"http://127.0.0.1:{port}"

    def paths(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [path for path, _ in self.asked]


@contextmanager
def feed_server() -> Iterator[FeedServer]:
    """A server on a free loopback port."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                path, headers = _read_request(self.rfile)
                found.asked.append((path, headers))
                found.answers.get(path, status(404))(self.wfile, headers)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Handler) as server:
        found = FeedServer(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield found
        finally:
            found.stopped.set()
            server.shutdown()
            thread.join()


def _read_request(file: IO[bytes]) -> tuple[str, dict[str, str]]:
    path = file.readline().split()[1].decode()
    headers = {}
    while line := file.readline().strip():
        name, _, value = line.decode().partition(": ")
        headers[name.lower()] = value
    return path, headers


def text(*lines: str) -> bytes:
    """A feed of these lines."""
    return "".join(f"{line}\n" for line in lines).encode()


def head(code: int, **headers: str | int) -> bytes:
    """A status line and headers; ``_`` in a name stands for a dash."""
    lines = [f"HTTP/1.1 {code} X", *(f"{k.replace('_', '-')}: {v}" for k, v in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def whole(body: bytes, **headers: str) -> Answer:
    """The body as it should be."""
    return raw(head(200, Content_Length=len(body), **headers) + body)


def raw(data: bytes) -> Answer:
    """These bytes, then the end of the connection."""
    return lambda file, _headers: _write(file, data)


def status(code: int, **headers: str) -> Answer:
    """A status and no body."""
    return raw(head(code, Content_Length=0, **headers))


def redirect(target: str, code: int = 302) -> Answer:
    """Somewhere else."""
    return status(code, Location=target)


def known(body: bytes, etag: str) -> Answer:
    """The body, or "unchanged" to whoever has it already."""

    def answer(file: IO[bytes], headers: dict[str, str]) -> None:
        same = headers.get("if-none-match") == etag
        (raw(head(304, ETag=etag)) if same else whole(body, ETag=etag))(file, headers)

    return answer


def packed(body: bytes, **headers: str) -> Answer:
    """The body under ``Content-Encoding: gzip``."""
    return whole(gzip.compress(body), Content_Encoding="gzip", **headers)


def in_turn(*answers: Answer) -> Answer:
    """One answer after the other; the last one stays."""
    left = list(answers)

    def answer(file: IO[bytes], headers: dict[str, str]) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(file, headers)

    return answer


def dripping(server: FeedServer, data: bytes, every_seconds: float) -> Answer:
    """A byte now and then, until the test is over."""

    def answer(file: IO[bytes], _headers: dict[str, str]) -> None:
        for byte in data:
            _write(file, bytes([byte]))
            if server.stopped.wait(every_seconds):
                return

    return answer


def endless(server: FeedServer, line: bytes) -> Answer:
    """A body that never ends, in chunks of 64 KiB."""
    chunk = line * (65_536 // len(line))

    def answer(file: IO[bytes], _headers: dict[str, str]) -> None:
        _write(file, head(200, Transfer_Encoding="chunked"))
        while not server.stopped.is_set():
            _write(file, b"%x\r\n%s\r\n" % (len(chunk), chunk))

    return answer


def _write(file: IO[bytes], data: bytes) -> None:
    file.write(data)
    file.flush()

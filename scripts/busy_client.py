"""A client that keeps a service busy and costs little itself: it shares the machine with it.

Used by the benchmarks that ask over HTTP. It reads what gunicorn answers and nothing else: a status
line, ``Content-Length``, and whether the connection stays.
"""

import json
import selectors
import socket
import time
from dataclasses import dataclass
from typing import Final

from judged_figures import percentile

CONNECTIONS: Final = 8
OPENING_SECONDS: Final = 0.02
BATCH: Final = 1_000
END_OF_HEAD: Final = b"\r\n\r\n"
LENGTH: Final = b"Content-Length: "


class Connection:
    """One connection to a service; opened again where the service closes it after an answer."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._received = b""
        self._sent = 0.0
        self.socket = self._open()

    def _open(self) -> socket.socket:
        opened = socket.create_connection(("127.0.0.1", self._port))
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened

    def send(self, request: bytes) -> None:
        """Send a request; the answer before must have been received."""
        self._sent = time.perf_counter()
        if self.socket.fileno() < 0:
            self.socket = self._open()
        self.socket.sendall(request)

    def receive(self) -> tuple[bytes, float] | None:
        """Take what came; returns body and seconds since the request when the answer is whole."""
        piece = self.socket.recv(1 << 20)
        if not piece:
            raise ConnectionResetError("the service closed a connection without an answer")
        self._received += piece
        head, end, body = self._received.partition(END_OF_HEAD)
        if not end or len(body) < int(head.partition(LENGTH)[2].partition(b"\r\n")[0]):
            return None
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"not answered: {head[:80]!r}")
        self._received = b""
        if b"Connection: close" in head:
            self.socket.close()
        return body, time.perf_counter() - self._sent

    def ask(self, request: bytes) -> tuple[bytes, float]:
        """Send a request and wait for the answer: its body, and how many seconds it took."""
        self.send(request)
        while (answer := self.receive()) is None:
            pass
        return answer


@dataclass(frozen=True, slots=True)
class Answered:
    """What a service answered in a time."""

    latencies: list[float]
    seconds: float

    @property
    def per_second(self) -> float:
        """Return answers a second."""
        return len(self.latencies) / self.seconds

    @property
    def p99_seconds(self) -> float:
        """Return how long the slowest hundredth took at least."""
        return percentile(self.latencies, 0.99)


def keep_busy(
    port: int, request: bytes, seconds: float, *, connections: int = CONNECTIONS
) -> Answered:
    """Ask the same again and again over some connections; each has one request under way.

    They are opened one after the other while those before are asking, which is not measured: of
    eight that arrive at once one worker often takes all, and the other has nothing to do.
    """
    opened: list[Connection] = []
    latencies: list[float] = []
    with selectors.DefaultSelector() as selector:
        for _ in range(connections):
            one = Connection(port)
            opened.append(one)
            one.send(request)
            selector.register(one.socket, selectors.EVENT_READ, one)
            _keep_asking(selector, request, OPENING_SECONDS, [])
        taken = _keep_asking(selector, request, seconds, latencies)
    for one in opened:
        one.socket.close()
    return Answered(latencies, taken)


def _keep_asking(
    selector: selectors.BaseSelector, request: bytes, seconds: float, latencies: list[float]
) -> float:
    """Take answers and ask again for some seconds; returns how many seconds it was."""
    begun = time.perf_counter()
    while (passed := time.perf_counter() - begun) < seconds:
        for key, _ in selector.select(1):
            _receive(selector, key, request, latencies)
    return passed


def _receive(
    selector: selectors.BaseSelector,
    key: selectors.SelectorKey,
    request: bytes,
    latencies: list[float],
) -> None:
    """Take what came over one connection, and ask again where an answer is whole."""
    connection: Connection = key.data
    answer = connection.receive()
    if answer is None:
        return
    latencies.append(answer[1])
    before = connection.socket
    if before.fileno() < 0:
        selector.unregister(key.fileobj)
    connection.send(request)
    if connection.socket is not before:
        selector.register(connection.socket, selectors.EVENT_READ, connection)


def get(query: str, key: str | None = None) -> bytes:
    """Return a request for one answer, under a key if one is given."""
    bearer = f"Authorization: Bearer {key}\r\n" if key else ""
    return f"GET /v1/check?{query} HTTP/1.1\r\nHost: localhost\r\n{bearer}\r\n".encode()


def post_batch() -> bytes:
    """Return a request for a batch of clean numbers."""
    items = [{"value": f"091{number:07d}", "kind": "phone"} for number in range(BATCH)]
    body = json.dumps({"items": items}).encode()
    head = "POST /v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body

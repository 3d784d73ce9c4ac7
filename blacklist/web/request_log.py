"""A line for each request, with ``BLACKLIST_ACCESS_LOG``; written behind the answers.

A thread that answers only puts down what it knows. To write a line by the library for logs cost a
fifth of a whole answer: the record, and the wait for the interpreter after each write. (Its
``QueueListener`` writes elsewhere, but makes the record here and writes one line at a time.)

A worker that is killed takes what came in the last fifth of a second along. When nobody takes the
lines any more, answers go on, and of those beyond a bound it is only told how many there were.
"""

import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec

from blacklist.audit.notes import AddressOf, Whence
from blacklist.web.logs import line_of

WRITE_SECONDS: Final = 0.2
MAX_WAITING: Final = 50_000
"""Requests that wait for their line: some 20 MB."""

_MAX_AT_ONCE: Final = 4_096
"""Bytes that a pipe takes whole (``PIPE_BUF``): lines of two workers must not run together."""


class Logged(msgspec.Struct, frozen=True, gc=False):
    """One request: the Unix second of its answer, and how many seconds that took.

    ``endpoint`` is the method and the route and not the path: what was asked may stand in a path.
    """

    second: float
    request_id: str
    endpoint: str
    status: int
    took: float
    whence: Whence
    key: str | None


class RequestLog:
    """The log of one process; call :meth:`write` again and again, from one thread."""

    def __init__(self, address_of: AddressOf, write: Callable[[str], object] | None = None) -> None:
        self._address_of = address_of
        self._write = write or _to_standard_error
        self._waiting: deque[Logged] = deque()
        self._lock = threading.Lock()
        self._lost = 0

    def put(self, one: Logged) -> None:
        """Let a request have its line. Never waits for whoever reads the log."""
        if len(self._waiting) < MAX_WAITING:
            self._waiting.append(one)
        else:
            with self._lock:
                self._lost += 1

    def write(self) -> None:
        """Write the lines of all requests that came since."""
        waiting = [self._waiting.popleft() for _ in range(len(self._waiting))]
        lines = [self._line_of(one) for one in waiting]
        with self._lock:
            lost, self._lost = self._lost, 0
        if lost:
            lines.append(line_of("requests_not_logged", {"requests": lost}, level="warning"))
        for piece in _pieces(lines):
            self._write(piece)

    def _line_of(self, one: Logged) -> str:
        told = {
            "request_id": one.request_id,
            "endpoint": one.endpoint,
            "status": one.status,
            "ms": round(one.took * 1000, 2),
            "address": self._address_of(one.whence),
            "key": one.key,
        }
        return line_of("request", told, second=one.second)


def _pieces(lines: Sequence[str]) -> Iterator[str]:
    """Lines, as many at once as are written whole."""
    piece = ""
    for line in lines:
        if piece and len(piece) + len(line) >= _MAX_AT_ONCE:
            yield piece
            piece = ""
        piece += line + "\n"
    if piece:
        yield piece


def _to_standard_error(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()

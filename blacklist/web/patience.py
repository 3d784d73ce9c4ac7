"""How long a thread waits for a request that comes drop by drop: a bound for its head and its body.

A bound for each piece alone would let whoever sends a byte now and then hold a thread for hours.
Tables that are streamed are left out: they may be made while they are sent, need a key, and have
half of the threads at most (``screen.py``). Called by the worker and where bodies are received.
"""

import errno
import socket
import time
from collections.abc import Callable
from typing import Any, Final

PART_SECONDS: Final = 10
"""For a head, and again for its body."""

BYTES_A_SECOND: Final = 8_192
"""What came adds to the time: a body of 4 MiB has some nine minutes."""

_FOREVER: Final = float("inf")
_ATTRIBUTE: Final = "patience"


class Patience:
    """A connection's socket as gunicorn's parser reads it; it ends with the patience."""

    def __init__(self, sock: socket.socket, clock: Callable[[], float] = time.monotonic) -> None:
        self._sock = sock
        self._clock = clock
        self._until = _FOREVER
        self._limit: float | None = None

    def gettimeout(self) -> float | None:
        """Return how many seconds to wait for a piece; None without a limit."""
        return self._limit

    def settimeout(self, seconds: float | None) -> None:
        """Wait so long for a piece; the socket is told when one is waited for, which is rare."""
        self._limit = seconds

    def begin(self, body: Any = None) -> None:
        """Wait for another part from now on: a head, or this body, which :func:`lift` finds."""
        self._until = self._clock() + PART_SECONDS
        if body is not None:
            setattr(body, _ATTRIBUTE, self)

    def end(self) -> None:
        """Wait for as long as pieces come."""
        self._until = _FOREVER

    def recv(self, size: int) -> bytes:
        """Receive as the socket does; past the bound as if the client had gone."""
        if self._clock() > self._until:
            raise ConnectionResetError(errno.ECONNRESET, "the request came too slowly")
        data = self._sock.recv(size) if self._limit is None else self._recv_within(size)
        self._until += len(data) / BYTES_A_SECOND
        return data

    def _recv_within(self, size: int) -> bytes:
        """Receive within the limit, which is not one for sending: afterwards the socket blocks."""
        self._sock.settimeout(self._limit)
        try:
            return self._sock.recv(size)
        finally:
            self._sock.settimeout(None)


def lift(body: Any) -> None:
    """Let a body take as long as it will; nothing under another server than ours."""
    found: Patience | None = getattr(body, _ATTRIBUTE, None)
    if found is not None:
        found.end()

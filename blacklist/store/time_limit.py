"""A time limit on everything that one question asks of the store.

The driver's own limit is on each wait for the next bytes: several trips, or a reply that trickles
in, would hold a thread for as long as they like.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_current = threading.local()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Let all calls that this thread makes inside the block take no longer than this together.

    A call that is not over by then is TimedOut. It holds for clients of ``connect.reader``.
    """
    _current.ends = time.monotonic() + seconds
    try:
        yield
    finally:
        _current.ends = None


def deadline(seconds: float) -> float:
    """When a wait of so many seconds is over, as time.monotonic() tells it."""
    ends = getattr(_current, "ends", None)
    here = time.monotonic() + seconds
    return here if ends is None else min(here, ends)


def limited(connection_class: type[Any]) -> type[Any]:
    """A class of connections that keep to :func:`within`."""

    class Limited(connection_class):  # type: ignore[misc]  # which one, the address tells
        def _connect(self) -> Any:
            return _Socket(super()._connect())

    return Limited


class _Socket:
    """A socket whose waits are cut where the time of its thread's question is over."""

    def __init__(self, wrapped: socket.socket) -> None:
        self._wrapped = wrapped
        self._wait_seconds = wrapped.gettimeout()
        self._set_seconds = self._wait_seconds

    def __getattr__(self, name: str) -> Any:
        return getattr(self._wrapped, name)

    def settimeout(self, seconds: float | None) -> None:
        """Set how long a wait may take; told to the system only where it changes."""
        if seconds != self._set_seconds:
            self._wrapped.settimeout(seconds)
            self._set_seconds = seconds

    def sendall(self, data: bytes) -> None:
        """Send all, or raise TimeoutError."""
        self._cut_wait()
        self._wrapped.sendall(data)

    def recv_into(self, buffer: bytearray) -> int:
        """Receive something, or raise TimeoutError."""
        self._cut_wait()
        return self._wrapped.recv_into(buffer)

    def _cut_wait(self) -> None:
        ends = getattr(_current, "ends", None)
        wait = self._wait_seconds
        if ends is not None:
            left = ends - time.monotonic()
            if left <= 0:
                raise TimeoutError
            wait = left if wait is None else min(wait, left)
        self.settimeout(wait)

"""A connection's socket as gunicorn uses it for its answers, with fewer calls of the kernel.

Each call lets another thread run, and under load the one that called waits for its turn again. Of
the ten or so that gunicorn makes for one answer most change nothing. Without them, and with an
answer's head and body sent at once, two workers on two cores gave a quarter more answers a second
(docs/measurements.md).
"""

import socket
from typing import Any


class ConnectionSocket:
    """A socket that always blocks, and that can hold an answer's head back until its body comes.

    The kernel's own time limits bound how long it blocks (``worker.py``).
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._held: bytes | None = None
        """What is kept back; empty where the next piece is to be, None where nothing is."""

    def __getattr__(self, name: str) -> Any:
        """Everything else is the socket's."""
        return getattr(self._sock, name)

    def setblocking(self, flag: bool) -> None:  # noqa: FBT001 - as sockets have it
        """Leave it as it is: whoever waits for many connections asks which of them are ready."""

    def hold(self) -> None:
        """Keep what is sent next, until more is sent or :meth:`flush`."""
        self._held = b""

    def drop(self) -> None:
        """Forget what is kept, and keep nothing more."""
        self._held = None

    def flush(self) -> None:
        """Send what is kept, and keep nothing more."""
        held, self._held = self._held, None
        if held:
            self._sock.sendall(held)

    def sendall(self, data: bytes) -> None:
        """Send all of it, after what is kept; or keep it."""
        held = self._held
        if held == b"":
            self._held = data
            return
        self._held = None
        self._sock.sendall(data if held is None else held + data)

    def sendfile(self, *args: Any, **kwargs: Any) -> int:
        """Send a file, after what is kept."""
        self.flush()
        return self._sock.sendfile(*args, **kwargs)

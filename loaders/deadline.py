"""A time limit on a whole exchange: when it passes, its connections are shut down.

The limits of single reads do not help against a server that sends a byte now and then, in its
headers for instance.
"""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self


class Deadline:
    """Within the block, connections given to :meth:`watch` are shut down when the time is over."""

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._watched: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def watch(self, connection: socket.socket) -> None:
        """End this connection, too, when the time is over; a copy is kept, since TLS takes it."""
        self._watched.append(connection.dup())
        if self.passed:
            self._end()

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        self._timer.join()
        for connection in self._watched:
            connection.close()

    def _end(self) -> None:
        self.passed = True
        for connection in self._watched:
            with suppress(OSError):  # it is over already
                connection.shutdown(socket.SHUT_RDWR)

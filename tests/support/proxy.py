"""A line between a service and its server that can be disturbed: slow, cut, silent, narrow, closed.

It listens on a unix socket and passes everything on to another. What is disturbed is told by its
attributes, which may change at any time; a connection that was cut or silenced stays so.
"""

import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

_CHUNK_BYTES = 1 << 16
_SLICES_A_SECOND = 20


class Proxy:
    """The line; ``target`` may be changed, and holds for connections made from then on."""

    def __init__(self, path: Path, target: Path) -> None:
        self.url = f"unix://{path}"
        self.target = target
        self.delay_seconds = 0.0
        """Added to each piece of a reply."""
        self.cuts = False
        """Half of a reply is passed on, then the connection ends."""
        self.is_silent = False
        """Connections are accepted and requests taken; nothing ever comes back."""
        self.bytes_a_second: int | None = None
        self._path = path
        self._lines: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self.open()

    def open(self) -> None:
        """Accept connections."""
        self._path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self._path))
        listener.listen(128)
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def close(self) -> None:
        """Refuse connections and end those that are."""
        if self._listener is not None:
            _end(self._listener)
            self._listener = None
        self.cut_all()

    def cut_all(self) -> None:
        """End every connection."""
        with self._lock:
            lines, self._lines = self._lines, set()
        for line in lines:
            _end(line)

    def heal(self) -> None:
        """Pass everything on again, on new connections."""
        self.delay_seconds, self.cuts, self.is_silent, self.bytes_a_second = 0.0, False, False, None
        self.cut_all()
        if self._listener is None:
            self.open()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.socket(socket.AF_UNIX)
                try:
                    far.connect(str(self.target))
                except OSError:
                    _end(near)
                    _end(far)
                    continue
                with self._lock:
                    self._lines |= {near, far}
                for pump in (self._pass_requests, self._pass_replies):
                    threading.Thread(target=pump, args=(near, far), daemon=True).start()

    def _pass_requests(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while data := near.recv(_CHUNK_BYTES):
                if not self.is_silent:
                    far.sendall(data)
        self._end(near, far)

    def _pass_replies(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while data := far.recv(_CHUNK_BYTES):
                time.sleep(self.delay_seconds)
                if self.cuts:
                    near.sendall(data[: len(data) // 2])
                    break
                self._send(near, data)
        self._end(near, far)

    def _send(self, near: socket.socket, data: bytes) -> None:
        while data and self.bytes_a_second is not None:
            size = max(1, self.bytes_a_second // _SLICES_A_SECOND)
            near.sendall(data[:size])
            data = data[size:]
            time.sleep(1 / _SLICES_A_SECOND)
        near.sendall(data)

    def _end(self, near: socket.socket, far: socket.socket) -> None:
        with self._lock:
            self._lines -= {near, far}
        _end(near)
        _end(far)


def _end(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()

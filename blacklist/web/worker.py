"""gunicorn's threaded worker, with our problem documents in place of its HTML.

What gunicorn refuses before the application sees it (an over-long address line, broken headers)
is answered here.
"""

import selectors
import socket
import struct
import time
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException
from gunicorn.util import close_graceful
from gunicorn.workers.gthread import _DEFER, STOP_KEEPALIVE_LINGER, ThreadWorker

from blacklist.web import headers
from blacklist.web.connection_socket import ConnectionSocket
from blacklist.web.patience import Patience
from blacklist.web.problems import MEDIA_TYPE, document
from blacklist.web.request_ids import HEADER, RequestIds

UNREAD = "blacklist.unread"
"""The application's extension that counts, by status, what it never saw."""

RECEIVE_SECONDS = 5
"""How long a thread waits for the next piece of a request that has begun, and ``patience.py`` for
all of them: whoever begins many takes all threads for that long (a proxy does not let him)."""

SEND_SECONDS = 30
"""How long a thread waits for a client to take the next piece of its answer."""

LINGER_SECONDS = 1.0

_RECEIVE_TIMEOUT = struct.pack("ll", RECEIVE_SECONDS, 0)
_SEND_TIMEOUT = struct.pack("ll", SEND_SECONDS, 0)
_LONG_LINE = (414, "URI Too Long", "address_too_long", "the address line is too long: use POST")
_LARGE_HEADERS = (
    431,
    "Request Header Fields Too Large",
    "headers_too_large",
    "the request's headers are too large",
)
_NOT_HTTP = (400, "Bad Request", "bad_request", "the request is not valid HTTP")


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A threaded worker that refuses in our words and ends without a deadlock."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ids = RequestIds()

    def handle_quit(self, sig: int, frame: Any) -> None:
        """End soon, like SIGTERM.

        gunicorn shuts its thread pool down inside the signal handler. Ctrl-C reaches a worker
        twice (from the terminal and from the master), and a handler that interrupts the pool, or
        itself, waits for a lock that only it could release (seen in one of two starts).
        """
        self.handle_exit(sig, frame)

    def handle(self, conn: Any) -> Any:
        """Serve a connection that has something to say; the others wait without a thread."""
        if not conn.initialized and not conn.data_ready and not conn.wait_for_data(0):
            return _DEFER
        if not conn.initialized:
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _RECEIVE_TIMEOUT)
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _SEND_TIMEOUT)
            conn.init()
            conn.parser.unreader.sock = Patience(conn.sock)
            conn.sock = ConnectionSocket(conn.sock)
        conn.parser.unreader.sock.begin()
        is_kept = super().handle(conn)
        if is_kept is False:
            # Here and not, as gunicorn does, in the main thread: a client that does not close
            # would hold up every connection of the worker, for two seconds.
            close_graceful(conn.sock, timeout=LINGER_SECONDS)
            # gunicorn would stumble over the closed socket and count the connection off twice, and
            # a worker that believes that it has none left closes those it has when it ends.
            conn.close = _stay_closed
        return is_kept

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Serve a request whose head is whole; its body has time of its own."""
        conn.parser.unreader.sock.begin(req.body)
        conn.sock.hold()
        try:
            is_kept = super().handle_request(req, conn)
            conn.sock.flush()
        finally:
            conn.sock.drop()
        return is_kept

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Let a connection that has said nothing yet wait, also while the worker ends.

        gunicorn closes it then, and with it the request that is on its way (seen at reloads).
        """
        is_new = not fs.cancelled() and fs.exception() is None and fs.result() is _DEFER
        if self.alive or not is_new:
            super().finish_request(conn, fs)
            return
        conn.sock.settimeout(0)  # does not block
        conn.timeout = time.monotonic() + STOP_KEEPALIVE_LINGER
        self.pending_conns.append(conn)
        self.poller.register(
            conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn)
        )

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Answer a request that could not be read; everything else is gunicorn's."""
        if not isinstance(exc, ParseException):
            super().handle_error(req, client, addr, exc)
            return
        status, phrase, reason, detail = _NOT_HTTP
        if isinstance(exc, LimitRequestLine):
            status, phrase, reason, detail = _LONG_LINE
        elif isinstance(exc, LimitRequestHeaders):
            status, phrase, reason, detail = _LARGE_HEADERS
        request_id = self._ids.make()
        self.wsgi.extensions[UNREAD](status)
        body = document(status, reason, detail, {"request_id": request_id})
        head = (
            f"HTTP/1.1 {status} {phrase}\r\nConnection: close\r\n{headers.lines()}"
            f"{HEADER}: {request_id}\r\n"
            f"Content-Type: {MEDIA_TYPE}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        with suppress(OSError):
            client.sendall(head.encode() + body)
            client.shutdown(socket.SHUT_WR)
            _linger(client)


def _stay_closed(*, graceful: bool = False) -> None:
    """In the place of a connection's ``close``."""


def _linger(client: socket.socket) -> None:
    """Take what is still being sent, for a moment: closing at once would undo the answer."""
    client.settimeout(LINGER_SECONDS)
    deadline = time.monotonic() + LINGER_SECONDS
    while time.monotonic() < deadline and client.recv(1 << 16):
        pass

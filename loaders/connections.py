"""Connections to feeds' servers that look where they lead before anything is sent.

The check sits where the socket is opened, so redirects, retries and names that change their
meaning cannot get around it. With a proxy (``http_proxy``, ``https_proxy``, ``no_proxy`` of the
environment) the proxy opens it: then a name that this machine can resolve must be public, and one
that it cannot is left to the proxy.
"""

import http.client
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.request import getproxies, proxy_bypass

import certifi
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError
from urllib3.util import Url
from urllib3.util.connection import create_connection

from blacklist.errors import Unreachable
from loaders.addresses import resolve
from loaders.deadline import Deadline

EXCESS_SECONDS = 0.2
"""How long a server, asked to close the connection behind the feed, may take before we do."""

_PORTS: Final = {"http": 80, "https": 443}


class Gate:
    """Opens one exchange's connections; ``excess`` says that more came than was announced."""

    def __init__(self, deadline: Deadline, *, private: bool) -> None:
        self.excess = False
        self._deadline = deadline
        self._private = private

    def connect(self, connection: HTTPConnection) -> socket.socket:
        """A socket to an address that may be fetched from; raises Unreachable, urllib3's errors."""
        failure: OSError | None = None
        for address in resolve(connection.host, connection.port, private=self._private):
            try:
                found = create_connection(
                    (address, connection.port),
                    connection.timeout,
                    socket_options=connection.socket_options,
                )
            except OSError as exc:
                failure = exc
            else:
                self._deadline.watch(found)
                return found
        raise NewConnectionError(connection, "no address answered") from failure

    def look_up(self, url: Url) -> None:
        """Refuse a private address that a proxy is about to be asked for; the proxy may be one."""
        try:
            resolve(url.host or "", _port(url), private=self._private)
        except Unreachable as exc:
            if exc.reason == "address_refused":
                raise
        self._private = True


@contextmanager
def open_pool(url: Url, gate: Gate, timeout: urllib3.Timeout) -> Iterator[urllib3.PoolManager]:
    """Connections for one request to this address; closed behind the block."""
    options: dict[str, Any] = {
        "num_pools": 1,
        "maxsize": 1,
        "retries": False,
        "timeout": timeout,
    }
    proxy = None if proxy_bypass(url.host or "") else getproxies().get(url.scheme or "")
    if proxy or url.scheme == "https":  # reading the authorities takes longer than a small feed
        options["ssl_context"] = _trusted()
    if proxy:
        gate.look_up(url)
        pool: urllib3.PoolManager = urllib3.ProxyManager(proxy, **options)
    else:
        pool = urllib3.PoolManager(**options)
    pool.pool_classes_by_scheme = _guarded(gate)
    with pool:
        yield pool


def _port(url: Url) -> int:
    return url.port or _PORTS[url.scheme or "http"]


def _trusted() -> ssl.SSLContext:
    """The system's authorities and those that come with certifi: not every system has its own."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _guarded(gate: Gate) -> dict[str, type[HTTPConnectionPool]]:
    class Response(_WholeResponse):
        passes = gate

    class Plain(HTTPConnection):
        response_class = Response

        def _new_conn(self) -> socket.socket:
            return gate.connect(self)

    class Secure(HTTPSConnection):
        response_class = Response

        def _new_conn(self) -> socket.socket:
            return gate.connect(self)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


class _WholeResponse(http.client.HTTPResponse):
    """Looks, when its announced length was read, whether the server sent more.

    A length that is too short cuts the feed in the middle of a row, and what is left of
    ``evil.example`` may be somebody's.
    """

    passes: Gate

    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self._socket = sock

    def _close_conn(self) -> None:
        if self.length == 0 and self.status == http.client.OK and self.fp is not None:
            self._look_behind()
        super()._close_conn()  # type: ignore[misc]

    def _look_behind(self) -> None:
        try:
            self._socket.settimeout(EXCESS_SECONDS)
            self.passes.excess = bool(self.fp.read1(1))
        except (OSError, ValueError):
            return  # it waits for our next request: nothing more was sent

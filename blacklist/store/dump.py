"""A server's whole data as it was at one moment, in the form that servers keep on disk (RDB).

Asked for as a replica asks (``SYNC``): the server forks, so it goes on taking questions and writes,
and what it had answered for before stands in the copy. It comes over the connection: the server
may be on another machine. Needs the commands ``REPLCONF`` and ``SYNC``.
"""

from collections.abc import Iterator
from typing import Any, Final

import redis

from blacklist.errors import ConfigError, Unavailable
from blacklist.store.cluster import ClusterClient
from blacklist.store.connect import store_errors

PIECE_BYTES: Final = 1 << 16
_MARK_BYTES: Final = 40
_MOST_LINE_BYTES: Final = 256
_CUT: Final = "the store broke off in the middle of its copy"


def read(client: redis.Redis) -> Iterator[bytes]:
    """The data, piece by piece. ConfigError for a cluster, of whose nodes no moment is the same."""
    if isinstance(client, ClusterClient):
        raise ConfigError(
            "a cluster is not copied at one moment: copy each node's files while nothing is "
            'written (docs/operations.md, "Backups")'
        )
    with store_errors():
        connection: Any = client.connection_pool.get_connection()
        try:
            _ask(connection, "REPLCONF", "capa", "eof")
            _ask(connection, "REPLCONF", "rdb-only", "1")
            connection.send_command("SYNC")
            yield from _pieces(connection._sock)  # noqa: SLF001 - what comes is no reply
        finally:
            connection.disconnect()
            client.connection_pool.release(connection)


def _ask(connection: Any, *command: str) -> None:
    """Say what we are; a server that does not know the word sends more than is read."""
    connection.send_command(*command)
    try:
        connection.read_response()
    except redis.exceptions.NoPermissionError:
        raise
    except redis.ResponseError:
        return


def _pieces(sock: Any) -> Iterator[bytes]:
    head = _head(sock)
    if head.startswith(b"-"):
        raise redis.ResponseError(head[1:].decode(errors="replace"))
    if head.startswith(b"$EOF:"):
        yield from _until_mark(sock, head[len(b"$EOF:") :])
    elif head[:1] == b"$" and head[1:].isdigit():
        yield from _counted(sock, int(head[1:]))
    else:
        raise Unavailable("the store does not answer like a server that can be copied")


def _head(sock: Any) -> bytes:
    """The first line; while it gets ready, a server sends empty ones."""
    line = bytearray()
    while len(line) < _MOST_LINE_BYTES:
        byte = _receive(sock, 1)
        line += byte
        if line.endswith(b"\n"):
            if text := bytes(line).strip():
                return text
            line.clear()
    raise Unavailable("the store does not answer like a server that can be copied")


def _receive(sock: Any, size: int) -> bytes:
    """Some bytes; Unavailable at the end, or when none come in time."""
    try:
        piece: bytes = sock.recv(size)
    except OSError as exc:
        raise Unavailable(_CUT) from exc
    if not piece:
        raise Unavailable(_CUT)
    return piece


def _counted(sock: Any, size: int) -> Iterator[bytes]:
    while size:
        piece = _receive(sock, min(size, PIECE_BYTES))
        size -= len(piece)
        yield piece


def _until_mark(sock: Any, mark: bytes) -> Iterator[bytes]:
    """What comes before 40 bytes that the server chose by chance, and that end it."""
    if len(mark) != _MARK_BYTES:
        raise Unavailable("the store does not answer like a server that can be copied")
    kept = b""
    while True:
        piece = _receive(sock, PIECE_BYTES)
        kept += piece
        if kept.endswith(mark):
            yield kept[:-_MARK_BYTES]
            return
        yield kept[:-_MARK_BYTES]
        kept = kept[-_MARK_BYTES:]

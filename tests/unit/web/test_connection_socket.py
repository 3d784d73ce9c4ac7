"""A connection's socket: an answer's head leaves with its body, and nothing stays behind."""

import socket
from collections.abc import Iterator

import pytest

from blacklist.web.connection_socket import ConnectionSocket


@pytest.fixture
def pair() -> Iterator[tuple[ConnectionSocket, socket.socket]]:
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    with ours, theirs:
        yield ConnectionSocket(ours), theirs


def has_come(theirs: socket.socket) -> bytes:
    try:
        return theirs.recv(1_024)
    except BlockingIOError:
        return b""


def test_a_head_leaves_with_its_body_and_what_follows_at_once(pair) -> None:
    ours, theirs = pair
    ours.hold()
    ours.sendall(b"head ")
    assert has_come(theirs) == b""
    ours.sendall(b"body ")
    assert has_come(theirs) == b"head body "
    ours.sendall(b"more")
    assert has_come(theirs) == b"more"


@pytest.mark.parametrize(
    ("end", "sent"), [(ConnectionSocket.flush, b"head"), (ConnectionSocket.drop, b"")]
)
def test_a_head_without_a_body_is_sent_once_or_never(pair, end, sent) -> None:
    ours, theirs = pair
    ours.hold()
    ours.sendall(b"head")
    end(ours)
    end(ours)
    assert has_come(theirs) == sent
    ours.sendall(b"error")
    assert has_come(theirs) == b"error"


def test_a_file_comes_after_its_head(pair, tmp_path) -> None:
    ours, theirs = pair
    (tmp_path / "body").write_bytes(b"body")
    ours.hold()
    ours.sendall(b"head ")
    with (tmp_path / "body").open("rb") as file:
        ours.sendfile(file)
    assert has_come(theirs) == b"head body"


def test_it_blocks_whatever_is_said(pair) -> None:
    ours, _ = pair
    ours.setblocking(False)
    assert ours.getblocking()

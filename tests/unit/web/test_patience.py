"""A request has time for its head and its body, and more for what came."""

import socket
from collections.abc import Iterator

import pytest

from blacklist.web.patience import BYTES_A_SECOND, PART_SECONDS, Patience, lift


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Body:
    """What gunicorn hands the application."""


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_what_comes_in_time_is_received_and_what_is_late_is_not(pair) -> None:
    clock, (ours, theirs) = Clock(), pair
    patience = Patience(ours, clock)
    theirs.sendall(b"x" * 100)
    assert patience.recv(1) == b"x"
    patience.begin()
    clock.now += PART_SECONDS
    assert patience.recv(1) == b"x"
    clock.now += 1
    with pytest.raises(ConnectionResetError):
        patience.recv(1)
    patience.begin(Body())
    assert patience.recv(1) == b"x"


def test_who_sends_fast_enough_may_send_for_long(pair) -> None:
    clock, (ours, theirs) = Clock(), pair
    patience = Patience(ours, clock)
    patience.begin()
    for _ in range(5 * PART_SECONDS):
        theirs.sendall(b"x" * BYTES_A_SECOND)
        clock.now += 1
        assert len(patience.recv(BYTES_A_SECOND)) == BYTES_A_SECOND


def test_a_body_that_is_streamed_has_no_end(pair) -> None:
    clock, body, (ours, theirs) = Clock(), Body(), pair
    patience = Patience(ours, clock)
    patience.begin(body)
    lift(body)
    clock.now += 1_000 * PART_SECONDS
    theirs.sendall(b"x")
    assert patience.recv(1) == b"x"
    lift(object())


def test_a_time_limit_holds_for_the_next_piece_and_can_be_lifted(pair) -> None:
    ours, theirs = pair
    patience = Patience(ours, Clock())
    before = patience.gettimeout()
    patience.settimeout(0.01)
    with pytest.raises(TimeoutError):
        patience.recv(1)
    assert ours.gettimeout() is None, "it would cut off what is sent"
    patience.settimeout(before)
    theirs.sendall(b"x")
    assert patience.recv(1) == b"x"
    assert ours.gettimeout() == before

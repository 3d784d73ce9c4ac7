"""What is counted is written behind the answers, whatever goes wrong."""

import logging
from threading import Event

import pytest

from blacklist.errors import Unavailable
from blacklist.web.write_behind import WriteBehind

WAIT_SECONDS = 5


def test_it_writes_again_and_again_and_a_last_time() -> None:
    """Also after a store that was away, and after a defect."""
    written, often = [], Event()

    def write() -> None:
        written.append(len(written))
        if len(written) == 1:
            raise Unavailable("the store is away")
        if len(written) == 2:
            raise ValueError("vn-bank.example")
        often.set()

    behind = WriteBehind("tests", write, every_seconds=0.001)
    behind.start()
    assert often.wait(WAIT_SECONDS)
    before = len(written)
    behind.stop()
    assert len(written) > before


def test_of_a_defect_the_class_is_logged_and_nothing_of_what_was_asked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def write() -> None:
        raise ValueError("vn-bank.example")

    behind = WriteBehind("tests", write)
    with caplog.at_level(logging.ERROR):
        behind.start()
        behind.stop()
    assert caplog.messages == ["tests: unforeseen ValueError"] * 2  # at once, and at the end


def test_one_that_never_began_can_be_stopped() -> None:
    WriteBehind("tests", lambda: None).stop()

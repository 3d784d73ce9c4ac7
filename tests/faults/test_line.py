"""The line to a server: slow, too slow, narrow, cut in the middle of replies, silent, refused."""

import time

import pytest

from faulted import World, assert_right

pytestmark = pytest.mark.slow


def test_replies_that_take_a_fifth_of_a_second(world: World) -> None:
    """No process has a lease then, so the store answers everything, and it does."""
    world.proxy.delay_seconds = 0.2
    with world.write(world.server.url), world.ask() as askers:
        while askers.told.judged < 100:
            time.sleep(0.1)
    assert_right(askers.told, judged=100)
    assert askers.told.said["unavailable"] < 0.05 * askers.told.judged
    world.proxy.heal()
    world.heal()


def test_replies_that_come_when_nobody_waits_any_more(world: World) -> None:
    """None of them is taken for the answer to a later question."""
    world.proxy.delay_seconds = 1.3
    with world.write(world.server.url), world.ask() as askers:
        time.sleep(3.0)
        world.proxy.delay_seconds = 0.0
        world.heal()
        time.sleep(0.5)
    assert_right(askers.told)
    world.heal()


def test_a_line_that_lets_little_through(world: World) -> None:
    """Each piece comes in time, and the whole reply does not."""
    with world.write(world.server.url), world.ask() as askers:
        for bytes_a_second in (20_000, 1_000, 100):
            world.proxy.bytes_a_second = bytes_a_second
            time.sleep(1.2)
        world.proxy.heal()
        world.heal()
    assert_right(askers.told)
    world.heal()


def test_replies_that_are_cut_in_the_middle(world: World) -> None:
    """The writer's, too: what was cut may have been done, and is not acknowledged."""
    with world.write() as writer, world.ask() as askers:
        for _ in range(4):
            time.sleep(0.2)
            world.proxy.cuts = True
            time.sleep(0.3)
            world.proxy.cuts = False
            time.sleep(0.1)
            world.proxy.cut_all()
        writer.wait()
    assert_right(askers.told)
    assert askers.told.said["unavailable"] > 0
    assert writer.refused
    world.heal()


def test_every_other_reply_is_cut(world: World) -> None:
    """No reply is whole for long enough to trust the line, and none is put together from two."""
    with world.ask() as askers:
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline:
            world.proxy.cuts = not world.proxy.cuts
            time.sleep(0.005)
        world.proxy.heal()
        world.heal()
    assert_right(askers.told)


def test_a_line_that_takes_questions_and_never_answers(world: World) -> None:
    with world.write(world.server.url), world.ask() as askers:
        time.sleep(0.3)
        world.proxy.is_silent = True
        time.sleep(2.5)
        during = askers.since()
        world.proxy.heal()
        world.heal()
    assert_right(during)
    assert_right(askers.told, judged=0)
    assert during.said["unavailable"] > 0
    world.heal()


def test_a_line_that_refuses(world: World) -> None:
    with world.write(world.server.url), world.ask() as askers:
        for _ in range(3):
            time.sleep(0.2)
            world.proxy.close()
            time.sleep(0.4)
            world.proxy.heal()
            world.heal()
    assert_right(askers.told)
    assert askers.told.said["unavailable"] > 0
    world.heal()

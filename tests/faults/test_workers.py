"""Processes of the service that are killed or stand still."""

import os
import signal
import time
from pathlib import Path

import pytest

from faulted import World, assert_right
from service import serving

pytestmark = pytest.mark.slow


def workers_of(pid: int) -> list[int]:
    """The worker processes of a service."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def wait_for_workers(pid: int, gone: list[int], count: int = 2) -> None:
    deadline = time.monotonic() + 5
    while len(set(workers_of(pid)) - set(gone)) < count - 1 or len(workers_of(pid)) < count:
        assert time.monotonic() < deadline, "no new worker came"
        time.sleep(0.02)


def test_a_worker_that_is_killed_is_replaced(world: World) -> None:
    """The other answers meanwhile; what the killed one had on its way breaks off, unanswered."""
    master = world.service.process.pid
    with world.write() as writer, world.ask() as askers:
        for _ in range(3):
            time.sleep(0.3)
            victim = workers_of(master)[0]
            os.kill(victim, signal.SIGKILL)
            wait_for_workers(master, [victim])
        writer.wait()
    assert_right(askers.told)
    assert askers.told.said["unavailable"] == 0
    assert askers.told.broken <= 3 * 20
    assert not writer.refused
    world.heal()


def test_a_worker_that_stands_still_and_goes_on(world: World) -> None:
    """Longer than its lease: what was acknowledged meanwhile it does not miss."""
    victim = workers_of(world.service.process.pid)[0]
    with world.write() as writer, world.ask() as askers:
        for _ in range(3):
            time.sleep(0.2)
            os.kill(victim, signal.SIGSTOP)
            try:
                writer.wait(2)
            finally:
                os.kill(victim, signal.SIGCONT)
    assert_right(askers.told)
    assert askers.told.said["unavailable"] == 0
    world.heal()


def test_a_master_that_is_killed_takes_its_workers_along(world: World) -> None:
    """None of them goes on answering by itself."""
    with (
        world.write() as writer,
        serving(world.folder / "second", BLACKLIST_REDIS_URL=world.url) as service,
    ):
        world.service, first = service, world.service
        try:
            with world.ask() as askers:
                time.sleep(0.5)
                workers = workers_of(service.process.pid)
                service.process.kill()
                deadline = time.monotonic() + 5
                while any(Path(f"/proc/{pid}").exists() for pid in workers):
                    assert time.monotonic() < deadline, "a worker goes on"
                    time.sleep(0.02)
        finally:
            world.service = first
        writer.wait()
    assert_right(askers.told, judged=100)
    assert askers.told.said["unavailable"] == 0

"""A server that somebody else runs: stopped, paused, killed, emptied, replaced, made a copy."""

import shutil
import threading
import time

import pytest

from faulted import World, assert_right, fill
from own_server import OwnServer

pytestmark = pytest.mark.slow

FLOOD = 40

BARRIER_SECONDS = 0.3
"""A write that was on its way when its server began to refuse may be acknowledged so much later."""


def test_a_server_that_is_stopped_and_started_again(world: World) -> None:
    with world.write() as writer, world.ask() as askers:
        time.sleep(0.3)
        world.server.shut_down()
        time.sleep(0.7)
        during = askers.since()
        world.server.start()
        world.heal()
        writer.wait()
    assert_right(during)
    assert_right(askers.told)
    assert during.said["unavailable"] > 0
    world.heal()


def test_a_server_that_is_paused_and_goes_on(world: World) -> None:
    with world.write() as writer, world.ask() as askers:
        time.sleep(0.3)
        world.server.pause()
        try:
            time.sleep(3.0)
        finally:
            world.server.resume()
        during = askers.since()
        world.heal()
        writer.wait()
    assert_right(during)
    assert_right(askers.told)
    assert during.said["unavailable"] > 0
    world.heal()


def test_a_paused_server_does_not_hold_every_thread(world: World) -> None:
    """More ask than there are threads; what needs no store is answered all the same."""
    stop = threading.Event()
    slowest = []

    def flood() -> None:
        while not stop.is_set():
            begun = time.monotonic()
            world.service.request("GET", "/v1/check?value=listed-1.example")
            slowest.append(time.monotonic() - begun)

    threads = [threading.Thread(target=flood) for _ in range(FLOOD)]
    world.server.pause()
    begun = time.monotonic()
    try:
        for thread in threads:
            thread.start()
        waits = []
        while time.monotonic() < begun + 3:
            asked = time.monotonic()
            assert world.service.request("GET", "/healthz")[0] == 200
            # Until somebody has waited in vain, nobody knows that the store is away.
            knows = time.monotonic() > begun + 2.0
            _, answer = world.service.request("GET", "/v1/check?value=clean.example&max_age_s=60")
            assert answer["verdict"] in ({"no_record"} if knows else {"no_record", "unavailable"})
            waits.append((asked - begun, time.monotonic() - asked))
    finally:
        world.server.resume()
        stop.set()
        for thread in threads:
            thread.join()
    assert max(slowest) < 3.5
    assert max(wait for _, wait in waits) < 3.5
    assert max(wait for since, wait in waits if since > 2.0) < 1.0


def test_a_server_that_is_killed_and_started_again(world: World) -> None:
    with world.write() as writer, world.ask() as askers:
        for _ in range(3):
            time.sleep(0.4)
            world.server.kill()
            time.sleep(0.1)
            world.server.start()
            world.heal()
        writer.wait()
    assert_right(askers.told)
    world.heal()


def test_a_server_that_comes_back_empty(world: World) -> None:
    """Nothing can be said, and no list is made anew, until its files are put back."""
    kept = world.folder / "kept"
    with world.ask() as askers:
        time.sleep(0.2)
        world.server.kill()
        world.server.keep_files(kept)
        world.server.start()
        time.sleep(1.0)
        askers.since()
        with world.write() as writer:
            time.sleep(0.5)
        during = askers.since()
        world.server.kill()
        world.server.put_back(kept)
        world.server.start()
        world.heal()
    assert_right(during)
    assert_right(askers.told, judged=0)
    assert set(during.said) == {"unavailable"}
    assert writer.acknowledged == 0
    assert all("no store" in text for text in writer.refused)


def test_another_store_in_its_place(world: World) -> None:
    """It lists other things: it is not answered from, until the one before is there again."""
    other = OwnServer(world.folder / "other")
    other.start()
    try:
        fill(other.url)
        with world.ask() as askers:
            time.sleep(0.2)
            world.proxy.target = other.socket
            world.proxy.cut_all()
            time.sleep(0.6)
            askers.since()
            time.sleep(0.6)
            during = askers.since()
            world.proxy.target = world.server.socket
            world.proxy.cut_all()
            world.heal()
    finally:
        other.kill()
    assert_right(during)
    assert_right(askers.told, judged=0)
    assert set(during.said) == {"unavailable"}


def test_a_server_that_becomes_a_copy_of_another(world: World) -> None:
    """After a fail-over the service still asks the old one, which knows nothing of newer writes."""
    old, new = world.server, OwnServer(world.folder / "new")
    client = old.client()
    with world.ask() as askers:
        with world.write() as writer:
            writer.wait()
            client.replicaof("127.0.0.1", 1)
            time.sleep(0.5)
        shutil.copytree(old.folder / "appendonlydir", new.folder / "appendonlydir")
        new.start()
        askers.since()
        try:
            with world.write(new.url) as elsewhere:
                elsewhere.wait(4)
                time.sleep(0.5)
            during = askers.since()
            world.proxy.target = new.socket
            world.proxy.cut_all()
            world.heal()
        finally:
            new.kill()
            old.kill()
        old.put_back(new.folder / "appendonlydir")
        old.start()
        world.proxy.target = old.socket
        world.heal()
    client.close()
    assert_right(during)
    assert_right(askers.told)
    assert set(during.said) == {"unavailable"}
    assert all("READONLY" in text or "Busy" in text for text in writer.refused)


def refuse_writes(world: World, setting: str, said: str, *, times: int, seconds: float) -> None:
    """Let a setting refuse all writes for some seconds; questions go on, and writes after it."""
    client = world.server.client()
    with world.ask() as askers, world.write() as writer:
        for _ in range(times):
            time.sleep(0.3)
            client.config_set(setting, 1)
            time.sleep(2 * BARRIER_SECONDS)
            before = writer.acknowledged
            time.sleep(seconds)
            assert writer.acknowledged == before
            client.config_set(setting, 0)
            writer.wait()
    client.close()
    assert_right(askers.told)
    assert askers.told.said["unavailable"] == 0
    assert any(said in text for text in writer.refused)
    world.heal()


def test_writes_are_refused_until_copies_follow(world: World) -> None:
    """Questions go on."""
    refuse_writes(world, "min-replicas-to-write", "NOREPLICAS", times=1, seconds=0.8)


def test_a_server_without_memory_refuses_writes_and_answers(world: World) -> None:
    refuse_writes(world, "maxmemory", "OOM", times=2, seconds=0.4)

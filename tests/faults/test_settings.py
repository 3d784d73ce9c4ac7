"""Wrong settings and stepped clocks under a running service."""

import time

import msgspec
import pytest

from blacklist.store import journal, keys
from blacklist.store.journal import Change, What
from faulted import World, assert_right

pytestmark = pytest.mark.slow


def test_a_wrong_number_of_shards(world: World) -> None:
    """Somebody edits it in the store: workers that know better, and writers that do not."""
    client = world.server.client()
    with world.ask() as askers:
        for kind in ("link", "phone"):
            client.hset(keys.STORE, f"bits:{kind}", "5")
        with world.write() as writer:
            time.sleep(2.8)
        assert writer.acknowledged == 0
        for kind in ("link", "phone"):
            client.hset(keys.STORE, f"bits:{kind}", "4")
        client.delete(keys.lock("source:going-on"))
        world.heal()
    client.close()
    assert_right(askers.told)
    assert all("Mismatch" in text for text in writer.refused)
    with world.write() as writer:
        writer.wait()
    world.heal()


def test_a_servers_clock_that_is_stepped(world: World) -> None:
    """Three seconds, an hour ahead, and back each time: the rows' ids stay where they were."""
    client = world.server.client()
    with world.write() as writer, world.ask() as askers:
        for seconds in (3, 3_600):
            writer.wait(1)
            newest, _ = journal.id_order(journal.last(client).id)
            ahead = max(newest, int(time.time() * 1000)) + seconds * 1000
            fields = {"n": f"{ahead:x}", "c": msgspec.msgpack.encode(Change(What.CHANGES))}
            client.xadd(keys.CHANGES, fields, id=f"{ahead}-0")
            writer.wait(2)
            # What such a step does to a lock: it runs out before its time.
            for _ in range(3):
                client.delete(keys.lock("source:going-on"))
                time.sleep(0.1)
            writer.wait(1)
    client.close()
    assert_right(askers.told)
    assert askers.told.said["unavailable"] == 0
    assert set(askers.told.said) == {"listed", "no_record"}
    world.heal()

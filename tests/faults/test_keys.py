"""A key while the store is away: nobody can say whose it is, which is not "nobody's"."""

import time

import pytest

from blacklist.callers import Scope, mint
from blacklist.publish import Publisher
from blacklist.store import callers, connect, meta
from faulted import HEAL_SECONDS, World

pytestmark = pytest.mark.slow

CLEAN = "/v1/check?value=clean-1.example"


@pytest.fixture
def key(world: World) -> str:
    """A key that is acknowledged."""
    caller, key = mint("tests", [Scope.CHECK], now=0)
    client = connect.writer(world.server.url)
    callers.write(client, caller)
    Publisher(client, meta.require(client)).acknowledge()
    client.close()
    return key


def test_a_key_is_never_refused_because_the_store_is_away(world: World, key: str) -> None:
    """200 while the lease lasts, then 503 with ``Retry-After``, and 200 again."""
    statuses = []

    def ask_until(wanted: int) -> None:
        deadline = time.monotonic() + HEAL_SECONDS
        while wanted not in statuses[-1:]:
            assert time.monotonic() < deadline, statuses
            status, document = world.service.request(
                "GET", CLEAN, None, Authorization=f"Bearer {key}"
            )
            assert status in {200, 503}, document
            statuses.append(status)
            if status == 503:
                assert document["reason"] == "store_unavailable"

    ask_until(200)
    world.proxy.close()
    ask_until(503)
    world.proxy.heal()
    ask_until(200)
    world.heal()

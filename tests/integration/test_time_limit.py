"""What a question may wait for: one limit on all its trips, and nobody waits twice in vain."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from blacklist.errors import TimedOut, Unavailable
from blacklist.lookup import Ask, Lookup
from blacklist.model import Outcome, Source
from blacklist.replica import Replica
from blacklist.store import connect
from blacklist.store.connect import store_errors
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.meta import StoreInfo
from blacklist.store.time_limit import within
from proxy import Proxy

SOURCE = Source("a", "A")


@pytest.fixture
def line(server: EmbeddedServer, data_dir: Path) -> Iterator[Proxy]:
    """A line to the server that can be disturbed."""
    proxy = Proxy(data_dir / "line.sock", server.socket)
    yield proxy
    proxy.close()


def test_a_reply_that_trickles_in_is_cut_off(line: Proxy) -> None:
    """Each piece comes in time; the driver alone would wait for half a minute."""
    client = connect.reader(line.url)
    client.set("key", "x" * 3_000)
    line.bytes_a_second = 100
    begun = time.monotonic()
    with pytest.raises(TimedOut), store_errors(), within(0.3):
        client.get("key")
    assert time.monotonic() - begun < 0.6
    client.close()


def test_many_quick_trips_are_cut_off_together(line: Proxy) -> None:
    client = connect.reader(line.url)
    line.delay_seconds = 0.1
    begun = time.monotonic()
    with pytest.raises(TimedOut), store_errors(), within(0.35):
        while True:
            client.get("key")
    assert time.monotonic() - begun < 0.7
    client.close()


def test_a_limit_is_over_with_its_block_and_a_late_reply_is_nobody_elses(line: Proxy) -> None:
    client = connect.reader(line.url)
    client.mset({"one": "1", "two": "2"})
    line.delay_seconds = 0.1
    with pytest.raises(TimedOut), store_errors(), within(0.05):
        client.get("one")
    assert client.get("two") == b"2"
    client.close()


def test_nobody_waits_for_a_silent_store_until_the_replica_has_heard_from_it(
    line: Proxy, info: StoreInfo, list_values: Callable[..., None]
) -> None:
    list_values(SOURCE, "evil.example")
    replica = Replica(connect.reader(line.url))
    lookup = Lookup(replica, connect.reader(line.url))
    replica.poll()
    assert lookup.check(Ask("evil.example")).verdict is Outcome.LISTED
    line.is_silent = True
    line.cut_all()
    with pytest.raises(TimedOut):
        replica.poll()
    begun = time.monotonic()
    for value in ("evil.example", "clean.example"):
        answer = lookup.check(Ask(value))
        assert (answer.verdict, answer.notes[-1]) == (Outcome.UNAVAILABLE, "store_unavailable")
    with pytest.raises(Unavailable):
        lookup.as_of()
    assert lookup.check(Ask("clean.example", max_age_s=60)).verdict is Outcome.NO_RECORD
    assert time.monotonic() - begun < 0.2
    line.heal()
    replica.poll()
    assert lookup.check(Ask("evil.example")).verdict is Outcome.LISTED
    assert lookup.check(Ask("clean.example")).verdict is Outcome.NO_RECORD


def test_a_replica_that_nobody_polls_is_not_told_to_be_silent(
    line: Proxy, info: StoreInfo, list_values: Callable[..., None]
) -> None:
    """The command line asks without a thread that would notice the end of the silence."""
    list_values(SOURCE, "evil.example")
    lookup = Lookup(Replica(connect.reader(line.url)), connect.reader(line.url))
    line.is_silent = True
    assert lookup.check(Ask("evil.example")).verdict is Outcome.UNAVAILABLE
    line.heal()
    assert lookup.check(Ask("evil.example")).verdict is Outcome.LISTED

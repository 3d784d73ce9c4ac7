"""Keys over the real stores: what was acknowledged of one holds in every process."""

import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from blacklist.callers import Caller, CallerTable, Scope, mint
from blacklist.errors import Mismatch, TimedOut, Unavailable
from blacklist.replica import Replica
from blacklist.store import Client, callers, connect, keys, usage
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.meta import StoreInfo
from proxy import Proxy

LAG = 1.0
"""Longer than the lease, in seconds of the clock."""


class Workers:
    """Two processes over one store, and who writes its keys."""

    def __init__(self, url: str, client: Client, clock: Callable[[], float]) -> None:
        self.client = client
        self.readers = [connect.reader(url) for _ in range(2)]
        self.replicas = [Replica(reader, clock=clock) for reader in self.readers]
        for replica in self.replicas:
            replica.poll()

    def create(self, **told: object) -> tuple[Caller, str]:
        caller, token = mint("A bank", [Scope.CHECK], now=0, **told)  # type: ignore[arg-type]
        callers.write(self.client, caller)
        return caller, token

    def revoke(self, caller: Caller) -> None:
        callers.write(self.client, msgspec.structs.replace(caller, revoked=1))

    def close(self) -> None:
        for reader in self.readers:
            reader.close()

    def find(self, token: str) -> list[Caller | None]:
        """Whose key it is, as each process tells."""
        pairs = zip(self.replicas, self.readers, strict=True)
        return [replica.find_caller(token, reader) for replica, reader in pairs]


@pytest.fixture
def workers(server, client: Client, info: StoreInfo, clock):
    workers = Workers(server.url, client, clock)
    yield workers
    workers.close()


def test_a_key_is_known_to_each_process_after_its_next_poll(workers: Workers) -> None:
    caller, token = workers.create(quota=7)
    assert workers.find(token) == [None, None]
    for replica in workers.replicas:
        replica.poll()
    assert workers.find(token) == [caller, caller]


def test_a_process_whose_lease_ended_asks_the_store(workers: Workers, clock) -> None:
    """One that was held up for longer than the barrier neither misses a key nor believes one."""
    caller, token = workers.create()
    clock.now += LAG
    workers.replicas[0].poll()
    assert workers.find(token) == [caller, caller]
    workers.revoke(caller)
    clock.now += LAG
    assert workers.find(token) == [None, None]


def test_a_revoked_key_may_be_believed_only_until_the_barrier_is_over(
    workers: Workers, clock, info: StoreInfo
) -> None:
    caller, token = workers.create()
    for replica in workers.replicas:
        replica.poll()
    workers.revoke(caller)
    workers.replicas[1].poll()
    assert workers.find(token) == [caller, None]
    clock.now += info.max_lag_seconds
    assert workers.find(token) == [None, None]


def test_a_lease_renewed_meanwhile_says_nothing_of_the_table_that_was_asked(
    workers: Workers, clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A poll between the look at the table and that at the clock brings another table."""
    caller, token = workers.create()
    replica, reader = workers.replicas[0], workers.readers[0]
    replica.poll()
    workers.revoke(caller)
    clock.now += LAG
    find = CallerTable.find

    def find_and_stand_still(table: CallerTable, asked: str) -> Caller | None:
        found = find(table, asked)
        monkeypatch.setattr(CallerTable, "find", find)
        replica.poll()
        return found

    monkeypatch.setattr(CallerTable, "find", find_and_stand_still)
    assert replica.find_caller(token, reader) is None


def test_a_store_that_is_away_is_no_unknown_key(
    server: EmbeddedServer, client: Client, info: StoreInfo, data_dir: Path, clock
) -> None:
    """Whoever asks with a key is told to try again, and nobody waits twice in vain."""
    line = Proxy(data_dir / "line.sock", server.socket)
    workers = Workers(line.url, client, clock)
    caller, token = workers.create()
    clock.now += LAG
    line.close()
    for replica, reader in zip(workers.replicas, workers.readers, strict=True):
        with pytest.raises(Unavailable):
            replica.find_caller(token, reader)
    line.heal()
    assert workers.find(token) == [caller, caller]
    line.is_silent = True
    line.cut_all()
    replica, reader = workers.replicas[0], workers.readers[0]
    with pytest.raises(TimedOut):
        replica.poll()
    begun = time.monotonic()
    with pytest.raises(TimedOut):
        replica.find_caller(token, reader)
    assert time.monotonic() - begun < 0.2
    workers.close()
    line.close()


def test_a_session_that_was_ended_is_nobodys_in_each_process(workers: Workers, clock) -> None:
    """Remembered until it would be over by itself; another under the key goes on."""
    caller, _ = workers.create()
    for number, until in enumerate((50, 200)):
        callers.end_session(workers.client, f"ended {number}", now=100 * number, until=until)
    assert callers.read(workers.client).ended == {"ended 1"}
    clock.now += LAG
    workers.replicas[0].poll()
    pairs = list(zip(workers.replicas, workers.readers, strict=True))
    for session_id, expected in (("ended 1", None), ("open", caller)):
        found = [one.find_session(caller.id, session_id, reader) for one, reader in pairs]
        assert found == [expected, expected]


@pytest.mark.parametrize("lost", [keys.CALLERS, keys.CALLERS_VERSION])
def test_a_part_that_was_lost_is_no_empty_table(workers: Workers, lost: str) -> None:
    workers.create()
    workers.client.delete(lost)
    with pytest.raises(Mismatch):
        callers.read(workers.client)


def test_keys_that_a_program_does_not_know_are_no_empty_table(workers: Workers) -> None:
    workers.client.hset(keys.CALLERS, "x", b'{"id": "x"}')
    with pytest.raises(Mismatch):
        callers.read(workers.client)


def test_what_all_workers_count_of_a_key_is_one_sum(workers: Workers) -> None:
    one, other = workers.readers
    assert usage.add(one, {(20_000, "a"): 3, (20_000, "b"): 1}) == {
        (20_000, "a"): 3,
        (20_000, "b"): 1,
    }
    assert usage.add(other, {(20_000, "a"): 4, (20_001, "a"): 1}) == {
        (20_000, "a"): 7,
        (20_001, "a"): 1,
    }
    assert usage.read(one, 20_000) == {"a": 7, "b": 1}
    assert 0 < workers.client.ttl(keys.usage(20_000)) <= 7 * 86_400

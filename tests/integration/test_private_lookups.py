"""What is told by prefix, against a real store that is away, set back, resharded and loaded."""

from collections.abc import Callable, Iterator

import pytest

from blacklist import prefixes, reshard
from blacklist.errors import Mismatch, OtherBits, Unavailable
from blacklist.model import Identifier, Kind, Source
from blacklist.private_lookups import PrivateLookups
from blacklist.publish import Publisher
from blacklist.replica import Replica
from blacklist.store import Client, connect, keys
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.listings import Detail
from blacklist.store.meta import StoreInfo
from blacklist.store.stage import Staged

SOURCE = Source("s1", "Source one")
OTHER = Source("s2", "Source two")
NOW = 1_800_000_000
LISTED = Identifier(Kind.LINK, "listed.example")
BITS = 4

Load = Callable[..., None]


@pytest.fixture
def replica(server: EmbeddedServer, info: StoreInfo, clock: Callable) -> Iterator[Replica]:
    client = connect.reader(server.url)
    replica = Replica(client, clock=clock)
    replica.poll()
    yield replica
    client.close()


@pytest.fixture
def private(replica: Replica, server: EmbeddedServer, clock: Callable) -> Iterator[PrivateLookups]:
    client = connect.reader(server.url)
    yield PrivateLookups(replica, client, clock=clock, wall=lambda: NOW)
    client.close()


def shard_of(one: Identifier, bits: int = BITS) -> str:
    return prefixes.name(keys.shard_of(one, bits), bits)


def told(private: PrivateLookups, one: Identifier, bits: int = BITS) -> set[str]:
    answer = private.shard(one.kind, shard_of(one, bits))
    assert answer.bits == bits
    suffix = prefixes.suffix_of(one, bits)
    return {entry[-1] for entry in answer.entries if entry.startswith(suffix)}


def test_what_a_source_lists_that_this_process_has_not_heard_of_is_told(
    private: PrivateLookups, replica: Replica, list_values: Load
) -> None:
    """By a shard at once; the view's table of sources is older."""
    list_values(SOURCE, LISTED.value)
    assert replica.view is not None
    assert not replica.view.table.by_code
    assert told(private, LISTED) == {"w"}
    list_values(OTHER, LISTED.value)
    assert told(private, LISTED) == {"d"}


def test_without_a_lease_shards_are_read_and_filters_are_not_given_out(
    private: PrivateLookups, replica: Replica, list_values: Load, clock: Callable
) -> None:
    """What was listed since is not in them."""
    list_values(SOURCE, LISTED.value)
    private.filter_bytes(Kind.LINK)
    clock.now += 100
    with pytest.raises(Unavailable):
        private.filter_bytes(Kind.LINK)
    with pytest.raises(Unavailable):
        private.phone_ranges()
    assert told(private, LISTED) == {"w"}
    replica.poll()
    private.filter_bytes(Kind.LINK)


def test_ranges_are_those_that_stand(
    private: PrivateLookups, replica: Replica, publisher: Publisher, list_values: Load
) -> None:
    """The process's own may hold what is no longer listed."""
    list_values(SOURCE, "+44770090012*", "+44770090013*", kind=Kind.PHONE, full=True)
    ended = Staged(Identifier(Kind.PHONE, "+44770090014*"), None, Detail(expires=NOW))
    with publisher.load(OTHER, full=False) as load:
        load.put([ended])
        load.commit()
    replica.poll()
    assert private.phone_ranges().entries == ["+44770090012*:w", "+44770090013*:w"]
    list_values(SOURCE, "+44770090013*", kind=Kind.PHONE, full=True)
    replica.poll()
    assert replica.view is not None
    assert "+44770090012*" in set(replica.view.ranges)
    assert private.phone_ranges().entries == ["+44770090013*:w"]


@pytest.mark.parametrize("bits", [3, 6])
def test_a_process_that_knows_the_old_bits_tells_the_new_ones(
    private: PrivateLookups, publisher: Publisher, list_values: Load, bits: int
) -> None:
    """It finds no marker in the shard it was asked for, and no answer in that."""
    list_values(SOURCE, LISTED.value)
    assert told(private, LISTED) == {"w"}
    reshard.run(publisher, reshard.plan(publisher.client, Kind.LINK, bits), lambda _more: None)
    with pytest.raises(OtherBits) as told_by:
        told(private, LISTED)
    assert told_by.value.bits == bits


def test_a_process_that_knows_the_new_bits_refuses_the_old(
    private: PrivateLookups, replica: Replica, publisher: Publisher, list_values: Load
) -> None:
    """One of 5 bits has as many digits as one of 6: what was taken for the one is not the other."""
    list_values(SOURCE, LISTED.value)
    reshard.run(publisher, reshard.plan(publisher.client, Kind.LINK, 6), lambda _more: None)
    replica.poll()
    assert told(private, LISTED, 6) == {"w"}
    with pytest.raises(OtherBits):
        private.shard(Kind.LINK, shard_of(LISTED, 5), 5)
    with pytest.raises(OtherBits):
        private.shard(Kind.LINK, shard_of(LISTED, 4))


def test_an_account_whose_other_place_is_lost_is_no_answer(
    private: PrivateLookups, client: Client, publisher: Publisher
) -> None:
    """Whether its bare number is to be told hangs on a shard that nobody can read."""
    bare = Identifier(Kind.ACCOUNT, "0000000000001")
    account = Identifier(Kind.ACCOUNT, "970436/0000000000001")
    assert shard_of(bare) != shard_of(account)
    with publisher.load(SOURCE, full=False) as load:
        load.put([Staged(account), Staged(bare, None, Detail(banks=("970436",)))])
        load.commit()
    assert (told(private, bare), told(private, account)) == ({"b"}, {"w"})
    client.delete(keys.entries(Kind.ACCOUNT, BITS, keys.shard_of(account, BITS)))
    with pytest.raises(Unavailable):
        told(private, bare)
    with pytest.raises(Unavailable):
        told(private, account)


def test_nothing_is_told_while_a_store_that_was_set_back_is_in_doubt(
    private: PrivateLookups,
    replica: Replica,
    keep_store: Callable[[], Callable[[], None]],
    list_values: Load,
) -> None:
    """Neither before the process has noticed nor after: what is missing would pass for unlisted."""
    list_values(SOURCE, "kept.example", full=True)
    restore = keep_store()
    list_values(OTHER, LISTED.value, full=True)
    replica.poll()
    assert told(private, LISTED) == {"w"}
    restore()
    with pytest.raises(Unavailable):
        told(private, LISTED)
    with pytest.raises(Mismatch):
        replica.poll()
    replica.poll()
    assert replica.doubt is not None
    with pytest.raises(Unavailable):
        told(private, LISTED)
    with pytest.raises(Unavailable):
        private.filter_bytes(Kind.LINK)
    with pytest.raises(Unavailable):
        private.phone_ranges()

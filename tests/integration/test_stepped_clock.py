"""Wall clocks that differ by some seconds change no answer."""

import time
from collections.abc import Callable

import pytest

from blacklist.lookup import Ask, Lookup
from blacklist.model import Identifier, Kind, Outcome, Source
from blacklist.publish import Publisher
from blacklist.replica import Replica
from blacklist.store import Client
from blacklist.store.meta import StoreInfo
from blacklist.store.stage import Staged, Withdrawal

SOURCE = Source("a", "A", days=30)
EVIL = Identifier(Kind.LINK, "evil.example")


def stepped(seconds: float) -> Callable[[], float]:
    """A clock that is wrong by so much."""
    return lambda: time.time() + seconds


@pytest.mark.parametrize("writers", [-3.0, 0.0, 3.0])
@pytest.mark.parametrize("readers", [-3.0, 3.0])
def test_what_a_stepped_clock_lists_is_listed_and_what_it_withdraws_is_gone(
    client: Client, info: StoreInfo, clock, writers: float, readers: float
) -> None:
    """An entry may begin in three seconds, by the clock of whoever is asked: it is listed now."""
    publisher = Publisher(client, info, wall=stepped(writers), sleep=lambda _seconds: None)
    replica = Replica(client, clock=clock)
    lookup = Lookup(replica, client, clock=clock, wall=stepped(readers))
    for is_listed in (True, False, True):
        with publisher.load(SOURCE, full=False) as load:
            if is_listed:
                load.put([Staged(EVIL)])
            else:
                load.withdraw([Withdrawal(EVIL)])
            load.commit()
        replica.poll()
        answer = lookup.check(Ask(EVIL.value))
        assert answer.verdict is (Outcome.LISTED if is_listed else Outcome.NO_RECORD)
        assert answer.as_of is not None
        assert (answer.as_of.lists[Kind.LINK].oldest_s or 0) >= 0

"""How transfers ended: counted once an answer, the last word counts, kept for over two years."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from blacklist.model import Kind, Level
from blacklist.store import Client, connect, durability, keys, outcomes
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.outcomes import KEPT_DAYS, MAX_AMOUNT, TOLD_DAYS, Ending, Outcome, Sum, Totals

DAY_SECONDS = 86_400
TODAY = int(time.time()) // DAY_SECONDS
FIRST = Outcome(
    TODAY, b"a" * 16, Ending.STOPPED, Level.DANGER, Kind.ACCOUNT, "0123456789ab", 5_000_000
)


@pytest.fixture
def writer(server: EmbeddedServer) -> Iterator[Client]:
    """A client as a request has one."""
    client = connect.writer(server.url)
    yield client
    client.close()


def told(**changed: Any) -> Outcome:
    """The outcome of the first answer, told otherwise."""
    return msgspec.structs.replace(FIRST, **changed)


def test_what_is_told_is_counted_and_summed_by_day_and_outcome(writer: Client) -> None:
    outcomes.count(writer, FIRST)
    outcomes.count(writer, told(name=b"b" * 16, amount=1, kind=Kind.PHONE))
    outcomes.count(writer, told(name=b"c" * 16, ending=Ending.HELD, amount=0))
    outcomes.count(writer, told(name=b"d" * 16, day=TODAY - 1, level=Level.NONE))
    assert outcomes.read(writer, range(TODAY - 2, TODAY + 1)) == {
        (TODAY - 1, "stopped"): Totals(1, 5_000_000),
        (TODAY, "stopped"): Totals(2, 5_000_001),
        (TODAY, "held"): Totals(1, 0),
    }
    assert outcomes.read(writer, range(TODAY, TODAY + 1)).keys() == {
        (TODAY, "stopped"),
        (TODAY, "held"),
    }


def test_an_answer_is_counted_once_however_often_and_by_how_many_it_is_told(
    server: EmbeddedServer,
) -> None:
    client = connect.reader(server.url)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: outcomes.count(client, FIRST), range(40)))
    assert outcomes.read(client, [TODAY]) == {(TODAY, "stopped"): Totals(1, 5_000_000)}
    client.close()


def test_the_last_word_about_an_answer_counts(writer: Client) -> None:
    """What was held is stopped later, or goes ahead; a mistyped amount is put right."""
    words = [
        told(ending=Ending.HELD, amount=0),
        told(ending=Ending.HELD, amount=MAX_AMOUNT),
        told(ending=Ending.WENT_AHEAD, amount=0),
        told(),
    ]
    for word in words:
        outcomes.count(writer, word)
        assert outcomes.read(writer, [TODAY]) == {
            (TODAY, word.ending.value): Totals(1, word.amount)
        }


def test_large_sums_are_exact(writer: Client) -> None:
    """Past 2^53, which floating point would round."""
    for number in range(1_000):
        outcomes.count(writer, told(name=number.to_bytes(16), amount=MAX_AMOUNT - 1))
    exact = 1_000 * (MAX_AMOUNT - 1)
    assert outcomes.read(writer, [TODAY]) == {(TODAY, "stopped"): Totals(1_000, exact)}


def test_each_sum_tells_level_kind_and_key(writer: Client) -> None:
    outcomes.count(writer, FIRST)
    outcomes.count(writer, told(name=b"b" * 16, level=Level.NONE, caller="ba9876543210"))
    assert outcomes.sums(writer, [TODAY]) == [
        Sum(
            *(TODAY, Ending.STOPPED, Level.DANGER, Kind.ACCOUNT, "0123456789ab"),
            totals=Totals(1, 5_000_000),
        ),
        Sum(
            *(TODAY, Ending.STOPPED, Level.NONE, Kind.ACCOUNT, "ba9876543210"),
            totals=Totals(1, 5_000_000),
        ),
    ]


def test_sums_are_kept_for_over_two_years_and_who_was_counted_for_days(writer: Client) -> None:
    outcomes.count(writer, FIRST)
    sums, names = writer.ttl(keys.outcomes(TODAY)), writer.ttl(keys.outcomes_told(TODAY))
    assert sums > (KEPT_DAYS - 1) * DAY_SECONDS > 26 * 31 * DAY_SECONDS
    assert TOLD_DAYS * DAY_SECONDS < names <= (TOLD_DAYS + 2) * DAY_SECONDS


def test_a_long_period_is_read_whole(writer: Client) -> None:
    days = range(TODAY - 399, TODAY + 1)
    for day in days[::57]:
        outcomes.count(writer, told(day=day))
    found = outcomes.read(writer, days)
    assert [day for day, _ in found] == list(days[::57])


def test_what_is_written_is_acknowledged_as_any_write(writer: Client) -> None:
    """On every store: its replicas have it, or it is not answered for."""
    durability.require(writer)
    outcomes.count(writer, FIRST)
    durability.replicate(writer)
    assert outcomes.read(writer, [TODAY])

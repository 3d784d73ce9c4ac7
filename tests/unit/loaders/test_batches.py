"""A load renews its lock with each batch: none may take long to come."""

from collections.abc import Iterator

import pytest

from blacklist.store.locks import LEASE_SECONDS
from loaders.batches import ROWS, SECONDS, in_batches


class Rows:
    """Rows that take a while each, and the clock that sees it."""

    def __init__(self, count: int, seconds_each: float) -> None:
        self.now = 0.0
        self._count = count
        self._seconds_each = seconds_each

    def clock(self) -> float:
        return self.now

    def __iter__(self) -> Iterator[int]:
        for number in range(self._count):
            self.now += self._seconds_each
            yield number


@pytest.mark.parametrize("count", [0, 1, 499, 500, ROWS, ROWS + 1, 2 * ROWS])
def test_quick_rows_come_in_large_batches_and_none_is_lost(count: int) -> None:
    batches = list(in_batches(range(count)))
    assert [row for batch in batches for row in batch] == list(range(count))
    assert all(len(batch) == ROWS for batch in batches[:-1])
    assert all(batches)


@pytest.mark.parametrize("rows_a_second", [1_000, 5_000, 300])
def test_slow_rows_come_long_before_the_lock_runs_out(rows_a_second: int) -> None:
    rows = Rows(50_000, 1 / rows_a_second)
    seen, before = [], 0.0
    for batch in in_batches(rows, rows.clock):
        seen += batch
        assert rows.now - before < LEASE_SECONDS / 2
        before = rows.now
    assert seen == list(range(50_000))


def test_a_batch_is_given_soon_after_its_time() -> None:
    rows = Rows(10_000, 0.01)
    first = next(in_batches(rows, rows.clock))
    assert SECONDS <= rows.now <= 2 * SECONDS
    assert len(first) < 10_000

"""What is staged at once: many rows, and never so many that the load would lose its lock meanwhile.

A load holds its source's lock for half a minute at a time and renews it with each batch. A hundred
thousand rows that only the phone library can read take a busy machine longer than that.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

ROWS: Final = 100_000
"""Some rows for each shard, so that a command a shard carries several."""

SECONDS: Final = 5.0
"""A sixth of what a lock lasts."""

_ROWS_A_LOOK: Final = 500
"""Between looks at the clock: less than a second of the slowest rows."""

T = TypeVar("T")


def in_batches(rows: Iterable[T], clock: Callable[[], float] = time.monotonic) -> Iterator[list[T]]:
    """Yield rows in order, up to :data:`ROWS` of them and what comes in :data:`SECONDS`."""
    batch: list[T] = []
    begun = clock()
    for row in rows:
        batch.append(row)
        if len(batch) % _ROWS_A_LOOK == 0 and (len(batch) >= ROWS or clock() - begun > SECONDS):
            yield batch
            batch, begun = [], clock()
    if batch:
        yield batch

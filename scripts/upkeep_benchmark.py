#!/usr/bin/env python3
"""Measure rebuilding, resharding and growth of a store of millions, while questions go on.

Run as ``scripts/benchmark upkeep [--json] [--quick]``; about ten minutes, ``--quick`` one and a
half; figures stand in docs/measurements.md. Over ten million numbers: nothing for ten seconds, then
the filter is built again from the sets, then the shards are written anew with four times as many,
and back. Over three million: increments of a fifth, until the filter has been full several times.
Two other processes ask all the while (``asking_processes``); what they feel stands beside what they
felt while nothing was done. Each part is long and done once.
"""

import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

from asking_processes import Felt, asked, listed_number
from judged_figures import Figure, Trial, judge, percentile, show_judged
from measured_store import Store, measured_store
from replica_start import MIB

from blacklist import reshard
from blacklist.model import Identifier, Kind, Source
from blacklist.store.stage import Staged

ROWS: Final = 10_000_000
GROWING_ROWS: Final = 3_000_000
QUICK_DIVISOR: Final = 1_000
INCREMENTS: Final = 8
IDLE_SECONDS: Final = 10.0
QUICK_SECONDS: Final = 0.5
SOURCE: Final = Source("numbers", "Numbers")
GROWING: Final = Source("growing", "Growing")
SHARES: Final = {"p50": 0.5, "p99": 0.99, "longest": 1.0}
AGAINST: Final = "while nothing is done"


def measure(trial: Trial) -> Iterator[Figure]:
    """Yield seconds and what the askers felt of each part."""
    rows = trial.size(ROWS, ROWS // QUICK_DIVISOR)
    with listing(rows) as store:
        idle = partial(time.sleep, QUICK_SECONDS if trial.quick else IDLE_SECONDS)
        quiet = yield from measure_part("idle", store, rows, idle)
        yield from measure_part("rebuild", store, rows, partial(rebuild, store), quiet)
        was = store.bits(Kind.PHONE)
        for name, bits in (("reshard", was + 2), ("reshard_back", was)):
            work = partial(write_shards_anew, store, bits)
            yield from measure_part(name, store, rows, work, quiet)
    rows = trial.size(GROWING_ROWS, GROWING_ROWS // QUICK_DIVISOR)
    with listing(rows) as store:
        yield from measure_part("growth", store, rows, partial(grow, store, rows), quiet)


@contextmanager
def listing(rows: int) -> Iterator[Store]:
    """Run a store with so many numbers."""
    with measured_store() as store:
        store.load(SOURCE, Kind.PHONE, map(listed_number, range(rows)))
        yield store


def rebuild(store: Store) -> None:
    """Build the filter again."""
    with store.publisher() as publisher:
        publisher.rebuild(Kind.PHONE)


def write_shards_anew(store: Store, bits: int) -> None:
    """Have as many shards as the bits say."""
    with store.publisher() as publisher:
        plan = reshard.plan(publisher.client, Kind.PHONE, bits)
        reshard.run(publisher, plan, lambda _more: None)


def grow(store: Store, rows: int) -> None:
    """List a fifth of the rows more, again and again."""
    step = rows // 5
    for first in range(rows, rows + INCREMENTS * step, step):
        with store.publisher() as publisher:
            with publisher.load(GROWING, full=False) as load:
                places = range(first, first + step)
                load.put(Staged(Identifier(Kind.PHONE, listed_number(at))) for at in places)
                load.commit()
            publisher.tidy()


def measure_part(
    name: str, store: Store, rows: int, work: Callable[[], None], quiet: Felt | None = None
) -> Generator[Figure, None, Felt]:
    """Yield how long some work takes while others ask, and what they feel; returns that."""
    with asked(store.place.url, rows) as felt:
        begun = time.monotonic()
        work()
        seconds = time.monotonic() - begun
    yield judge(f"upkeep_{name}_s", seconds, unit="s")
    for sort, times in felt.times.items():
        for share_name, share in SHARES.items():
            yield judge(
                f"upkeep_{name}_{sort}_{share_name}_ms",
                percentile(times, share) * 1000,
                unit="ms",
                baseline=percentile(quiet.times[sort], share) * 1000 if quiet else None,
                against=AGAINST if quiet else None,
            )
    yield judge(f"upkeep_{name}_answers", felt.counts.total(), unit="answers, none wrong")
    yield judge(f"upkeep_{name}_unavailable", felt.counts["unavailable"], unit="answers")
    yield judge(f"upkeep_{name}_server_mib", store.resident_bytes() / MIB, unit="MiB resident")
    return felt


if __name__ == "__main__":
    sys.exit(show_judged(measure, __doc__ or ""))

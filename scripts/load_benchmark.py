#!/usr/bin/env python3
"""Measure how fast feeds are loaded into the embedded store.

Run as ``scripts/benchmark load [--json] [--quick] [--rounds 5]``; figures stand in
docs/measurements.md. A row is a line of a plain feed that is not in the store yet, from bytes to
acknowledged, the wait for replicas included. Each round has a new store; the median counts. The
baseline is the same number of members into one plain set, over the same kind of connection.
"""

import random
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Final

from judged_figures import Figure, Trial, judge, show_judged
from throwaway_service import temporary_store

from blacklist.model import Kind, Source
from blacklist.publish import Publisher
from loaders import pipeline
from loaders.formats import Options
from loaders.pipeline import Plan

SEED: Final = 20261122
ROWS: Final = 500_000
QUICK_ROWS: Final = 2_000
BASELINE_BATCH: Final = 10_000
LINES_A_CHUNK: Final = 5_000


def make_phones(count: int) -> list[str]:
    """Return distinct Vietnamese mobiles in E.164, in random order."""
    rng = random.Random(SEED)
    numbers = rng.sample(range(10_000_000), count)
    return [f"+8490{number:07d}" for number in numbers]


def make_domains(count: int) -> list[str]:
    """Return distinct hosts under suffixes of one and two labels, some with a sub-host."""
    rng = random.Random(SEED)
    forms = ("{}.example", "www.{}.com.vn", "login.{}.co.uk", "{}.vn", "{}.weebly.com")
    return [rng.choice(forms).format(f"h{number:x}") for number in range(count)]


MAKERS: Final[dict[Kind, Callable[[int], list[str]]]] = {
    Kind.PHONE: make_phones,
    Kind.LINK: make_domains,
}


def chunks_of(lines: list[str]) -> Iterator[bytes]:
    """Yield the feed's bytes."""
    for start in range(0, len(lines), LINES_A_CHUNK):
        yield ("\n".join(lines[start : start + LINES_A_CHUNK]) + "\n").encode()


def load(publisher: Publisher, kind: Kind, lines: list[str]) -> float:
    """Load a feed; returns the rows a second until it was acknowledged."""
    plan = Plan(source=Source(kind.value, kind.value), options=Options(kind=kind))
    waits = Publisher(publisher.client, publisher.info)
    begun = time.perf_counter()
    report = pipeline.run(waits, chunks_of(lines), plan, feed=kind.value)
    seconds = time.perf_counter() - begun
    if report.listed != len(lines):
        raise SystemExit(f"{kind}: {report.listed} of {len(lines)} rows are listed")
    return len(lines) / seconds


def fill_plain_set(publisher: Publisher, lines: list[str]) -> float:
    """Put the same texts into one plain set, in batches; returns the rows a second."""
    begun = time.perf_counter()
    for start in range(0, len(lines), BASELINE_BATCH):
        publisher.client.sadd("baseline", *lines[start : start + BASELINE_BATCH])
    return len(lines) / (time.perf_counter() - begun)


def measure(trial: Trial) -> Iterator[Figure]:
    """Yield rows a second of each sort of feed, and the memory that loading took."""
    for kind, make in MAKERS.items():
        lines = make(trial.size(ROWS, QUICK_ROWS))
        loads, sets = [], []
        for _ in range(trial.rounds):
            with temporary_store() as (_, publisher):
                loads.append(load(publisher, kind, lines))
                sets.append(fill_plain_set(publisher, lines))
        yield judge(
            f"load_{kind.value}_per_s",
            statistics.median(loads),
            baseline=statistics.median(sets),
            against="SADD into one plain set",
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    yield judge("load_peak_mib", peak, unit="MiB, with the feeds themselves")


if __name__ == "__main__":
    sys.exit(show_judged(measure, __doc__ or ""))

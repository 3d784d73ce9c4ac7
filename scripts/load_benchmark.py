#!/usr/bin/env python3
"""Measure how fast feeds are loaded into the embedded store.

Run as ``scripts/benchmark load [--json] [--rows 500000] [--rounds 5]``; figures stand in
docs/measurements.md. A row is a line of a plain feed that is not in the store yet, from bytes to
acknowledged, the wait for replicas included. Each round has a new store; the median counts. The
baseline is the same number of members into one plain set, over the same kind of connection.
"""

import argparse
import json
import platform
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from throwaway_service import temporary_store

from blacklist.model import Kind, Source
from blacklist.publish import Publisher
from loaders import pipeline
from loaders.formats import Options
from loaders.pipeline import Plan

SEED = 20261122
ROWS = 500_000
ROUNDS = 5
BASELINE_BATCH = 10_000
LINES_A_CHUNK = 5_000
BARS = {"phones": 50_000, "domains": 15_000}
KINDS = {"phones": Kind.PHONE, "domains": Kind.LINK}


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


MAKERS: dict[str, Callable[[int], list[str]]] = {"phones": make_phones, "domains": make_domains}


def chunks_of(lines: list[str]) -> Iterator[bytes]:
    """Yield the feed's bytes."""
    for start in range(0, len(lines), LINES_A_CHUNK):
        yield ("\n".join(lines[start : start + LINES_A_CHUNK]) + "\n").encode()


def load(publisher: Publisher, name: str, lines: list[str]) -> float:
    """Load a feed; returns the seconds it took until it was acknowledged."""
    plan = Plan(source=Source(name=name, title=name), options=Options(kind=KINDS[name]))
    waits = Publisher(publisher.client, publisher.info)
    begun = time.perf_counter()
    report = pipeline.run(waits, chunks_of(lines), plan, feed=name)
    seconds = time.perf_counter() - begun
    if report.listed != len(lines):
        raise SystemExit(f"{name}: {report.listed} of {len(lines)} rows are listed")
    return seconds


def fill_plain_set(publisher: Publisher, lines: list[str]) -> float:
    """Put the same texts into one plain set, in batches; returns the seconds."""
    begun = time.perf_counter()
    for start in range(0, len(lines), BASELINE_BATCH):
        publisher.client.sadd("baseline", *lines[start : start + BASELINE_BATCH])
    return time.perf_counter() - begun


def measure(rows: int, rounds: int) -> list[dict[str, Any]]:
    """Return a row for each sort of feed: median rows a second, the bar, the baseline's share."""
    results = []
    for name, make in MAKERS.items():
        lines = make(rows)
        loads, sets = [], []
        for _ in range(rounds):
            with temporary_store(small=False) as (_, publisher):
                loads.append(load(publisher, name, lines))
                sets.append(fill_plain_set(publisher, lines))
        results.append(
            {
                "feed": name,
                "rows": rows,
                "seconds": round(statistics.median(loads), 2),
                "rows per second": int(round(rows / statistics.median(loads), -2)),
                "bar": BARS[name],
                "plain set": int(round(rows / statistics.median(sets), -3)),
            }
        )
    return results


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure how fast feeds are loaded.")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--rows", type=int, default=ROWS, help="of each feed")
    chosen = parser.parse_args()
    rows = measure(chosen.rows, chosen.rounds)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    if chosen.json:
        machine = {"python": platform.python_version(), "system": platform.platform()}
        print(json.dumps({"machine": machine, "load": rows, "peak_mb": peak_mb}, indent=1))
        return 0
    columns = list(rows[0])
    print(f"| {' | '.join(columns)} |")
    print(f"|{'---|' * len(columns)}")
    for row in rows:
        cells = (f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row.values())
        print(f"| {' | '.join(cells)} |")
    print(f"\nclient memory at its peak: {peak_mb} MiB, the feeds themselves included")
    return 0


if __name__ == "__main__":
    sys.exit(main())

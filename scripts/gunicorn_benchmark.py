#!/usr/bin/env python3
"""Measure the settings of gunicorn.conf.py against others: worker class, threads and the like.

Run as ``scripts/benchmark gunicorn [--rounds 5] [--seconds 2] [--only NAME …]``; its table and what
followed from it stand in docs/measurements.md and gunicorn.conf.py. The service runs under the
project's settings all the time; each other way is started beside it, asked in turn with it, and
ended. Every figure is a ratio to the project's settings in the same rounds: answers a second of a
clean number, of a listed one, and of batches, over eight connections, and the p99 of the listed
one. A way that cannot be tried here (gevent or gunicorn_h1c not installed) is left out and said so.
"""

import argparse
import importlib.util
import signal
import statistics
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from busy_client import keep_busy, post_batch
from figures import Row, describe_machine, print_table
from gunicorn_service import SERVICE, run_gunicorn
from http_benchmark import ENTRIES, REQUESTS, fill
from judged_figures import ROUNDS
from throwaway_service import temporary_store

SORTS: Final = {
    "clean": REQUESTS["clean"],
    "listed": REQUESTS["listed"],
    "batch": post_batch(),
}
CONNECTIONS: Final = 8
PYTHON_PARSER: Final = ("--http-parser", "python")
"""Unless the other one is tried: "auto" takes the C parser where it is installed."""


@dataclass(frozen=True, slots=True)
class Way:
    """Another way to run gunicorn: its options, our settings, and the package it needs."""

    name: str
    options: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    package: str | None = None
    connections: int = CONNECTIONS


WAYS: Final = (
    Way("the same once more"),
    Way("gunicorn's own threaded worker", ("--worker-class", "gthread")),
    Way("sync", ("--worker-class", "sync", "--threads", "1")),
    Way("gevent", ("--worker-class", "gevent", "--threads", "1"), package="gevent"),
    *(Way(f"{n} threads", settings={"THREADS": str(n)}) for n in (1, 4, 8, 32)),
    *(Way(f"{n} workers", settings={"WORKERS": str(n)}) for n in (1, 3, 4)),
    Way("no keep-alive", ("--keep-alive", "0")),
    Way("C parser", ("--http-parser", "fast"), package="gunicorn_h1c"),
    Way("64 connections", connections=64),
    Way("64 connections, 4 threads", settings={"THREADS": "4"}, connections=64),
    Way("64 connections, 32 threads", settings={"THREADS": "32"}, connections=64),
)
"""All but the named option is the project's; 64 connections are compared with eight."""


def main() -> int:
    """Measure and print a table."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what runs is ended, too
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each sort and round")
    parser.add_argument("--entries", type=int, default=ENTRIES, help="numbers listed")
    parser.add_argument("--only", action="append", choices=[way.name for way in WAYS])
    chosen = parser.parse_args()
    ways = [way for way in WAYS if chosen.only is None or way.name in chosen.only]
    with temporary_store(small=False) as (folder, publisher):
        fill(publisher, chosen.entries)
        rows = list(compare(Path(folder), ways, chosen.rounds, chosen.seconds))
    print_table("machine", [describe_machine()])
    print_table("gunicorn", rows)
    return 0


def compare(folder: Path, ways: list[Way], rounds: int, seconds: float) -> Iterator[Row]:
    """Yield a row for each way that can be tried here."""
    with run_gunicorn(SERVICE, folder, PYTHON_PARSER) as ours:
        for way in ways:
            if way.package and importlib.util.find_spec(way.package) is None:
                print(f"{way.name}: {way.package} is not installed", file=sys.stderr)
                continue
            options = (*PYTHON_PARSER, *way.options)
            with run_gunicorn(SERVICE, folder, options, **way.settings) as port:
                row: Row = {"way": way.name}
                for name in SORTS:
                    row |= compare_sort(name, (ours, port), way, rounds, seconds)
            print(*(f"{name}={value}" for name, value in row.items()), file=sys.stderr)
            yield row


def compare_sort(name: str, ports: tuple[int, int], way: Way, rounds: int, seconds: float) -> Row:
    """Return the ratio of one sort's rates, and of a listed number's p99."""
    rates: list[float] = []
    p99s: list[float] = []
    for number in range(rounds + 1):
        ours, others = (
            keep_busy(port, SORTS[name], seconds, connections=count)
            for port, count in zip(ports, (CONNECTIONS, way.connections), strict=True)
        )
        if number:  # the first warms up
            rates.append(others.per_second / ours.per_second)
            p99s.append(others.p99_seconds / ours.p99_seconds)
    found: Row = {name: round(statistics.median(rates), 2)}
    if name == "listed":
        found["p99 of listed"] = round(statistics.median(p99s), 2)
    return found


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Measure the settings of gunicorn.conf.py against others: worker class, threads and the like.

Run as ``scripts/benchmark gunicorn [--json] [--quick] [--rounds 5]``; ten minutes. The service runs
under the project's settings all the time; each other way is started beside it, asked in turn with
it in slices of half a second, and ended. Every figure is the median of the ratios of these turns to
the project's settings: answers a second of a clean number, of a listed one, and of batches, over
eight connections, and the p99 of the listed one (below 1 is better there). "the same once more"
tells how far chance goes. A way that cannot be tried here (its package is not installed) or that
leaves a request without an answer is left out, and that is said.
"""

import importlib.util
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from busy_client import Answered, keep_busy, post_batch
from gunicorn_service import SERVICE, run_gunicorn
from http_benchmark import ENTRIES, REQUESTS, fill
from judged_figures import Figure, Trial, judge, median_ratio, show_judged, take_turns
from throwaway_service import temporary_store

SORTS: Final = {
    "clean": REQUESTS["clean"],
    "listed": REQUESTS["listed"],
    "batch": post_batch(),
}
SLICE_SECONDS: Final = 0.5
TURNS_A_ROUND: Final = 2
CONNECTIONS: Final = 8
MANY_CONNECTIONS: Final = 64
QUICK_WAYS: Final = 2


@dataclass(frozen=True, slots=True)
class Way:
    """Another way to run gunicorn: its options, our settings, and the package it needs."""

    name: str
    options: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    package: str | None = None
    connections: int = CONNECTIONS


def with_threads(count: int, connections: int = CONNECTIONS) -> Way:
    """Return the way with so many threads."""
    name = f"{count} threads"
    if connections != CONNECTIONS:
        name = f"{connections} connections {name}"
    return Way(name, settings={"THREADS": str(count)}, connections=connections)


WAYS: Final = (
    Way("the same once more"),
    Way("own threaded worker", ("--worker-class", "gthread")),
    Way("sync", ("--worker-class", "sync", "--threads", "1")),
    *(with_threads(count) for count in (1, 4, 8, 32)),
    *(Way(f"{count} workers", settings={"WORKERS": str(count)}) for count in (1, 3, 4)),
    Way("no keep alive", ("--keep-alive", "0")),
    Way("c parser", ("--http-parser", "fast"), package="gunicorn_h1c"),
    *(with_threads(count, MANY_CONNECTIONS) for count in (4, 8, 16, 32)),
)
"""All but the named option is the project's, which has 16 threads; 64 connections go to either."""


def measure(trial: Trial) -> Iterator[Figure]:
    """Yield the ratios of each way that can be tried here."""
    ways = WAYS[:QUICK_WAYS] if trial.quick else WAYS
    with temporary_store() as (folder, publisher):
        fill(publisher, trial.size(ENTRIES, ENTRIES // 100))
        with run_gunicorn(SERVICE, folder) as ours:
            for way in ways:
                if way.package and importlib.util.find_spec(way.package) is None:
                    print(f"{way.name}: {way.package} is not installed", file=sys.stderr)
                    continue
                try:
                    yield from compare(Path(folder), ours, way, trial)
                except ConnectionError as exc:
                    print(f"{way.name}: a request got no answer ({exc})", file=sys.stderr)


def compare(folder: Path, ours: int, way: Way, trial: Trial) -> Iterator[Figure]:
    """Yield the ratios of one way to ours."""
    turns = trial.rounds * trial.size(TURNS_A_ROUND, 1)
    name = f"gunicorn_{way.name.replace(' ', '_')}"
    with run_gunicorn(SERVICE, folder, way.options, **way.settings) as other:
        for sort, request in SORTS.items():
            if sort == "batch" and way.connections == MANY_CONNECTIONS:
                continue  # a turn is over before each has been answered
            answered: dict[str, list[Answered]] = {"ours": [], "other": []}
            runs = {
                side: partial(keep, answered[side], port, request, way.connections)
                for side, port in (("ours", ours), ("other", other))
            }
            taken = take_turns(runs, turns)
            ratio = median_ratio(taken["other"], taken["ours"])
            yield judge(f"{name}_{sort}_ratio", ratio, unit="of ours, answers a second")
            if sort == "listed":
                p99s = {side: [one.p99_seconds for one in all_] for side, all_ in answered.items()}
                ratio = median_ratio(p99s["other"][1:], p99s["ours"][1:])
                yield judge(f"{name}_p99_ratio", ratio, unit="of ours, p99 of a listed number")


def keep(answered: list[Answered], port: int, request: bytes, connections: int) -> float:
    """Ask for one turn; notes what was answered and returns the answers a second."""
    answered.append(keep_busy(port, request, SLICE_SECONDS, connections=connections))
    return answered[-1].per_second


if __name__ == "__main__":
    sys.exit(show_judged(measure, __doc__ or ""))

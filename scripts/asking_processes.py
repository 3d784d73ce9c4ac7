"""Processes that ask one question after the other while something else is done to the store.

    with asked(url, rows) as felt:
        work()
    felt.times["listed"]                    seconds of each answer, the shortest first

Half of the questions are about listed numbers (:func:`listed_number`), half about others; the right
answers are known, and a wrong one ends the program. Used by the benchmarks.
"""

import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from typing import Final

from blacklist.lookup import Ask, Lookup
from blacklist.model import Kind, Outcome
from blacklist.replica import Replica
from blacklist.store import connect

ASKERS: Final = 2
PAUSE_SECONDS: Final = 0.002
WARM_SECONDS: Final = 3
END_SECONDS: Final = 120
OF_A_PREFIX: Final = 10_000_000
SORTS: Final = {"listed": Outcome.LISTED, "unlisted": Outcome.NO_RECORD}

_spawn: Final = multiprocessing.get_context("spawn")


@dataclass(slots=True)
class Felt:
    """What the askers felt: seconds of each answer by sort, and how many answers of which kind."""

    times: dict[str, list[float]] = field(default_factory=lambda: {sort: [] for sort in SORTS})
    counts: Counter[str] = field(default_factory=Counter)


def listed_number(place: int) -> str:
    """Return the number at a place; each place has another one."""
    return f"+84{90 + place // OF_A_PREFIX}{place % OF_A_PREFIX:07d}"


@contextmanager
def asked(url: str, rows: int) -> Iterator[Felt]:
    """Let others ask inside the block about the first so many numbers; what they felt."""
    stop, answers, felt = _spawn.Event(), _spawn.Queue(), Felt()
    askers = [
        _spawn.Process(target=_ask, args=(url, rows, seed, stop, answers)) for seed in range(ASKERS)
    ]
    for one in askers:
        one.start()
    time.sleep(WARM_SECONDS)
    try:
        yield felt
    finally:
        stop.set()
        told = [answers.get(timeout=END_SECONDS) for _ in askers]
        for one in askers:
            one.join()
    for sort in SORTS:
        felt.times[sort] = sorted(seconds for each in told for seconds in each.times[sort])
    felt.counts = sum((each.counts for each in told), Counter())
    if felt.counts["wrong"]:
        raise SystemExit(f"{felt.counts['wrong']} wrong answers")


def _ask(url: str, rows: int, seed: int, stop: Event, answers: "Queue[Felt]") -> None:
    """Ask until told to stop; then tell."""
    rng, felt = random.Random(seed), Felt()
    replica = Replica(connect.reader(url))
    replica.start()
    while replica.view is None and not stop.is_set():
        time.sleep(0.01)
    lookup = Lookup(replica, connect.reader(url))
    while not stop.is_set():
        sort = rng.choice(tuple(SORTS))
        number = listed_number(rng.randrange(rows))
        value = number if sort == "listed" else f"+8477{rng.randrange(OF_A_PREFIX):07d}"
        begun = time.perf_counter()
        verdict = lookup.check(Ask(value, Kind.PHONE)).verdict
        felt.times[sort].append(time.perf_counter() - begun)
        felt.counts[_judge(verdict, SORTS[sort])] += 1
        time.sleep(PAUSE_SECONDS)
    replica.stop()
    answers.put(felt)


def _judge(verdict: Outcome | None, right: Outcome) -> str:
    """Return what an answer counts as."""
    if verdict is right:
        return "right"
    return "unavailable" if verdict is Outcome.UNAVAILABLE else "wrong"

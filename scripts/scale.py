#!/usr/bin/env python3
"""Measure a store of millions: how soon a worker is ready, and what questions feel meanwhile.

Run as ``scripts/scale [--json] [--rows 10000000] [--data-dir DIR] [SECTION]...``; figures stand in
docs/measurements.md. A data directory that is named keeps its store for the next run. Sections:

* ``start``: a process of its own makes a replica, as each worker does; seconds and memory;
* ``rebuild``: the filter is built again from the sets;
* ``reshard``: the shards are written anew with four times as many, and back;
* ``growth``: increments until the filter has been full several times, with a writer and askers.

In all but the first, other processes ask one question after the other about listed and unlisted
numbers. Their answers are known, and a wrong one ends the program.
"""

import argparse
import json
import multiprocessing
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from blacklist import reshard
from blacklist.lookup import Ask, Lookup
from blacklist.model import Identifier, Kind, Outcome, Source
from blacklist.publish import Publisher
from blacklist.replica import Replica
from blacklist.store import connect, meta, snapshot
from blacklist.store.place import Place
from blacklist.store.stage import Staged

SECTIONS = ("start", "rebuild", "reshard", "growth")
ROWS = 10_000_000
BATCH = 500_000
STARTS = 5
ASKERS = 2
PAUSE_SECONDS = 0.002
SOURCE = Source("scale", "Scale")
GROWING = Source("growing", "Growing")
ROUNDS = 8

spawn = multiprocessing.get_context("spawn")


def number(place: int) -> str:
    """One of ten million numbers, or from there on of as many others; for throw-away stores."""
    return f"+84{90 + place // 10_000_000}{place % 10_000_000:07d}"


def fill(publisher: Publisher, rows: int) -> float:
    """List so many numbers; returns the seconds until they are acknowledged."""
    begun = time.monotonic()
    with publisher.load(SOURCE, full=True) as load:
        for start in range(0, rows, BATCH):
            end = min(start + BATCH, rows)
            load.put(Staged(Identifier(Kind.PHONE, number(at))) for at in range(start, end))
            tell(f"{end:,} staged")
        load.commit()
    publisher.tidy()
    return time.monotonic() - begun


def tell(text: str) -> None:
    """Say how it goes, on standard error."""
    print(text, file=sys.stderr, flush=True)


def resident_mb(pid: int | str = "self") -> float:
    """Resident memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return round(pages * resource.getpagesize() / 1e6, 1)


def start_one(url: str, answers: Any) -> None:
    """Make a replica in this process and tell how that went."""
    before = resident_mb()
    replica = Replica(connect.reader(url))
    begun = time.monotonic()
    replica.poll()
    seconds = time.monotonic() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    answers.put((seconds, resident_mb() - before, peak - before))


def start_several(url: str, count: int) -> list[tuple[float, float, float]]:
    """So many processes that start at the same time."""
    answers = spawn.Queue()
    processes = [spawn.Process(target=start_one, args=(url, answers)) for _ in range(count)]
    for process in processes:
        process.start()
    told = [answers.get(timeout=120) for _ in processes]
    for process in processes:
        process.join()
    return told


def measure_start(publisher: Publisher, url: str) -> dict[str, Any]:
    """How soon replicas are ready, one at a time and four at once."""
    alone = [start_several(url, 1)[0] for _ in range(STARTS)]
    together = start_several(url, 4)
    state = snapshot.states(publisher.client)[Kind.PHONE]
    return {
        "keys": state.keys,
        "capacity": state.capacity,
        "chunks": state.chunks,
        "ready seconds": sorted(round(one[0], 2) for one in alone),
        "four at once": sorted(round(one[0], 2) for one in together),
        "resident MB": max(round(one[1]) for one in alone),
        "peak MB": max(round(one[2]) for one in alone),
    }


def ask_on(url: str, rows: int, stop: Any, answers: Any) -> None:
    """Ask until told to stop; then tell the times in milliseconds and how many were wrong."""
    rng = random.Random(os.getpid())
    client = connect.reader(url)
    replica = Replica(connect.reader(url))
    replica.start()
    while replica.view is None:
        time.sleep(0.01)
    lookup = Lookup(replica, client)
    times: dict[str, list[float]] = {"listed": [], "unlisted": []}
    wrong: dict[str, int] = {"wrong": 0, "unavailable": 0}
    while not stop.is_set():
        sort = rng.choice(("listed", "unlisted"))
        value = (
            number(rng.randrange(rows)) if sort == "listed" else f"+8477{rng.randrange(10**7):07d}"
        )
        begun = time.perf_counter()
        verdict = lookup.check(Ask(value, kind=Kind.PHONE)).verdict
        times[sort].append((time.perf_counter() - begun) * 1e3)
        right = Outcome.LISTED if sort == "listed" else Outcome.NO_RECORD
        if verdict is Outcome.UNAVAILABLE:
            wrong["unavailable"] += 1
        elif verdict is not right:
            wrong["wrong"] += 1
        time.sleep(PAUSE_SECONDS)
    replica.stop()
    answers.put((times, wrong))


@contextmanager
def asked(url: str, rows: int) -> Iterator[dict[str, Any]]:
    """Let others ask inside the block; what they felt stands in the dictionary after it."""
    stop, answers, felt = spawn.Event(), spawn.Queue(), dict[str, Any]()
    askers = [spawn.Process(target=ask_on, args=(url, rows, stop, answers)) for _ in range(ASKERS)]
    for one in askers:
        one.start()
    time.sleep(3)
    try:
        yield felt
    finally:
        stop.set()
        told = [answers.get(timeout=120) for _ in askers]
        for one in askers:
            one.join()
    for sort in ("listed", "unlisted"):
        times = sorted(at for each, _ in told for at in each[sort])
        felt[f"{sort} p50/p99/max ms"] = [
            round(times[min(len(times) - 1, int(len(times) * share))], 2)
            for share in (0.5, 0.99, 1)
        ]
    felt["answers"] = sum(len(each[sort]) for each, _ in told for sort in each)
    felt |= {word: sum(wrong[word] for _, wrong in told) for word in ("wrong", "unavailable")}
    if felt["wrong"]:
        raise SystemExit(f"{felt['wrong']} wrong answers")


def during(url: str, rows: int, work: Callable[[], object]) -> dict[str, Any]:
    """How long some work takes while others ask, and what they feel."""
    with asked(url, rows) as felt:
        begun = time.monotonic()
        work()
        seconds = round(time.monotonic() - begun, 1)
    return {"seconds": seconds, **felt}


def measure_rebuild(publisher: Publisher, url: str, rows: int) -> dict[str, Any]:
    """Nothing for ten seconds, then a filter that is built anew."""
    return {
        "idle": during(url, rows, lambda: time.sleep(10)),
        "rebuild": during(url, rows, lambda: publisher.rebuild(Kind.PHONE)),
        "client peak MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3),
    }


def measure_reshard(publisher: Publisher, url: str, rows: int, server: int) -> dict[str, Any]:
    """Four times as many shards, and back."""
    was = publisher.info.bits[Kind.PHONE]
    found: dict[str, Any] = {}
    for bits in (was + 2, was):
        used: dict[str, Any] = publisher.client.info("memory")
        plan = reshard.plan(publisher.client, Kind.PHONE, bits)
        work = partial(reshard.run, publisher, plan, lambda _more: None)
        found[f"{plan.before} to {bits} bits"] = {
            "members": plan.members,
            "used MB before": used["used_memory"] // 1_000_000,
            **during(url, rows, work),
            "peak resident MB": resident_mb(server),
        }
    return found


def measure_growth(publisher: Publisher, url: str, rows: int) -> dict[str, Any]:
    """Increments of a fifth of the rows: the filter is full and built anew several times."""
    seen = []

    def grow() -> None:
        step = rows // 5
        for turn in range(ROUNDS):
            first = rows + turn * step
            with publisher.load(GROWING, full=False) as load:
                load.put(
                    Staged(Identifier(Kind.PHONE, number(at))) for at in range(first, first + step)
                )
                load.commit()
            publisher.tidy()
            state = snapshot.states(publisher.client)[Kind.PHONE]
            seen.append((state.build, state.keys, state.added, state.capacity))

    felt = during(url, rows, grow)
    return {
        **felt,
        "builds": len({one[0] for one in seen}),
        "keys, added, capacity": [one[1:] for one in seen],
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure a store of millions.")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(SECTIONS))
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--rows", type=int, default=ROWS, help="at most 10 million")
    parser.add_argument("--data-dir", type=Path, help="keep the store there, or use it")
    chosen = parser.parse_args()
    sections = chosen.sections or list(SECTIONS)
    with tempfile.TemporaryDirectory(prefix="blacklist-scale-") as temporary:
        place = Place(None, chosen.data_dir or Path(temporary))
        place.use()
        try:
            found = measure(place, sections, chosen.rows)
        finally:
            place.leave()
    print(json.dumps(found, indent=None if chosen.json else 1))
    return 0


def measure(place: Place, sections: list[str], rows: int) -> dict[str, Any]:
    """The sections' figures, over a store that is filled first where it is new."""
    client = place.writer()
    is_new = meta.read(client) is None
    publisher = Publisher(client, meta.create(client))
    found: dict[str, Any] = {}
    if is_new:
        found["filled seconds"] = round(fill(publisher, rows), 1)
    server: dict[str, Any] = client.info("server")
    measures: dict[str, Callable[[], dict[str, Any]]] = {
        "start": lambda: measure_start(publisher, place.url),
        "rebuild": lambda: measure_rebuild(publisher, place.url, rows),
        "reshard": lambda: measure_reshard(publisher, place.url, rows, server["process_id"]),
        "growth": lambda: measure_growth(publisher, place.url, rows),
    }
    for section in sections:
        tell(section)
        found[section] = measures[section]()
        tell(json.dumps(found[section]))
    client.close()
    return found


if __name__ == "__main__":
    sys.exit(main())

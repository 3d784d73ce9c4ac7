#!/usr/bin/env python3
"""Measure when a write is acknowledged and seen by all workers, and what questions cost meanwhile.

    writers (a process of their own) ──▶ throw-away store ◀── gunicorn, 2 workers ◀── asker

Run as ``scripts/benchmark visible [--json] [--quick] [--rounds 5]``; figures stand in
docs/measurements.md. Four writers each list ten links at a time under sources of their own, in a
store with 200,000 numbers and the default ``max_lag`` of a second. A write is measured from its
first command to its acknowledgement, and from there until a question over each of several
connections answers "listed". The asker asks at a steady pace, half about what is listed; rounds
with and without writes take turns, and what counts is the median of the ratios of their p99.
"""

import json
import multiprocessing
import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Final

from busy_client import Connection, get
from http_benchmark import REQUESTS, fill
from judged_figures import Figure, Trial, judge, median_ratio, percentile, show_judged, take_turns
from throwaway_service import started_service, temporary_store

from blacklist.model import Identifier, Kind, Source
from blacklist.publish import Publisher
from blacklist.store import meta
from blacklist.store.place import Place
from blacklist.store.stage import Staged

ENTRIES: Final = 200_000
WRITERS: Final = 4
VALUES_A_WRITE: Final = 10
WATCHERS: Final = 3
"""Connections of a writer that ask for what it wrote: each may be another worker's."""

ASKERS: Final = 4
PACE_SECONDS: Final = 0.004
ROUND_SECONDS: Final = 10.0
QUICK_SECONDS: Final = 0.8
VISIBLE_WITHIN_SECONDS: Final = 10.0

Write = tuple[float, float]
"""Seconds until a write was acknowledged, and from there until it was seen everywhere."""


class Writers:
    """Writers in a process of their own: they share no interpreter with the asker."""

    def __init__(self, folder: Path) -> None:
        # Forked while this process has one thread, so that nothing is held in the copy.
        context = multiprocessing.get_context("fork")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=write_when_told, args=(folder, other), daemon=True)
        self._process.start()
        other.close()

    def write_for(self, port: int, seconds: float) -> None:
        """Let them begin; :meth:`written` waits for the end."""
        self._pipe.send((port, seconds))

    def written(self) -> list[Write]:
        """Return what was written since they began."""
        writes: list[Write] = self._pipe.recv()
        return writes

    def end(self) -> None:
        """End the process."""
        self._pipe.send(None)
        self._process.join()


def write_when_told(folder: Path, pipe: Pipe) -> None:
    """Write for a time whenever the pipe says so; None ends it."""
    turn = 0
    while (told := pipe.recv()) is not None:
        port, seconds = told
        ends = time.monotonic() + seconds
        with ThreadPoolExecutor(WRITERS) as pool:
            write = partial(write_until, ends, folder, port, turn)
            written = list(pool.map(write, range(WRITERS)))
        pipe.send([one for writes in written for one in writes])
        turn += 1


def write_until(ends: float, folder: Path, port: int, turn: int, writer: int) -> list[Write]:
    """List some links after the other and look for the last of each write."""
    source = Source(f"writer-{writer}", f"Writer {writer}")
    client = Place(None, folder).writer()
    publisher = Publisher(client, meta.require(client))
    watchers = [Connection(port) for _ in range(WATCHERS)]
    writes: list[Write] = []
    while time.monotonic() < ends:
        host = f"{turn}-{len(writes)}.{source.name}.example"
        values = [f"h{number}-{host}" for number in range(VALUES_A_WRITE)]
        begun = time.monotonic()
        with publisher.load(source, full=False) as load:
            load.put(Staged(Identifier(Kind.LINK, value)) for value in values)
            load.commit()
        acknowledged = time.monotonic()
        for watcher in watchers:
            wait_until_listed(watcher, values[-1])
        writes.append((acknowledged - begun, time.monotonic() - acknowledged))
    client.close()
    return writes


def wait_until_listed(watcher: Connection, value: str) -> None:
    """Ask until the answer is "listed"."""
    deadline = time.monotonic() + VISIBLE_WITHIN_SECONDS
    while time.monotonic() < deadline:
        body, _ = watcher.ask(get(f"value={value}&kind=link"))
        if json.loads(body)["verdict"] == "listed":
            return
    raise SystemExit("what was acknowledged is not seen")


def ask_steadily(port: int, seconds: float) -> float:
    """Ask at a pace that leaves the service idle in between; returns the p99 in seconds."""
    connections = [Connection(port) for _ in range(ASKERS)]
    requests = [REQUESTS["clean"], REQUESTS["listed"]]
    taken: list[float] = []
    begun = time.monotonic()
    while time.monotonic() < begun + seconds:
        number = len(taken)
        # Each connection asks both in turn.
        request = requests[(number + number // ASKERS) % len(requests)]
        taken.append(connections[number % ASKERS].ask(request)[1])
        time.sleep(PACE_SECONDS)
    for one in connections:
        one.socket.close()
    return percentile(taken, 0.99)


def measure(trial: Trial) -> Iterator[Figure]:
    """Yield when writes are acknowledged and seen, and the p99 of questions beside them."""
    seconds = QUICK_SECONDS if trial.quick else ROUND_SECONDS
    writes: list[Write] = []
    with temporary_store() as (folder, publisher):
        fill(publisher, trial.size(ENTRIES, ENTRIES // 100))
        writers = Writers(Path(folder))
        with started_service(folder) as (_, address):
            port = int(address.rpartition(":")[2])

            def ask_during_writes() -> float:
                writers.write_for(port, seconds)
                p99 = ask_steadily(port, seconds)
                writes.extend(writers.written())
                return p99

            quiet = partial(ask_steadily, port, seconds)
            taken = take_turns({"quiet": quiet, "busy": ask_during_writes}, trial.rounds)
        writers.end()
    yield from judge_writes(writes)
    for name, way in {"quiet": "quiet", "during_writes": "busy"}.items():
        yield judge(f"check_p99_{name}_ms", statistics.median(taken[way]) * 1000, unit="ms")
    ratio = median_ratio(taken["busy"], taken["quiet"])
    yield judge("check_p99_during_writes_ratio", ratio)


def judge_writes(writes: list[Write]) -> Iterator[Figure]:
    """Yield the figures of the writes."""
    acknowledged, seen = [one[0] for one in writes], [one[1] for one in writes]
    yield judge("writes", len(writes), unit="writes")
    yield judge("ack_p50_s", statistics.median(acknowledged), unit="s")
    yield judge("ack_p99_s", percentile(acknowledged, 0.99))
    yield judge("visible_p50_ms", statistics.median(seen) * 1000, unit="ms after it")
    yield judge("visible_p99_ms", percentile(seen, 0.99) * 1000, unit="ms after it")


if __name__ == "__main__":
    sys.exit(show_judged(measure, __doc__ or ""))

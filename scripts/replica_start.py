"""Processes that make a replica from nothing, as each new worker does; used by the benchmarks."""

import multiprocessing
import resource
import time
from dataclasses import dataclass
from multiprocessing.queues import Queue
from pathlib import Path
from queue import Empty
from typing import Final

from blacklist.replica import Replica
from blacklist.store import connect

START_SECONDS: Final = 120
MIB: Final = 2**20

_spawn: Final = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class Started:
    """Seconds until a replica might answer, and what it took of memory beyond the imports."""

    seconds: float
    resident_mib: float
    peak_mib: float


def start_at_once(url: str, count: int) -> list[Started]:
    """Start so many processes together; what each tells, the first to be ready first."""
    answers: Queue[Started | str] = _spawn.Queue()
    processes = [_spawn.Process(target=_start_one, args=(url, answers)) for _ in range(count)]
    for process in processes:
        process.start()
    try:
        told = [answers.get(timeout=START_SECONDS) for _ in processes]
    except Empty:
        raise SystemExit("a replica does not get ready: its process says nothing") from None
    for process in processes:
        process.join()
    for one in told:
        if isinstance(one, str):
            raise SystemExit(f"a replica does not get ready: {one}")
    return [one for one in told if isinstance(one, Started)]


def _start_one(url: str, answers: "Queue[Started | str]") -> None:
    before, replica = _resident_mib(), Replica(connect.reader(url))
    begun = time.perf_counter()
    replica.poll()
    seconds = time.perf_counter() - begun
    if replica.view is None:
        answers.put(str(replica.trouble))
        return
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MIB
    answers.put(Started(seconds, _resident_mib() - before, peak - before))


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / MIB

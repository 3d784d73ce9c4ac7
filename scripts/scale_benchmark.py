#!/usr/bin/env python3
"""Measure what grows with the lists: bytes a number, a worker's start, a question in process.

Run as ``scripts/benchmark scale [--json] [--quick] [--rounds 5]``; figures stand in
docs/measurements.md. Four stores of 10,000, 100,000, 1 million and 10 million numbers stand side by
side, each loaded the real way into an embedded server of its own; the largest is loaded in two
steps, since its bytes are also looked at with 3 million. One process with a replica of each asks
them in turn about clean numbers, one at a time, so that the sizes are compared under the same load
of the machine. A worker's start is a new replica from nothing to its first lease, over the snapshot
of the largest, in a process of its own; beside it, the bytes of the snapshot fetched and nothing
else, and four that start at once. What is done to such a store, ``scripts/benchmark upkeep`` shows.
"""

import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Final

from check_benchmark import asking
from invented_listings import Array, make_phones
from judged_figures import (
    Figure,
    Trial,
    judge,
    median_ratio,
    medians,
    percentile,
    show_judged,
    take_turns,
)
from measured_store import Store, fill_plain_set, measured_server, measured_store
from replica_start import Started, start_at_once

from blacklist.lookup import Ask, Lookup
from blacklist.model import Kind, Outcome, Source
from blacklist.store import snapshot

SIZES: Final = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000, "10m": 10_000_000}
STEPS: Final = {"3m": 3_000_000, "10m": 10_000_000}
QUICK_DIVISOR: Final = 1_000
ASKED: Final = 5_000
QUICK_ASKED: Final = 200
SOURCE: Final = Source("numbers", "Numbers")
AGAINST: Final = "one plain set"


def measure(trial: Trial) -> Iterator[Figure]:
    """Load the stores one after the other and yield what each costs; then ask all of them."""
    divisor = QUICK_DIVISOR if trial.quick else 1
    phones = make_phones(max(SIZES.values()) // divisor)
    with ExitStack() as stack:
        stores = {name: stack.enter_context(measured_store()) for name in SIZES}
        for name in ("10k", "100k", "1m"):
            list_numbers(stores[name], phones[: SIZES[name] // divisor])
        plain = plain_bytes(phones, {"1m": SIZES["1m"], **STEPS}, divisor)
        yield judge_bytes("1m", stores["1m"].bytes_each(SIZES["1m"] // divisor), plain)
        for start, (name, size) in zip((0, *STEPS.values()), STEPS.items(), strict=False):
            list_numbers(stores["10m"], phones[start // divisor : size // divisor])
            yield judge_bytes(name, stores["10m"].bytes_each(size // divisor), plain)
        yield from measure_start(stores["10m"], trial.rounds)
        yield from measure_growth(stores, trial)


def list_numbers(store: Store, numbers: Array) -> None:
    """Load numbers into a store."""
    store.load(SOURCE, Kind.PHONE, (number.decode() for number in numbers))


def plain_bytes(phones: Array, sizes: dict[str, int], divisor: int) -> dict[str, float]:
    """Return what each number takes in one plain set of each size."""
    each: dict[str, float] = {}
    with measured_server() as server:
        client, start = server.place.writer(), 0
        for name, size in sizes.items():
            end = size // divisor
            fill_plain_set(client, (number.decode() for number in phones[start:end]))
            each[name], start = server.bytes_each(end), end
        client.close()
    return each


def judge_bytes(name: str, each: float, plain: dict[str, float]) -> Figure:
    """Return the figure of one size."""
    return judge(f"bytes_phone_{name}", each, baseline=plain[name], against=AGAINST)


def measure_start(store: Store, rounds: int) -> Iterator[Figure]:
    """Yield how long a new worker's replica takes until it may answer, and what it keeps."""
    client, started = store.place.reader(), list[Started]()

    def start() -> float:
        started.extend(start_at_once(store.place.url, 1))
        return started[-1].seconds

    def fetch() -> float:
        begun = time.perf_counter()
        snapshot.load(client, Kind.PHONE)
        return time.perf_counter() - begun

    def start_four() -> float:
        return max(one.seconds for one in start_at_once(store.place.url, 4))

    found = medians({"start": start, "fetch": fetch, "four": start_four}, rounds)
    client.close()
    for name, seconds in {"ready_10m_s": "start", "ready_10m_four_at_once_s": "four"}.items():
        yield judge(
            name,
            found[seconds],
            unit="s",
            baseline=found["fetch"],
            against="the snapshot's bytes fetched",
        )
    yield judge("ready_10m_resident_mib", max(one.resident_mib for one in started), unit="MiB")
    yield judge("ready_10m_peak_mib", max(one.peak_mib for one in started), unit="MiB")


def make_clean(count: int) -> list[Ask]:
    """Return questions about numbers that no store lists, each another one."""
    # Eight digits: what is listed has nine.
    return [
        Ask(f"+8424{number:08d}", Kind.PHONE) for number in range(10_000_000, 10_000_000 + count)
    ]


def ask_once(lookup: Lookup, asks: Sequence[Ask], taken: list[float]) -> float:
    """Ask one by one; notes the seconds of each and returns their median."""
    own = []
    for one in asks:
        begun = time.perf_counter()
        answer = lookup.check(one)
        own.append(time.perf_counter() - begun)
        if answer.verdict is not Outcome.NO_RECORD:
            raise SystemExit(f"answered {answer.verdict} and not no_record")
    taken.extend(own)
    return statistics.median(own)


def measure_growth(stores: dict[str, Store], trial: Trial) -> Iterator[Figure]:
    """Yield what a clean number costs in process at each size, and how it grows."""
    asks = make_clean(trial.size(ASKED, QUICK_ASKED))
    taken: dict[str, list[float]] = {name: [] for name in stores}
    with ExitStack() as stack:
        runs = {}
        for name, store in stores.items():
            lookup, _ = stack.enter_context(asking(store.folder))
            runs[name] = partial(ask_once, lookup, asks, taken[name])
        middles = take_turns(runs, trial.rounds)
    for name, seconds in taken.items():
        yield judge(f"growth_{name}_p50_us", statistics.median(middles[name]) * 1e6, unit="µs")
        yield judge(f"growth_{name}_p99_us", percentile(seconds, 0.99) * 1e6, unit="µs")
    yield judge("growth_p50_ratio", median_ratio(middles["10m"], middles["10k"]))


if __name__ == "__main__":
    sys.exit(show_judged(measure, __doc__ or ""))

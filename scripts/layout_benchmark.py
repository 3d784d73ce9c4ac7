#!/usr/bin/env python3
"""Measure how the store should be laid out: bytes a listing, microseconds a question.

Run by hand (``scripts/benchmark layout`` calls it). It touches no store but the servers it starts
itself in temporary folders. What the figures led to is written in docs/measurements.md, each with
the command that shows it.

Three sections, all of them unless ``--section`` names some:

``memory``     layouts, shard bits and compact limits against bytes a listing and loading speed
``questions``  what ``ZMSCORE`` costs on full shards, compact or not, against a bare ``PING``
``empty``      what the markers of a store without entries cost

``shard_layouts`` says what the layouts A, B and C are. The servers themselves are measured by
``servers_benchmark``.
"""

import itertools
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import redis
from figures import Row, show_figures
from invented_listings import SEED, Listings, make_links, make_listings, make_phones
from layout_cases import QUICK_ROWS, list_cases, shrink
from measured_server import Running, ask, new_folder, run_server
from server_binaries import Server
from shard_layouts import (
    FIRST_SECOND,
    MARKER,
    STORE_ID,
    WRITE_COMMANDS,
    Case,
    Layout,
    make_commands,
    make_entry,
    name_key,
    send,
    store_markers,
)

ENCODING_SAMPLE = 2048


# ---------------------------------------------------------------------------------------------
# The section "memory"


@dataclass(slots=True)
class Lists:
    """Makes each list once and keeps the last: cases in a row share it."""

    made: dict[tuple[str, int, int, int], Listings] = field(default_factory=dict)

    def get(self, case: Case) -> Listings:
        """Return the rows of a case."""
        wanted = (case.kind, case.rows, case.sources, case.copies)
        if wanted not in self.made:
            self.made.clear()
            make = make_links if case.kind == "link" else make_phones
            values = np.tile(make(case.rows // case.copies), case.copies)
            self.made[wanted] = make_listings(case.kind, values, case.sources)
        return self.made[wanted]


def measure_memory(servers: Sequence[Server], *, quick: bool) -> Iterator[Row]:
    """Yield a row for each case and server."""
    lists = Lists()
    cases = list_cases()
    if quick:
        servers = servers[:1]
        cases = [shrink(case) for case in cases if case.rows < QUICK_ROWS]
    for case in cases:
        for server in servers if case.everywhere else servers[:1]:
            yield measure_case(server, case, lists.get(case))


def measure_case(server: Server, case: Case, listings: Listings) -> Row:
    """Load one case into a fresh server and return what it took."""
    with (
        new_folder() as folder,
        run_server(
            server, Path(folder), *server.limit_options(case.limits), "--appendonly", "no"
        ) as running,
    ):
        warm_up(running.client)
        before = running.memory()
        seconds = load(running.client, case, listings)
        _, server_us = running.microseconds(WRITE_COMMANDS[case.layout])
        after = running.memory()
        compact = share_compact(running.client, case, server.list_word)
    return describe_case(server, case, listings) | {
        "compact %": compact,
        "bytes used": round((after[0] - before[0]) / len(listings), 1),
        "bytes resident": round((after[1] - before[1]) / len(listings), 1),
        "rows/s": round(len(listings) / seconds),
        "server us/row": round(server_us / len(listings), 2),
    }


def describe_case(server: Server, case: Case, listings: Listings) -> Row:
    """Return the columns that say what was measured; the marker counts as an entry."""
    row: Row = {"case": case.name, "server": server.name, "layout": case.layout}
    if case.layout == "plain":
        return row | {"bits": None, "limits": None, "fill": None, "fullest": None}
    shards = listings.shards(case.bits).astype(np.int64)
    if case.layout == "A":
        counts = np.bincount(shards * (case.sources + 1) + listings.codes)
        counts = counts[counts > 0]
    else:
        counts = np.bincount(shards, minlength=1 << case.bits) + 1
    return row | {
        "bits": case.bits,
        "limits": "/".join(map(str, case.limits)),
        "fill": round(float(counts.mean()), 1),
        "fullest": int(counts.max()),
    }


def warm_up(client: redis.Redis) -> None:
    """Make the server touch the code it will run, so that the code is not counted as data."""
    for _ in range(200):
        ask(client, "ZADD", "warm", 1, "a", 2, "b" * 3000)
        ask(client, "SADD", "warm too", "a", "b")
        ask(client, "DEL", "warm", "warm too")
    ask(client, "CONFIG", "RESETSTAT")


def load(client: redis.Redis, case: Case, listings: Listings) -> float:
    """Store the rows batch by batch and return the seconds spent on sending them."""
    if case.layout in "BC":
        store_markers(client, case)
        ask(client, "CONFIG", "RESETSTAT")
    seconds = 0.0
    second = itertools.count(FIRST_SECOND)
    for batch in listings.batches(case.batch):
        commands = make_commands(case, batch, next(second))
        began = time.perf_counter()
        send(client, commands)
        seconds += time.perf_counter() - began
    return seconds


def share_compact(client: redis.Redis, case: Case, word: str) -> int | None:
    """Return how many of 100 sampled keys are compact; None for the plain set, which is not."""
    if case.layout == "plain":
        return None
    generator = np.random.default_rng(SEED)
    shards = generator.integers(0, 1 << case.bits, ENCODING_SAMPLE).tolist()
    with client.pipeline(transaction=False) as pipe:
        for shard in shards:
            key = name_key(case, shard, 1 if case.layout == "A" else 0)
            ask(pipe, "OBJECT", "ENCODING", key)
        encodings = [answer for answer in pipe.execute(raise_on_error=False) if answer]
    known = [answer for answer in encodings if isinstance(answer, bytes)]
    return round(100 * sum(answer == word.encode() for answer in known) / len(known))


# ---------------------------------------------------------------------------------------------
# The section "questions"

FILLS = (64, 128, 256, 400, 512)
SOURCES_ASKED = (1, 11, 30)
SHARDS_ASKED = 100
"""Questions go round so many shards, so that not all of them wait in the nearest cache."""


@dataclass(frozen=True, slots=True)
class Shards:
    """Full shards to ask: ``fill`` entries of 30 sources in each, and how they are kept."""

    layout: Layout
    fill: int
    compact: bool = True
    marker: int = -STORE_ID
    """The marker's score. Negative stands first in a compact set, where it is found at once."""

    def describe(self) -> Row:
        """Return the columns that tell these shards from others."""
        marker = ("first" if self.marker < 0 else "last") if self.layout == "B" else None
        encoding = "compact" if self.compact else "skiplist"
        return {"layout": self.layout, "fill": self.fill, "kept": encoding, "marker": marker}


def list_shards(*, quick: bool) -> list[Shards]:
    """Return the shards to ask."""
    fills = FILLS[:3:2] if quick else FILLS
    return [
        *(Shards("B", fill) for fill in fills),
        *(Shards("B", fill, marker=STORE_ID) for fill in fills),
        *(Shards("B", fill, compact=False) for fill in fills),
        *(Shards("A", fill) for fill in fills),
        *(Shards("C", fill) for fill in fills),
    ]


def measure_questions(servers: Sequence[Server], *, quick: bool) -> Iterator[Row]:
    """Yield microseconds of a question about an unlisted phone, by shard and sources asked."""
    calls = 300 if quick else 3000
    for server in servers[:1]:
        with new_folder() as folder, run_server(server, Path(folder)) as running:
            pin(running.process.pid)
            yield {"server": server.name, "layout": "PING"} | time_calls(
                running, lambda client, _: ask(client, "PING"), "ping", calls
            )
            for shards in list_shards(quick=quick):
                store_shards(running.client, server, shards)
                for sources in SOURCES_ASKED:
                    yield {"server": server.name} | measure_question(
                        running, shards, sources, calls
                    )


def pin(pid: int) -> None:
    """Keep us and the server on cores of our own: moving about makes latencies jump threefold."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[0]})
    os.sched_setaffinity(pid, {cores[-1]})


def store_shards(client: redis.Redis, server: Server, shards: Shards) -> None:
    """Replace what the server holds by full shards."""
    ask(client, "FLUSHALL")
    entries = str(shards.fill if shards.compact else 0)
    for stem in ("zset", "hash"):
        ask(client, "CONFIG", "SET", f"{stem}-max-{server.list_word}-entries", entries)
    for shard in range(SHARDS_ASKED):
        send(client, list(make_shard(shards, shard)))


def make_shard(shards: Shards, shard: int) -> Iterator[list[Any]]:
    """Yield the commands that fill one shard with entries of 30 sources."""
    key = f"bl:{{{shard}}}"
    if shards.layout == "B":
        yield ["ZADD", f"{key}:e", shards.marker, MARKER]
    elif shards.layout == "C":
        yield ["HSET", f"{key}:e", MARKER, STORE_ID]
    for number in range(shards.fill - (shards.layout != "A")):
        code, phone = number % 30 + 1, f"+8491{shard:03}{number:04}".encode()
        words = make_entry(shards.layout, code, phone, FIRST_SECOND + number)
        name = str(code) if shards.layout == "A" else "e"
        yield [WRITE_COMMANDS[shards.layout].upper(), f"{key}:{name}", *words]


def measure_question(running: Running, shards: Shards, sources: int, calls: int) -> Row:
    """Ask about a phone that is not listed: each of its members is sought to the end."""
    phone = b"+84920000000"
    members = [MARKER, *(chr(code).encode() + phone for code in range(1, sources + 1))]

    def ask_set(client: redis.Redis, call: int) -> None:
        ask(client, "ZMSCORE", f"bl:{{{call % SHARDS_ASKED}}}:e", *members)

    def ask_hash(client: redis.Redis, call: int) -> None:
        ask(client, "HMGET", f"bl:{{{call % SHARDS_ASKED}}}:e", MARKER, phone)

    def ask_each_set(client: redis.Redis, call: int) -> None:
        with client.pipeline(transaction=False) as pipe:
            for code in range(1, sources + 1):
                ask(pipe, "ZSCORE", f"bl:{{{call % SHARDS_ASKED}}}:{code}", phone)
            pipe.execute()

    ways: dict[Layout, tuple[Callable[[redis.Redis, int], object], str]] = {
        "A": (ask_each_set, "zscore"),
        "B": (ask_set, "zmscore"),
        "C": (ask_hash, "hmget"),
    }
    return (
        shards.describe() | {"sources": sources} | time_calls(running, *ways[shards.layout], calls)
    )


def time_calls(
    running: Running, call: Callable[[redis.Redis, int], object], command: str, calls: int
) -> Row:
    """Return percentiles as a client sees them and the server's own time, us a question."""
    client = running.client
    for number in range(calls // 10):
        call(client, number)
    ask(client, "CONFIG", "RESETSTAT")
    taken = []
    for number in range(calls):
        began = time.perf_counter_ns()
        call(client, number)
        taken.append((time.perf_counter_ns() - began) / 1000)
    _, server_us = running.microseconds(command)
    taken.sort()
    return {
        "p50 us": round(taken[calls // 2], 1),
        "p99 us": round(taken[calls * 99 // 100], 1),
        "server us": round(server_us / calls, 2),
    }


# ---------------------------------------------------------------------------------------------
# The section "empty"


def measure_empty(servers: Sequence[Server], *, quick: bool) -> Iterator[Row]:
    """Yield what a store costs that holds nothing but the markers of three kinds."""
    for bits in (8, 12) if quick else (8, 10, 12, 14):
        for server in servers[:1]:
            with new_folder() as folder, run_server(server, Path(folder)) as running:
                warm_up(running.client)
                before = running.memory()
                began = time.perf_counter()
                for kind in ("phone", "account", "link"):
                    store_markers(running.client, Case("", "B", 0, bits, kind=kind))
                seconds = time.perf_counter() - began
                after = running.memory()
            shards = 3 << bits
            yield {
                "server": server.name,
                "bits": bits,
                "shards": shards,
                "seconds": round(seconds, 3),
                "KiB used": round((after[0] - before[0]) / 1024),
                "KiB resident": round((after[1] - before[1]) / 1024),
                "bytes used a shard": round((after[0] - before[0]) / shards, 1),
            }


SECTIONS = {"memory": measure_memory, "questions": measure_questions, "empty": measure_empty}

if __name__ == "__main__":
    show_figures(SECTIONS, "Measure how the store should be laid out.")

#!/usr/bin/env python3
"""Measure the embedded servers, and what an acknowledged write is worth on each.

Run by hand (``scripts/benchmark servers`` calls it). It touches no store but the servers it starts
itself in temporary folders. What the figures led to is written in docs/measurements.md, each with
the command that shows it.

Two sections, all of them unless ``--section`` names some:

``servers``    the servers themselves: start-up, size, memory when empty
``policies``   what each way to make writes safe costs, and what it loses
"""

import contextlib
import importlib.metadata
import itertools
import os
import re
import shutil
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import redis
from figures import Row, show_figures
from invented_listings import make_listings, make_phones
from measured_server import Running, ask, new_folder, run_server
from server_binaries import Server
from shard_layouts import FIRST_SECOND, Case, make_commands, send

STARTS = 5
WRITES = 2000


# ---------------------------------------------------------------------------------------------
# The section "servers"


@dataclass(frozen=True, slots=True)
class Policy:
    """How writes are made safe; with ``waits`` each is followed by ``WAITAOF 1 0``."""

    fsync: str
    waits: bool = False

    @property
    def options(self) -> tuple[str, ...]:
        """Return the server's options."""
        return ("--appendonly", "yes", "--appendfsync", self.fsync)


POLICIES = (Policy("everysec"), Policy("everysec", waits=True), Policy("always"))
DISKS = ("idle", "busy", "slow")
"""Busy: a neighbour writes and syncs all the time. Slow: each sync takes 0.2 s longer."""

TRACE = ("strace", "-D", "-f", "-q", "-ttt", "-T", "-e", "trace=fdatasync")
SLOW = ("-e", "inject=fdatasync:delay_enter=200000")
SYNC_LINE = re.compile(r"\d+ +([\d.]+) fdatasync\(\d+\) += 0 .*<([\d.]+)>")
MOST_SECONDS = 10.0


def measure_servers(servers: Sequence[Server], *, quick: bool) -> Iterator[Row]:
    """Yield what each server is: start-up time, memory when empty, size, abilities."""
    for server in servers:
        milliseconds = []
        for _ in range(1 if quick else STARTS):
            with new_folder() as folder:
                began = time.perf_counter()
                with run_server(server, Path(folder)) as running:
                    milliseconds.append((time.perf_counter() - began) * 1000)
                    used, resident = running.memory()
                    waits = knows_waitaof(running.client)
        yield {
            "server": server.name,
            "from": server.package or "PATH",
            "start ms": round(statistics.median(milliseconds), 1),
            "MiB used": round(used / 2**20, 2),
            "MiB resident": round(resident / 2**20, 2),
            "MB installed": round(measure_package(server) / 1e6, 1),
            "WAITAOF": waits,
        }


def knows_waitaof(client: redis.Redis) -> bool:
    """Ask the server itself."""
    try:
        ask(client, "WAITAOF", 0, 0, 0)
    except redis.ResponseError:
        return False
    return True


def measure_package(server: Server) -> int:
    """Return the bytes a wheel takes when installed, or those of the bare binary."""
    if server.package is None:
        return server.binary.stat().st_size
    files = importlib.metadata.files(server.package) or []
    return sum(path.size or 0 for path in files)


def measure_policies(servers: Sequence[Server], *, quick: bool) -> Iterator[Row]:
    """Yield what each way to make writes safe costs and loses, by the state of the disk."""
    writes = WRITES // 8 if quick else WRITES
    disks = DISKS[:1] if quick else DISKS if shutil.which("strace") else DISKS[:2]
    for server in servers[:1] if quick else servers:
        with new_folder() as folder, run_server(server, Path(folder)) as running:
            waits = knows_waitaof(running.client)
        for policy, disk in itertools.product(POLICIES, disks):
            if waits or not policy.waits:
                yield {
                    "server": server.name,
                    "appendfsync": policy.fsync,
                    "WAITAOF": policy.waits,
                    "disk": disk,
                } | measure_policy(server, policy, disk, writes)


def measure_policy(server: Server, policy: Policy, disk: str, writes: int) -> Row:
    """Write until enough is acknowledged, kill the server, start it again and count.

    A kill keeps what the kernel took, a power cut only what was synced. ``before its sync`` counts
    the acknowledgements that came before the kernel had synced the write: what a power cut at that
    moment would have lost. It is seen from outside, with strace, since servers tell it wrong.
    """
    with new_folder() as name:
        folder = Path(name)
        neighbour = keep_disk_busy(folder) if disk == "busy" else contextlib.nullcontext()
        trace = (*TRACE, "-o", str(folder / "syncs"), *SLOW) if disk == "slow" else ()
        with neighbour, run_server(server, folder, *policy.options, trace=trace) as running:
            loaded = None if trace else measure_synced_load(running, policy, rows=writes * 50)
            ask(running.client, "FLUSHALL")
            taken = [acked - sent for sent, acked in write_until(running.client, policy, writes)]
            running.process.kill()
            running.process.wait()
        with run_server(server, folder, *policy.options) as running:
            kept = int(ask(running.client, "DBSIZE"))
    return {
        "acknowledged": len(taken),
        "lost by kill -9": len(taken) - kept,
        "before its sync": count_early(server, policy, writes) if disk == "idle" else None,
        "p50 ms": round(statistics.median(taken) * 1000, 3),
        "max ms": round(max(taken) * 1000, 1),
        "load rows/s": loaded,
    }


def measure_synced_load(running: Running, policy: Policy, *, rows: int) -> int:
    """Return rows a second of a load in pipelines of a thousand, acknowledged at its end."""
    case = Case("", "B", rows, 10)
    commands = make_commands(case, make_listings("phone", make_phones(rows), 1), FIRST_SECOND)
    began = time.perf_counter()
    send(running.client, commands)
    if policy.waits:
        ask(running.client, "WAITAOF", 1, 0, 0)
    return round(rows / (time.perf_counter() - began))


def write_until(client: redis.Redis, policy: Policy, writes: int) -> list[tuple[float, float]]:
    """Write one by one; return when each was sent and when acknowledged, in Unix seconds.

    Ends after 10 s: a server that keeps WAITAOF's promise under everysec takes a second a write.
    """
    times: list[tuple[float, float]] = []
    while len(times) < writes and (not times or time.time() - times[0][0] < MOST_SECONDS):
        sent = time.time()
        ask(client, "SET", f"write:{len(times)}", "x")
        if policy.waits:
            ask(client, "WAITAOF", 1, 0, 0)
        times.append((sent, time.time()))
    return times


def count_early(server: Server, policy: Policy, writes: int) -> int | None:
    """Return how many writes were acknowledged unsynced, of ``writes``; None without strace."""
    if not shutil.which("strace"):
        return None
    with new_folder() as name:
        traced = Path(name, "syncs")
        trace = (*TRACE, "-o", str(traced))
        with run_server(server, Path(name), *policy.options, trace=trace) as running:
            times = write_until(running.client, policy, writes)
        time.sleep(0.2)  # strace ends a little after the server
        found = (SYNC_LINE.fullmatch(line) for line in traced.read_text().splitlines())
        syncs = [(float(hit[1]), float(hit[1]) + float(hit[2])) for hit in found if hit]
    return sum(
        not any(sent <= began and ended <= acked for began, ended in syncs) for sent, acked in times
    )


@contextlib.contextmanager
def keep_disk_busy(folder: Path) -> Iterator[None]:
    """Write and sync 64 MiB again and again beside the server, as a neighbour's backup does."""
    stop = threading.Event()
    block = os.urandom(1 << 20)

    def write() -> None:
        with (folder / "busy").open("wb", buffering=0) as file:
            while not stop.is_set():
                file.seek(0)
                for _ in range(64):
                    file.write(block)
                os.fsync(file.fileno())

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        stop.set()
        writer.join()


SECTIONS = {"servers": measure_servers, "policies": measure_policies}

if __name__ == "__main__":
    show_figures(SECTIONS, "Measure the embedded servers and their sync policies.")

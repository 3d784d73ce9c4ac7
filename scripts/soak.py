#!/usr/bin/env python3
"""Ask a real service of four workers for minutes, while two writers list and withdraw all the time.

    writers ──▶ throw-away store ◀── builder of snapshots
                      ▲
    askers ──▶ gunicorn, 4 workers

Wrong is "no_record" after an acknowledgement, and "listed" after an acknowledged withdrawal.
``scripts/soak [--minutes N] [--faults] [--json]`` calls it; figures are printed as those of the
benchmarks (``soak_figures``). It ends with 1 when an answer was wrong. ``--faults`` kills a worker
and the store's server in turn (``soak_faults``); writes and questions that fail then are counted
and done again. The user's own store is never touched; everything that it starts it ends by its
process id.
"""

import argparse
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import requests
from judged_figures import as_quick, make_document, print_document
from soak_faults import Breaker
from soak_figures import judge_soak
from throwaway_service import SMALL_BITS, post, started_service, temporary_store

from blacklist.errors import BlacklistError, Busy, StoreError
from blacklist.model import Identifier, Kind, Source
from blacklist.publish import Publisher
from blacklist.store import meta
from blacklist.store.place import Place
from blacklist.store.stage import Staged, Withdrawal

WORKERS = 4
WRITERS = 2
ASKERS = 3
VALUES_A_WRITE = 40
VALUES_OF_A_WRITER = 400
ITEMS_A_QUESTION = 60
QUESTIONS_A_CONNECTION = 20
"""Each connection stays with one worker; a new one may reach another."""

BUILD_EVERY_SECONDS = 1.0
PAUSE_SECONDS = 0.5
VISIBLE_WITHIN_SECONDS = 10.0


class Known:
    """What was acknowledged: values that must be listed, and values that must not be."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._since: dict[str, tuple[str, int]] = {}
        self._writes = 0

    def become(self, values: Sequence[str], verdict: str | None) -> None:
        """Note an acknowledgement; None: a write of the values begins, either answer is right."""
        with self._lock:
            self._writes += 1
            for value in values:
                if verdict is None:
                    self._since.pop(value, None)
                else:
                    self._since[value] = (verdict, self._writes)

    def of(self, values: Sequence[str]) -> dict[str, tuple[str, int]]:
        """Return the verdict that must be given of each value, and the write that it rests on."""
        with self._lock:
            return {value: self._since[value] for value in values if value in self._since}


class Soak:
    """Everything that runs at once over one service and one store."""

    def __init__(
        self, folder: Path, address: str, ends: float, breaker: Breaker | None = None
    ) -> None:
        self._folder = folder
        self._breaker = breaker
        self._url = f"http://{address}/v1/check"
        self._ends = ends
        self._stop = threading.Event()
        self.known = Known()
        self.counts: Counter[str] = Counter()
        self.visible_seconds: list[float] = []
        self.faults: list[str] = []

    def run(self) -> None:
        """Run until the time is over; raises what any part failed with."""
        parts: list[Callable[[], None]] = [self._build, *[self._ask] * ASKERS]
        parts += [partial(self._write, number) for number in range(WRITERS)]
        if self._breaker is not None:
            parts.append(partial(self._breaker.run, self._stop, self.counts))
        with ThreadPoolExecutor(len(parts)) as pool:
            running = [pool.submit(self._until_stopped, part) for part in parts]
            try:
                self._stop.wait(self._ends - time.monotonic())
            finally:
                self._stop.set()
        for one in running:
            one.result()

    def _until_stopped(self, part: Callable[[], None]) -> None:
        try:
            part()
        finally:
            self._stop.set()

    def _publisher(self) -> Publisher:
        place = Place(None, self._folder)
        client = place.writer()
        return Publisher(client, meta.require(client))

    def _write(self, number: int) -> None:
        """List and withdraw parts of this writer's values, each in turn."""
        rng = random.Random(number)
        publisher, source = self._publisher(), Source(f"soak-{number}", f"Soak {number}")
        own = [f"site-{number}-{place}.example" for place in range(VALUES_OF_A_WRITER)]
        while not self._stop.is_set():
            some, is_listed = rng.sample(own, VALUES_A_WRITE), rng.choice((True, True, False))
            self.known.become(some, None)
            try:
                _publish(publisher, source, some, is_listed=is_listed)
            except StoreError:
                self._survive("failed writes")
                continue
            self.known.become(some, "listed" if is_listed else "no_record")
            self.counts["writes"] += 1
            if is_listed:
                self._see(some[0])

    def _see(self, value: str) -> None:
        """Measure how long after its acknowledgement a value is listed, by new connections."""
        acknowledged = time.monotonic()
        while time.monotonic() < acknowledged + VISIBLE_WITHIN_SECONDS:
            with requests.Session() as session:
                session.trust_env = False
                result = next(iter(self._results(session, [value])), {"verdict": "unavailable"})
            if result["verdict"] == "listed":
                self.visible_seconds.append(time.monotonic() - acknowledged)
                return
            self._judge(value, result["verdict"], "listed")

    def _build(self) -> None:
        publisher = self._publisher()
        while not self._stop.wait(BUILD_EVERY_SECONDS):
            try:
                publisher.rebuild(Kind.LINK)
                publisher.tidy()
                self.counts["snapshots"] += 1
            except Busy:
                continue
            except StoreError:
                self._survive("failed snapshots")

    def _ask(self) -> None:
        rng = random.Random()
        every = [
            f"site-{n}-{p}.example" for n in range(WRITERS) for p in range(VALUES_OF_A_WRITER + 50)
        ]
        while not self._stop.is_set():
            with requests.Session() as session:
                session.trust_env = False
                for _ in range(QUESTIONS_A_CONNECTION):
                    self._ask_once(session, rng.sample(every, ITEMS_A_QUESTION))

    def _ask_once(self, session: requests.Session, values: Sequence[str]) -> None:
        before = self.known.of(values)
        results = self._results(session, values)
        after = self.known.of(values)
        for value, result in zip(values, results, strict=bool(results)):
            said = result["verdict"]
            self.counts["questions"] += 1
            self.counts[said] += 1
            if value not in before or before[value] != after.get(value):
                continue
            self._judge(value, said, before[value][0])

    def _judge(self, value: str, said: str, right: str) -> None:
        self.counts["judged"] += 1
        if said not in (right, "unavailable"):
            self.counts["wrong"] += 1
            self.faults.append(f"{value}: {said} and not {right}")

    def _survive(self, what: str) -> None:
        """Count what failed because something was killed; raises it where nothing is."""
        if self._breaker is None:
            raise  # noqa: PLE0704 - called while an exception is handled
        self.counts[what] += 1
        self._stop.wait(PAUSE_SECONDS)

    def _results(self, session: requests.Session, values: Sequence[str]) -> list[dict[str, Any]]:
        items = [{"value": value, "kind": "link"} for value in values]
        try:
            response = post(session, self._url, {"items": items})
            results: list[dict[str, Any]] = msgspec.json.decode(response.content)["results"]
        except (requests.RequestException, msgspec.DecodeError, KeyError):
            self._survive("failed requests")
            return []
        return results


def _publish(
    publisher: Publisher, source: Source, values: Sequence[str], *, is_listed: bool
) -> None:
    """List or withdraw links and return when that is acknowledged."""
    found = [Identifier(Kind.LINK, value) for value in values]
    with publisher.load(source, full=False) as load:
        if is_listed:
            load.put(Staged(one) for one in found)
        else:
            load.withdraw(Withdrawal(one) for one in found)
        load.commit()


def main() -> int:
    """Run the soak and print its figures."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what runs is ended, too
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10.0, help="how long (default: 10)")
    parser.add_argument(
        "--faults", action="store_true", help="kill a worker and the server in turn"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--quick", action="store_true", help="mark the figures as a first look's")
    chosen = parser.parse_args()
    try:
        soak = soak_for(chosen.minutes, faults=chosen.faults)
    except BlacklistError as exc:
        print(f"soak: {exc}", file=sys.stderr)
        return 1
    for fault in soak.faults[:10]:
        print(f"wrong: {fault}", file=sys.stderr)
    figures = list(judge_soak(soak.counts, soak.visible_seconds, chosen.minutes))
    if chosen.quick:
        figures = [as_quick(figure) for figure in figures]
    print_document(make_document(figures, quick=chosen.quick), as_json=chosen.json)
    return 1 if soak.counts["wrong"] else 0


def soak_for(minutes: float, *, faults: bool = False) -> Soak:
    """Make the store and the service, and run everything over them."""
    with temporary_store(bits=SMALL_BITS) as (folder, publisher):
        with publisher.load(Source("first", "First"), full=False) as load:
            load.put([Staged(Identifier(Kind.LINK, "first.example"))])
            load.commit()
        with started_service(folder, WORKERS=str(WORKERS)) as (_, address):
            breaker = Breaker(folder) if faults else None
            soak = Soak(folder, address, time.monotonic() + minutes * 60, breaker)
            soak.run()
            return soak


if __name__ == "__main__":
    sys.exit(main())

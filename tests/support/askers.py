"""Questions asked all the time while a store is hurt, and how the answers were."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from blacklist.lookup import Ask, Lookup
from blacklist.model import Kind, Outcome, Verdict
from blacklist.replica import Replica
from blacklist.store import connect

CLEAN = "clean.example"
A_TIME = 6


class Process:
    """One replica that follows a store by itself, and its lookups, as a worker has them."""

    def __init__(self, url: str) -> None:
        self._clients = [connect.reader(url), connect.reader(url)]
        self.replica = Replica(self._clients[0])
        self.lookup = Lookup(self.replica, self._clients[1])
        self.replica.start()

    def ask(self, *values: str) -> list[Verdict]:
        """The verdicts on some links."""
        return self.lookup.check_many([Ask(value, kind=Kind.LINK) for value in values])

    def outcomes(self, *values: str) -> list[Outcome | None]:
        """What the verdicts say."""
        return [one.verdict for one in self.ask(*values)]

    def end(self) -> None:
        """Stop following."""
        self.replica.stop()
        for client in self._clients:
            client.close()


@contextmanager
def following(url: str) -> Iterator[Process]:
    """A process inside the block."""
    process = Process(url)
    try:
        yield process
    finally:
        process.end()


class Askers:
    """Threads that ask for what was acknowledged. ``wrong`` must stay empty."""

    def __init__(self, url: str, acknowledged: list[str]) -> None:
        self.acknowledged = list(acknowledged)
        self.wrong: list[tuple[str, object]] = []
        self.asked = 0
        self.unavailable = 0
        self.seconds_at_most = 0.0
        self._troubled = 0.0
        self._stop = threading.Event()
        self._processes = [Process(url) for _ in range(2)]
        self._threads = [
            threading.Thread(target=self._ask, args=(process, seed), daemon=True)
            for seed, process in enumerate(self._processes * 2)
        ]
        for thread in self._threads:
            thread.start()

    def wait_until_healed(self, seconds: float, since: float) -> float:
        """Wait until everything is answered again; seconds from ``since`` to the last trouble."""
        deadline = since + seconds
        while time.monotonic() < deadline:
            if self._all_is_listed():
                return max(0.0, self._troubled - since)
            time.sleep(0.05)
        raise AssertionError("answers did not come back in time")

    def end(self) -> None:
        """Stop asking."""
        self._stop.set()
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive(), "a question does not end"
        for process in self._processes:
            process.end()

    def _all_is_listed(self) -> bool:
        told = [process.outcomes(*self.acknowledged) for process in self._processes]
        return all(one is Outcome.LISTED for outcomes in told for one in outcomes)

    def _ask(self, process: Process, seed: int) -> None:
        chance = random.Random(seed)
        while not self._stop.is_set():
            values = chance.sample(self.acknowledged, A_TIME)
            begun = time.monotonic()
            outcomes = process.outcomes(*values, CLEAN)
            ended = time.monotonic()
            self.seconds_at_most = max(self.seconds_at_most, ended - begun)
            self._count(values, outcomes, ended)
            time.sleep(0.01)

    def _count(self, values: list[str], outcomes: list[Outcome | None], now: float) -> None:
        allowed = [Outcome.LISTED] * A_TIME + [Outcome.NO_RECORD]
        for value, outcome, right in zip((*values, CLEAN), outcomes, allowed, strict=True):
            self.asked += 1
            if outcome is Outcome.UNAVAILABLE:
                self.unavailable += 1
                self._troubled = now
            elif outcome is not right:
                self.wrong.append((value, outcome))


@contextmanager
def asking(url: str, acknowledged: list[str]) -> Iterator[Askers]:
    """Ask all the time inside the block."""
    askers = Askers(url, acknowledged)
    try:
        yield askers
    finally:
        askers.end()


def eventually(does: Callable[[], object], error: type[Exception], seconds: float = 30) -> object:
    """What a call returns once it no longer raises an error."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return does()
        except error:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)

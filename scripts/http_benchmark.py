#!/usr/bin/env python3
"""Measure what a question costs over HTTP, against a bare Flask route.

Run as ``scripts/benchmark http [--json] [--quick] [--rounds 5]``; figures stand in
docs/measurements.md. Services run side by side under the same gunicorn settings: ours over a store
with 200,000 numbers, ours once more with everything on that an institution runs with (``full``: a
key with a quota and a policy, limits, a log), and a Flask application with one route that returns a
constant. A client
of this program keeps some connections busy with one sort of request after the other, in slices of
three quarters of a second, four slices of each a round. A ratio is taken within each turn and its
median counts: whatever else runs on the machine weighs on all sorts of one turn. The batches are of
1,000 clean numbers; their rate is in identifiers a second.
"""

import statistics
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from busy_client import BATCH, Connection, get, keep_busy, post_batch
from gunicorn_service import BARE, run_gunicorn
from judged_figures import Figure, Trial, judge, median_ratio, show_judged, take_turns
from throwaway_service import started_service, temporary_store

from blacklist.callers import Scope, mint
from blacklist.model import Identifier, Kind, Source
from blacklist.publish import Publisher
from blacklist.store import callers
from blacklist.store.stage import Staged

ENTRIES: Final = 200_000
SLICE_SECONDS: Final = 0.75
QUICK_SECONDS: Final = 0.1
TURNS_A_ROUND: Final = 4
CLEAN: Final = "value=0912345678&kind=phone"
REQUESTS: Final = {
    "clean": get(CLEAN),
    "listed": get("value=0900000001&kind=phone"),
    "clean_link": get("value=https://clean.example/a&kind=link"),
}
FULL: Final = {"ACCESS_LOG": "yes", "PUBLIC_PER_MINUTE": "1200"}
"""Settings of the service with everything on: what comes to be switched on by one belongs here."""

VERDICTS: Final = {"clean": b"no_record", "listed": b"listed", "clean_link": b"no_record"}
AGAINST: Final = "a bare Flask route"


def fill(publisher: Publisher, count: int) -> None:
    """List numbers and some links."""
    rows = [
        *(Identifier(Kind.PHONE, f"+84900{number:06d}") for number in range(count)),
        *(Identifier(Kind.LINK, f"h{number}.evil.example") for number in range(1_000)),
    ]
    with publisher.load(Source("measured", "Measured"), full=True) as load:
        load.put(map(Staged, rows))
        load.commit()


def make_key(publisher: Publisher) -> str:
    """Return a key whose questions are counted against a quota that is never used up."""
    caller, key = mint("measured", [Scope.CHECK], now=0, quota=10**12)
    callers.write(publisher.client, caller)
    return key


def rates(trial: Trial) -> dict[str, list[float]]:
    """Return how many requests of each sort were answered in a second, turn by turn."""
    seconds = QUICK_SECONDS if trial.quick else SLICE_SECONDS
    with temporary_store() as (folder, publisher):
        fill(publisher, trial.size(ENTRIES, ENTRIES // 100))
        keyed = get(CLEAN, make_key(publisher))
        with (
            started_service(folder) as (_, address),
            started_service(folder, **FULL) as (_, full_address),
            run_gunicorn(BARE, Path(folder)) as bare,
        ):
            port, full = (int(one.rpartition(":")[2]) for one in (address, full_address))
            require_right_answers(port)
            sorts = {"bare": (bare, REQUESTS["clean"]), "full": (full, keyed)}
            sorts |= {name: (port, request) for name, request in REQUESTS.items()}
            sorts["batch"] = (port, post_batch())
            runs: dict[str, Callable[[], float]] = {
                name: partial(rate, *sort, seconds) for name, sort in sorts.items()
            }
            return take_turns(runs, trial.rounds * trial.size(TURNS_A_ROUND, 1))


def require_right_answers(port: int) -> None:
    """End the program where an answer is not the one whose price is measured."""
    for name, request in REQUESTS.items():
        body, _ = Connection(port).ask(request)
        if b'"verdict":"%s"' % VERDICTS[name] not in body:
            raise SystemExit(f"another answer than {VERDICTS[name].decode()}: {body[:200]!r}")


def rate(port: int, request: bytes, seconds: float) -> float:
    """Return how many requests a second a service answers."""
    return keep_busy(port, request, seconds).per_second


def measure(trial: Trial) -> Iterator[Figure]:
    """Yield each sort's rate, its ratio to the bare route, and the rate of batches."""
    taken = rates(trial)
    middle = {name: statistics.median(values) for name, values in taken.items()}
    bare = middle["bare"]
    yield judge("http_bare_per_s", bare, unit="a second")
    for name in REQUESTS:
        per_second = middle[name]
        yield judge(
            f"http_{name}_per_s", per_second, unit="a second", baseline=bare, against=AGAINST
        )
        ratio = median_ratio(taken[name], taken["bare"])
        yield judge(f"http_{name}_ratio", ratio, unit="of a bare route")
    full = middle["full"]
    yield judge("http_clean_per_s_full", full, unit="a second", baseline=bare, against=AGAINST)
    yield judge("http_clean_ratio_full", median_ratio(taken["full"], taken["bare"]))
    yield judge(
        "http_batch_per_s",
        middle["batch"] * BATCH,
        baseline=bare,
        against="requests of a bare Flask route",
    )


if __name__ == "__main__":
    sys.exit(show_judged(measure, __doc__ or ""))

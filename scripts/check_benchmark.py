#!/usr/bin/env python3
"""Measure what a question costs in process, one at a time and a thousand at once, by kind.

Run as ``scripts/benchmark check [--json] [--quick] [--rounds 5]``; figures stand in
docs/measurements.md. One process with its replica asks an embedded store with 200,000 identifiers
of each kind about clean texts, as people write them. Beside it, in turn: a bare ``SMISMEMBER`` of
the same identifiers in one plain set over the same connection, which neither reads texts nor knows
sources, and ``in`` of pybloom-live, one by one.
"""

import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from identify_benchmark import BANKS, SEED, make_account, make_link, make_plain_phone
from judged_figures import Figure, Trial, judge, medians, show_judged
from pybloom_live import BloomFilter
from throwaway_service import temporary_store

from blacklist import identifiers
from blacklist.lookup import Ask, Lookup
from blacklist.model import Identifier, Kind, Outcome, Source
from blacklist.publish import Publisher
from blacklist.replica import Replica
from blacklist.store import Client
from blacklist.store.place import Place
from blacklist.store.stage import Staged

ENTRIES: Final = 200_000
TEXTS: Final = 20_000
ONE_BY_ONE: Final = 2_000
BATCH: Final = 1_000
READY_SECONDS: Final = 30
MAKERS: Final = {
    Kind.PHONE: make_plain_phone,
    Kind.ACCOUNT: make_account,
    Kind.LINK: make_link,
}
LISTED: Final = {
    Kind.PHONE: "+84371{:06d}",
    Kind.ACCOUNT: "970436/000000{:06d}",
    Kind.LINK: "h{}.evil.example",
}
"""What is listed: nothing that the makers make."""


@dataclass(frozen=True, slots=True)
class Texts:
    """Questions of one kind, and the identifiers that stand for them in a plain set."""

    asks: list[Ask]
    values: list[str]


def make_texts(kind: Kind, count: int) -> Texts:
    """Return clean questions of a kind, each another one."""
    rng = random.Random(f"{SEED} {kind.value}")
    asks = [
        Ask(MAKERS[kind](rng), kind, rng.choice(BANKS) if kind is Kind.ACCOUNT else None)
        for _ in range(count)
    ]
    questions = (identifiers.ask(one.value, kind=kind, bank=one.bank) for one in asks)
    return Texts(asks, [question.readings[0].identifier.value for question in questions])


def listed(kind: Kind, count: int) -> list[str]:
    """Return what is listed of a kind."""
    return [LISTED[kind].format(number) for number in range(1, count + 1)]


def ask_for(kind: Kind, value: str) -> Ask:
    """Return the question about a listed identifier."""
    bank, _, number = value.rpartition("/") if kind is Kind.ACCOUNT else ("", "", value)
    return Ask(number, kind, bank or None)


def fill(publisher: Publisher, count: int) -> None:
    """List identifiers of every kind, and put the same ones into plain sets."""
    with publisher.load(Source("measured", "Measured"), full=True) as load:
        for kind in Kind:
            load.put(Staged(Identifier(kind, value)) for value in listed(kind, count))
        load.commit()
    for kind in Kind:
        publisher.client.sadd(plain_set(kind), *listed(kind, count))


def plain_set(kind: Kind) -> str:
    """Return the key of a kind's plain set."""
    return f"plain:{kind.value}"


@contextmanager
def asking(folder: Path) -> Iterator[tuple[Lookup, Client]]:
    """Yield a lookup whose replica follows the store, and the client it asks with."""
    place = Place(None, folder)
    replica = Replica(place.reader())
    replica.start()
    try:
        deadline = time.monotonic() + READY_SECONDS
        while replica.view is None:
            if time.monotonic() > deadline:
                raise SystemExit(f"the replica does not get ready: {replica.trouble}")
            time.sleep(0.01)
        client = place.reader()
        yield Lookup(replica, client), client
        client.close()
    finally:
        replica.stop()


def per_second(run: Callable[[], object], count: int) -> float:
    """Run once; returns how many of ``count`` it did in a second."""
    begun = time.perf_counter()
    run()
    return count / (time.perf_counter() - begun)


def ask_many(lookup: Lookup, asks: Sequence[Ask], verdict: Outcome) -> None:
    """Ask in batches; the first of each must be answered rightly."""
    for start in range(0, len(asks), BATCH):
        require(lookup.check_many(asks[start : start + BATCH])[0].verdict, verdict)


def ask_each(lookup: Lookup, asks: Sequence[Ask], verdict: Outcome) -> None:
    """Ask one by one."""
    for one in asks:
        require(lookup.check(one).verdict, verdict)


def require(said: Outcome | None, right: Outcome) -> None:
    """End the program where an answer is not the one whose price is measured."""
    if said is not right:
        raise SystemExit(f"answered {said} and not {right}")


def ask_plain_set(client: Client, kind: Kind, values: Sequence[str], batch: int) -> None:
    """Ask the bare server about identifiers, so many a command."""
    for start in range(0, len(values), batch):
        client.smismember(plain_set(kind), list(values[start : start + batch]))


def ask_pybloom(bloom: BloomFilter, values: Sequence[str]) -> None:
    """Ask pybloom-live one by one."""
    for value in values:
        value in bloom  # noqa: B015 - asked for the time it takes


def make_runs(
    kind: Kind, lookup: Lookup, client: Client, trial: Trial
) -> dict[str, Callable[[], float]]:
    """Return the passes of one kind; each returns a rate."""
    count, few = trial.size(TEXTS, BATCH), trial.size(ONE_BY_ONE, 100)
    entries = trial.size(ENTRIES, BATCH)
    texts, clean = make_texts(kind, count), Outcome.NO_RECORD
    known = [ask_for(kind, value) for value in listed(kind, few)]
    bloom = BloomFilter(ENTRIES, 0.001)
    for value in listed(kind, entries):
        bloom.add(value)
    passes: dict[str, tuple[Callable[[], object], int]] = {
        "many": (partial(ask_many, lookup, texts.asks, clean), count),
        "many SMISMEMBER": (partial(ask_plain_set, client, kind, texts.values, BATCH), count),
        "pybloom": (partial(ask_pybloom, bloom, texts.values), count),
        "one": (partial(ask_each, lookup, texts.asks[:few], clean), few),
        "one SMISMEMBER": (partial(ask_plain_set, client, kind, texts.values[:few], 1), few),
        "one listed": (partial(ask_each, lookup, known, Outcome.LISTED), few),
    }
    return {name: partial(per_second, *one) for name, one in passes.items()}


def measure(trial: Trial) -> Iterator[Figure]:
    """Yield each kind's rates beside those of a bare SMISMEMBER and of pybloom-live."""
    with temporary_store() as (folder, publisher):
        fill(publisher, trial.size(ENTRIES, BATCH))
        with asking(folder) as (lookup, client):
            for kind in Kind:
                rates = medians(make_runs(kind, lookup, client, trial), trial.rounds)
                yield from judge_kind(kind.value, rates)


def judge_kind(kind: str, rates: dict[str, float]) -> Iterator[Figure]:
    """Yield the figures of one kind."""
    yield judge(
        f"many_{kind}_per_s",
        rates["many"],
        baseline=rates["many SMISMEMBER"],
        against="SMISMEMBER of 1,000",
    )
    yield judge(
        f"many_{kind}_to_pybloom_ratio",
        rates["many"] / rates["pybloom"],
        unit="of pybloom-live, one by one",
    )
    for name, way in {"one": "one", "one_listed": "one listed"}.items():
        yield judge(
            f"{name}_{kind}_per_s",
            rates[way],
            unit="a second",
            baseline=rates["one SMISMEMBER"],
            against="SMISMEMBER of 1",
        )


if __name__ == "__main__":
    sys.exit(show_judged(measure, __doc__ or ""))

#!/usr/bin/env python3
"""Measure how many texts a second one core understands.

Run as ``scripts/benchmark identify [--json] [--rounds 5] [--count 20000]``; figures stand in
docs/measurements.md. Each row is one sort of text and one verb, always with its kind named: ``ask``
is a question with its display, candidates and related readings (a phone in plain form is also read
as an account at every wallet), ``read`` the kind's own part of that, ``list_as`` a feed's row. The
baseline for phones is the bare library on the same texts: ``phonenumbers.parse`` and
``is_possible_number``, without the formatting that our verbs include. Medians of rounds that go
through all sorts in turn; fixed seed; every text is another one. No store is needed.
"""

import argparse
import json
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import phonenumbers
from scan_texts import measure_messages, measure_service

from blacklist.identifiers import ask, list_as, phone
from blacklist.identifiers.protocol import Hints
from blacklist.model import Kind

SEED = 20261122
ROUNDS = 5
COUNT = 20_000

MOBILES = ("32", "35", "38", "56", "70", "79", "83", "88", "90", "91", "97", "98")
LANDLINES = ("2438", "2838", "22538", "23638")
MOBILE_DIGITS = 9
IN_FIVE = (True, False, False, False, False)
PLAIN_FORMS = ("0{}", "0{}", "0{}", "+84{}", "84{}", "0084{}")
ABROAD = ("+447700900{:.3}", "+1 202-555-01{:.2}", "+855 12 345 {:.3}", "0033 1 99 00 {:.4}")
OTHER_FORMS = (
    "0{0} (anh Nam)",
    "(+84) {0}",
    "sip:+84{0}@host.example;user=phone",
    "tel:0{0};ext=12",
    "０{0}",
    "0120{1}",
    "0511{1}",
    "069{1}",
)
BANKS = ("Vietcombank", "970436", "MB", "ACB", "BFTVVNVX", "Ngân hàng TMCP Á Châu")
LINK_FORMS = (
    "https://{0}.example/{1}",
    "http://www.{0}.example/login/{1}?id={1}",
    "{0}.vn-bank.example",
    "hxxps://{0}[.]example/a/{1}",
    "https://{0}.com.vn/{1}/tin-tuc",
)


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of text: how it is called, asked and what it must reach a second."""

    name: str
    kind: Kind
    bar: int
    make: Callable[[random.Random], str]


def digits(rng: random.Random, count: int) -> str:
    """Return that many random digits."""
    return f"{rng.randrange(10**count):0{count}d}"


def make_national(rng: random.Random) -> str:
    """Return nine digits of a mobile or ten of a landline in use."""
    start, length = rng.choice(MOBILES), MOBILE_DIGITS
    if rng.choice(IN_FIVE):
        start, length = rng.choice(LANDLINES), MOBILE_DIGITS + 1
    return start + digits(rng, length - len(start))


def make_plain_phone(rng: random.Random) -> str:
    """Return a number in use as Vietnamese write it."""
    text = rng.choice(PLAIN_FORMS).format(make_national(rng))
    if rng.choice(IN_FIVE):
        cut = len(text) - 3
        text = (
            f"{text[: cut - 3]}{(mark := rng.choice(' .-'))}{text[cut - 3 : cut]}{mark}{text[cut:]}"
        )
    return text


def make_other_phone(rng: random.Random) -> str:
    """Return a number from abroad, of before 2017 and 2018, or with trimmings."""
    if rng.choice((True, False)):
        return rng.choice(ABROAD).format(digits(rng, 4))
    return rng.choice(OTHER_FORMS).format(f"91{digits(rng, 7)}", digits(rng, 7))


def make_account(rng: random.Random) -> str:
    """Return an account that is nobody's: too many zeros to be one."""
    return f"000000{digits(rng, rng.choice((6, 7, 8)))}1"


def make_link(rng: random.Random) -> str:
    """Return a link to a host that is reserved, or that could be anybody's in a suffix."""
    return rng.choice(LINK_FORMS).format(f"h{digits(rng, 7)}", digits(rng, 4))


SORTS = (
    Sort("phones, plain Vietnamese", Kind.PHONE, 250_000, make_plain_phone),
    Sort("phones, other", Kind.PHONE, 10_000, make_other_phone),
    Sort("accounts", Kind.ACCOUNT, 150_000, make_account),
    Sort("links", Kind.LINK, 25_000, make_link),
)


def ask_library(text: str) -> bool:
    """Do what the library alone needs to understand a number."""
    return phonenumbers.is_possible_number(phonenumbers.parse(text, "VN"))


def make_runs(count: int) -> dict[tuple[str, str], Callable[[], None]]:
    """Return (sort, verb) → one pass over its texts."""
    runs: dict[tuple[str, str], Callable[[], None]] = {}
    for sort in SORTS:
        rng = random.Random(f"{SEED} {sort.name}")
        texts = [sort.make(rng) for _ in range(count)]
        banks = [rng.choice(BANKS) if sort.kind is Kind.ACCOUNT else None for _ in texts]
        runs[sort.name, "ask"] = bind(ask, sort.kind, texts, banks)
        if sort.kind is Kind.PHONE:
            runs[sort.name, "read"] = bind_read(texts)
        runs[sort.name, "list_as"] = bind(list_as, sort.kind, texts, banks)
        if sort.kind is Kind.PHONE:
            runs[sort.name, "library"] = bind_library(texts)
    return runs


def bind(
    verb: Callable[..., object], kind: Kind, texts: Sequence[str], banks: Sequence[str | None]
) -> Callable[[], None]:
    """Return a pass of one verb."""

    def run() -> None:
        for text, bank in zip(texts, banks, strict=True):
            verb(text, kind=kind, bank=bank)

    return run


def bind_read(texts: Sequence[str]) -> Callable[[], None]:
    """Return a pass of what phones alone cost a question."""
    hints = Hints()

    def run() -> None:
        for text in texts:
            phone.read(text, hints)

    return run


def bind_library(texts: Sequence[str]) -> Callable[[], None]:
    """Return a pass of the library; what it cannot read costs it as much."""

    def run() -> None:
        for text in texts:
            try:
                ask_library(text)
            except phonenumbers.NumberParseException:
                continue

    return run


def measure(count: int, rounds: int) -> list[dict[str, Any]]:
    """Return a row for each sort and verb: median calls a second, the bar, times the library."""
    runs = make_runs(count)
    for run in runs.values():
        run()  # tables and patterns are made at first use
    seconds: dict[tuple[str, str], list[float]] = {key: [] for key in runs}
    for _ in range(rounds):
        for key, run in runs.items():
            began = time.perf_counter()
            run()
            seconds[key].append(time.perf_counter() - began)
    rates = {key: count / statistics.median(taken) for key, taken in seconds.items()}
    bars = {sort.name: sort.bar for sort in SORTS}
    return [
        {
            "texts": name,
            "verb": verb,
            "per second": int(round(rate, -2)),
            "bar": None if verb == "library" else bars[name],
            "times the library": round(rate / rates[name, "library"], 1)
            if (name, "library") in rates
            else None,
        }
        for (name, verb), rate in rates.items()
    ]


def print_table(rows: Sequence[dict[str, Any]]) -> None:
    """Print rows as a Markdown table."""
    columns = list(rows[0])
    print(f"| {' | '.join(columns)} |")
    print(f"|{'---|' * len(columns)}")
    for row in rows:
        cells = (
            f"{row[column]:,}" if isinstance(row[column], int) else row[column] for column in row
        )
        print(f"| {' | '.join('' if cell is None else str(cell) for cell in cells)} |")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure how many texts a second are understood.")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="at least 5")
    parser.add_argument("--count", type=int, default=COUNT, help="texts of each sort")
    parser.add_argument("--service", action="store_true", help="ask a real service, too")
    chosen = parser.parse_args()
    rounds = max(chosen.rounds, ROUNDS)
    rows = measure(chosen.count, rounds)
    messages = measure_messages(rounds)
    if chosen.service:
        messages += measure_service(rounds)
    if chosen.json:
        machine = {"python": platform.python_version(), "system": platform.platform()}
        print(json.dumps({"machine": machine, "identify": rows, "messages": messages}, indent=1))
    else:
        print_table(rows)
        print()
        print_table(messages)
    return 0


if __name__ == "__main__":
    sys.exit(main())

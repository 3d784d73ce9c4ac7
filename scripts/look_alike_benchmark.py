#!/usr/bin/env python3
"""Measure the look-alike warning: microseconds a host, the innocent it flags, what it notices.

Run by hand (``scripts/benchmark look_alike [FILE …]`` calls it); never by the tests or the service.
A FILE is a list of hosts or links, one a line, or a JSON warning list of MISP (``{"list": […]}``).
Without one, hosts are made: names without meaning, and what ``dnstwist`` makes of the official
domains where it is installed (it comes with the tests). Prints how many hosts are noted, by
institution, and never a host, so that a real feed's rows stay out of logs; ``--show`` prints some.
"""

import argparse
import importlib
import importlib.util
import json
import random
import string
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import idna

from blacklist.errors import InvalidIdentifier
from blacklist.identifiers.institutions import institutions
from blacklist.identifiers.locations import locate
from blacklist.identifiers.look_alike import imitates, imitates_number

SEED = 20261122
MADE_HOSTS = 20_000
MADE_NUMBERS = 100_000
SAMPLE = 300
WAYS = ("homoglyph", "addition", "repetition", "hyphenation", "subdomain", "tld-swap")
SUFFIXES = ("com", "net", "org", "info", "xyz", "top", "online", "site", "club", "shop", "vip")

Pair = tuple[str, str]


def main() -> None:
    """Print one line a list."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print N noted hosts")
    options = parser.parse_args()
    imitates("a.example", "a.example")  # makes the tables
    for file in options.files:
        report(file.name, place_all(read_texts(file)), options.show)
    if not options.files:
        report("made names", place_all(make_names()), options.show)
        for way in WAYS if importlib.util.find_spec("dnstwist") else ():
            report(f"dnstwist {way}", place_all(make_imitations(way)), options.show)
        report_numbers()


def report(title: str, pairs: list[Pair], show: int) -> None:
    """Measure and print one list."""
    start = time.process_time()
    names = [imitates(host, registrable) for host, registrable in pairs]
    microseconds = (time.process_time() - start) / max(len(pairs), 1) * 1e6
    noted = [(pair[0], name) for pair, name in zip(pairs, names, strict=True) if name]
    share = len(noted) / max(len(pairs), 1)
    print(
        f"{title}: {len(pairs):,} hosts, {microseconds:.1f} us each, {len(noted):,} noted", end=" "
    )
    print(f"({share:.1%})", *(f"{name} {count}" for name, count in top(noted)), sep="; ")
    for host, name in random.Random(SEED).sample(noted, min(show, len(noted))):
        print(f"    {host}: {name}")


def report_numbers() -> None:
    """Measure numbers: random ones of Vietnam and of abroad, of which hardly one is noted."""
    chance = random.Random(SEED)
    numbers = [
        f"+{chance.choice(('84', '855', '44', '1'))}{chance.randrange(10**8, 10**10)}"
        for _ in range(MADE_NUMBERS)
    ]
    start = time.process_time()
    noted = sum(imitates_number(number) is not None for number in numbers)
    microseconds = (time.process_time() - start) / len(numbers) * 1e6
    print(f"random numbers: {len(numbers):,}, {microseconds:.1f} us each, {noted} noted")


def top(noted: list[Pair]) -> list[tuple[str, int]]:
    """Return the institutions noted most."""
    return Counter(name for _, name in noted).most_common(10)


def read_texts(file: Path) -> Iterator[str]:
    """Yield the hosts or links of a file."""
    text = file.read_text("utf-8")
    if text.lstrip().startswith("{"):
        yield from json.loads(text)["list"]
    else:
        yield from filter(None, map(str.strip, text.splitlines()))


def place_all(texts: Iterable[str]) -> list[Pair]:
    """Return host and registrable domain of every text that is a link."""
    pairs = []
    for text in texts:
        try:
            place = locate(text)
        except InvalidIdentifier:
            continue
        pairs.append((place.host, place.registrable))
    return pairs


def make_names() -> Iterator[str]:
    """Yield hosts whose names mean nothing."""
    chance = random.Random(SEED)
    for _ in range(MADE_HOSTS):
        name = "".join(chance.choices(string.ascii_lowercase, k=chance.randint(3, 18)))
        yield f"{chance.choice(('www.', ''))}{name}.{chance.choice(('example', 'com.vn', 'vn'))}"


def make_imitations(way: str) -> Iterator[str]:
    """Yield a sample of what dnstwist makes of each official domain in one way."""
    dnstwist = importlib.import_module("dnstwist")
    chance = random.Random(SEED)
    for domain in sorted({domain for found in institutions() for domain in found.domains}):
        maker = dnstwist.Fuzzer(domain, tld_dictionary=SUFFIXES)
        if way == "tld-swap":
            made = [f"{maker.domain}.{suffix}" for suffix in SUFFIXES if suffix != maker.tld]
        else:
            made = sorted(f"{text}.{maker.tld}" for text in getattr(maker, f"_{way}")())
        for text in chance.sample(made, min(len(made), SAMPLE)):
            try:
                yield idna.encode(text).decode()
            except idna.IDNAError:
                continue


if __name__ == "__main__":
    main()

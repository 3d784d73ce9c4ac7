#!/usr/bin/env python3
"""Measure resident bytes an identifier of links and of many small sources, against one plain set.

Run as ``scripts/benchmark memory [--json] [--quick]``; figures stand in docs/measurements.md, those
of numbers by the million come from ``scripts/benchmark scale``. Lists are loaded the real way into
the embedded server; what counts is its growth from an empty store, by the kernel's account:
entries, tables, filter snapshots and the journal. What the empty store itself takes, a marker a
shard however many identifiers there are, is a figure of its own. The plain set holds the same texts
in a server of the same kind. Bytes do not vary as times do, so each is measured once.
"""

import sys
from collections.abc import Iterator
from typing import Final

from invented_listings import make_links, make_phones
from judged_figures import Figure, Trial, judge, show_judged
from measured_store import measured_store, plain_set_bytes

from blacklist.model import Kind, Source

LINKS: Final = 1_000_000
SOURCES: Final = 30
OF_A_SOURCE: Final = 5_000
MAX_LINK_CHARACTERS: Final = 2_000
"""Longer ones may be asked and not listed."""

AGAINST: Final = "one plain set"


def measure(trial: Trial) -> Iterator[Figure]:
    """Yield bytes an identifier."""
    yield measure_links(trial.size(LINKS, 5_000))
    yield from measure_sources(trial.size(OF_A_SOURCE, 50))


def measure_links(count: int) -> Figure:
    """Return the bytes of a link; a third of them is over 64 bytes."""
    made = (link.decode() for link in make_links(count))
    links = [link for link in made if len(link) <= MAX_LINK_CHARACTERS]
    with measured_store() as store:
        store.load(Source("links", "Links"), Kind.LINK, links)
        each = store.bytes_each(len(links))
    return judge("bytes_link_1m", each, baseline=plain_set_bytes(links), against=AGAINST)


def measure_sources(count: int) -> Iterator[Figure]:
    """Yield an empty store's bytes, and a number's where many small sources list their own."""
    phones = [phone.decode() for phone in make_phones(SOURCES * count)]
    with measured_store() as store:
        for number in range(SOURCES):
            source = Source(f"source-{number}", f"Source {number}")
            store.load(source, Kind.PHONE, phones[number * count : (number + 1) * count])
        each, own = store.bytes_each(len(phones)), store.own / (1 << 20)
    yield judge("empty_store_mib", own, unit="MiB, of an empty store")
    yield judge("bytes_30_sources", each, baseline=plain_set_bytes(phones), against=AGAINST)


if __name__ == "__main__":
    sys.exit(show_judged(measure, __doc__ or ""))

"""What the store is like, for Prometheus: sources, filters, feeds, and what waits for a person.

Read when it is asked for, from this process's copy and, with a short time limit, from the store.
"""

import time
from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from blacklist.coverage import is_overdue
from blacklist.errors import BlacklistError
from blacklist.replica import Replica, View
from blacklist.store import Client, queues
from blacklist.store.queues import Queues


def collect(replica: Replica, client: Client) -> Iterator[Metric]:
    """Metrics of the copy, and of the store where it answers."""
    view = replica.view
    if view is not None:
        yield from _of_filters(view)
        yield from _of_sources(view)
    waiting = None
    if not replica.is_silent:  # nobody waits twice in vain
        try:
            waiting = queues.read(client)
        except BlacklistError:
            waiting = None
    yield _gauge(
        "blacklist_store_up", "Whether the store answered this scrape.", waiting is not None
    )
    if waiting is not None:
        yield from _of_queues(waiting)


def _of_filters(view: View) -> Iterator[Metric]:
    held = _by("blacklist_filter_keys", "Keys in a filter.", "kind")
    room = _by("blacklist_filter_capacity_keys", "Keys a filter holds at its error rate.", "kind")
    fill = _by("blacklist_filter_fill_ratio", "Share of a filter's bits that are set.", "kind")
    for kind, one in view.filters.items():
        held.add_metric([kind], one.count)
        room.add_metric([kind], one.capacity)
        fill.add_metric([kind], one.fill)
    yield from (held, room, fill)


def _of_sources(view: View) -> Iterator[Metric]:
    now = int(time.time())
    age = _by("blacklist_source_age_seconds", "Time since a source was last loaded.", "source")
    entries = _by("blacklist_source_entries", "Entries of a source.", "source", "kind")
    overdue = _by("blacklist_source_overdue", "Whether a source missed a turn.", "source")
    dirty = _by("blacklist_source_unfinished", "Whether a load was cut off.", "source")
    for record in view.table.by_code.values():
        name = record.source.name
        if record.loaded is not None:
            age.add_metric([name], max(0, now - record.loaded))
        for kind, count in record.entries.items():
            entries.add_metric([name, kind], count)
        overdue.add_metric([name], is_overdue(record, now))
        dirty.add_metric([name], record.state != "clean")
    yield from (age, entries, overdue, dirty)


def _of_queues(waiting: Queues) -> Iterator[Metric]:
    yield _gauge("blacklist_journal_rows", "Rows of the journal.", waiting.journal_rows)
    length = _by("blacklist_queue_length", "What waits for a person, by queue.", "queue")
    for name, count in {"held": sum(waiting.held.values()), **waiting.waiting}.items():
        length.add_metric([name], count)
    held = _by("blacklist_held_rows", "Rows the guard holds for a person.", "source")
    for name, count in waiting.held.items():
        held.add_metric([name], count)
    failures = _by("blacklist_feed_failures", "Fetches that failed since the last good.", "feed")
    for name, state in waiting.feeds.items():
        failures.add_metric([name], state.failures)
    yield from (length, held, failures)


def _gauge(name: str, help_: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help_, value=value)


def _by(name: str, help_: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help_, labels=labels)

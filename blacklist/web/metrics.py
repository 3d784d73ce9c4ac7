"""What a process counts for Prometheus, right under any number of workers.

Import it after the fork: prometheus-client looks at its folder then (``metrics_folder.py``). Where
there is none (another WSGI server than ours) the numbers are those of the one process.

Answers are added up in process and written once a second (``tally.py``), so a worker that is killed
takes up to a second of its counts along, and a scrape is up to a second late for the other workers.
No label holds what was asked: they are routes, statuses, words of ours and names of sources.
"""

import os
import threading
from collections import Counter as Counts
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from blacklist.lookup import Lookup
from blacklist.replica import Replica, boot_clock
from blacklist.web.tally import BOUNDS_SECONDS, Tally

LAYERS: Final = ("filter", "store", "nobody")
_READ_AT: Final = "blacklist_filter_read_at"


class Metrics:
    """The counts of this process, and those of all processes together (:meth:`collect`)."""

    def __init__(
        self, replica: Replica, lookups: Sequence[Lookup], lost_records: Callable[[], int]
    ) -> None:
        self._replica = replica
        self._lookups = lookups
        self._lost_records = lost_records
        self._written_lost = 0
        self._written: Counts[str] = Counts()
        self._lock = threading.Lock()
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "blacklist_requests", "Requests answered.", ["endpoint", "status"], registry=registry
        )
        self._seconds = Histogram(
            "blacklist_request_seconds",
            "Time from a request's head to its answer's.",
            ["endpoint"],
            buckets=BOUNDS_SECONDS,
            registry=registry,
        )
        self._answers = Counter(
            "blacklist_answers",
            "Things asked, by the layer that answered.",
            ["layer"],
            registry=registry,
        )
        for layer in LAYERS:  # so that a rate is told from the beginning
            self._answers.labels(layer)
        self._lost = Counter(
            "blacklist_audit_lost",
            "Requests that left no line in the audit trail.",
            registry=registry,
        )
        self._read_at = Gauge(_READ_AT, "", multiprocess_mode="livemin", registry=registry)
        self._workers = _live_sum(registry, "blacklist_workers", "Workers that answer.")
        self._troubled = _live_sum(
            registry, "blacklist_workers_in_trouble", "Workers that cannot follow the store."
        )
        self._doubting = _live_sum(
            registry,
            "blacklist_workers_in_doubt",
            "Workers that saw the store lose rows it had given out.",
        )
        self.tally = Tally()

    def write(self) -> None:
        """Write down what was counted since, and how this worker stands."""
        with self._lock:
            sums = self.tally.collect()
            for (endpoint, status), count in sums.answers.items():
                self._requests.labels(endpoint, str(status)).inc(count)
            for endpoint, latencies in sums.latencies.items():
                child = self._seconds.labels(endpoint)
                # What ``observe`` does for one: many at once have no way of their own.
                for bucket, count in zip(child._buckets, latencies.counts, strict=True):  # noqa: SLF001
                    if count:
                        bucket.inc(count)
                child._sum.inc(latencies.total_seconds)  # noqa: SLF001
            self._write_answers()
            self._write_lost()
            view = self._replica.view
            self._read_at.set(view.sent_at if view is not None else float("-inf"))
            self._workers.set(1)
            self._troubled.set(self._replica.trouble is not None)
            self._doubting.set(self._replica.doubt is not None)

    def collect(self) -> Iterator[Metric]:
        """The metrics of all workers."""
        self.write()
        source: Iterable[Metric] = self._registry.collect()
        if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            source = MultiProcessCollector(None).collect()  # type: ignore[no-untyped-call]
        for metric in source:
            yield _age(metric) if metric.name == _READ_AT else metric

    def _write_answers(self) -> None:
        now = Counts[str]()
        for lookup in self._lookups:
            now.update(lookup.answered_by)
        for layer, count in (now - self._written).items():
            self._answers.labels(layer).inc(count)
        self._written = now

    def _write_lost(self) -> None:
        now = self._lost_records()
        self._lost.inc(now - self._written_lost)
        self._written_lost = now


class Registry(Collector):
    """One scrape: what the collectors given say, in order."""

    def __init__(self, *parts: Iterable[Metric]) -> None:
        self._parts = parts

    def collect(self) -> Iterator[Metric]:
        """All of it."""
        for part in self._parts:
            yield from part


def _live_sum(registry: CollectorRegistry, name: str, help_: str) -> Gauge:
    return Gauge(name, help_, multiprocess_mode="livesum", registry=registry)


def _age(read_at: Metric) -> Metric:
    """How old the oldest filter is; workers write when they read, so one that hangs grows old."""
    age = GaugeMetricFamily(
        "blacklist_filter_age_seconds",
        "Age of the oldest filter among the workers; answers use it below max_lag.",
    )
    for sample in read_at.samples:
        age.add_metric([], boot_clock() - sample.value)
    return age

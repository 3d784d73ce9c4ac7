"""What the project must reach: each figure's name, unit and bar, in this one place.

The benchmarks that measure them look their bars up here (``judged_figures``), the tests hold the
names, and the tables of docs/measurements.md are written from what they print.
"""

from collections.abc import Callable
from dataclasses import dataclass
from operator import ge, le
from typing import Final


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure that must be at least (``ge``) or at most (``le``) so much."""

    program: str
    """``NAME_benchmark.py`` that measures it, or ``soak``."""

    unit: str
    compare: Callable[[float, float], bool]
    value: float
    what: str

    def holds(self, value: float) -> bool:
        """Return whether a measured value is good enough."""
        return self.compare(value, self.value)

    @property
    def sign(self) -> str:
        """Return the sign before the bar in tables."""
        return "≥" if self.compare is ge else "≤"


BARS: Final = {
    "http_clean_ratio": Bar("http", "of a bare route", ge, 0.75, "`GET`, a clean number"),
    "http_clean_ratio_full": Bar(
        "http", "of a bare route", ge, 0.70, "the same under a key, everything on"
    ),
    "http_listed_ratio": Bar("http", "of a bare route", ge, 0.45, "`GET`, a listed number"),
    "http_batch_per_s": Bar("http", "a second", ge, 60_000, "numbers in batches of 1,000"),
    "many_phone_per_s": Bar("check", "a second", ge, 100_000, "`check_many`, clean phones"),
    "many_account_per_s": Bar("check", "a second", ge, 80_000, "`check_many`, clean accounts"),
    "many_link_per_s": Bar("check", "a second", ge, 15_000, "`check_many`, clean links"),
    "load_phone_per_s": Bar("load", "rows a second", ge, 50_000, "a feed of numbers"),
    "load_link_per_s": Bar("load", "rows a second", ge, 15_000, "a feed of domains"),
    "bytes_phone_1m": Bar("scale", "bytes", le, 30, "a number among 1,000,000"),
    "bytes_phone_3m": Bar("scale", "bytes", le, 30, "a number among 3,000,000"),
    "bytes_phone_10m": Bar("scale", "bytes", le, 30, "a number among 10,000,000"),
    "bytes_link_1m": Bar("memory", "bytes", le, 110, "a link among 1,000,000, a third long"),
    "bytes_30_sources": Bar("memory", "bytes", le, 50, "a number, 30 sources of 5,000"),
    "ready_10m_s": Bar("scale", "s", le, 2, "a new worker over 10,000,000 numbers"),
    "ack_p99_s": Bar("visible", "s", le, 1.2, "a write until it is acknowledged, p99"),
    "check_p99_during_writes_ratio": Bar(
        "visible", "of without writes", le, 1.5, "questions while lists are written, p99"
    ),
    "growth_p50_ratio": Bar(
        "scale", "of 10,000 listed", le, 1.2, "a clean number with 10,000,000 listed, p50"
    ),
    "wrong_answers": Bar("soak", "answers", le, 0, "wrong answers of a soak"),
}
"""``ack_p99_s`` is ``max_lag``, 1 s unless a store says otherwise, and 0.2 s."""

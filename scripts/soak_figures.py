"""The figures of ``soak``: how much was judged and how much of it was wrong, and what failed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from judged_figures import Figure, judge, percentile

COUNTED: Final = ("writes", "snapshots", "questions", "judged", "unavailable")
KILLED: Final = ("killed", "failed")
"""First words of what is counted only while something is killed (``soak_faults``)."""

SHARES: Final = {"p50": 0.5, "p99": 0.99}


def judge_soak(
    counts: Mapping[str, int], visible_seconds: Sequence[float], minutes: float
) -> Iterator[Figure]:
    """Yield the figures; without a single judged answer nothing is said of wrong ones."""
    if counts.get("judged"):
        yield judge("wrong_answers", counts.get("wrong", 0))
    yield judge("soak_minutes", minutes, unit="minutes")
    for name in (*COUNTED, *sorted(name for name in counts if name.startswith(KILLED))):
        yield judge(f"soak_{name.replace(' ', '_')}", counts.get(name, 0), unit=name)
    if visible_seconds:
        for name, share in SHARES.items():
            milliseconds = percentile(visible_seconds, share) * 1000
            yield judge(f"soak_visible_{name}_ms", milliseconds, unit="ms")

"""Figures of the benchmarks: judged against their bars, printed as a table or as one document.

    {"machine": {…}, "quick": false, "figures": [{"name", "value", "unit", "bar", "holds"}]}

``bar`` and ``holds`` are null where there is no bar. Where something was measured beside it in the
same run there are three more: "baseline", "ratio" and "against". With ``--quick`` lists are small,
times short and rounds few: names then begin with ``quick_`` and nothing is judged, so that a first
look is not taken for a result.
"""

import argparse
import json
import signal
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from bars import BARS
from figures import describe_machine, print_table

ROUNDS: Final = 5
QUICK_ROUNDS: Final = 2
QUICK: Final = "quick_"
DIGITS: Final = 4
WHOLE: Final = 1_000
"""From here on values are shown without decimals."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value; ``against`` says what the baseline is, ``ratio`` is value to baseline."""

    name: str
    value: float
    unit: str
    bar: float | None = None
    holds: bool | None = None
    baseline: float | None = None
    ratio: float | None = None
    against: str | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """How thoroughly to measure."""

    rounds: int = ROUNDS
    quick: bool = False

    def size(self, full: int, quick: int) -> int:
        """Return the size to take."""
        return quick if self.quick else full


Measure = Callable[[Trial], Iterator[Figure]]


def judge(
    name: str,
    value: float,
    *,
    unit: str | None = None,
    baseline: float | None = None,
    against: str | None = None,
) -> Figure:
    """Return a figure with its bar; ``unit`` is told of those that have none."""
    bar = BARS.get(name)
    return Figure(
        name,
        round_off(value),
        unit or (bar.unit if bar else ""),
        bar.value if bar else None,
        bar.holds(value) if bar else None,
        None if baseline is None else round_off(baseline),
        None if not baseline else round_off(value / baseline),
        against,
    )


def round_off(value: float) -> float:
    """Return a value with the digits that mean something."""
    rounded = float(f"{value:.{DIGITS}g}")
    return int(rounded) if rounded.is_integer() else rounded


def take_turns(runs: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Run all once to warm up, then in turn, round after round; what each returned, in order."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(rounds + 1):
        for name, run in runs.items():
            value = run()
            if number:
                taken[name].append(value)
    return taken


def medians(runs: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """Let all take turns; the median of what each returned."""
    return {name: statistics.median(values) for name, values in take_turns(runs, rounds).items()}


def median_ratio(values: Sequence[float], baselines: Sequence[float]) -> float:
    """Return the median of the ratios of each round: what weighed on one weighed on the other."""
    return statistics.median(
        value / baseline for value, baseline in zip(values, baselines, strict=True)
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which that share of the values lies."""
    return sorted(values)[int(share * (len(values) - 1))]


def as_quick(figure: Figure) -> Figure:
    """Return a figure that cannot be taken for one of the full sizes."""
    return replace(figure, name=f"{QUICK}{figure.name}", bar=None, holds=None)


def show_judged(measure: Measure, description: str) -> int:
    """Measure as the command line asks and print; returns the exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what runs is ended, too
    chosen = parse_arguments(description)
    trial = Trial(QUICK_ROUNDS if chosen.quick else max(chosen.rounds, ROUNDS), chosen.quick)
    found = []
    for figure in measure(trial):
        found.append(as_quick(figure) if trial.quick else figure)
        print(f"{found[-1].name}: {show(found[-1].value)} {found[-1].unit}", file=sys.stderr)
    print_document(make_document(found, quick=trial.quick), as_json=chosen.json)
    return 0


def parse_arguments(description: str) -> argparse.Namespace:
    """Return the command line's choices."""
    parser = argparse.ArgumentParser(description=description.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--quick", action="store_true", help="small sizes, for a first look")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"at least {ROUNDS}")
    return parser.parse_args()


def make_document(found: Sequence[Figure], *, quick: bool) -> dict[str, Any]:
    """Return the document of some figures."""
    return {
        "machine": describe_machine(),
        "quick": quick,
        "figures": [describe(figure) for figure in found],
    }


def describe(figure: Figure) -> dict[str, Any]:
    """Return a figure's object of the document."""
    told = asdict(figure)
    if figure.baseline is None:
        for name in ("baseline", "ratio", "against"):
            del told[name]
    return told


def print_document(document: dict[str, Any], *, as_json: bool) -> None:
    """Print a document as it is, or as tables for people."""
    if as_json:
        print(json.dumps(document, indent=1))
        return
    print_table("machine", [document["machine"]])
    title = "figures (quick: small sizes, not judged)" if document["quick"] else "figures"
    print_table(title, [row(figure) for figure in document["figures"]])


def row(figure: Mapping[str, Any]) -> dict[str, Any]:
    """Return a figure's row of a table."""
    bar = BARS.get(figure["name"])
    return {
        "figure": f"`{figure['name']}`",
        "value": show(figure["value"]),
        "unit": figure["unit"],
        "bar": f"{bar.sign} {show(bar.value)}" if bar else None,
        "holds": {True: "yes", False: "**no**", None: None}[figure["holds"]],
        "baseline": show(figure.get("baseline")),
        "ratio": show(figure.get("ratio")),
        "against": figure.get("against"),
    }


def show(value: float | None) -> str | None:
    """Return a value as people read it."""
    if value is None:
        return None
    return f"{value:,.0f}" if abs(value) >= WHOLE else f"{value:.3g}"

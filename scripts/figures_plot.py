"""Draws figures as one SVG picture: how far each is from its bar, and what growing lists cost.

By hand, since a picture of some bars and two lines needs no library: the usual one brings 100 MB.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from operator import ge
from typing import Any, Final

from bars import BARS

WIDTH: Final = 760
LINE: Final = 22
LEFT: Final = 250
GROWTH_HEIGHT: Final = 150
PLACES: Final = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000, "10m": 10_000_000}
COLOURS: Final = {True: "#2a7f62", False: "#c0392b"}
SHARES: Final = {"p50": "#2a7f62", "p99": "#b8860b"}


def draw(figures: Sequence[Mapping[str, Any]]) -> str:
    """Return the picture; a figure whose bar is zero stands only in the table."""
    found = {one["name"]: one for one in figures}
    judged = [found[name] for name, bar in BARS.items() if name in found and bar.value]
    top = 40 + LINE * len(judged)
    height = top + GROWTH_HEIGHT + 70
    size, style = f'width="{WIDTH}" height="{height}"', 'font-family="sans-serif" font-size="12"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>',
        f'<rect {size} fill="#fff"/>',
        text(10, 20, "Times better than its bar (the line); logarithmic", weight="bold"),
        *draw_bars(judged),
        text(10, top + 20, "Microseconds of a clean question in process", weight="bold"),
        *draw_growth({name: float(one["value"]) for name, one in found.items()}, top + 40),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def draw_bars(judged: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a line for each figure, to the right of the bar's place where it holds."""
    times = {one["name"]: times_better(one) for one in judged}
    reach = max((abs(math.log(one)) for one in times.values()), default=0) or 1
    middle, scale = (LEFT + WIDTH - 60) / 2, (WIDTH - 60 - LEFT) / 2 / reach
    for number, one in enumerate(judged):
        y, length = 32 + LINE * number, math.log(times[one["name"]]) * scale
        yield text(LEFT - 10, y + 12, one["name"], anchor="end")
        yield (
            f'<rect x="{middle + min(length, 0):.1f}" y="{y}" width="{abs(length):.1f}" '
            f'height="{LINE - 6}" fill="{COLOURS[one["holds"]]}"/>'
        )
        yield text(WIDTH - 50, y + 12, f"{times[one['name']]:.2f} ×")
    end = 32 + LINE * len(judged)
    yield f'<path d="M{middle:.1f} 28V{end}" stroke="#333"/>'


def times_better(figure: Mapping[str, Any]) -> float:
    """Return how many times better than its bar a figure is, below 1 where it does not hold."""
    bar = BARS[figure["name"]]
    times = figure["value"] / bar.value
    return float(times if bar.compare is ge else 1 / times)


def draw_growth(values: Mapping[str, float], top: float) -> Iterator[str]:
    """Yield a line for each share over the numbers listed, from zero up."""
    step = (WIDTH - LEFT) / len(PLACES)
    most = max((v for n, v in values.items() if n.startswith("growth") and "us" in n), default=1)
    bottom = top + GROWTH_HEIGHT
    yield f'<path d="M{LEFT - 40} {top}V{bottom}H{WIDTH - 60}" stroke="#333" fill="none"/>'
    for number, count in enumerate(PLACES.values()):
        yield text(LEFT + step * number, bottom + 18, f"{count:,}", anchor="middle")
    for share, colour in SHARES.items():
        shown = {n: v for n, p in enumerate(PLACES) if (v := values.get(f"growth_{p}_{share}_us"))}
        dots = [(LEFT + step * n, bottom - v / most * GROWTH_HEIGHT) for n, v in shown.items()]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in dots)
        yield f'<polyline points="{line}" stroke="{colour}" stroke-width="2" fill="none"/>'
        for (x, y), value in zip(dots, shown.values(), strict=True):
            yield text(x + 4, y - 5, f"{share} {value:.0f}", colour=colour)


def text(
    x: float,
    y: float,
    words: str,
    *,
    anchor: str = "start",
    weight: str = "normal",
    colour: str = "#333",
) -> str:
    """Return a text at a place."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}" '
        f'fill="{colour}">{words}</text>'
    )

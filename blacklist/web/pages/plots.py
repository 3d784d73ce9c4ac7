"""Numbers over time as the paths of a small static SVG; ``plots.html`` draws them. Pure.

One plot has one row of numbers and its own scale from zero: nothing has to be told apart by colour.
Its words stand beside it as HTML, so that they grow with the reader's own font. It shares nothing
with ``scripts/figures_plot.py``, which draws bars on a logarithmic scale for the documents.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

import msgspec

WIDTH: Final = 320
HEIGHT: Final = 100
_MARGIN: Final = 4


class Plot(msgspec.Struct, frozen=True):
    """A title, the days and their numbers (None: no data kept), and what is drawn of them.

    ``lines`` and ``areas`` are SVG path data, one for each unbroken stretch.
    """

    title: str
    days: tuple[date, ...]
    values: tuple[int | None, ...]
    lines: tuple[str, ...]
    areas: tuple[str, ...]

    @property
    def known(self) -> list[tuple[date, int]]:
        """The days of which there are numbers."""
        pairs = zip(self.days, self.values, strict=True)
        return [(day, value) for day, value in pairs if value is not None]


def plot(title: str, days: Sequence[date], values: Sequence[int | None]) -> Plot:
    """A plot of one number a day; both are in order."""
    most = max((one for one in values if one is not None), default=0) or 1
    step = (WIDTH - 2 * _MARGIN) / max(1, len(days) - 1)
    stretches = [
        [(_MARGIN + step * place, _height(value, most)) for place, value in stretch]
        for stretch in _stretches(values)
    ]
    lines = tuple(_line(one) for one in stretches)
    areas = tuple(
        f"{line}V{HEIGHT}H{one[0][0]:.1f}Z" for line, one in zip(lines, stretches, strict=True)
    )
    return Plot(title, tuple(days), tuple(values), lines, areas)


def _height(value: int, most: int) -> float:
    return HEIGHT - value / most * (HEIGHT - 2 * _MARGIN)


def _stretches(values: Sequence[int | None]) -> Iterator[list[tuple[int, int]]]:
    """Yield the places and values of each unbroken stretch."""
    stretch: list[tuple[int, int]] = []
    for place, value in enumerate(values):
        if value is not None:
            stretch.append((place, value))
        elif stretch:
            yield stretch
            stretch = []
    if stretch:
        yield stretch


def _line(points: Sequence[tuple[float, float]]) -> str:
    """Path data of a stretch; a single point becomes a dot under a round line cap."""
    (x, y), *others = points
    rest = "".join(f"L{x:.1f} {y:.1f}" for x, y in others) or "h0"
    return f"M{x:.1f} {y:.1f}{rest}"

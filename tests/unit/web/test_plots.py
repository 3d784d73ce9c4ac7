"""The paths of plots: scales from zero, gaps where nothing was kept."""

import re
from datetime import date, timedelta

import pytest

from blacklist.web.pages.plots import HEIGHT, WIDTH, plot

DAY = date(2026, 11, 1)


def days(number: int) -> list[date]:
    return [DAY + timedelta(days=one) for one in range(number)]


def test_what_was_not_kept_is_a_gap() -> None:
    """Not a line at zero."""
    one = plot("t", days(5), [1, 2, None, None, 3])
    assert len(one.lines) == len(one.areas) == 2
    assert one.known == [(DAY, 1), (DAY + timedelta(days=1), 2), (DAY + timedelta(days=4), 3)]


@pytest.mark.parametrize("values", [[0, 0, 0], [7], [0, 10**12, 5], [None, 4]])
def test_every_point_lies_inside(values: list[int | None]) -> None:
    one = plot("t", days(len(values)), values)
    for path in one.lines:
        for x, y in re.findall(r"[ML](\S+) ([\d.]+)", path):
            assert 0 <= float(x) <= WIDTH
            assert 0 <= float(y) <= HEIGHT


def test_the_most_is_on_top_and_zero_on_the_ground() -> None:
    (line,) = plot("t", days(3), [0, 10, 5]).lines
    heights = [float(y) for _, y in re.findall(r"[ML](\S+) ([\d.]+)", line)]
    assert heights[0] == HEIGHT
    assert heights[1] < heights[2] < heights[0]


def test_nothing_at_all_draws_nothing() -> None:
    one = plot("t", days(2), [None, None])
    assert (one.lines, one.known) == ((), [])

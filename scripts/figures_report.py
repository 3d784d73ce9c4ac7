#!/usr/bin/env python3
"""Write measured figures into the documents: tables of docs/measurements.md and docs/figures.svg.

``scripts/benchmark report FILE [--docs DIR]`` calls it; FILE is what ``scripts/benchmark all
--json`` printed. The tables stand between two comments in measurements.md and take the place of
those that stood there; they are printed, too. A quick run is refused: its figures say nothing.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from bars import BARS
from figures_plot import draw
from judged_figures import show

DOCS: Final = Path(__file__).parents[1] / "docs"
BEGIN: Final = "<!-- Written by scripts/benchmark report. -->\n"
END: Final = "<!-- To here. -->\n"
HOLDS: Final = {True: "yes", False: "**no**"}

Found = Mapping[str, Any]


def main() -> int:
    """Write both and print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", type=Path, help="what 'scripts/benchmark all --json' printed")
    parser.add_argument("--docs", type=Path, default=DOCS, help="folder of measurements.md")
    chosen = parser.parse_args()
    document = json.loads(chosen.file.read_text("utf-8"))
    if document["quick"]:
        print("report: these are figures of a quick run, which say nothing", file=sys.stderr)
        return 2
    page = chosen.docs / "measurements.md"
    before, begin, rest = page.read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        print(f"report: {page.name} has no place for the tables", file=sys.stderr)
        return 2
    tables = write_tables(document)
    page.write_text(f"{before}{BEGIN}\n{tables}\n{END}{after}", "utf-8")
    (chosen.docs / "figures.svg").write_text(draw(document["figures"]), "utf-8")
    print(tables)
    return 0


def write_tables(document: Found) -> str:
    """Return the machine in a sentence, what has a bar in one table, everything else in another."""
    found = {figure["name"]: figure for figure in document["figures"]}
    judged = [found[name] for name in BARS if name in found]
    others = [figure for name, figure in found.items() if name not in BARS]
    machine = ", ".join(f"{name} {value}" for name, value in document["machine"].items())
    return "\n".join(
        (
            f"Machine: {machine}.",
            "",
            *table(("figure", "what", "value", "bar", "holds", "beside it"), map(row, judged)),
            "",
            *table(("without a bar", "value", "beside it"), map(row_of_other, others)),
            "",
        )
    )


def row(figure: Found) -> tuple[str, ...]:
    """Return the cells of a figure with a bar."""
    bar = BARS[figure["name"]]
    return (
        f"`{figure['name']}`",
        bar.what,
        f"{show(figure['value'])} {bar.unit}",
        f"{bar.sign} {show(bar.value)}",
        HOLDS[figure["holds"]],
        beside(figure),
    )


def row_of_other(figure: Found) -> tuple[str, ...]:
    """Return the cells of a figure without one."""
    return f"`{figure['name']}`", f"{show(figure['value'])} {figure['unit']}", beside(figure)


def beside(figure: Found) -> str:
    """Return what was measured beside a figure in the same run, and how the figure stands to it."""
    if figure["baseline"] is None:
        return ""
    return f"{figure['against']}: {show(figure['baseline'])} ({show(figure['ratio'])} of it)"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Return the lines of a Markdown table."""
    cells = [head, ("---",) * len(head), *rows]
    return [f"| {' | '.join(line)} |".replace("|  |", "| |") for line in cells]


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Write measured figures into the documents: tables of docs/measurements.md and docs/figures.svg.

``scripts/benchmark report FILE… [--note TEXT] [--docs DIR]`` calls it; a file is what
``scripts/benchmark all --json``, or one of its programs, printed. Of a figure that several files
hold, the last file's counts. The note says what else ran on the machine. The tables stand between
two comments in measurements.md and take the place of those that stood there; they are printed, too.
A quick run is refused, since its figures say nothing, and so are runs of different machines.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
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
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="what was printed")
    parser.add_argument("--note", help="what else is to be known: other work on the machine")
    parser.add_argument("--docs", type=Path, default=DOCS, help="folder of measurements.md")
    chosen = parser.parse_args()
    try:
        document = merge([json.loads(file.read_text("utf-8")) for file in chosen.files])
    except ValueError as exc:
        print(f"report: {exc}", file=sys.stderr)
        return 2
    page = chosen.docs / "measurements.md"
    before, begin, rest = page.read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        print(f"report: {page.name} has no place for the tables", file=sys.stderr)
        return 2
    tables = write_tables(document, chosen.note)
    page.write_text(f"{before}{BEGIN}\n{tables}\n{END}{after}", "utf-8")
    (chosen.docs / "figures.svg").write_text(draw(document["figures"]), "utf-8")
    print(tables)
    return 0


def merge(documents: Sequence[Found]) -> Found:
    """Return one document of several; raises ValueError where they do not go together."""
    first = documents[0]
    if any(one["quick"] for one in documents):
        raise ValueError("these are figures of a quick run, which say nothing")
    if any(one["machine"] != first["machine"] for one in documents):
        raise ValueError("these are figures of different machines")
    figures = {one["name"]: one for document in documents for one in document["figures"]}
    return {"machine": first["machine"], "figures": list(figures.values())}


def write_tables(document: Found, note: str | None) -> str:
    """Return the machine in a sentence, what has a bar in one table, everything else in another."""
    found = {figure["name"]: figure for figure in document["figures"]}
    judged = [found[name] for name in BARS if name in found]
    others = [figure for name, figure in found.items() if name not in BARS]
    machine = ", ".join(f"{name} {value}" for name, value in document["machine"].items())
    return "\n".join(
        (
            f"Machine: {machine}.{f' {note}' if note else ''}",
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
    if "baseline" not in figure:
        return ""
    return f"{figure['against']}: {show(figure['baseline'])} ({show(figure['ratio'])} of it)"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Return the lines of a Markdown table."""
    cells = [head, ("---",) * len(head), *rows]
    return [f"| {' | '.join(line)} |".replace("|  |", "| |") for line in cells]


if __name__ == "__main__":
    sys.exit(main())

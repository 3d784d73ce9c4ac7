#!/usr/bin/env python3
"""Measure everything that is held against a bar: each program after the other, then the soak.

Run as ``scripts/benchmark all [--json] [--quick] [--only NAME …]``; about
half an hour, ten minutes of it the soak, in which workers and the server are killed; ``--quick`` a
minute and a half. What it prints with ``--json`` is what ``scripts/benchmark report`` writes into
docs/measurements.md. It ends with 1 when a figure is missing, since a program failed; the others
are printed all the same.
"""

import argparse
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

from bars import BARS
from figures import describe_machine
from judged_figures import QUICK, print_document

SCRIPTS: Final = Path(__file__).parent
PROGRAMS: Final = list(dict.fromkeys(bar.program for bar in BARS.values()))
SOAK: Final = ("--minutes", "10", "--faults")
QUICK_SOAK: Final = ("--minutes", "0.05")


def main() -> int:
    """Run the programs and print their figures together."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what runs is ended, too
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--quick", action="store_true", help="small sizes, for a first look")
    parser.add_argument("--only", action="append", choices=PROGRAMS, help="may be repeated")
    chosen = parser.parse_args()
    begun = time.monotonic()
    figures: list[dict[str, Any]] = []
    failed = []
    for name in chosen.only or PROGRAMS:
        found = run(name, quick=chosen.quick)
        figures += found
        if not is_complete(name, found):
            failed.append(name)
    document = {
        "machine": describe_machine(),
        "quick": chosen.quick,
        "minutes": round((time.monotonic() - begun) / 60, 1),
        "figures": figures,
    }
    print_document(document, as_json=chosen.json)
    if failed:
        print(f"not all was measured by: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def is_complete(name: str, figures: list[dict[str, Any]]) -> bool:
    """Return whether a program told every figure that has a bar."""
    told = {figure["name"].removeprefix(QUICK) for figure in figures}
    return told >= {figure for figure, bar in BARS.items() if bar.program == name}


def run(name: str, *, quick: bool) -> list[dict[str, Any]]:
    """Run one program; returns its figures, none where it failed."""
    print(f"— {name}", file=sys.stderr)
    # In this process group: whoever interrupts this program reaches that one, too.
    process = subprocess.Popen(
        [sys.executable, *command(name, quick=quick), "--json"], stdout=subprocess.PIPE, text=True
    )
    try:
        printed, _ = process.communicate()
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
    try:
        figures: list[dict[str, Any]] = json.loads(printed)["figures"]
    except ValueError:
        return []
    return figures


def command(name: str, *, quick: bool) -> list[str]:
    """Return how a program is called."""
    quickly = ["--quick"] if quick else []
    if name == "soak":
        return [str(SCRIPTS / "soak.py"), *(QUICK_SOAK if quick else SOAK), *quickly]
    return [str(SCRIPTS / f"{name}_benchmark.py"), *quickly]


if __name__ == "__main__":
    sys.exit(main())

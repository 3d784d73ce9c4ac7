"""Runs the sections of a benchmark and prints their rows: as tables, or as one JSON document."""

import argparse
import importlib.metadata
import json
import os
import platform
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from server_binaries import find_servers

Row = dict[str, Any]
Sections = Mapping[str, Callable[..., Iterator[Row]]]
"""Each section's name and what measures it: called with the servers and ``quick=``."""


def show_figures(sections: Sections, description: str) -> None:
    """Measure the sections that the command line asks for and print them."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers are ended, too
    chosen = parse_arguments(list(sections), description)
    servers = find_servers()
    results = {
        name: collect(name, sections[name](servers, quick=chosen.quick))
        for name in chosen.section or sections
    }
    if chosen.json:
        print(json.dumps({"machine": describe_machine()} | results, indent=1))
        return
    print_table("machine", [describe_machine()])
    for name, rows in results.items():
        print_table(name, rows)


def parse_arguments(sections: Sequence[str], description: str) -> argparse.Namespace:
    """Return the command line's choices."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--quick", action="store_true", help="smaller lists, under a minute")
    parser.add_argument(
        "--section",
        action="append",
        choices=sections,
        help="measure only this (may be repeated)",
    )
    return parser.parse_args()


def collect(section: str, measured: Iterator[Row]) -> list[Row]:
    """Return a section's rows; each is told on standard error as soon as it is measured."""
    rows = []
    for row in measured:
        print(section, *(f"{name}={value}" for name, value in row.items()), file=sys.stderr)
        rows.append(row)
    return rows


def print_table(title: str, rows: Sequence[Row]) -> None:
    """Print rows as a Markdown table with every column that any of them has."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    cells = [["" if row.get(c) is None else str(row[c]) for c in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    print(f"\n### {title}\n")
    for line in (columns, ["-" * width for width in widths], *cells):
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print(f"| {' | '.join(padded)} |")


def describe_machine() -> Row:
    """Return what the figures depend on."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cores": os.cpu_count(),
        "cpu": name_processor(),
        "memory GiB": round(pages / 2**30, 1),
        "system": name_system(),
        "python": platform.python_version(),
        "redis-py": importlib.metadata.version("redis"),
        "server": find_servers()[0].name,
    }


def name_system() -> str:
    """Return the name of the system, without the kernel's, which names who built it."""
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.system()


def name_processor() -> str:
    """Return what the processor calls itself."""
    cpuinfo = Path("/proc/cpuinfo")
    for line in cpuinfo.read_text().splitlines() if cpuinfo.exists() else ():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.processor() or platform.machine()

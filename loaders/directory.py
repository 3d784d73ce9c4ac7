"""The official directory's file: what institutions publish as their own.

CSV in UTF-8 with a header: ``institution,kind,value,bank,hotline``. ``kind`` is ``phone``,
``account`` or ``link``; ``bank`` is for accounts; ``hotline`` is the number for customers as it is
to be shown. Written by hand, it must be right: one bad row refuses the whole file.
"""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from blacklist import identifiers
from blacklist.errors import InvalidIdentifier, Malformed, Unreachable
from blacklist.model import Kind
from blacklist.store.marks import Mark

_COLUMNS: Final = ("institution", "kind", "value", "bank", "hotline")


def read(path: str, *, region: str, now: int) -> list[Mark]:
    """Return the entries of a file, as of ``now``.

    Raises Unreachable, or Malformed with every bad row's line and reason.
    """
    try:
        text = Path(path).read_text("utf-8-sig")
    except OSError as exc:
        raise Unreachable(f"the file cannot be read ({exc.strerror})") from exc
    except UnicodeDecodeError as exc:
        raise Malformed(f"not UTF-8: the byte at offset {exc.start}") from exc
    rows = csv.DictReader(text.splitlines(), restval="")
    if tuple(rows.fieldnames or ()) != _COLUMNS:
        raise Malformed(f"the header must be {','.join(_COLUMNS)}")
    entries, problems = [], []
    for row in rows:
        try:
            entries.append(_entry(row, region, now))
        except (InvalidIdentifier, Malformed) as exc:
            problems.append(f"line {rows.line_num}: {exc}")
    if problems:
        raise Malformed("; ".join(problems))
    if not entries:
        raise Malformed("the file has no entry")
    return entries


def _entry(row: Mapping[str, str], region: str, now: int) -> Mark:
    name = row["institution"].strip()
    if not name:
        raise Malformed("the institution's name is missing")
    try:
        kind = Kind(row["kind"].strip())
    except ValueError as exc:
        raise Malformed(f"the kind must be one of {', '.join(Kind)}") from exc
    question = identifiers.ask(
        row["value"], kind=kind, bank=row["bank"].strip() or None, region=region
    )
    identifier = question.readings[0].identifier
    return Mark(identifier, now, name, hotline=row["hotline"].strip() or None)

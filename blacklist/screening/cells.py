"""A verdict as cells of a table, in the order of :data:`VERDICT_COLUMNS`.

A cell that was not judged is empty, never "false". No cell can be taken for a formula by a
spreadsheet: what is listed is written with its kind in front (``phone:+447700900123``), and
whatever else would begin like a formula gets an apostrophe.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from blacklist.model import ItemError, MatchView, Verdict

VERDICT_COLUMNS: Final = (
    "verdict",
    "suspicious",
    "level",
    "matches",
    "sources",
    "categories",
    "since",
    "notes",
    "error",
)

ACTION_COLUMN: Final = "action"
"""Behind the others, where whoever asks is told what to do."""

RELATED: Final = "related_listed"
"""The note where the thing is listed as another kind than it is called."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_PLAIN = re.compile(r"[\w.:/?&=%#()' +-]*", re.ASCII)
"""What needs no quotes, whichever of the usual delimiters a reader takes."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_NO_MATCH = ("", "", "", "")
_FLAGS = {True: "true", False: "false", None: ""}


def quote(cell: str) -> str:
    """A cell in quotes (RFC 4180)."""
    return '"' + cell.replace('"', '""') + '"'


def verdict_cells(verdict: Verdict) -> list[str]:
    """The cells of one verdict, as they are written."""
    if isinstance(verdict.error, ItemError):
        return error_cells(verdict.error)
    notes = [*verdict.notes, RELATED] if verdict.related else verdict.notes
    return [
        verdict.verdict or "",
        _FLAGS[verdict.suspicious],
        verdict.level or "",
        *(_match_cells(verdict.matches) if verdict.matches else _NO_MATCH),
        _joined(notes),
        "",
    ]


def action_cell(verdict: Verdict) -> str:
    """What the caller's policy says is to be done; nothing where it says nothing."""
    return "" if isinstance(verdict.action, msgspec.UnsetType) else verdict.action.do


def _match_cells(matches: Sequence[MatchView]) -> tuple[str, ...]:
    return (
        _joined(f"{match.kind}:{match.listed}" for match in matches),
        _joined(match.source for match in matches),
        _joined(match.category for match in matches),
        min(match.since for match in matches),
    )


def error_cells(error: ItemError) -> list[str]:
    """The cells of a row that was not judged: nothing but why."""
    return [*("" for _ in VERDICT_COLUMNS[1:]), cell(f"{error.reason}: {error.detail}")]


def encode_line(verdict: Verdict) -> bytes:
    """A verdict as one line of NDJSON."""
    return _encode(verdict) + b"\n"


_encode = msgspec.json.Encoder().encode


def _joined(words: Iterable[str]) -> str:
    """Different words in one cell."""
    return cell("; ".join(dict.fromkeys(words)))


def cell(text: str) -> str:
    """A cell as it is written: no formula, no control characters, quoted where need be."""
    if not text:
        return ""
    text = _CONTROL.sub(" ", text)
    if text.startswith(_FORMULA):
        text = "'" + text
    return text if _PLAIN.fullmatch(text) else quote(text)

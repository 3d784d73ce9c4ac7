"""A letter's file to the rows it lists: read, identified and screened as any feed's are.

A letter is small, so its rows are held in memory: they are shown before anything is changed.
Called by ``blacklist letter load`` and, of what is sent to the web, ``letter_upload``.
"""

import hashlib
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import msgspec

from blacklist.errors import Malformed
from blacklist.guard import guard_of
from blacklist.letter_file import LetterFile
from blacklist.model import Identifier
from blacklist.publish import Publisher
from blacklist.store.letters import File, Letter, Row
from blacklist.store.stage import Staged
from loaders.archive import MAX_REJECTED, NoDraft
from loaders.formats import Rejected
from loaders.formats import Row as FileRow
from loaders.plan import Plan
from loaders.report import Report
from loaders.rows import read_rows
from loaders.staging import Screen

MAX_ROWS = 100_000
"""Listed rows of a letter; what is longer is a feed."""


class Bounds(msgspec.Struct, frozen=True):
    """What reading may take where people wait: rows of any sort, and seconds."""

    rows: int
    seconds: float

    def hold(self, rows: Iterable[FileRow]) -> Iterator[FileRow]:
        """Yield rows; Malformed past a bound."""
        end = time.monotonic() + self.seconds
        for count, row in enumerate(rows, 1):
            if count > self.rows:
                raise Malformed(
                    f"more than {self.rows:,} rows: load it at the command line", flaw="too_long"
                )
            if time.monotonic() > end:
                raise Malformed(
                    f"not read in {self.seconds:g} s: load it at the command line",
                    flaw="too_long",
                )
            yield row


class _Quarantine(NoDraft):
    """Keeps rejected rows by reason, for the preview."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Rejected]] = defaultdict(list)
        self._count = 0

    def reject(self, row: Rejected) -> None:
        self._count += 1
        if self._count <= MAX_REJECTED:
            self.rows[row.reason].append(row)


NO_BOUNDS: Final = Bounds(sys.maxsize, float("inf"))


def read(
    publisher: Publisher,
    chunks: Iterable[bytes],
    plan: Plan,
    letter: Letter,
    *,
    name: str,
    bounds: Bounds = NO_BOUNDS,
) -> LetterFile:
    """Read a letter's file; ``plan.known_since`` is the second of the letter's date.

    Changes nothing. Raises FeedError, or Unavailable.
    """
    now = publisher.now()
    # Whatever category the letter has goes for rows that tell none.
    source = msgspec.structs.replace(plan.source, category=letter.category)
    plan = msgspec.structs.replace(plan, source=source, mode="add")
    report = Report(source=source.name, feed=name, mode="add")
    digest = hashlib.sha256()
    quarantine = _Quarantine()
    screen = Screen(plan, guard_of(publisher.client), report, draft=quarantine, now=now)
    rows: dict[Identifier, Row] = {}
    reading = read_rows(_hashed(chunks, digest.update), format=plan.format, options=plan.options)
    report.format = reading.format
    for first, *_ in screen.stage(bounds.hold(reading.rows)):
        row = _row(first, plan, letter, now)
        if first.identifier in rows:
            report.duplicate += 1
            row = _united(rows[first.identifier], row)
        else:
            report.listed += 1
        rows[first.identifier] = row
        if len(rows) > MAX_ROWS:
            raise Malformed(
                f"a letter lists at most {MAX_ROWS:,} things: load it as a feed", flaw="too_long"
            )
    file = _file(name, digest.hexdigest(), report, now)
    return LetterFile(file, report.format, report.reasons, rows, dict(quarantine.rows), screen.held)


def _row(staged: Staged, plan: Plan, letter: Letter, now: int) -> Row:
    """Return what the letter says of a row; a date after the letter's own is not the row's."""
    known_since = now if plan.known_since is None else plan.known_since
    since = known_since if staged.since is None else min(staged.since, known_since)
    detail = msgspec.structs.replace(
        staged.detail, category=staged.detail.category or letter.category, reference=None, banks=()
    )
    return Row(since, now, detail)


def _united(first: Row, more: Row) -> Row:
    """Return two rows on one thing as one: what the first says, the earlier date, the later end."""
    ends = [first.detail.expires, more.detail.expires]
    detail = msgspec.structs.replace(
        first.detail,
        note=first.detail.note or more.detail.note,
        expires=None if None in ends else max(end for end in ends if end is not None),
    )
    return Row(min(first.since, more.since), first.loaded, detail)


def _file(name: str, digest: str, report: Report, now: int) -> File:
    return File(
        name=name,
        digest=digest,
        loaded=now,
        rows=report.rows,
        listed=report.listed,
        duplicate=report.duplicate,
        rejected=report.rejected,
        skipped=report.skipped,
    )


def _hashed(chunks: Iterable[bytes], update: Callable[[bytes], None]) -> Iterator[bytes]:
    for chunk in chunks:
        update(chunk)
        yield chunk

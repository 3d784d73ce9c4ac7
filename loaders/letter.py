"""A letter's file to the rows it lists: read, identified and screened as any feed's are.

A letter is small, so its rows are held in memory: they are shown before anything is changed.
Called by ``blacklist letter load``.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

import msgspec

from blacklist.errors import Malformed
from blacklist.guard import guard_of
from blacklist.model import Identifier
from blacklist.publish import Publisher
from blacklist.store import reviews
from blacklist.store.letters import File, Letter, Row
from blacklist.store.reviews import Held
from blacklist.store.stage import Staged
from loaders.archive import MAX_REJECTED, NoDraft
from loaders.formats import Rejected
from loaders.plan import Plan
from loaders.report import Report
from loaders.rows import read_rows
from loaders.staging import Screen

MAX_ROWS = 100_000
"""Listed rows of a letter; what is longer is a feed."""


class LetterFile(msgspec.Struct, frozen=True):
    """What a letter's file says: the rows it lists, its sums, its rejected rows by reason.

    ``held`` are those of the rejected rows that a person may let through (``blacklist review``).
    """

    file: File
    report: Report
    rows: dict[Identifier, Row]
    rejected: dict[str, list[Rejected]]
    held: list[Held]


class _Quarantine(NoDraft):
    """Keeps rejected rows by reason, for the preview."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Rejected]] = defaultdict(list)
        self._count = 0

    def reject(self, row: Rejected) -> None:
        self._count += 1
        if self._count <= MAX_REJECTED:
            self.rows[row.reason].append(row)


def read(
    publisher: Publisher, chunks: Iterable[bytes], plan: Plan, letter: Letter, *, name: str
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
    for first, *_ in screen.stage(reading.rows):
        row = _row(first, plan, letter, now)
        if first.identifier in rows:
            report.duplicate += 1
            row = _united(rows[first.identifier], row)
        else:
            report.listed += 1
        rows[first.identifier] = row
        if len(rows) > MAX_ROWS:
            raise Malformed(f"a letter lists at most {MAX_ROWS:,} things: load it as a feed")
    file = _file(name, digest.hexdigest(), report, now)
    return LetterFile(file, report, rows, dict(quarantine.rows), screen.held)


def keep_held(publisher: Publisher, source: str, read: LetterFile) -> None:
    """Let the rows that the guard held back wait, beside those of the authority's other letters."""
    settled = {*read.rows, *(row.identifier for row in read.held)}
    others = [
        row
        for row in reviews.read_held(publisher.client)
        if row.source == source and row.identifier not in settled
    ]
    reviews.replace(publisher.client, source, [*others, *read.held])


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

"""The way of a feed: bytes → rows → identifiers → stage → published.

    chunks ──decode──▶ lines ──parse──▶ rows ──identify──▶ staged ──▶ Publisher

Called by the command line. What it never does: drop a row in silence. Every row is counted as
listed, duplicate, rejected or skipped, and the four add up to the rows read.
"""

import time
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Literal

import msgspec

from blacklist import identifiers
from blacklist.errors import Held, InvalidIdentifier, Malformed
from blacklist.model import Category, Identifier, Kind, Source
from blacklist.publish import Changes, Load, Publisher
from blacklist.store.listings import Detail, Staged
from loaders.formats import Options, Personal, Record, Rejected, Skipped, Withdrawn
from loaders.formats.base import TEXT_LIMIT
from loaders.rows import read_rows

ROWS_A_BATCH = 10_000
SHOWN_REJECTED = 20

Mode = Literal["full", "add"]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How a feed is to be read and published. ``format`` None: recognised from the content."""

    source: Source
    format: str | None = None
    options: Options = Options()
    region: str = "VN"
    mode: Mode = "full"
    dry_run: bool = False


class Report(msgspec.Struct, kw_only=True):
    """What became of a feed: ``rows = listed + duplicate + rejected + skipped``, always.

    ``added``, ``removed`` and ``entries`` are what the load changed (with ``dry_run``: would
    change) and what the source lists afterwards, by kind; ``reasons`` counts why rows were
    rejected or skipped, ``examples`` shows some rejected rows by line.
    """

    source: str
    feed: str
    format: str = ""
    mode: Mode = "full"
    dry_run: bool = False
    rows: int = 0
    listed: int = 0
    duplicate: int = 0
    rejected: int = 0
    skipped: int = 0
    reasons: dict[str, int] = msgspec.field(default_factory=dict)
    examples: list[Rejected] = msgspec.field(default_factory=list)
    added: dict[Kind, int] = msgspec.field(default_factory=dict)
    removed: dict[Kind, int] = msgspec.field(default_factory=dict)
    entries: dict[Kind, int] = msgspec.field(default_factory=dict)
    seconds: float = 0.0

    def adds_up(self) -> bool:
        """Whether every row is accounted for."""
        return self.rows == self.listed + self.duplicate + self.rejected + self.skipped


def run(publisher: Publisher, chunks: Iterable[bytes], plan: Plan, *, feed: str) -> Report:
    """Load one feed and return when it is acknowledged.

    Raises FeedError (the lists stay as they were), Busy or Unavailable (load again).
    """
    begun = time.monotonic()
    report = Report(source=plan.source.name, feed=feed, mode=plan.mode, dry_run=plan.dry_run)
    rows = _rows(chunks, plan, report)
    with publisher.load(plan.source, full=plan.mode == "full") as load:
        for batch in _batches(_staged(rows, plan, report, int(publisher.wall()))):
            _stage(load, batch, report)
        _refuse_nothing(load, report)
        changes = load.compare() if plan.dry_run else load.commit()
    if not plan.dry_run:
        publisher.tidy()
    _sum_up(report, changes)
    report.seconds = time.monotonic() - begun
    return report


def _rows(
    chunks: Iterable[bytes], plan: Plan, report: Report
) -> Iterator[Record | Rejected | Skipped]:
    """Yield the rows to count: what a feed withdraws is skipped; that it names people is no row."""
    reading = read_rows(chunks, format=plan.format, options=plan.options)
    report.format = reading.format
    for row in reading.rows:
        if isinstance(row, Withdrawn):
            yield Skipped(line=row.line, reason="not_suspected")
        elif not isinstance(row, Personal):
            yield row


def _staged(
    rows: Iterable[Record | Rejected | Skipped], plan: Plan, report: Report, now: int
) -> Iterator[list[Staged]]:
    """What each listed row stages, itself first; everything else is counted here."""
    for row in rows:
        report.rows += 1
        if isinstance(row, Skipped):
            report.skipped += 1
            _count(report, row.reason)
        elif isinstance(row, Rejected):
            _reject(report, row)
        else:
            try:
                listed = _identify(row, plan)
            except InvalidIdentifier as exc:
                text = "" if exc.reason == "card_number" else row.value[:TEXT_LIMIT]
                _reject(report, Rejected(row.line, exc.reason, text))
            else:
                yield _with_details(row, listed, plan, now)


def _identify(row: Record, plan: Plan) -> tuple[Identifier, ...]:
    kind = row.kind or plan.options.kind or identifiers.guess_kind(row.value)
    if kind is None:
        raise InvalidIdentifier(
            "kind_not_told", "the row may be a phone or an account: tell the kind"
        )
    return identifiers.list_as(row.value, kind=kind, bank=row.bank, region=plan.region)


def _with_details(
    row: Record, listed: tuple[Identifier, ...], plan: Plan, now: int
) -> list[Staged]:
    source = plan.source
    since = row.since if row.since is not None and row.since <= now else None
    seen = now if plan.mode == "add" and source.days is not None else None
    first, *bare = listed
    # A bare number says under which banks it stands; "" is the list's own "no bank told".
    banks = ("",) if first.kind is Kind.ACCOUNT and "/" not in first.value else ()
    detail = Detail(
        category=_unless(row.category, source.category),
        reference=row.reference,
        note=row.note,
        expires=row.expires,
        seen=seen,
        banks=banks,
    )
    pointer = Detail(seen=seen, banks=(first.value.partition("/")[0],))
    return [Staged(first, since, detail), *(Staged(one, since, pointer) for one in bare)]


def _unless(category: Category | None, default: Category) -> Category | None:
    return None if category == default else category


def _stage(load: Load, batch: list[list[Staged]], report: Report) -> None:
    new = load.put(chain.from_iterable(batch))
    report.listed += new
    report.duplicate += len(batch) - new


def _batches(staged: Iterator[list[Staged]]) -> Iterator[list[list[Staged]]]:
    while batch := list(islice(staged, ROWS_A_BATCH)):
        yield batch


def _refuse_nothing(load: Load, report: Report) -> None:
    """A feed of which nothing can be listed must not empty a source."""
    if report.listed or report.mode == "add":
        return
    if report.reasons.get("kind_not_told"):
        raise Malformed("the rows do not say what kind they are: tell it (--kind)")
    if load.lists_something():
        raise Held("nothing in the feed can be listed: what the source listed before stays")
    raise Malformed("nothing in the feed can be listed")


def _reject(report: Report, row: Rejected) -> None:
    report.rejected += 1
    _count(report, row.reason)
    if len(report.examples) < SHOWN_REJECTED:
        report.examples.append(row)


def _count(report: Report, reason: str) -> None:
    report.reasons[reason] = report.reasons.get(reason, 0) + 1


def _sum_up(report: Report, changes: dict[Kind, Changes]) -> None:
    report.added = {kind: one.added for kind, one in changes.items() if one.added}
    report.removed = {kind: one.removed for kind, one in changes.items() if one.removed}
    report.entries = {kind: one.after for kind, one in changes.items() if one.after}

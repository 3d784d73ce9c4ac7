"""The way of a feed: bytes → rows → identifiers → guard → stage → published.

    chunks ──decode──▶ lines ──parse──▶ rows ──screen──▶ staged ──▶ Publisher

Called by the command line. What it never does: drop a row in silence, or change anything when a
generation looks as if the feed were broken: that is held for a person to look at.
"""

import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from itertools import chain

from blacklist import letters
from blacklist.errors import Held, Malformed
from blacklist.guard import guard_of
from blacklist.load import Load
from blacklist.publish import Publisher
from blacklist.store import reviews
from blacklist.store.stage import Staged
from loaders.archive import Archive, Draft, NoDraft
from loaders.batches import in_batches
from loaders.formats import Record, Row
from loaders.plan import Mode, Plan
from loaders.report import DOUBTS, Report, find_doubts
from loaders.rows import read_rows
from loaders.staging import Screen

__all__ = ["Mode", "Plan", "Report", "run", "run_records"]


def run(
    publisher: Publisher,
    chunks: Iterable[bytes],
    plan: Plan,
    *,
    feed: str,
    archive: Archive | None = None,
) -> Report:
    """Load one feed and return when it is acknowledged; what was loaded goes into the archive.

    A generation that is held comes back as a report with ``held``, and nothing was changed. Raises
    FeedError (the lists stay as they were), Busy or Unavailable (load again).
    """
    report = Report(source=plan.source.name, feed=feed, mode=plan.mode, dry_run=plan.dry_run)
    with _draft(archive, plan) as draft:
        reading = read_rows(draft.tee(chunks), format=plan.format, options=plan.options)
        report.format = reading.format
        _publish(publisher, draft.watch(reading.rows), plan, report, draft=draft)
        if not plan.dry_run:
            draft.keep(plan, report, publisher.now())
    return report


def run_records(
    publisher: Publisher, records: Iterable[Record], plan: Plan, *, feed: str
) -> Report:
    """Load records that were parsed before, as :func:`run` loads bytes; they are kept already."""
    report = Report(source=plan.source.name, feed=feed, mode=plan.mode, format="records")
    _publish(publisher, records, plan, report, draft=NoDraft())
    return report


def _draft(archive: Archive | None, plan: Plan) -> AbstractContextManager[Draft]:
    if archive is None or plan.dry_run:
        return nullcontext(NoDraft())
    return archive.draft(plan.source.name)


def _publish(
    publisher: Publisher, rows: Iterable[Row], plan: Plan, report: Report, *, draft: Draft
) -> None:
    begun = time.monotonic()
    letters.require_feed(publisher.client, plan.source.name)
    with publisher.load(plan.source, full=plan.mode == "full") as load:
        screen = Screen(plan, guard_of(publisher.client), report, draft=draft, now=publisher.now())
        _stage(load, in_batches(screen.stage(rows)), report)
        load.withdraw(screen.withdrawn)
        _settle(load, plan, report)
    if not (report.held or plan.dry_run):
        reviews.replace(publisher.client, plan.source.name, screen.held)
        publisher.tidy()
    report.seconds = time.monotonic() - begun


def _stage(load: Load, batches: Iterable[list[tuple[Staged, ...]]], report: Report) -> None:
    """Stage all batches; while the store takes one, the next is read."""
    with ThreadPoolExecutor(1, "stage") as sending:
        sent: Future[None] | None = None
        for batch in batches:
            if sent is not None:
                sent.result()
            sent = sending.submit(_put, load, batch, report)
        if sent is not None:
            sent.result()


def _put(load: Load, batch: list[tuple[Staged, ...]], report: Report) -> None:
    new = load.put(chain.from_iterable(batch))
    report.listed += new
    report.duplicate += len(batch) - new


def _settle(load: Load, plan: Plan, report: Report) -> None:
    """Publish what was staged, compare it only, or hold it."""
    report.doubts = find_doubts(report, load.before)
    _refuse_nothing(load, report)
    report.held = bool(report.doubts) and not plan.accept
    if plan.dry_run or report.held:
        report.take(load.compare())
    else:
        report.take(load.commit(rejected_share=report.rejected_share))


def _refuse_nothing(load: Load, report: Report) -> None:
    """A feed of which nothing can be listed is no first generation."""
    if report.listed or report.mode == "add":
        return
    if report.reasons.get("kind_not_told"):
        raise Malformed("the rows do not say what kind they are: tell it (--kind)")
    if not any(load.before.entries.values()):
        raise Malformed("nothing in the feed can be listed")


def why_held(report: Report) -> Held:
    """The error that says why a generation was held."""
    why = ", ".join(DOUBTS[doubt] for doubt in report.doubts)
    return Held(f"{why}: what the source listed before stays; look, then --accept it")

#!/usr/bin/env python3
"""Load every known feed of a folder and ask every listed row back over HTTP.

    feeds ──pipeline──▶ throw-away store ──▶ gunicorn ◀── every listed row, its neighbour, innocents

``scripts/check_feeds [DIR]`` calls it; without DIR it takes ``tests/feeds``. It ends with 1 when
a feed's rows do not add up, when a listed row is not found, or when something is that nobody
lists. ``feed_table`` says which feeds there are, ``feed_questions`` what is asked.
"""

import argparse
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from feed_questions import (
    ATTEMPTS,
    Listed,
    Query,
    ask_back,
    find_fault,
    is_unlisted,
    make_neighbour,
    read_listed,
)
from feed_table import INNOCENTS, SUFFIXES, Place, find_places
from throwaway_service import SMALL_BITS, Ask, serving, temporary_store

from blacklist import guard
from blacklist.errors import BlacklistError, Malformed
from blacklist.identifiers.reasons import REASONS as IDENTIFIER_REASONS
from blacklist.model import Identifier, Kind, Source
from blacklist.publish import Publisher
from blacklist.store.meta import DEFAULT_BITS
from loaders import pipeline
from loaders.fetch import open_feed
from loaders.formats import Options
from loaders.formats.base import REASONS, SKIPPED
from loaders.pipeline import Plan, Report

OWN_FEEDS = Path(__file__).resolve().parent.parent / "tests" / "feeds"

SHOWN_FAULTS = 10

FEW_ROWS = 2_000
"""A feed of so many is asked about in whole, whatever is chosen."""

MEANINGS = {
    **IDENTIFIER_REASONS,
    **REASONS,
    **guard.REASONS,
    "kind_not_told": "a phone or an account: not told",
}
"""What every reason means."""

SHARD_BYTES = 16 << 10
"""Of the feeds, for each shard of the store at least: some 256 rows, which questions like best."""


class Checked(msgspec.Struct):
    """What became of one feed. ``outcome``: ``loaded``, ``refused``, ``failed`` or ``missing``.

    ``said`` is the sentence with which it was refused, ``why`` what the table says of such a file.
    ``wrong`` counts listed rows that were not found and whatever could not be answered;
    ``neighbours_skipped`` identifiers all of whose neighbours are rightly listed themselves.
    """

    feed: str
    outcome: str = "missing"
    format: str = ""
    rows: int = 0
    listed: int = 0
    duplicate: int = 0
    rejected: int = 0
    skipped: int = 0
    seconds: float = 0.0
    rows_per_s: int = 0
    reasons: dict[str, int] = msgspec.field(default_factory=dict)
    said: str = ""
    why: str = ""
    asked: int = 0
    wrong: int = 0
    neighbours: int = 0
    neighbours_listed: int = 0
    neighbours_skipped: int = 0
    faults: list[str] = msgspec.field(default_factory=list)

    def note(self, fault: str) -> None:
        """Keep a fault; of many feeds' worth only some are shown."""
        if len(self.faults) < SHOWN_FAULTS:
            self.faults.append(fault)

    def is_right(self) -> bool:
        """Whether nothing at all is to be said against the feed."""
        return not (self.faults or self.wrong or self.neighbours_listed)


class Loaded(msgspec.Struct):
    """A feed in the store, and the rows of it that list something."""

    place: Place
    checked: Checked
    rows: list[Listed]


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the feeds of a folder; returns the exit code."""
    chosen = _parse_arguments(arguments)
    places = find_places(chosen.folder or OWN_FEEDS)
    if not any(place.path for place in places):
        print("check_feeds: no known feed in this folder", file=sys.stderr)
        return 1
    try:
        feeds, accused = check(places, one_in=chosen.one_in)
    except KeyboardInterrupt:
        return 130
    except BlacklistError as exc:
        print(f"check_feeds: {exc}", file=sys.stderr)
        return 1
    checked = [feed.checked for feed in feeds]
    if chosen.json:
        print(msgspec.json.format(msgspec.json.encode(checked)).decode())
    else:
        print_table(checked)
        print_reasons(checked)
        print_summary(checked, accused)
    if all(one.is_right() for one in checked) and not accused:
        return 0
    print("check_feeds: something is wrong", *accused or (), sep="; ", file=sys.stderr)
    return 1


def check(places: Sequence[Place], *, one_in: int = 1) -> tuple[list[Loaded], list[str] | None]:
    """Load the feeds and ask about them, of long ones about one row in so many.

    Returns them and what is wrong with the innocents, None where there was nothing to ask about.
    """
    size_bytes = sum(place.path.stat().st_size for place in places if place.path)
    bits = max(SMALL_BITS, min((size_bytes // SHARD_BYTES).bit_length(), *DEFAULT_BITS.values()))
    with temporary_store(bits=bits) as (data_dir, publisher):
        feeds = [load(publisher, place) for place in places]
        known = {one for feed in feeds for row in feed.rows for one in row.identifiers}
        if not known:
            return feeds, None
        with serving(data_dir) as ask:
            ask_new = asking_once(ask)
            for feed in feeds:
                question(ask_new, feed, known, one_in=one_in)
            return feeds, accuse_nobody(ask)


def load(publisher: Publisher, place: Place) -> Loaded:
    """Load a feed under a source of its own name, and note what does not add up."""
    checked = Checked(place.name, why=place.line.why)
    loaded = Loaded(place, checked, [])
    if place.path is None:
        return loaded
    _tell(f"loading {place.name}")
    line = place.line
    plan = Plan(
        source=Source(name=_source_name(place.name), title=place.name),
        options=Options(kind=line.kind),
        region=line.region,
        mode=line.mode,
    )
    try:
        with open_feed(str(place.path)) as feed:
            report = pipeline.run(publisher, feed.chunks, plan, feed=feed.name)
    except BlacklistError as exc:
        checked.outcome = "refused" if isinstance(exc, Malformed) else "failed"
        checked.said = str(exc)
        if not ((line.refused or not line.known) and isinstance(exc, Malformed)):
            checked.note(f"not loaded: {exc}")
        return loaded
    _take_over(checked, report)
    loaded.rows = read_listed(place.path.read_bytes(), report.format, line.kind, line.region)
    for fault in find_miscounts(report, loaded.rows):
        checked.note(fault)
    if line.refused:
        checked.note("loaded, but should have been refused")
    if line.format not in {None, report.format}:
        checked.note(f"read as {report.format}, but it is {line.format}")
    return loaded


def _take_over(checked: Checked, report: Report) -> None:
    checked.outcome = "loaded"
    for name in ("format", "rows", "listed", "duplicate", "rejected", "skipped", "reasons"):
        setattr(checked, name, getattr(report, name))
    checked.seconds = round(report.seconds, 3)
    checked.rows_per_s = round(report.rows / report.seconds)


def find_miscounts(report: Report, rows: Sequence[Listed]) -> list[str]:
    """Hold the report's sums against each other and against the rows read anew."""
    faults = []
    if not report.adds_up():
        faults.append("the rows do not add up")
    if report.rejected + report.skipped != sum(report.reasons.values()):
        faults.append("the reasons do not add up")
    if report.listed + report.duplicate != len(rows):
        faults.append("more or fewer rows are counted as listed or duplicate than there are")
    if report.listed != len({row.identifiers[0] for row in rows}):
        faults.append("more or fewer identifiers are listed than the rows name")
    return faults


def asking_once(ask: Ask) -> Ask:
    """Return how to ask without asking again what several feeds list in the same words.

    Only answers with matches of several feeds are kept: no other one is needed again.
    """
    kept: dict[tuple[tuple[str, str], ...], dict[str, Any]] = {}

    def ask_new(items: Sequence[dict[str, str]]) -> Iterator[dict[str, Any]]:
        before = [kept.get(tuple(item.items())) for item in items]
        new = ask([item for item, answer in zip(items, before, strict=True) if answer is None])
        for item, known in zip(items, before, strict=True):
            answer = next(new) if known is None else known
            if len({match["source"] for match in answer.get("matches", ())}) > 1:
                kept[tuple(item.items())] = answer
            yield answer

    return ask_new


def question(ask: Ask, feed: Loaded, known: set[Identifier], *, one_in: int = 1) -> None:
    """Ask listed rows back, all or one in so many of a long feed; then a neighbour of each."""
    checked = feed.checked
    rows = feed.rows[::one_in] if len(feed.rows) > FEW_ROWS else feed.rows
    if not rows:
        return
    begun = time.monotonic()
    queries = ask_back(rows, feed.place.line.region)
    checked.asked = len(queries)
    for query, fault in _judge(ask, queries, checked):
        if fault is not None:
            checked.wrong += 1
            _note(checked, query, fault)
    _question_neighbours(ask, feed, rows, known)
    _tell(
        f"asked about {checked.feed}: {checked.asked + checked.neighbours:,} questions"
        f" in {time.monotonic() - begun:.1f} s"
    )


def _question_neighbours(
    ask: Ask, feed: Loaded, listed: Sequence[Listed], known: set[Identifier]
) -> None:
    """Ask about a neighbour of each identifier; about others where one is rightly listed.

    Whether it is, is worked out for those only of which something is told.
    """
    checked, region = feed.checked, feed.place.line.region
    rows = list({row.identifiers[0]: row for row in listed}.values())
    for salt in range(ATTEMPTS):
        queries = [make_neighbour(row, region, salt) for row in rows]
        again = []
        for row, (query, fault) in zip(rows, _judge(ask, queries, checked), strict=True):
            if fault is not None and not is_unlisted(query, known):
                again.append(row)
                continue
            checked.neighbours += 1
            if fault is not None:
                checked.neighbours_listed += fault == "listed"
                checked.wrong += fault != "listed"
                _note(checked, query, fault)
        rows = again
    checked.neighbours_skipped = len(rows)


def _judge(
    ask: Ask, queries: Sequence[Query], checked: Checked
) -> Iterator[tuple[Query, str | None]]:
    """Ask, and yield what is wrong with each answer."""
    answers = ask([query.as_item() for query in queries])
    for query, answer in zip(queries, answers, strict=True):
        yield query, find_fault(query, answer, _source_name(checked.feed))


def _note(checked: Checked, query: Query, fault: str) -> None:
    what = "row" if query.expected else "neighbour of row"
    checked.note(f"{what} {query.line}{'' if query.kind else ' without kind'}: {fault}")


def accuse_nobody(ask: Ask) -> list[str]:
    """Ask about the innocents and the suffixes; returns those that are not answered as they must.

    A suffix is refused: an answer would be one about everybody's sites.
    """
    expected = dict.fromkeys(INNOCENTS, "no_record") | dict.fromkeys(SUFFIXES, "public_suffix")
    answers = ask([{"value": value, "kind": Kind.LINK.value} for value in expected])
    given = [answer.get("verdict") or answer.get("error", {}).get("reason") for answer in answers]
    return [
        f"{value} is answered {word or 'with an error'}"
        for (value, right), word in zip(expected.items(), given, strict=True)
        if word != right
    ]


def print_table(checked: Sequence[Checked]) -> None:
    """One line a feed; numbers to the right."""
    width = max(len(one.feed) for one in checked)
    names = ("rows", "listed", "duplicate", "rejected", "skipped", "seconds", "rows/s")
    print("feed".ljust(width), "format   ", *(f"{name:>9}" for name in names))
    for one in checked:
        cells: list[Any] = [one.rows, one.listed, one.duplicate, one.rejected, one.skipped]
        figures = [f"{cell:>9,}" for cell in cells]
        figures += [f"{one.seconds:>9.2f}", f"{one.rows_per_s:>9,}"]
        loaded = one.outcome == "loaded"
        print(one.feed.ljust(width), f"{one.format:9}", *(figures if loaded else [one.outcome]))


def print_reasons(checked: Sequence[Checked]) -> None:
    """By feed: how many rows were rejected and skipped and why, and why it was refused."""
    print()
    print("rejected and skipped rows, by feed; R rejected, S skipped")
    for one in checked:
        if one.reasons:
            print(f"  {one.feed}{f' ({one.why})' if one.why else ''}")
        for reason, count in sorted(one.reasons.items(), key=lambda item: -item[1]):
            mark = "S" if reason in SKIPPED else "R"
            print(f"  {count:>9,} {mark} {reason}: {MEANINGS.get(reason, '')}")
    print()
    print("refused feeds")
    for one in checked:
        if one.outcome == "refused":
            print(f"  {one.feed}: {one.said}{f' ({one.why})' if one.why else ''}")


def print_summary(checked: Sequence[Checked], accused: Sequence[str] | None) -> None:
    """What was asked and what was wrong, by feed and line: never the row itself."""
    asked, wrong = sum(one.asked for one in checked), sum(one.wrong for one in checked)
    made_up = sum(one.neighbours for one in checked)
    listed = sum(one.neighbours_listed for one in checked)
    skipped = sum(one.neighbours_skipped for one in checked)
    print()
    print(f"listed rows asked back: {asked:,}, wrong: {wrong:,}")
    print(f"neighbours: {made_up:,}, listed: {listed:,} ({skipped:,} more are rightly listed)")
    if accused is None:
        print("innocents: not asked, since nothing is listed")
    else:
        print(f"innocents: {len(INNOCENTS) + len(SUFFIXES)}, wrong: {len(accused)}")
    faults = [f"{one.feed}: {fault}" for one in checked for fault in one.faults]
    for fault in faults[:SHOWN_FAULTS]:
        print(f"  {fault}")
    if len(faults) > SHOWN_FAULTS:
        print("  and more")


def _parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/check_feeds",
        description="Load every known feed of a folder into a throw-away store and ask every "
        "listed row back over HTTP. Exit code 1: something is wrong.",
    )
    parser.add_argument(
        "folder", nargs="?", type=Path, metavar="DIR", help="the folder; default: tests/feeds"
    )
    parser.add_argument("--json", action="store_true", help="the table as a list of objects")
    parser.add_argument(
        "--one-in",
        type=int,
        default=1,
        metavar="N",
        help=f"of feeds of over {FEW_ROWS:,} rows, ask about one row in N; default: every row",
    )
    return parser.parse_args(arguments)


def _source_name(feed: str) -> str:
    """Each feed is a source of its own; a source's name has no slashes."""
    return feed.replace("/", ".")


def _tell(text: str) -> None:
    """Progress, for somebody who watches."""
    if sys.stderr.isatty():
        print(text, file=sys.stderr)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the service ends, too
    sys.exit(main())

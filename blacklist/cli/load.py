"""``blacklist load``: publish a feed."""

import sys
from collections.abc import Iterator, Mapping

import click
import msgspec

from blacklist.cli import growth, options
from blacklist.cli.opened import for_writing
from blacklist.cli.printed import print_json, printable
from blacklist.config import Settings
from blacklist.model import Audience, Category, Kind, Source, Trust
from blacklist.store import Client
from blacklist.store import sources as stored
from loaders import formats, pipeline
from loaders.archive import Archive
from loaders.fetch import Feed, open_feed
from loaders.formats import Options
from loaders.pipeline import Plan, Report
from loaders.report import DOUBTS

form_option = click.option(
    "--format",
    "form",
    type=click.Choice(["auto", *formats.NAMES]),
    default="auto",
    show_default=True,
    help="How the feed is written; auto: by its content.",
)


@click.command()
@click.argument("location", metavar="FILE|URL")
@click.option("--source", "name", required=True, help="Who says so: the source's short name.")
@click.option("--title", help="The source's name for people.")
@form_option
@options.kind_of_rows
@click.option(
    "--encoding",
    metavar="NAME",
    help="How letters are encoded (utf-16, cp1258, …); told by the content if not given.",
)
@click.option(
    "--column", "columns", multiple=True, metavar="FIELD=COLUMN", help="A CSV or JSON column."
)
@click.option("--category", type=click.Choice([str(one) for one in Category]))
@click.option(
    "--trust", type=click.Choice([str(one) for one in Trust if one is not Trust.OFFICIAL])
)
@options.audience
@click.option("--licence", help="The feed's licence.")
@click.option("--days", type=click.IntRange(1), help="How long an entry lives after its last load.")
@click.option("--upstream", help="The source that this one copies.")
@options.region
@click.option(
    "--mode",
    type=click.Choice(["full", "add"]),
    default="full",
    show_default=True,
    help="full: the feed is all that the source lists; add: more of it.",
)
@click.option("--dry-run", is_flag=True, help="Show what would change, change nothing.")
@click.option("--count-reports", is_flag=True, help="Each row is one report of its identifier.")
@click.option("--accept", is_flag=True, help="Publish it although it would be held.")
@options.as_json
def load(  # noqa: PLR0917 - one parameter an option
    location: str,
    name: str,
    title: str | None,
    form: str,
    kind: str | None,
    encoding: str | None,
    columns: tuple[str, ...],
    category: str | None,
    trust: str | None,
    audience: str | None,
    licence: str | None,
    days: int | None,
    upstream: str | None,
    region: str | None,
    mode: pipeline.Mode,
    dry_run: bool,  # noqa: FBT001
    count_reports: bool,  # noqa: FBT001
    accept: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> None:
    """Load a feed from a file, an http(s) address, or - for standard input.

    Returns when every running service answers for it and a power cut cannot lose it. What is not
    told of the source stays as it was told before.
    """
    settings = Settings.from_env()
    told = {
        "title": title,
        "category": Category(category) if category else None,
        "trust": Trust(trust) if trust else None,
        "audience": Audience(audience) if audience else None,
        "licence": licence,
        "days": days,
        "upstream": upstream,
    }
    feed_opened = open_feed(
        location, folder=settings.data_dir / "fetched", private=settings.allow_private_feeds
    )
    with for_writing(settings) as publisher, feed_opened as feed:
        plan = Plan(
            source=_source(publisher.client, name, told),
            format=None if form == "auto" else form,
            options=Options(
                kind=Kind(kind) if kind else None, columns=columns_of(columns), encoding=encoding
            ),
            region=(region or settings.region).upper(),
            mode=mode,
            dry_run=dry_run,
            accept=accept,
            rows_are_reports=count_reports,
        )
        archive = Archive(settings.data_dir)
        report = pipeline.run(publisher, with_progress(feed), plan, feed=feed.name, archive=archive)
        growth.warn(publisher.client)
    show_report(report, as_json=as_json)
    if report.held and not dry_run:
        raise pipeline.why_held(report)


def show_report(report: Report, *, as_json: bool) -> None:
    """Print what became of a feed."""
    if as_json:
        print_json(report)
    else:
        click.echo("\n".join(_lines(report)))


def with_progress(feed: Feed) -> Iterator[bytes]:
    """The feed's bytes; on a terminal a bar on standard error follows them."""
    if not sys.stderr.isatty() or feed.size_bytes is None:
        yield from feed.chunks
        return
    with click.progressbar(
        length=feed.size_bytes, label=feed.name, file=sys.stderr, show_pos=False
    ) as bar:
        for chunk in feed.chunks:
            yield chunk
            bar.update(len(chunk))


def _source(client: Client, name: str, told: Mapping[str, object]) -> Source:
    known = stored.read(client).named(name)
    source = known.source if known is not None else Source(name=name, title=name)
    changes = {field: value for field, value in told.items() if value is not None}
    return msgspec.structs.replace(source, **changes)


def columns_of(pairs: tuple[str, ...]) -> dict[str, str]:
    """Columns by field, from ``FIELD=COLUMN``; a wrong usage where one is written otherwise."""
    columns = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not (field and equals and column):
            raise click.BadParameter("write --column FIELD=COLUMN", param_hint="--column")
        columns[field.strip()] = column.strip()
    return columns


def _lines(report: Report) -> list[str]:
    verb = "would load" if report.dry_run else "held" if report.held else "loaded"
    lines = [
        f"{report.source}: {verb} {report.feed} as {report.format} in {report.seconds:.1f} s",
        (
            f"  {report.rows:,} rows = {report.listed:,} listed + {report.duplicate:,} duplicate"
            f" + {report.rejected:,} rejected + {report.skipped:,} skipped"
        ),
    ]
    lines += [
        f"  {kind}: +{report.added.get(kind, 0):,} -{report.removed.get(kind, 0):,}, "
        f"{report.entries.get(kind, 0):,} entries"
        for kind in sorted({*report.added, *report.removed, *report.entries})
    ]
    is_settled = not (report.held or report.dry_run)
    word = "accepted although" if is_settled else "to be held"
    lines += [f"  {word}: {DOUBTS[doubt]}" for doubt in report.doubts]
    lines += [f"  {count:,} × {reason}" for reason, count in sorted(report.reasons.items())]
    lines += [
        f"  line {row.line}: {row.reason}: " + printable(row.text[:80])
        for row in report.examples[:5]
    ]
    return lines

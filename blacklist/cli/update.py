"""``blacklist update``: fetch the feeds that are due, once or for as long as it runs."""

import signal
import threading
from collections.abc import Callable, Sequence

import click
import msgspec

from blacklist.cli import growth, options
from blacklist.cli.exits import HELD, UNAVAILABLE
from blacklist.cli.opened import used
from blacklist.cli.printed import print_json
from blacklist.config import Settings
from blacklist.publish import Publisher
from blacklist.store import meta
from blacklist.store.place import Place
from loaders import catalogue
from loaders.archive import Archive
from loaders.catalogue import Entry
from loaders.update import Outcome, Result, Updater
from loaders.watch import run_round, watch


class _How(msgspec.Struct, frozen=True):
    """How a round is gone."""

    force: bool = False
    accept: bool = False


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--watch", "watching", is_flag=True, help="Go on until interrupted.")
@click.option("--force", is_flag=True, help="Fetch what is not due, too.")
@click.option("--accept", is_flag=True, help="Publish what would be held; name the feeds.")
@options.as_json
def update(
    names: tuple[str, ...],
    watching: bool,  # noqa: FBT001
    force: bool,  # noqa: FBT001
    accept: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> None:
    """Fetch the feeds of the catalogue that are due; with names only those, enabled or not.

    What a feed listed before keeps answering whatever happens. Ends with 3 if a feed could not be
    fetched or loaded, with 4 if one is held for a person to look at.
    """
    if watching and (force or accept or as_json):
        raise click.UsageError("--watch goes neither with --force, --accept nor --json")
    if accept and not names:
        raise click.UsageError("name the feeds that you looked at: --accept is for these only")
    settings = Settings.from_env()
    entries = catalogue.choose(catalogue.read(settings.catalogue), names)
    stop = threading.Event()
    with used(settings) as place:
        if watching:
            _watch(settings, place, entries, stop)
            return
        tell = _say_nothing if as_json else _tell
        how = _How(force=force or accept, accept=accept)
        results = _go_round(settings, place, entries, stop=stop, how=how, tell=tell)
    if as_json:
        print_json({"feeds": results})
    raise SystemExit(_code(results))


def _watch(
    settings: Settings, place: Place, entries: Sequence[Entry], stop: threading.Event
) -> None:
    """Round after round until a signal; a load that has begun to publish is finished first."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    click.echo(f"watching {len(entries)} feeds; stop with Ctrl-C", err=True)

    def one_round() -> list[Result]:
        place.revive()
        return _go_round(settings, place, entries, stop=stop, how=_How(), tell=_tell_news)

    watch(one_round, wait=stop.wait, complain=_complain)


def _go_round(
    settings: Settings,
    place: Place,
    entries: Sequence[Entry],
    *,
    stop: threading.Event,
    how: _How,
    tell: Callable[[Result], None],
) -> list[Result]:
    """One round over a connection of its own; raises StoreError if there is no store to write."""
    client = place.writer()
    try:
        if meta.read(client) is None:
            meta.create(client)
        updater = Updater(
            Publisher(client, meta.require(client)),
            settings.data_dir / "fetched",
            settings.region,
            private=settings.allow_private_feeds,
            accept=how.accept,
            archive=Archive(settings.data_dir),
            sleep=stop.wait,
            stopping=stop.is_set,
        )
        results = run_round(updater, entries, force=how.force, tell=tell)
        if any(result.outcome is Outcome.LOADED for result in results):
            growth.warn(client)
        return results
    finally:
        client.close()


def _code(results: Sequence[Result]) -> int:
    """What is held needs a person, so it goes before what failed."""
    outcomes = {result.outcome for result in results}
    if Outcome.HELD in outcomes:
        return HELD
    return UNAVAILABLE if Outcome.FAILED in outcomes else 0


def _tell(result: Result) -> None:
    click.echo(_line(result))


def _tell_news(result: Result) -> None:
    """While watching, what was not due is no news."""
    if result.outcome is not Outcome.NOT_DUE:
        click.echo(_line(result))


def _complain(text: str) -> None:
    click.echo(f"blacklist: {text}", err=True)


def _say_nothing(_result: Result) -> None:
    """Where the results come as one document."""


def _line(result: Result) -> str:
    report = result.report
    if report is not None:
        added, removed = sum(report.added.values()), sum(report.removed.values())
        more = (
            f"{report.rows:,} rows = {report.listed:,} listed + {report.duplicate:,} duplicate + "
            f"{report.rejected:,} rejected + {report.skipped:,} skipped; +{added:,} -{removed:,}"
        )
    else:
        more = result.message or ""
    head = f"{result.feed}: {result.outcome.replace('_', ' ')} in {result.seconds:.1f} s"
    return f"{head}: {more}" if more else head

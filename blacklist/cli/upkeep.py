"""``blacklist sweep``, ``remove`` and ``tallies``: what becomes of entries over time."""

from datetime import date, datetime

import click

from blacklist.cli import options
from blacklist.cli.opened import for_reading, for_writing
from blacklist.cli.printed import print_json
from blacklist.config import Settings
from blacklist.errors import ConfigError
from blacklist.load import Changes
from blacklist.model import Kind
from blacklist.store import history, letters
from blacklist.store import sources as stored
from blacklist.store import tallies as sums
from blacklist.working_days import VIETNAM
from loaders.archive import Archive

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@options.as_json
def sweep(as_json: bool) -> None:  # noqa: FBT001 - an option
    """Remove entries that have ended; they are not answered anyway. Once a day is enough.

    Loads in the archive that are too old go, too.
    """
    done, settings = {}, Settings.from_env()
    Archive(settings.data_dir).prune()
    with for_writing(settings) as publisher:
        for record in stored.read(publisher.client).by_code.values():
            with publisher.load(record.source, full=False) as load:
                done[record.source.name] = load.sweep()
        publisher.tidy()
    if as_json:
        print_json(done)
        return
    for name, changes in sorted(done.items()):
        click.echo(f"{name}: removed {_removed(changes)}")


@click.command()
@click.argument("name", metavar="SOURCE")
@click.option("--yes", is_flag=True, help="Do it; without this only the entries are counted.")
def remove(name: str, yes: bool) -> None:  # noqa: FBT001
    """Remove a source and everything it lists."""
    with for_writing(Settings.from_env()) as publisher:
        record = stored.read(publisher.client).named(name)
        if record is None:
            raise ConfigError("there is no source of this name")
        with publisher.load(record.source, full=True) as load:
            changes = load.commit() if yes else load.compare()
            if yes:
                letters.forget(publisher.client, name)
                history.name(publisher.client, record.code, name)
                stored.forget(publisher.client, name)
        publisher.tidy()
    gone = _removed(changes)
    click.echo(f"{name}: removed {gone}" if yes else f"{name}: would remove {gone}; say --yes")


@click.command()
@click.option("--from", "first", type=_DAY, required=True, help="The first day.")
@click.option("--to", "last", type=_DAY, help="The last day; today.")
@options.as_json
def tallies(first: datetime, last: datetime | None, as_json: bool) -> None:  # noqa: FBT001
    """Show what came, went and stood by day, kind, category and source; days of Vietnam."""
    end = last.date() if last is not None else datetime.now(VIETNAM).date()
    start = first.date()
    if (end - start).days > sums.KEPT_DAYS:
        raise ConfigError(f"at most {sums.KEPT_DAYS} days are kept")
    with for_reading(Settings.from_env()) as client:
        found = sums.read(client, start, end)
    if as_json:
        print_json(found)
        return
    day: date | None = None
    for one in found:
        if one.day != day:
            click.echo(str(day := one.day))
        click.echo(f"  {one.what:9} {one.count:>10,}  {one.kind} {one.category} {one.source}")


def _removed(changes: dict[Kind, Changes]) -> str:
    counts = [f"{one.removed:,} {kind}" for kind, one in sorted(changes.items()) if one.removed]
    return ", ".join(counts) or "nothing"

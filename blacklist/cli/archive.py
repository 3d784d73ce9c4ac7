"""``blacklist rejected`` and ``rollback``: what the archive of loads is for."""

from collections import defaultdict

import click

from blacklist.cli import options
from blacklist.cli.load import show_report
from blacklist.cli.opened import for_writing
from blacklist.cli.printed import print_json, printable
from blacklist.config import Settings
from blacklist.errors import ConfigError
from blacklist.verdict import rfc3339
from loaders.archive import Archive
from loaders.formats import Rejected
from loaders.rollback import roll_back

SHOWN_A_REASON = 10


@click.command()
@click.argument("name", metavar="SOURCE")
@click.option("--all", "show_all", is_flag=True, help="Every row, not ten a reason.")
@options.as_json
def rejected(name: str, show_all: bool, as_json: bool) -> None:  # noqa: FBT001
    """Show the rows of a source's last load that were rejected, grouped by reason."""
    archive = Archive(Settings.from_env().data_dir)
    generations = archive.generations(name)
    if not generations:
        raise ConfigError("no load of this source is in the archive")
    newest = generations[0]
    by_reason: dict[str, list[Rejected]] = defaultdict(list)
    for row in archive.find_rejected(newest):
        by_reason[row.reason].append(row)
    if as_json:
        document = {"source": name, "feed": newest.feed, "time": newest.time, "rows": by_reason}
        print_json(document)
        return
    click.echo(f"{name}: {newest.feed}, {newest.state} {rfc3339(newest.time)}")
    for reason, rows in sorted(by_reason.items(), key=lambda pair: -len(pair[1])):
        click.echo(f"{newest.report.reasons.get(reason, len(rows)):,} × {reason}")
        for row in rows if show_all else rows[:SHOWN_A_REASON]:
            shown = printable(row.text)
            click.echo(f"  line {row.line}: {shown}")


@click.command()
@click.argument("name", metavar="SOURCE")
@options.as_json
def rollback(name: str, as_json: bool) -> None:  # noqa: FBT001
    """Go back to the generation of a source before today's."""
    settings = Settings.from_env()
    with for_writing(settings) as publisher:
        report = roll_back(publisher, Archive(settings.data_dir), name)
    show_report(report, as_json=as_json)

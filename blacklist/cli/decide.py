"""``blacklist clear``, ``clearances``, ``official``, ``review``, ``decide``: people's decisions."""

import time
from datetime import datetime

import click

from blacklist import marks
from blacklist.cli import options
from blacklist.cli.named import identify
from blacklist.cli.opened import for_reading, for_writing
from blacklist.cli.printed import print_json
from blacklist.config import Settings
from blacklist.marks import Reason
from blacklist.store import marks as stored
from blacklist.store import reviews
from blacklist.store.marks import Mark, Sort
from blacklist.store.reviews import Decision
from blacklist.verdict import rfc3339
from blacklist.working_days import end_of
from loaders import directory


@click.command()
@click.argument("values", nargs=-1, required=True, metavar="IDENTIFIER…")
@click.option(
    "--kind", type=options.KINDS, help="What the identifiers are; must be told of bare digits."
)
@click.option("--bank", help="The bank of accounts: BIN, code, name or SWIFT.")
@click.option(
    "--reason", type=click.Choice([str(one) for one in Reason]), help="Why they are cleared."
)
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The last day of the clearance; else for good.",
)
@click.option("--lift", is_flag=True, help="End clearances instead of making them.")
def clear(
    values: tuple[str, ...],
    kind: str | None,
    bank: str | None,
    reason: str | None,
    until: datetime | None,
    lift: bool,  # noqa: FBT001 - an option
) -> None:
    """Let identifiers not be flagged, whoever lists them now or later.

    Returns when every running service answers so.
    """
    settings = Settings.from_env()
    named = [identify(value, kind, bank, settings.region) for value in values]
    if not lift and reason is None:
        raise click.UsageError("say why: --reason")
    with for_writing(settings) as publisher:
        if lift or reason is None:
            marks.lift(publisher, named)
        else:
            end = None if until is None else end_of(until.date())
            marks.clear(publisher, named, Reason(reason), until=end)
    click.echo(f"{len(named)} {'no longer cleared' if lift else 'cleared'}")


@click.command()
@options.as_json
def clearances(as_json: bool) -> None:  # noqa: FBT001
    """List what is cleared, since when, why and until when."""
    with for_reading(Settings.from_env()) as client:
        known = stored.read(client, Sort.CLEARANCE)
    _show_marks(list(known.values()), as_json=as_json)


@click.group()
def official() -> None:
    """The official directory: institutions' own numbers, accounts and domains."""


@official.command("load")
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False))
def load_official(path: str) -> None:
    """Make a CSV file the whole directory: institution,kind,value,bank,hotline.

    What it holds can never be listed by a feed, and is answered as official.
    """
    settings = Settings.from_env()
    with for_writing(settings) as publisher:
        entries = directory.read(path, region=settings.region, now=publisher.now())
        came, went = marks.replace_official(publisher, entries)
    click.echo(f"{len(entries)} official entries: +{came} -{went}")


@official.command("list")
@options.as_json
def list_official(as_json: bool) -> None:  # noqa: FBT001
    """List the official entries."""
    with for_reading(Settings.from_env()) as client:
        known = stored.read(client, Sort.OFFICIAL)
    _show_marks(list(known.values()), as_json=as_json)


@click.command()
@options.as_json
def review(as_json: bool) -> None:  # noqa: FBT001
    """List the rows that the guard holds back, and what was decided before."""
    with for_reading(Settings.from_env()) as client:
        held, decisions = reviews.read_held(client), reviews.read_decisions(client)
    if as_json:
        document = {"held": held, "decisions": list(decisions.values())}
        print_json(document)
        return
    if not held:
        click.echo("nothing waits for a decision")
    for row in held:
        click.echo(f"{row.identifier}  {row.reason}  {row.source}, since {rfc3339(row.since)}")
    for one in decisions.values():
        word = "may be listed" if one.may_be_listed else "kept out"
        click.echo(f"{one.identifier}  decided: {word}, {rfc3339(one.since)}: {one.reason}")


@click.command()
@click.argument("value", metavar="IDENTIFIER")
@click.option("--kind", type=options.KINDS)
@click.option("--bank", help="The bank of an account.")
@click.option("--list/--keep-out", "listed", required=True, help="May feeds list it, or not?")
@click.option("--reason", required=True, help="Why, for those who ask later.")
def decide(
    value: str,
    kind: str | None,
    bank: str | None,
    listed: bool,  # noqa: FBT001
    reason: str,
) -> None:
    """Decide about a row that the guard holds back; the next load of any feed goes by it."""
    settings = Settings.from_env()
    named = identify(value, kind, bank, settings.region)
    with for_writing(settings) as publisher:
        reviews.decide(publisher.client, Decision(named, listed, reason, int(time.time())))
    click.echo(f"{'may be listed' if listed else 'kept out'}, from the next load on")


def _show_marks(known: list[Mark], *, as_json: bool) -> None:
    if as_json:
        print_json(known)
        return
    for one in sorted(known, key=lambda mark: str(mark.identifier)):
        until = f", until {rfc3339(one.until)}" if one.until is not None else ""
        hotline = f", hotline {one.hotline}" if one.hotline else ""
        click.echo(f"{one.identifier}  {one.text}, since {rfc3339(one.since)}{until}{hotline}")

"""``blacklist letter load``, ``withdraw``, ``show`` and ``blacklist letters``."""

import sys
from datetime import datetime

import click

from blacklist import identifiers, letter_job
from blacklist import letters as changes
from blacklist.cli import letter_text as text
from blacklist.cli import options
from blacklist.cli.load import columns_of, form_option, with_progress
from blacklist.cli.opened import for_reading, for_writing
from blacklist.config import Settings
from blacklist.errors import ConfigError, Held, Malformed
from blacklist.letter_job import Job, Outcome
from blacklist.letter_names import Told, first_second
from blacklist.model import Audience, Category, Identifier, Kind, Trust
from blacklist.store import letters as register
from loaders import letter as files
from loaders.fetch import open_feed
from loaders.formats import Options
from loaders.plan import Plan

_DATE = click.option(
    "--date",
    "day",
    type=click.DateTime(["%Y-%m-%d", "%d/%m/%Y"]),
    required=True,
    help="The letter's own date.",
)
_AUTHORITY = click.option(
    "--authority", required=True, help="Who wrote it: the short name of a source, as ca-mau."
)
_REFUSALS = {
    Outcome.EMPTY: Malformed("nothing in the letter can be listed"),
    Outcome.SHOWN: Held("shown, and not applied: look at it, then say --yes"),
    Outcome.DECLINED: Held("nothing was changed"),
    Outcome.WITHDRAWN: Held("this letter was withdrawn: --again lists it again"),
}
"""With what error a letter ends that is not applied although it was to be."""

_TRUSTS = click.Choice([Trust.AUTHORITY.value, Trust.PARTNER.value])


@click.group()
def letter() -> None:
    """Letters of authorities: shown before they are applied, withdrawn whole or by row."""


@letter.command("load")
@click.argument("location", metavar="FILE")
@click.option("--number", required=True, help="The letter's number, as 386/CAT-ANM.")
@_DATE
@_AUTHORITY
@click.option("--title", help="The authority's name for people.")
@click.option("--trust", type=_TRUSTS, help="How far it is believed; authority.")
@options.audience
@click.option(
    "--category", type=click.Choice([str(one) for one in Category]), help="Of rows that tell none."
)
@form_option
@options.kind_of_rows
@click.option(
    "--column", "columns", multiple=True, metavar="FIELD=COLUMN", help="A column of a table."
)
@options.region
@click.option("--again", is_flag=True, help="List again what was withdrawn from this letter.")
@click.option(
    "--lift-cleared", is_flag=True, help="End the clearances shown that are older than the letter."
)
@click.option("--yes", is_flag=True, help="Apply it without asking.")
@click.option("--dry-run", is_flag=True, help="Show it only.")
@options.as_json
def load_letter(  # noqa: PLR0917 - one parameter an option
    location: str,
    number: str,
    day: datetime,
    authority: str,
    title: str | None,
    trust: str | None,
    audience: str | None,
    category: str | None,
    form: str,
    kind: str | None,
    columns: tuple[str, ...],
    region: str | None,
    again: bool,  # noqa: FBT001 - options
    lift_cleared: bool,  # noqa: FBT001
    yes: bool,  # noqa: FBT001
    dry_run: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> None:
    """Show what a letter would list, ask, and list it under its number and date.

    Without a terminal it is shown only, unless --yes is given. Loading the same file again changes
    nothing; a letter may come in several files.
    """
    settings = Settings.from_env()
    told = Told(
        number=number,
        day=day.date(),
        authority=authority,
        title=title,
        trust=Trust(trust) if trust else None,
        category=Category(category) if category else None,
        audience=Audience(audience) if audience else None,
    )
    with for_writing(settings) as publisher, open_feed(location) as feed:
        source, known = letter_job.begin(publisher, told)
        plan = Plan(
            source=source,
            format=None if form == "auto" else form,
            options=Options(kind=Kind(kind) if kind else None, columns=columns_of(columns)),
            region=(region or settings.region).upper(),
            known_since=first_second(told.day, now=publisher.now()),
        )
        read = files.read(publisher, with_progress(feed), plan, known, name=feed.name)
        job = letter_job.foreseen(publisher, source, known, read, again=again, lift=lift_cleared)
        _decide(job, yes=yes, dry_run=dry_run, as_json=as_json)


def _decide(job: Job, *, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Show a letter, and apply it if it is to be."""
    if not as_json:
        text.show_preview(job)
    stop = _stop(job, yes=yes, dry_run=dry_run, may_ask=not as_json)
    if stop is not None:
        text.show_outcome(job, stop, as_json=as_json)
        if stop in _REFUSALS:
            raise _REFUSALS[stop]
        return
    done, lifted = job.run()
    text.show_outcome(job, Outcome.APPLIED, as_json=as_json, done=done, lifted=lifted)


def _stop(job: Job, *, yes: bool, dry_run: bool, may_ask: bool) -> Outcome | None:
    """Return why a letter is not applied; None if it is."""
    obstacle = job.obstacle()
    if obstacle is Outcome.EMPTY:
        return obstacle
    if dry_run:
        return Outcome.DRY_RUN
    if obstacle is not None:
        return obstacle
    if yes:
        return None
    if not (may_ask and sys.stdin.isatty() and sys.stderr.isatty()):
        return Outcome.SHOWN
    return None if click.confirm("Apply it?", err=True) else Outcome.DECLINED


@letter.command("withdraw")
@click.argument("number")
@_DATE
@_AUTHORITY
@click.option(
    "--row", "rows", multiple=True, metavar="IDENTIFIER", help="Only this; may be repeated."
)
@options.kind_of_rows
@click.option("--bank", help="The bank of the rows that are accounts.")
@click.option("--reason", help="Why, for those who ask later.")
@options.as_json
def withdraw_letter(  # noqa: PLR0917 - one parameter an option
    number: str,
    day: datetime,
    authority: str,
    rows: tuple[str, ...],
    kind: str | None,
    bank: str | None,
    reason: str | None,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Take a letter's listings back: all of them, or the rows told.

    What another letter in force lists stays listed, under that letter's number. Returns when every
    running service answers so.
    """
    settings = Settings.from_env()
    told = Told(number=number, day=day.date(), authority=authority)
    named = [_identify(row, kind, bank, settings.region) for row in rows]
    with for_writing(settings) as publisher:
        found = changes.find(publisher.client, told)
        done = changes.withdraw(publisher, found, named, reason=reason)
    text.show_withdrawal(done, as_json=as_json)


@letter.command("show")
@click.argument("number")
@_DATE
@_AUTHORITY
@options.as_json
def show_letter(number: str, day: datetime, authority: str, as_json: bool) -> None:  # noqa: FBT001
    """List what a letter says, row by row."""
    told = Told(number=number, day=day.date(), authority=authority)
    with for_reading(Settings.from_env()) as client:
        found = changes.find(client, told)
        rows = register.read_rows(client, found.id)
    text.show_rows(found, rows, as_json=as_json)


@click.command()
@click.option("--authority", help="Only those of this one.")
@options.as_json
def letters(authority: str | None, as_json: bool) -> None:  # noqa: FBT001
    """List the letters: number, date, authority, listings in force and withdrawn."""
    with for_reading(Settings.from_env()) as client:
        found = list(register.read(client, authority).values())
    text.show_letters(found, as_json=as_json)


def _identify(value: str, kind: str | None, bank: str | None, region: str) -> Identifier:
    """The thing a row lists, as ``letter show`` writes it or as the letter does."""
    prefix, colon, rest = value.partition(":")
    if colon and prefix in set(Kind):
        return Identifier(Kind(prefix), rest)
    told = Kind(kind) if kind else Kind.ACCOUNT if bank else identifiers.guess_kind(value)
    if told is None:
        raise ConfigError("a row may be a phone number or an account: say which (--kind)")
    return identifiers.list_as(value, kind=told, bank=bank, region=region)[0]

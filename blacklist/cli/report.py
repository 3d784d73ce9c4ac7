"""``blacklist report``: the periodic report that directives ask for, for people and programs."""

import time
from datetime import date
from pathlib import Path
from typing import Any

import click

from blacklist import periodic, periods
from blacklist.cli import options
from blacklist.cli.opened import for_reading
from blacklist.cli.printed import print_json
from blacklist.config import Settings
from blacklist.errors import ConfigError
from blacklist.periodic import By, Report
from blacklist.periods import PRESETS, Period
from blacklist.store.tallies import day_of
from blacklist.web.pages import period_document
from blacklist.web.pages.language import DEFAULT, LANGUAGES

_DAY = click.DateTime(["%Y-%m-%d"])
_NO_DATA = "no data kept"


@click.command()
@click.option("--from", "first", type=_DAY, help="The first day, of Vietnam.")
@click.option("--to", "last", type=_DAY, help="The last day; today.")
@click.option("--preset", type=click.Choice(list(PRESETS)), help="The day the report is due.")
@click.option("--year", type=int, help="Of --preset; this year.")
@click.option("--unit", default="", help="Who reports, for the document.")
@click.option("--csv", "as_csv", is_flag=True, help="A table for programs and spreadsheets.")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a document to print into this file.",
)
@click.option(
    "--language", type=click.Choice(list(LANGUAGES)), default=DEFAULT, help="Of the document; vi."
)
@options.as_json
def report(**asked: Any) -> None:
    """Show what a period came to, beside the same days of the year before.

    New, withdrawn and current entries; questions and hits; transfers stopped and held; reports and
    disputes. Sums only. "no data kept" is not zero.
    """
    if sum(map(bool, (asked["as_csv"], asked["as_json"], asked["html"]))) > 1:
        raise ConfigError("say one of --csv, --json and --html")
    today = day_of(time.time())
    wanted = _period(asked, today)
    with for_reading(Settings.from_env()) as client:
        found = periodic.make(client, wanted, today)
    if asked["as_json"]:
        print_json(found)
    elif asked["as_csv"]:
        click.echo(period_document.as_csv(found), nl=False)
    elif asked["html"]:
        unit, chosen = asked["unit"], asked["language"]
        document = period_document.as_html(found, unit=unit, made=today, chosen=chosen)
        asked["html"].write_text(document, "utf-8")
    else:
        _print(found)


def _period(asked: dict[str, Any], today: date) -> Period:
    first, last, preset = asked["first"], asked["last"], asked["preset"]
    if (first is None) == (preset is None) or (preset is not None and last is not None):
        raise ConfigError("say --preset, or --from and --to")
    try:
        if preset is not None:
            of = periods.preset(preset, asked["year"] or today.year)
            return periods.period(of.first, of.last, today)
        return periods.period(first.date(), today if last is None else last.date(), today)
    except ValueError as exc:
        raise ConfigError(str(exc)) from exc


def _print(found: Report) -> None:
    days, before = found.period, found.year_before
    click.echo(f"{days.first} to {days.last}, beside {before.first} to {before.last}")
    for one in found.rows:
        name = one.measure if one.by is By.ALL else f"  {one.by} {one.name}"
        click.echo(f"{name:44} {_shown(one.count):>14} {_shown(one.year_before):>14}")
    for word, kept in found.kept.items():
        if kept.first is not None and kept.first > days.first:
            click.echo(f"{word}: data are kept from {kept.first} on")
        if kept.year_before is not None and kept.year_before > before.first:
            click.echo(f"{word}, year before: data are kept from {kept.year_before} on")


def _shown(count: int | None) -> str:
    return _NO_DATA if count is None else f"{count:,}"

"""``blacklist audit``: whether the trail is as it was written, and what it tells of a period."""

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import click
import msgspec

from blacklist.audit import days, lines, search
from blacklist.audit.keys import AuditKeys
from blacklist.audit.lines import Lost, Request
from blacklist.audit.proof import PROBLEMS, Proof, prove
from blacklist.cli import options
from blacklist.cli.exits import HELD
from blacklist.cli.printed import print_json
from blacklist.config import Settings
from blacklist.errors import ConfigError
from blacklist.secret import load_secret

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def audit() -> None:
    """The audit trail: who asked what, for which purpose, and what was answered."""


@audit.command()
@click.option("--from", "first", type=_DAY, help="The first day (UTC) whose lines are read.")
@click.option("--to", "last", type=_DAY, help="The last day.")
@options.as_json
def verify(first: datetime | None, last: datetime | None, as_json: bool) -> None:  # noqa: FBT001
    """Find whatever was changed, removed, moved or cut; all digests are looked at.

    Ends with 4 where something is not as it was written.
    """
    with _trail() as (folder, keys):
        found = prove(folder, keys, today=_today(), first=_iso(first), last=_iso(last))
    if as_json:
        print_json(found)
    else:
        _show(found)
    sys.exit(HELD if found.problems else 0)


@audit.command()
@click.option("--from", "first", type=_DAY, required=True, help="The first day (UTC).")
@click.option("--to", "last", type=_DAY, required=True, help="The last day.")
@click.option("--caller", help="Only of this key's id; 'public' for those without a key.")
@options.as_json
def export(first: datetime, last: datetime, caller: str | None, as_json: bool) -> None:  # noqa: FBT001
    """Write the requests of a period, one a line."""
    with _trail() as (folder, keys):
        found = search.find(folder, keys, first.date(), last.date(), caller=caller)
        _write_document(found) if as_json else _write_lines(found)


@audit.command()
def close() -> None:
    """Make the digests of days that are over; a running service does it by itself."""
    settings = Settings.from_env()
    with _trail() as (folder, keys):
        made = days.sum_up(folder, keys, today=_today(), keep_days=settings.audit_days)
    for one in made:
        click.echo(f"{one.day}  {one.mac}  {len(one.digest.files)} files")


@contextmanager
def _trail() -> Iterator[tuple[Path, AuditKeys]]:
    """Yield the trail's folder and keys; ConfigError where it is not there or cannot be read."""
    settings = Settings.from_env()
    if not settings.audit_folder.is_dir():
        raise ConfigError("there is no audit trail here")
    try:
        yield settings.audit_folder, AuditKeys.of(load_secret(settings))
    except OSError as exc:
        raise ConfigError(f"the audit trail cannot be read ({exc.strerror})") from exc


def _today() -> str:
    return lines.day_of(time.time())


def _iso(day: datetime | None) -> str | None:
    return None if day is None else date(day.year, day.month, day.day).isoformat()


def _show(found: Proof) -> None:
    click.echo(
        f"{found.days} days, {found.files} files, {found.requests:,} requests, {found.lost:,} lost"
    )
    for name in found.cut_off:
        click.echo(f"{name}: ends without its last line: its worker was killed")
    for one in found.problems:
        place = one.file or one.day
        at = f", line {one.line}" if one.line else ""
        click.echo(f"{place}{at}: {one.problem}: {PROBLEMS[one.problem]}")
    click.echo(f"{len(found.problems)} problems" if found.problems else "nothing was changed")


def _write_lines(found: Iterable[Request | Lost]) -> None:
    for one in found:
        click.echo(msgspec.json.encode(one))


def _write_document(found: Iterable[Request | Lost]) -> None:
    """Write one document as it is read: a period may hold millions."""
    click.echo("[", nl=False)
    for number, one in enumerate(found):
        click.echo((b",\n" if number else b"") + msgspec.json.encode(one), nl=False)
    click.echo("]")

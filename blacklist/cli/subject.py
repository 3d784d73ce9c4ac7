"""``blacklist subject`` and ``forget``: what is held of an identifier, and its removal."""

from collections.abc import Iterable

import click
import msgspec

from blacklist import forget as forgetting
from blacklist.audit import search
from blacklist.audit.keys import AuditKeys
from blacklist.cli import options
from blacklist.cli.named import identify
from blacklist.cli.opened import for_reading, for_writing
from blacklist.cli.printed import print_json, printable
from blacklist.config import Settings
from blacklist.errors import Unreachable
from blacklist.forget import STAYS
from blacklist.model import Identifier, Trust
from blacklist.publish import Publisher
from blacklist.secret import load_secret
from blacklist.store import Client, meta, sources
from blacklist.subject import Found, Stored, Subject, look_up, subject_of
from blacklist.verdict import rfc3339
from loaders import archived
from loaders.archive import Archive
from loaders.archived import Archived

Held = dict[str, list[Found]]

ARCHIVE = "archive"
AUDIT = "audit"


@click.command()
@click.argument("value", metavar="IDENTIFIER")
@click.option("--kind", type=options.KINDS)
@click.option("--bank", help="The bank of an account.")
@options.as_json
def subject(value: str, kind: str | None, bank: str | None, as_json: bool) -> None:  # noqa: FBT001
    """Show everything that is held of an identifier: in the lists, in files, in the audit trail."""
    settings = Settings.from_env()
    named = identify(value, kind, bank, settings.region)
    with for_reading(settings) as client:
        found = _look(client, settings, named)
    if as_json:
        print_json({"identifier": named, "held": found})
    else:
        _show(found)


@click.command()
@click.argument("value", metavar="IDENTIFIER")
@click.option("--kind", type=options.KINDS)
@click.option("--bank", help="The bank of an account.")
@click.option("--yes", is_flag=True, help="Do it; without this it is only told.")
def forget(value: str, kind: str | None, bank: str | None, yes: bool) -> None:  # noqa: FBT001
    """Remove what the community lists of an identifier, from the lists and from the archive.

    Returns when every running service answers so. What an authority or a partner says stays.
    """
    settings = Settings.from_env()
    named = identify(value, kind, bank, settings.region)
    with for_writing(settings) as publisher:
        found = _look(publisher.client, settings, named)
        allowed = _allowed(publisher, found[ARCHIVE])
        mine = {str(named)}
        going = {sort: _going(rows, allowed, mine) for sort, rows in found.items() if sort in _GO}
        holders = {_source(one) for rows in going.values() for one in rows}
        if yes:
            done = forgetting.forget(publisher, named, holders)
            archive = Archive(settings.data_dir)
            rows = sum(archived.leave_out(archive, one, named) for one in sorted(holders))
            counts = f"{done.listings} listings, {done.held_rows} rows that waited, {rows} archived"
            click.echo(f"removed {counts}")
            found = _look(publisher.client, settings, named)
            going = {}
        else:
            counts = ", ".join(f"{len(rows)} {sort}" for sort, rows in going.items() if rows)
            click.echo(f"would remove {counts or 'nothing'}; say --yes")
    _show_what_stays(found, going)


_GO = ("listings", "held_rows", ARCHIVE)
"""The sorts of which something may go."""


def _allowed(publisher: Publisher, archived: Iterable[Found]) -> set[str]:
    """Return the sources whose rows may go: also those of which only the archive is left."""
    known = {one.source.name for one in sources.read(publisher.client).by_code.values()}
    left = {_source(one) for one in archived if one.told["trust"] == Trust.COMMUNITY}
    return {one.source.name for one in forgetting.forgettable(publisher)} | (left - known)


def _source(one: Found) -> str:
    return one.of.partition("/")[0]


def _going(rows: Iterable[Found], allowed: set[str], mine: set[str]) -> list[Found]:
    return [one for one in rows if _source(one) in allowed and one.identifier in mine]


def _look(client: Client, settings: Settings, named: Identifier) -> Held:
    """Return everything that is held, by the sort of it; this is where files are added."""
    stored = Stored(client, meta.require(client), sources.read(client))
    whom = subject_of(stored, named)
    found = look_up(stored, whom)
    found[ARCHIVE] = [
        _archived(one) for one in archived.find(Archive(settings.data_dir), whom.names)
    ]
    found[AUDIT] = _audited(settings, whom)
    return found


def _archived(one: Archived) -> Found:
    told = {"time": rfc3339(one.time), "state": one.state, "row": one.what, "line": one.line}
    told["trust"] = one.trust
    return Found(str(one.identifier or ""), one.generation, told)


def _audited(settings: Settings, whom: Subject) -> list[Found]:
    """Return the requests that asked it, as far as this machine's trail tells."""
    if not settings.audit_folder.is_dir():
        return []
    keys = AuditKeys.of(load_secret(settings))
    names = {keys.pseudonym(one.kind, one.value): one for one in whom.names}
    try:
        found = list(search.find_mentions(settings.audit_folder, keys, names))
    except OSError as exc:
        raise Unreachable(f"the audit trail cannot be read ({exc.strerror})") from exc
    return [
        Found(str(names[one.pseudonym]), one.caller, msgspec.structs.asdict(one)) for one in found
    ]


def _show(found: Held) -> None:
    for sort, rows in found.items():
        click.echo(f"{sort}: {len(rows) or 'nothing'}")
        for one in rows:
            told = ", ".join(f"{name} {value}" for name, value in one.told.items())
            click.echo(printable(f"  {one.identifier}  {one.of}  {told}"))


def _show_what_stays(found: Held, going: Held) -> None:
    for sort, rows in found.items():
        left = len(rows) - len(going.get(sort, ()))
        if left:
            click.echo(f"{left} {sort} stay: {STAYS[sort]}")
    click.echo(
        "a feed that still lists it brings it back: 'blacklist clear' or 'decide --keep-out' "
        "prevents that"
    )

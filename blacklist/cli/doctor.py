"""``blacklist doctor``: looks at everything and says what is to be done; changes nothing."""

import os
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from blacklist.checkup import Finding, Grade, examine, fine, to_do
from blacklist.cli import growth, options
from blacklist.cli.exits import HELD
from blacklist.cli.opened import used
from blacklist.cli.printed import print_json, printable
from blacklist.config import Settings
from blacklist.errors import BlacklistError, ConfigError
from blacklist.policies import Policies
from blacklist.store import Client, feeds, meta, sources
from blacklist.store.feeds import FeedState
from loaders import catalogue, schedule
from loaders.schedule import Standing

_MARKS: Final = {Grade.FINE: "ok  ", Grade.NOTE: "note", Grade.DO: "DO  "}
_FREE_BYTES: Final = 1 << 30
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_SECRETS: Final = ("*secret*", "*.key", "*.pem")
_WORRYING: Final = {
    Standing.NEVER: "'blacklist update' fetches it",
    Standing.FAILING: "see 'blacklist feeds'",
    Standing.HELD: "look at it, then 'blacklist update --accept NAME'",
    Standing.OVERDUE: "see that 'blacklist update --watch' runs",
}


@click.command()
@options.as_json
def doctor(as_json: bool) -> None:  # noqa: FBT001 - an option
    """Look at settings, store, lists, feeds and files, and say what is to be done.

    Ends with 4 if anything is to be done. Changes nothing.
    """
    found = list(_examine())
    if as_json:
        print_json({"findings": found})
    else:
        for one in found:
            line = f"{_MARKS[one.grade]}  {one.about:12} {printable(one.says)}"
            click.echo(f"{line}: {one.do}" if one.do else line)
    raise SystemExit(HELD if any(one.grade is Grade.DO for one in found) else 0)


def _examine() -> Iterator[Finding]:
    try:
        settings = Settings.from_env()
    except ConfigError as exc:
        yield to_do("settings", str(exc), 'correct the environment (README, "Settings")')
        return
    yield from _of_settings(settings)
    if settings.redis_url is None:
        if not (settings.data_dir / "store").is_dir():
            yield to_do("store", "there is none yet", "'blacklist serve' or 'blacklist load'")
            return
        yield from _of_files(settings.data_dir)
    try:
        with used(settings) as place:
            client = place.reader()
            yield from examine(client)
            yield from _of_shards(client)
            yield from _of_feeds(settings, client)
            client.close()
    except BlacklistError as exc:
        yield to_do("store", str(exc), 'see docs/operations.md, "What to do when"')


def _of_settings(settings: Settings) -> Iterator[Finding]:
    try:
        catalogue.read(settings.catalogue)
        Policies(settings.policies)
    except ConfigError as exc:
        yield to_do("settings", str(exc), "correct the file")
    else:
        yield fine("settings", "understood, with the catalogue and the policies")


def _of_files(data_dir: Path) -> Iterator[Finding]:
    private = [data_dir / "store", *(one for name in _SECRETS for one in data_dir.rglob(name))]
    open_ = [one for one in private if one.stat().st_mode & _OTHERS]
    for one in open_:
        mode = 700 if one.is_dir() else 600
        yield to_do("files", f"others may read {one.name}", f"chmod {mode} {one}")
    if not os.access(data_dir, os.W_OK):
        yield to_do("files", "this user cannot write the data directory", f"chown it: {data_dir}")
    elif not open_:
        yield fine("files", "only their owner reads them")
    size = sum(one.stat().st_size for one in (data_dir / "store").rglob("*") if one.is_file())
    free = shutil.disk_usage(data_dir).free
    says = f"{free >> 20:,} MiB free, the store takes {size >> 20:,}"
    if free < max(_FREE_BYTES, 2 * size):  # the server writes its log anew beside the old one
        yield to_do("disk", says, "make room: a server whose disk is full ends")
    else:
        yield fine("disk", says)


def _of_shards(client: Client) -> Iterator[Finding]:
    try:
        advice = growth.advice(client)
    except BlacklistError:
        return  # said already
    for line in advice:
        yield to_do("shards", *line.rsplit(": ", 1)) if ": " in line else to_do("shards", line, "")
    if not advice:
        yield fine("shards", "there are enough, none is being rearranged")


def _of_feeds(settings: Settings, client: Client) -> Iterator[Finding]:
    try:
        info, states = meta.require(client), feeds.read(client)
        records = {one.source.name: one for one in sources.read(client).by_code.values()}
        entries = catalogue.read(settings.catalogue)
    except BlacklistError:
        return  # said already
    now, worrying = int(time.time()), 0
    for name, entry in entries.items():
        state, record = states.get(name, FeedState()), records.get(name)
        stands = schedule.stand(entry, state, record, now=now, store_id=info.id)
        if stands in _WORRYING and entry.enabled:
            worrying += 1
            why = f": {state.message}" if state.message else ""
            yield to_do("feeds", f"{name} is {stands}{why}", _WORRYING[stands])
    if not worrying:
        yield fine("feeds", "those that are fetched are in time")

"""``blacklist feeds``: the catalogue, and how each feed stands."""

import time
from typing import Any

import click

from blacklist.cli import options
from blacklist.cli.opened import used
from blacklist.cli.printed import print_json
from blacklist.config import Settings
from blacklist.store import feeds as stored
from blacklist.store import meta
from blacklist.store import sources as store_sources
from blacklist.store.feeds import FeedState
from blacklist.store.sources import SourceRecord
from loaders import catalogue, durations, schedule
from loaders.catalogue import Entry
from loaders.schedule import Standing


@click.command()
@options.as_json
def feeds(as_json: bool) -> None:  # noqa: FBT001
    """List the catalogue: what each feed lists, its age, when it is due, how it stands."""
    settings = Settings.from_env()
    entries = catalogue.read(settings.catalogue).values()
    states: dict[str, FeedState] = {}
    records: dict[str, SourceRecord] = {}
    store_id = 0
    with used(settings) as place:
        client = place.reader()
        if meta.read(client) is not None:
            store_id = meta.require(client).id
            states = stored.read(client)
            table = store_sources.read(client).by_code.values()
            records = {record.source.name: record for record in table}
        client.close()
    now = int(time.time())
    rows = [
        _row(one, states.get(one.name, FeedState()), records.get(one.name), now, store_id)
        for one in entries
    ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo(_line(row, now))


def _row(
    entry: Entry, state: FeedState, record: SourceRecord | None, now: int, store_id: int
) -> dict[str, Any]:
    loaded = record.loaded if record is not None else None
    return {
        "name": entry.name,
        "title": entry.title,
        "kind": entry.kind,
        "trust": entry.trust,
        "licence": entry.licence,
        "terms": entry.terms,
        "homepage": entry.homepage,
        "enabled": entry.enabled,
        "why_off": entry.why_off,
        "standing": schedule.stand(entry, state, record, now=now, store_id=store_id),
        "entries": record.entries if record is not None else {},
        "age_s": None if loaded is None else max(0, now - loaded),
        "refresh_s": entry.refresh_seconds,
        "next_due": schedule.next_due(entry, state, record, store_id),
        "tried": state.tried,
        "failing_since": state.failing_since,
        "failures": state.failures,
        "error": state.error,
        "message": state.message,
        "bytes": state.bytes,
        "digest": state.digest,
    }


def _line(row: dict[str, Any], now: int) -> str:
    entries = ", ".join(f"{n:,} {kind}" for kind, n in sorted(row["entries"].items()) if n)
    age = "never" if row["age_s"] is None else f"{durations.say(row['age_s'])} ago"
    kind = row["kind"] or "mixed"
    return (
        f"{row['name']:24} {kind:8} {row['trust']:10} {entries or 'nothing':16} {age:>11}  "
        f"{row['standing']:8} {_remark(row, now)}"
    ).rstrip()


def _remark(row: dict[str, Any], now: int) -> str:
    """Why it does not run, what went wrong, or when it is due."""
    if row["standing"] is Standing.OFF:
        return str(row["why_off"] or "only when it is named")
    if row["failures"]:
        since = durations.say(now - (row["failing_since"] or now))
        return f"{row['message']}; {row['failures']} times in {since}"
    if not row["enabled"]:
        return "only when it is named"
    wait = row["next_due"] - now
    return f"due in {durations.say(wait)}" if wait > 0 else "due now"

"""``blacklist sources``, ``status`` and ``migrate``: what is there."""

import time
from typing import Any

import click
import msgspec

from blacklist.cli import growth, options
from blacklist.cli.opened import for_reading, used
from blacklist.cli.printed import print_json
from blacklist.config import Settings
from blacklist.model import Kind
from blacklist.store import Client, fill, journal, layout, meta, snapshot
from blacklist.store import migrate as migration
from blacklist.store import sources as stored
from blacklist.store.sources import SourceRecord


@click.command()
@options.as_json
def sources(as_json: bool) -> None:  # noqa: FBT001
    """List who is loaded: trust, entries by kind, age."""
    with for_reading(Settings.from_env()) as client:
        records = sorted(stored.read(client).by_code.values(), key=lambda one: one.source.name)
    if as_json:
        print_json([_source(r) for r in records])
        return
    if not records:
        click.echo("no lists are loaded: nothing can be known")
    for record in records:
        entries = ", ".join(f"{n:,} {kind}" for kind, n in sorted(record.entries.items()) if n)
        click.echo(
            f"{record.source.name:24} {record.source.trust:10} {entries or 'nothing':28} "
            f"{_age(record.loaded):>12}  {record.source.title}"
            + ("" if record.state is stored.State.CLEAN else f"  [{record.state}: load it again]")
        )


@click.command()
@options.as_json
def status(as_json: bool) -> None:  # noqa: FBT001
    """Show the store: schema, shards, filters, journal, lists by kind."""
    with for_reading(Settings.from_env()) as client:
        state, advice = _state(client), growth.advice(client)
    if as_json:
        print_json(state)
        return
    click.echo(f"store {state['store']['id']:012x}, schema {state['store']['schema']}")
    click.echo(f"journal at {state['journal']}")
    for kind, one in state["kinds"].items():
        click.echo(
            f"{kind:8} {one['entries']:>12,} entries from {one['sources']} sources; filter holds "
            f"{one['filter_keys']:,} of {one['filter_capacity']:,} keys; {one['shards']:,} shards "
            f"of {one['shard_mean']:,} members"
        )
    for line in advice:
        click.echo(line)


@click.command()
def migrate() -> None:
    """Bring the store to the schema of this program; stop all writers before."""
    with used(Settings.from_env()) as place:
        client = place.writer()
        steps = migration.run(client)
        client.close()
    click.echo("\n".join(steps) if steps else "nothing to do: the store has this schema already")


def _state(client: Client) -> dict[str, Any]:
    info = meta.require(client)
    records = stored.read(client).by_code.values()
    filters = snapshot.states(client)
    unfinished = layout.read(client)
    return {
        "store": {"id": info.id, "schema": info.schema, "max_lag_s": info.max_lag_seconds},
        "journal": journal.last(client).id,
        "kinds": {
            kind.value: {
                "entries": sum(record.entries.get(kind, 0) for record in records),
                "sources": sum(1 for record in records if record.entries.get(kind)),
                "shards": 1 << info.bits[kind],
                "shard_mean": round(fill.look(client, info, kind).mean),
                "reshard": growth.state_of(unfinished, kind),
                "filter_keys": filters[kind].keys + filters[kind].added,
                "filter_capacity": filters[kind].capacity,
                "filter_removed": filters[kind].removed,
            }
            for kind in Kind
        },
    }


def _source(record: SourceRecord) -> dict[str, Any]:
    return {
        **msgspec.structs.asdict(record.source),
        "state": record.state,
        "loaded": record.loaded,
        "generation": record.generation,
        "entries": record.entries,
    }


def _age(second: int | None) -> str:
    if second is None:
        return "never"
    minutes = max(0, int(time.time()) - second) // 60
    hours, days = minutes // 60, minutes // 1440
    if days:
        return f"{days} days ago"
    return f"{hours} h ago" if hours else f"{minutes} min ago"

"""What is told of shards that got too full, and of a reshard that was cut off."""

from collections.abc import Iterator

import click

from blacklist.model import Kind
from blacklist.store import Client, fill, layout, meta, snapshot
from blacklist.store.layout import Layout


def advice(client: Client) -> list[str]:
    """One line for each thing that a person is to do."""
    damaged = [kind for kind, state in snapshot.states(client).items() if state.is_damaged]
    return [
        *_too_full(client),
        *_unfinished(client),
        *(f"{kind}: the filter is damaged: the next load or sweep builds it" for kind in damaged),
    ]


def warn(client: Client) -> None:
    """Tell on standard error where more shards are called for; one look at 256 shards a kind."""
    for line in _too_full(client):
        click.echo(f"blacklist: {line}", err=True)


def state_of(unfinished: Layout, kind: Kind) -> str | None:
    """What a reshard of a kind has begun and not ended: ``copying``, ``leaving`` or nothing."""
    if kind in unfinished.leaving:
        return "leaving"
    return "copying" if kind in unfinished.copying else None


def _too_full(client: Client) -> Iterator[str]:
    info = meta.require(client)
    for kind in Kind:
        found = fill.look(client, info, kind)
        if found.is_due:
            yield (
                f"{kind}: {found.mean:,.0f} members a shard, over {fill.GROW_AT} is too many: "
                f"run 'blacklist reshard {kind}'"
            )


def _unfinished(client: Client) -> Iterator[str]:
    if layout.is_resharding(client):
        yield "the shards are being rearranged: loads are refused until that is done"
        return
    found, bits = layout.read(client), meta.require(client).bits
    for kind in Kind:
        if kind in found.leaving:
            yield f"{kind}: old shards are left of a reshard; the next load removes them"
        elif kind in found.copying:
            yield (
                f"{kind}: a reshard to {found.copying[kind].bits} bits was cut off: finish it by "
                f"'blacklist reshard {kind}', or undo it by --bits {bits[kind]}"
            )

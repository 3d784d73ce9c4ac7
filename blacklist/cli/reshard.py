"""``blacklist reshard``: more or fewer shards for a kind."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from blacklist import reshard as work
from blacklist.cli import options
from blacklist.cli.opened import for_writing
from blacklist.cli.printed import print_json
from blacklist.config import Settings
from blacklist.model import Kind
from blacklist.reshard import Plan
from blacklist.store import fill
from blacklist.store.reshard import Progress


@click.command()
@click.argument("kind", type=options.KINDS, metavar="KIND")
@click.option(
    "--bits",
    type=click.IntRange(fill.MIN_BITS, fill.MAX_BITS),
    help="2 to the power of so many shards; else what the entries call for, never fewer.",
)
@options.as_json
def reshard(kind: str, bits: int | None, as_json: bool) -> None:  # noqa: FBT001 - an option
    """Spread a kind (phone, account, link) over more or fewer shards.

    Questions go on; loads and decisions are refused until it is done. It needs room for the kind
    twice. Cut off, it is finished by running it again, and undone by --bits with the old number.
    """
    with for_writing(Settings.from_env()) as publisher:
        plan = work.plan(publisher.client, Kind(kind), bits)
        if not as_json:
            click.echo(_what(plan))
        with _bar(1 << plan.before, plan) as progress:
            done = work.run(publisher, plan, progress) if plan.is_needed else None
    if as_json:
        print_json(done if done is not None else work.Done(plan.kind, plan.before, plan.after))
    elif done is not None:
        click.echo(f"done: {done.members:,} members in {done.seconds:.1f} s")


def _what(plan: Plan) -> str:
    members = plan.members
    now = f"{plan.kind}: {members:,} members in {_shards(plan.before, members)}"
    if plan.before != plan.after:
        return f"{now}; to {_shards(plan.after, members)}"
    if plan.is_unfinished:
        return f"{now}; a reshard that was cut off is cleared up"
    return f"{now}: nothing to do"


def _shards(bits: int, members: int) -> str:
    return f"{1 << bits:,} shards ({bits} bits), {members >> bits:,} a shard"


@contextmanager
def _bar(length: int, plan: Plan) -> Iterator[Progress]:
    """On a terminal a bar on standard error follows the copy."""
    if not sys.stderr.isatty() or plan.before == plan.after:
        yield lambda _more: None
        return
    with click.progressbar(length=length, label=f"copy {plan.kind}", file=sys.stderr) as bar:
        yield bar.update

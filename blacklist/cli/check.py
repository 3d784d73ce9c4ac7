"""``blacklist check``: ask from the shell."""

import sys

import click

from blacklist.cli import options
from blacklist.cli.exits import verdicts_code
from blacklist.cli.opened import for_reading
from blacklist.cli.printed import print_json
from blacklist.cli.told import lines
from blacklist.config import Settings
from blacklist.lookup import Ask, Lookup
from blacklist.model import Audience, Kind
from blacklist.replica import Replica


@click.command()
@click.argument("values", nargs=-1, required=True, metavar="VALUE…")
@click.option("--kind", type=options.KINDS, help="What it is.")
@click.option("--bank", help="The account's bank: BIN, code, name or SWIFT.")
@options.region
@options.as_json
def check(
    values: tuple[str, ...],
    kind: str | None,
    bank: str | None,
    region: str | None,
    as_json: bool,  # noqa: FBT001 - an option
) -> None:
    """Ask whether phone numbers, accounts or links are suspicious.

    Exit code: 0 nothing listed (which is not "safe"), 10 something listed, 2 bad input, 3 the
    lists could not be looked at.
    """
    settings = Settings.from_env()
    asks = [
        Ask(
            value=value,
            kind=Kind(kind) if kind else None,
            bank=bank,
            region=region or settings.region,
        )
        for value in values
    ]
    with for_reading(settings) as client:
        # No filter for one question: without a view the lookup asks the store about everything.
        lookup = Lookup(Replica(client), client, audience=Audience.INSTITUTIONS)
        verdicts = lookup.check_many(asks)
    if as_json:
        print_json({"results": verdicts})
    else:
        for value, verdict in zip(values, verdicts, strict=True):
            click.echo("\n".join(lines(value, verdict)))
    sys.exit(verdicts_code(verdicts))

"""``blacklist backup`` and ``restore``: the whole store in a file, and back."""

from pathlib import Path

import click

from blacklist import backup as backups
from blacklist.cli import options
from blacklist.cli.opened import used
from blacklist.cli.printed import print_json
from blacklist.config import Settings
from blacklist.verdict import rfc3339

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=_FILE)
@options.as_json
def backup(file: Path, as_json: bool) -> None:  # noqa: FBT001 - an option
    """Write the whole store to FILE as it is at this moment, while the service goes on.

    FILE holds lists of people's numbers: it is made for its owner only, keep it so.
    """
    with used(Settings.from_env()) as place:
        client = place.writer()
        try:
            head = backups.take(client, file)
        finally:
            client.close()
    if as_json:
        print_json(head)
        return
    click.echo(f"store {head.store:012x} of {rfc3339(head.taken)}: {head.bytes:,} bytes, read back")


@click.command()
@click.argument("file", type=_FILE)
@click.option("--replace", is_flag=True, help="Put it in the place of the store that is there.")
@options.as_json
def restore(file: Path, replace: bool, as_json: bool) -> None:  # noqa: FBT001
    """Put the store of a backup into an empty place. Restart the services afterwards.

    What was written after the backup is gone: load the feeds again, and repeat decisions.
    """
    done = 0

    def tell(keys: int) -> None:
        nonlocal done
        if (done + keys) // 10_000 > done // 10_000:
            click.echo(f"{done + keys:,} keys …", err=True)
        done += keys

    with used(Settings.from_env()) as place:
        client = place.writer()
        try:
            head, count = backups.restore(file, client, replace=replace, progress=tell)
        finally:
            client.close()
    if as_json:
        print_json({"backup": head, "keys": count})
        return
    click.echo(f"restored the store of {rfc3339(head.taken)}: {count:,} keys")
    click.echo("restart the services that use it, and run 'blacklist update'")

"""The command line: the outermost layer, the only one that knows loaders and web.

Results go to standard output (with ``--json`` one document, nothing else), progress and messages
to standard error. Exit codes: 0 done or nothing listed, 10 something listed, 2 bad input, 3
unavailable, 4 held for a person to look at; 1 is a crash.
"""

import sys

import click

from blacklist import __version__
from blacklist.cli.check import check
from blacklist.cli.exits import exit_code
from blacklist.cli.load import load
from blacklist.cli.serve import serve
from blacklist.cli.state import migrate, sources, status
from blacklist.errors import BlacklistError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="blacklist")
def cli() -> None:
    """Ask whether something is suspicious, who says so and since when; load who says so."""


for command in (check, load, sources, status, serve, migrate):
    cli.add_command(command)


def main() -> None:
    """Run the command line; an error of ours is one line and its exit code."""
    try:
        cli.main(prog_name="blacklist")
    except BlacklistError as exc:
        click.echo(f"blacklist: {exc}", err=True)
        sys.exit(exit_code(exc))

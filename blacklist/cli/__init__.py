"""The command line: the outermost layer, the only one that knows loaders and web.

Results go to standard output (with ``--json`` one document, nothing else), progress and messages
to standard error. Exit codes: 0 done or nothing listed, 10 something listed, 2 bad input, 3
unavailable, 4 held for a person to look at; 1 is a crash.
"""

import gc
import sys
from importlib import import_module

import click

from blacklist import __version__
from blacklist.cli.exits import exit_code
from blacklist.errors import BlacklistError

_COMMANDS = {
    "check": "check",
    "scan": "scan",
    "screen": "screen",
    "load": "load",
    "feeds": "feeds",
    "update": "update",
    "sources": "state",
    "status": "state",
    "serve": "serve",
    "backup": "backup",
    "restore": "backup",
    "doctor": "doctor",
    "migrate": "state",
    "reshard": "reshard",
    "letter": "letters",
    "letters": "letters",
    "rejected": "archive",
    "rollback": "archive",
    "sweep": "upkeep",
    "remove": "upkeep",
    "tallies": "upkeep",
    "report": "report",
    "clear": "decide",
    "clearances": "decide",
    "official": "decide",
    "review": "decide",
    "decide": "decide",
    "keys": "keys",
    "reports": "cases",
    "disputes": "cases",
    "pending": "cases",
    "audit": "audit",
    "subject": "subject",
    "forget": "subject",
}
"""Each command's module, imported when it is called: ``check`` need not wait for the web server."""


class _Commands(click.Group):
    """Commands that are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"blacklist.cli.{_COMMANDS[cmd_name]}")
        # It stays until the end: no collection has to walk it, of which the end alone has several
        # (a quarter second of a command).
        gc.freeze()
        command: click.Command = getattr(module, cmd_name)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="blacklist")
def cli() -> None:
    """Ask whether something is suspicious, who says so and since when; load who says so."""


def main() -> None:
    """Run the command line; an error of ours is one line and its exit code."""
    try:
        cli.main(prog_name="blacklist")
    except BlacklistError as exc:
        click.echo(f"blacklist: {exc}", err=True)
        sys.exit(exit_code(exc))

"""``blacklist scan``: look at a whole message from the shell."""

import sys
from pathlib import Path

import click

from blacklist.cli import options
from blacklist.cli.exits import verdicts_code
from blacklist.cli.opened import for_reading
from blacklist.cli.printed import print_json
from blacklist.cli.told import ADVICE, headline, lines
from blacklist.config import Settings
from blacklist.errors import InvalidIdentifier, Unreachable
from blacklist.identifiers.reasons import refusal
from blacklist.lookup import Lookup
from blacklist.model import Audience
from blacklist.replica import Replica
from blacklist.scan import MAX_CHARACTERS, NOTES, Found, Scan, require_message
from blacklist.scan import scan as scan_message

_MAX_BYTES = 4 * MAX_CHARACTERS + 3
"""What a message in UTF-8 has at most, with a byte order mark; one more is read, to be refused."""


@click.command()
@click.argument("file", required=False, metavar="[FILE]")
@click.option("--text", help="The message itself, in place of a file.")
@options.region
@options.as_json
def scan(
    file: str | None,
    text: str | None,
    region: str | None,
    as_json: bool,  # noqa: FBT001 - an option
) -> None:
    """Look at a whole SMS, chat or e-mail: a FILE in UTF-8, or standard input (-).

    Exit code: 0 nothing listed or nothing found (neither is "safe"), 10 something listed, 2 bad
    input, 3 the lists, or the file, could not be looked at.
    """
    if text is not None and file is not None:
        raise click.UsageError("give a file or --text, not both")
    message = text if text is not None else _read(file)
    require_message(message)
    settings = Settings.from_env()
    with for_reading(settings) as client:
        lookup = Lookup(Replica(client), client, audience=Audience.INSTITUTIONS)
        answer = scan_message(lookup, message, region=region or settings.region)
    if as_json:
        print_json(answer)
    else:
        click.echo("\n".join(_told(message, answer)))
    # Things in a message that are not understood are no bad input: only verdicts count.
    sys.exit(verdicts_code(one.result for one in answer.found if one.result.verdict))


def _read(file: str | None) -> str:
    """Return the message of a file or of standard input; InvalidIdentifier unless it is UTF-8."""
    try:
        if file in {None, "-"}:
            data = sys.stdin.buffer.read(_MAX_BYTES + 1)
        else:
            with Path(str(file)).open("rb") as opened:
                data = opened.read(_MAX_BYTES + 1)
    except OSError as exc:
        raise Unreachable(f"the message's file cannot be read: {exc.strerror}") from exc
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        if len(data) > _MAX_BYTES:
            raise refusal("too_long", "The message is too long.") from exc
        raise InvalidIdentifier("not_text", "The message is not text in UTF-8.") from exc


def _told(message: str, answer: Scan) -> list[str]:
    """Each place with its line, then the word on the whole."""
    told = [line for one in answer.found for line in _place(message, one)]
    told += [NOTES[note] for note in answer.notes]
    if not answer.found:
        told.append("That does not mean that it is safe.")
    if answer.verdict is not None:
        told.append(click.style(f"message: {headline(answer.verdict, answer.level)}", bold=True))
    if answer.level in ADVICE:
        told.append(ADVICE[answer.level])
    return told


def _place(message: str, one: Found) -> list[str]:
    line = message.count("\n", 0, one.start) + 1
    return lines(f"line {line}: {one.text or '(not repeated)'}", one.result)

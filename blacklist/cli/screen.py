"""``blacklist screen``: a whole table from the shell, with its verdicts beside it."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click

from blacklist.cli import options
from blacklist.cli.exits import outcomes_code
from blacklist.cli.opened import followed
from blacklist.cli.printed import print_json
from blacklist.cli.screened import Screened
from blacklist.config import Settings
from blacklist.errors import Unavailable, Unreachable
from blacklist.identifiers.phone import require_region
from blacklist.lookup import Lookup
from blacklist.model import Audience, Kind, Outcome
from blacklist.screening import FORMATS, Form, Lines, Piece, Told, begin
from blacklist.screening import screen as screen_rows
from blacklist.screening.columns import FIELDS

_NDJSON_ENDINGS = {".ndjson", ".jsonl"}


@click.command()
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="A column, by name or number.",
)
@options.kind_of_rows
@click.option("--bank", help="The accounts' bank, where no column names it.")
@options.region
@click.option("--format", "format_", type=click.Choice(FORMATS), help="If the ending misleads.")
@click.option("--out", type=click.Path(path_type=Path), help="Where to write.")
@click.option("--restart", is_flag=True, help="Do not go on where an earlier run was stopped.")
@options.as_json
def screen(
    file: Path,
    *,
    columns: tuple[str, ...],
    kind: str | None,
    bank: str | None,
    region: str | None,
    format_: str | None,
    out: Path | None,
    restart: bool,
    as_json: bool,
) -> None:
    """Ask about every row of a table (CSV or NDJSON) and write the rows with their verdicts.

    A run that was stopped goes on where it was when the same command is given again. Exit code: 0
    nothing listed (which is not "safe"), 10 something listed, 2 bad input, or a row that cannot be
    understood, 3 the lists, or the file, could not be looked at.
    """
    settings = Settings.from_env()
    told = Told(
        columns=_columns(columns),
        kind=Kind(kind) if kind else None,
        bank=bank,
        region=region or settings.region,
    )
    require_region(told.region)
    format_ = format_ or ("ndjson" if file.suffix.lower() in _NDJSON_ENDINGS else "csv")
    out = out or file.with_name(f"{file.stem}.screened.{format_}")
    with _opened(file) as opened, followed(settings) as (replica, client):
        lookup = Lookup(replica, client, audience=Audience.INSTITUTIONS)
        form = begin(format_, Lines(opened.read), told)
        with Screened(out, opened, told=(format_, told), restart=restart) as screened:
            _screen(lookup, form, screened, opened)
            outcomes = screened.finish()
    _tell(out, outcomes, as_json=as_json)
    sys.exit(outcomes_code(outcomes))


def _screen(lookup: Lookup, form: Form, screened: Screened, opened: IO[bytes]) -> None:
    """Screen what is still to be screened, and write it."""
    screened.begin(form.head, form.end)
    opened.seek(screened.end)
    lines = Lines(opened.read, at=screened.end)
    with _progress(opened, screened.end) as advance:
        for piece in screen_rows(lookup, form, lines):
            _require_store(piece)
            advance(piece.end - screened.end)
            screened.add(piece)


def _require_store(piece: Piece) -> None:
    """Stop where the store is away, rather than write a file full of that."""
    if piece.is_store_away:
        raise Unavailable(
            "the lists could not be looked at; what was screened is kept: the same command goes on"
        )


@contextmanager
def _progress(opened: IO[bytes], done: int) -> Iterator[Callable[[int], None]]:
    """What to call with each further number of bytes; on a terminal a bar follows it."""
    if not sys.stderr.isatty():
        yield lambda _bytes: None
        return
    size = os.fstat(opened.fileno()).st_size
    with click.progressbar(length=size, label="screening", file=sys.stderr) as bar:
        bar.update(done)
        yield bar.update


def _tell(out: Path, outcomes: Mapping[Outcome | None, int], *, as_json: bool) -> None:
    verdicts = {outcome.value: outcomes.get(outcome, 0) for outcome in Outcome}
    errors, rows = outcomes.get(None, 0), sum(outcomes.values())
    if as_json:
        sums = {"out": str(out), "rows": rows, "verdicts": verdicts, "errors": errors}
        print_json(sums)
        return
    told = [f"{count} {outcome}" for outcome, count in verdicts.items() if count]
    told += [f"{errors} not understood"] if errors else []
    click.echo(f"{out}: {rows} rows = {' + '.join(told) or 'nothing'}")


def _columns(pairs: tuple[str, ...]) -> dict[str, str]:
    columns = {}
    for pair in pairs:
        field, equals, column = (part.strip() for part in pair.partition("="))
        if field not in FIELDS or not equals or not column:
            message = f"write FIELD=COLUMN; fields: {', '.join(FIELDS)}"
            raise click.BadParameter(message, param_hint="--column")
        columns[field] = column
    return columns


@contextmanager
def _opened(file: Path) -> Iterator[IO[bytes]]:
    try:
        opened = file.open("rb")
    except OSError as exc:
        raise Unreachable(f"the table's file cannot be read: {exc.strerror}") from exc
    with opened:
        if not opened.seekable():
            raise Unreachable("the table must be a file: a pipe cannot be gone back in")
        yield opened

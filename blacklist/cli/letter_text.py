"""How letters are shown: for people line by line, or as one JSON document."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import click
import msgspec

from blacklist import vietnamese
from blacklist.cli.printed import print_json, printable
from blacklist.letter_file import LetterFile
from blacklist.letter_job import Job, Outcome
from blacklist.letter_names import reference
from blacklist.letter_preview import Cleared
from blacklist.letters import Done, Rows
from blacklist.store.letters import Letter, State
from blacklist.verdict import rfc3339

SHOWN_A_REASON: Final = 10
SHOWN_CHARACTERS: Final = 80
_TOLD: Final = ("rows", "rejected")
"""What is told of a letter's files in one line."""


def show_preview(job: Job) -> None:
    """Print what a letter's file says and what applying it would change."""
    click.echo("\n".join(_preview(job)))


def show_outcome(
    job: Job, outcome: Outcome, *, as_json: bool, done: Done | None = None, lifted: int = 0
) -> None:
    """Print what became of it; in JSON with everything that was shown."""
    if as_json:
        print_json(_document(job, outcome, done, lifted))
    elif done is not None:
        click.echo(f"applied: {_changes(done.added, '+')}")
        if lifted:
            click.echo(f"{lifted} clearances ended")
    elif outcome is Outcome.UNCHANGED:
        click.echo("nothing to do: the letter says so already")


def show_withdrawal(done: Done, *, as_json: bool) -> None:
    """Print what a withdrawal took back."""
    if as_json:
        print_json({"letter": done.letter, "rows": done.rows, "removed": done.removed})
    elif done.rows:
        kept = done.rows - sum(done.removed.values())
        click.echo(f"{reference(done.letter)}: {done.rows:,} rows withdrawn")
        click.echo(f"  {_changes(done.removed, '-')}" + (f", {kept:,} stay" if kept else ""))
    else:
        click.echo(f"{reference(done.letter)}: nothing to do, it was withdrawn before")


def show_rows(letter: Letter, rows: Rows, *, as_json: bool) -> None:
    """Print a letter's rows."""
    ordered = sorted(rows.items(), key=lambda pair: str(pair[0]))
    if as_json:
        parts = [{"identifier": one, **msgspec.to_builtins(row)} for one, row in ordered]
        print_json({"letter": letter, "rows": parts})
        return
    click.echo(_line(letter))
    for identifier, row in ordered:
        state = ""
        if row.withdrawn is not None:
            why = f": {row.reason}" if row.reason else ""
            state = f"  withdrawn {rfc3339(row.withdrawn)}{why}"
        note = f"  {row.detail.note}" if row.detail.note else ""
        click.echo(
            f"  {identifier}  {row.detail.category}, since {rfc3339(row.since)}"
            f"{printable(note)}{printable(state)}"
        )


def show_letters(letters: Sequence[Letter], *, as_json: bool) -> None:
    """Print letters, oldest first."""
    if as_json:
        print_json(letters)
    elif not letters:
        click.echo("no letter was loaded")
    else:
        click.echo("\n".join(map(_line, letters)))


def _line(letter: Letter) -> str:
    counts = ", ".join(f"{count:,} {kind}" for kind, count in sorted(letter.in_force.items()))
    gone = sum(letter.withdrawn.values())
    line = f"{reference(letter)}  {letter.authority}  {letter.state}: {counts or 'nothing'}"
    line += f", {gone:,} withdrawn" if gone else ""
    rows, rejected = (sum(getattr(one, name) for one in letter.files) for name in _TOLD)
    line += f"; {rows:,} rows, {rejected:,} rejected"
    line += f"; ended {rfc3339(letter.ended)}" if letter.ended else ""
    line += f" ({letter.reason})" if letter.reason else ""
    line += f"  {letter.title}" if letter.title != letter.authority else ""
    return printable(line) + ("  [cut off: run it again]" if letter.unfinished else "")


def _preview(job: Job) -> Iterator[str]:
    letter, file, preview = job.preview.letter, job.read.file, job.preview
    yield printable(f"{reference(letter)}  {letter.authority}  {letter.title}")
    yield f"  {file.name} as {job.read.format}"
    yield (
        f"  {file.rows:,} rows = {file.listed:,} listed + {file.duplicate:,} duplicate"
        f" + {file.rejected:,} rejected + {file.skipped:,} skipped"
    )
    yield f"  new: {_changes(preview.new, '+')}"
    yield from (
        f"  {count:,} listed already by {name}" for name, count in sorted(preview.listed_by.items())
    )
    yield from (
        f"  {count:,} named already by letter {name}"
        for name, count in sorted(preview.letters.items())
    )
    if preview.withdrawn:
        yield f"  {preview.withdrawn:,} were withdrawn from this letter and stay so (--again)"
    yield from _rejected(job.read)
    yield from (_cleared(one, lift=job.lift) for one in preview.cleared)
    if letter.state is State.WITHDRAWN:
        yield printable(f"  this letter was withdrawn before: {letter.reason or 'no reason told'}")
    if preview.unfinished:
        yield "  a change before was cut off: this makes up for it"


def _rejected(read: LetterFile) -> Iterator[str]:
    """Yield why rows are rejected or skipped, and the first rejected rows of each reason."""
    for reason, count in sorted(read.reasons.items()):
        yield f"  {count:,} × {reason}: {vietnamese.sentence(reason)}"
        for row in read.rejected.get(reason, [])[:SHOWN_A_REASON]:
            yield f"    line {row.line}: {printable(row.text[:SHOWN_CHARACTERS])}"


def _cleared(one: Cleared, *, lift: bool) -> str:
    mark = one.clearance
    by = "" if mark.identifier == one.identifier else f" with {mark.identifier}"
    until = f" until {rfc3339(mark.until)}" if mark.until is not None else ""
    may = "it stays cleared"
    if one.may_be_lifted:
        may = "this ends it" if lift else "it stays cleared (--lift-cleared would end it)"
    return (
        f"  cleared: {one.identifier}{by}, since {rfc3339(mark.since)}{until}: {mark.text}; {may}"
    )


def _changes(counts: Mapping[Any, int], sign: str) -> str:
    parts = [f"{sign}{count:,} {kind}" for kind, count in sorted(counts.items())]
    return ", ".join(parts) or "nothing"


def _document(job: Job, outcome: Outcome, done: Done | None, lifted: int) -> dict[str, Any]:
    read, preview = job.read, job.preview
    return {
        "outcome": outcome,
        "letter": preview.letter if done is None else done.letter,
        "reference": reference(preview.letter),
        "format": read.format,
        "file": read.file,
        "new": preview.new,
        "listed_by": preview.listed_by,
        "letters": preview.letters,
        "changes": preview.changes,
        "withdrawn_before": preview.withdrawn,
        "cleared": preview.cleared,
        "reasons": [
            {
                "reason": reason,
                "sentence": vietnamese.sentence(reason),
                "count": count,
                "rows": read.rejected.get(reason, []),
            }
            for reason, count in sorted(read.reasons.items())
        ],
        "added": {} if done is None else done.added,
        "lifted": lifted,
    }

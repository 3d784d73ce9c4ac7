"""``blacklist check``: ask from the shell."""

import sys

import click
import msgspec

from blacklist.cli.exits import verdicts_code
from blacklist.cli.opened import for_reading
from blacklist.config import Settings
from blacklist.lookup import Ask, Lookup
from blacklist.model import Audience, Kind, Level, MatchView, Outcome, Verdict
from blacklist.replica import Replica

_ADVICE = {
    Level.DANGER: "Do not pay, call back or open it. Tell your bank or the police.",
    Level.WARNING: "Stop and verify through a number or address you looked up yourself.",
    Level.CAUTION: "Only a weak match: verify before you go on.",
}


@click.command()
@click.argument("values", nargs=-1, required=True, metavar="VALUE…")
@click.option("--kind", type=click.Choice([str(kind) for kind in Kind]), help="What it is.")
@click.option("--bank", help="The account's bank: BIN, code, name or SWIFT.")
@click.option("--region", help="Country of numbers written without one (two letters).")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
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
        click.echo(msgspec.json.format(msgspec.json.encode({"results": verdicts})).decode())
    else:
        for value, verdict in zip(values, verdicts, strict=True):
            click.echo("\n".join(_lines(value, verdict)))
    sys.exit(verdicts_code(verdicts))


def _lines(value: str, verdict: Verdict) -> list[str]:
    lines = [click.style(_shown(value), bold=True)]
    if verdict.error:
        return [*lines, f"  not understood: {verdict.error.detail} ({verdict.error.reason})"]
    lines += [f"  as {one.kind}: {one.display}" for one in verdict.identifiers]
    lines.append(f"  {_headline(verdict)}")
    lines += [f"  {_why(match)}" for match in verdict.matches]
    lines += [f"  also known as {match.kind}: {_why(match)}" for match in verdict.related]
    if verdict.level in _ADVICE:
        lines.append(f"  {_ADVICE[verdict.level]}")
    if verdict.notes:
        lines.append(f"  notes: {', '.join(verdict.notes)}")
    return lines


def _headline(verdict: Verdict) -> str:
    match verdict.verdict:
        case Outcome.LISTED:
            return f"LISTED, level {verdict.level}"
        case Outcome.OFFICIAL:
            return "official: published by the institution itself (a caller id can be forged)"
        case Outcome.CLEARED:
            return "cleared: it was looked into and is not to be flagged"
        case Outcome.NO_RECORD:
            return "nothing known, which does not mean safe"
        case _:
            return "COULD NOT CHECK: the lists could not be looked at; try again"


def _why(match: MatchView) -> str:
    reference = f", reference {match.reference}" if match.reference else ""
    note = f" ({match.note})" if match.note else ""
    return (
        f"{match.listed} [{match.match}] {match.category}, since {match.since}{reference}: "
        f"{match.title} ({match.source}, {match.trust}){note}"
    )


def _shown(value: str) -> str:
    """The text as typed, without what would move the cursor or cannot be printed."""
    return "".join(c if c.isprintable() else "�" for c in value[:200])

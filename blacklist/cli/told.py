"""A verdict in words, as ``check`` and ``scan`` print it."""

import click

from blacklist.cli.printed import printable
from blacklist.model import Level, MatchView, Outcome, Verdict

ADVICE = {
    Level.DANGER: "Do not pay, call back or open it. Tell your bank or the police.",
    Level.WARNING: "Stop and verify through a number or address you looked up yourself.",
    Level.CAUTION: "Only a weak match: verify before you go on.",
}


def lines(heading: str, verdict: Verdict) -> list[str]:
    """The heading in bold, what it was understood as, the verdict, why, and what to do."""
    told = [click.style(shown(heading), bold=True)]
    if verdict.error:
        return [*told, f"  not understood: {verdict.error.detail} ({verdict.error.reason})"]
    told += [f"  as {one.kind}: {one.display}" for one in verdict.identifiers]
    told.append(f"  {headline(verdict.verdict, verdict.level)}")
    told += [f"  {_why(match)}" for match in verdict.matches]
    told += [f"  also known as {match.kind}: {_why(match)}" for match in verdict.related]
    if verdict.level in ADVICE:
        told.append(f"  {ADVICE[verdict.level]}")
    if verdict.notes:
        told.append(f"  notes: {', '.join(verdict.notes)}")
    return told


def headline(verdict: Outcome | None, level: Level | None) -> str:
    """The verdict in one line."""
    match verdict:
        case Outcome.LISTED:
            return f"LISTED, level {level}"
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


def shown(value: str) -> str:
    """The text as typed, without what would move the cursor or cannot be printed."""
    return printable(value[:200])

"""``blacklist reports``, ``disputes``, ``pending``: the queues of people, shown and decided.

What the addresses of the same names do over HTTP. Whoever may run commands on the store decides as
``operator``, who is no key: a maker with a key is never its own checker.
"""

import time
from collections.abc import Mapping
from datetime import datetime

import click
import msgspec

from blacklist import disputes as disputing
from blacklist import pending as confirming
from blacklist import reports as reporting
from blacklist.cli import options
from blacklist.cli.exits import BAD_INPUT
from blacklist.cli.opened import for_reading, for_writing
from blacklist.cli.printed import print_json, printable
from blacklist.config import Settings
from blacklist.errors import InvalidIdentifier
from blacklist.identifiers.free_text import clean_note
from blacklist.marks import Reason
from blacklist.model import Category
from blacklist.pending import OPERATOR, Decision, Result
from blacklist.store import disputes as stored_disputes
from blacklist.store import reports as stored_reports
from blacklist.store.reports import Order
from blacklist.verdict import rfc3339
from blacklist.working_days import end_of


def _on_one_line(_context: click.Context, _option: click.Parameter, text: str) -> str:
    try:
        reason = clean_note(text)
    except InvalidIdentifier as exc:
        raise click.BadParameter(exc.detail) from exc
    if not reason:
        raise click.BadParameter("say why")
    return reason


_WHY = click.option(
    "--reason", required=True, callback=_on_one_line, help="Why, for those who ask later."
)
_SIZE = click.option("--limit", type=click.IntRange(1, 500), default=50, help="How many to show.")


@click.group()
def reports() -> None:
    """What citizens and partners reported: cases that wait for a decision."""


@reports.command("list")
@click.option("--order", type=click.Choice([str(one) for one in Order]), default=Order.NEWEST.value)
@_SIZE
@options.as_json
def list_reports(order: str, limit: int, *, as_json: bool) -> None:
    """List open cases."""
    with for_reading(Settings.from_env()) as client:
        total = stored_reports.length(client)
        found = stored_reports.page(client, Order(order), 0, limit)
    if as_json:
        cases = [msgspec.to_builtins(one) | {"tellers": sorted(one.tellers)} for one in found]
        print_json({"total": total, "reports": cases})
        return
    for one in found:
        told = ", ".join(f"{name} {number}" for name, number in _often(one.categories))
        click.echo(
            f"{one.id}  {one.identifier}  {one.citizens} citizens, {one.partners} partners: {told}"
            f", last {rfc3339(one.last)}"
        )
        for note in one.notes:
            click.echo(f"    {printable(note)}")
    click.echo(f"{total} open", err=True)


@reports.command("accept")
@click.argument("case")
@_WHY
@click.option("--category", type=click.Choice([str(one) for one in Category]))
def accept_report(case: str, reason: str, category: str | None) -> None:
    """List what was reported; returns when every service answers so."""
    with for_writing(Settings.from_env()) as publisher:
        chosen = None if category is None else Category(category)
        reporting.accept(publisher, case, by=OPERATOR, reason=reason, category=chosen)
    click.echo("listed")


@reports.command("reject")
@click.argument("case")
@_WHY
def reject_report(case: str, reason: str) -> None:
    """End a case without a listing."""
    with for_writing(Settings.from_env()) as publisher:
        reporting.reject(publisher, case, by=OPERATOR, reason=reason)
    click.echo("rejected")


@reports.command("merge")
@click.argument("case")
@click.argument("into")
@_WHY
def merge_report(case: str, into: str, reason: str) -> None:
    """Add a case's reports to those of another."""
    with for_writing(Settings.from_env()) as publisher:
        reporting.merge(publisher, case, by=OPERATOR, reason=reason, into=into)
    click.echo("merged")


@click.group()
def disputes() -> None:
    """Disputes of those who say that they are wrongly listed."""


@disputes.command("list")
@options.as_json
def list_disputes(*, as_json: bool) -> None:
    """List open disputes, the oldest first, and which of them are late."""
    now = int(time.time())
    with for_reading(Settings.from_env()) as client:
        found = list(stored_disputes.read(client).values())
    if as_json:
        shown = [
            msgspec.to_builtins(msgspec.structs.replace(one, contact=""))  # its default: left out
            | {"has_contact": bool(one.contact), "is_late": one.is_late(now)}
            for one in found
        ]
        print_json({"disputes": shown})
        return
    for one in found:
        state = "answered" if one.answered else f"answer by {rfc3339(one.answer_by)}"
        late = "  LATE" if one.is_late(now) else ""
        click.echo(
            f"{one.reference}  {one.identifier}  {one.claim}  {state}, act by "
            f"{rfc3339(one.act_by)}{late}"
        )
        if one.note:
            click.echo(f"    {printable(one.note)}")


@disputes.command("answer")
@click.argument("reference")
@_WHY
def answer_dispute(reference: str, reason: str) -> None:
    """Write down that whoever disputes was answered; the dispute stays open."""
    with for_writing(Settings.from_env()) as publisher:
        disputing.answer(publisher, reference, by=OPERATOR, reason=reason)
    click.echo("answered")


@disputes.command("clear")
@click.argument("reference")
@_WHY
@click.option("--clearance", type=click.Choice([str(one) for one in Reason]))
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day; else for good.")
def clear_dispute(
    reference: str, reason: str, clearance: str | None, until: datetime | None
) -> None:
    """Clear what is disputed; returns when every service answers so."""
    with for_writing(Settings.from_env()) as publisher:
        disputing.clear(
            publisher,
            reference,
            by=OPERATOR,
            reason=reason,
            why=None if clearance is None else Reason(clearance),
            until=None if until is None else end_of(until.date()),
        )
    click.echo("cleared")


@disputes.command("keep")
@click.argument("reference")
@_WHY
def keep_dispute(reference: str, reason: str) -> None:
    """Leave it listed and end the dispute."""
    with for_writing(Settings.from_env()) as publisher:
        disputing.keep(publisher, reference, by=OPERATOR, reason=reason)
    click.echo("kept")


@click.group()
def pending() -> None:
    """Listings of partners that wait for a second person's word."""


@pending.command("list")
@options.as_json
def list_pending(*, as_json: bool) -> None:
    """List what waits, the oldest first."""
    with for_reading(Settings.from_env()) as client:
        found = confirming.waiting(client, now=int(time.time()))
    if as_json:
        print_json({"pending": [{"id": one.id} | msgspec.to_builtins(one) for one in found]})
        return
    for one in found:
        told = [one.detail.category, one.detail.reference, one.detail.note]
        words = ", ".join(printable(word) for word in told if word)
        click.echo(f"{one.id}  {one.identifier}  {words}, by {one.maker}")


@pending.command("confirm")
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
def confirm_pending(ids: tuple[str, ...]) -> None:
    """List what a partner would list; returns when every service answers so."""
    _decide(ids, is_confirmed=True)


@pending.command("refuse")
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
def refuse_pending(ids: tuple[str, ...]) -> None:
    """Let listings of partners wait no longer."""
    _decide(ids, is_confirmed=False)


def _decide(ids: tuple[str, ...], *, is_confirmed: bool) -> None:
    decisions = [Decision(one, is_confirmed) for one in ids]
    with for_writing(Settings.from_env()) as publisher:
        results = confirming.decide(publisher, OPERATOR, decisions)
    for one, result in zip(ids, results, strict=True):
        click.echo(f"{printable(one)}  {result}")
    if not set(results) <= {Result.LISTED, Result.REFUSED}:
        raise SystemExit(BAD_INPUT)


def _often(categories: Mapping[Category, int]) -> list[tuple[Category, int]]:
    return sorted(categories.items(), key=lambda one: -one[1])

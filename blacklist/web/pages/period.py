"""``/status/report``: the periodic report as a page that prints as a document, and as CSV.

For who decides about reports and disputes: it tells sums of all institutions' transfers. What an
address holds are days and the name of the unit that reports.
"""

import time
from datetime import date
from typing import Final

import msgspec
from flask import Blueprint, Flask, Response, current_app, request, url_for

from blacklist import periodic
from blacklist.callers import Scope
from blacklist.periods import Period, next_due, period, preset
from blacklist.store import Client
from blacklist.store.tallies import day_of
from blacklist.web import auth
from blacklist.web.auth import needs
from blacklist.web.pages import page, period_document
from blacklist.web.pages.language import PARAMETER
from blacklist.web.parameters import require_parameters
from blacklist.web.problems import Refusal

pages = Blueprint("period", __name__)

MAX_UNIT: Final = 120
_CLIENT: Final = "blacklist.period.client"
_KNOWN: Final = ("preset", "year", "from", "to", "unit", PARAMETER)


class Wanted(msgspec.Struct, frozen=True):
    """What was asked for; without a preset the days stand alone."""

    preset: str
    year: int
    period: Period
    unit: str


def install(app: Flask, client: Client) -> None:
    """Add the page and its table."""
    app.extensions[_CLIENT] = client
    app.register_blueprint(pages)


def address() -> str | None:
    """Where the report is; None for who may not see it."""
    caller = auth.caller()
    may = caller is not None and not caller.test and caller.may(Scope.ADMIN)
    return url_for("period.show") if may else None


@pages.get("/status/report")
@needs(Scope.ADMIN, purpose="report")
def show() -> Response:
    """The report of the days asked for; else of the period that is over next."""
    today = _today()
    wanted = _wanted(today)
    report = periodic.make(current_app.extensions[_CLIENT], wanted.period, today)
    return page.render(
        "period.html",
        **period_document.told(report, wanted.unit, today),
        wanted=wanted,
        asked={name: told for name, told in request.args.items() if name != PARAMETER},
        presets=period_document.PRESET_TITLES,
        years=range(today.year + 1, today.year - 3, -1),
        csv=f"{url_for('period.table')}?from={wanted.period.first}&to={wanted.period.last}",
    )


@pages.get("/status/report.csv")
@needs(Scope.ADMIN, purpose="report")
def table() -> Response:
    """The same as a table for programs and spreadsheets."""
    today = _today()
    wanted = _wanted(today)
    report = periodic.make(current_app.extensions[_CLIENT], wanted.period, today)
    name = f"report_{wanted.period.first}_{wanted.period.last}.csv"
    return Response(
        period_document.as_csv(report),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _today() -> date:
    return day_of(time.time())


def _wanted(today: date) -> Wanted:
    """What the address asks for; Refusal 400 where that is no period."""
    require_parameters(_KNOWN)
    sent = request.args
    unit = " ".join(sent.get("unit", "").split())[:MAX_UNIT]
    try:
        if sent.get("from") or sent.get("to"):
            last = sent.get("to") or today.isoformat()
            days = Period(date.fromisoformat(sent.get("from", "")), date.fromisoformat(last))
            return Wanted("", today.year, period(days.first, days.last, today), unit)
        name, year = next_due(today)
        name, year = sent.get("preset", name), int(sent.get("year", year))
        days = preset(name, year)
        return Wanted(name, year, period(days.first, days.last, today), unit)
    except ValueError as exc:
        raise Refusal(400, "bad_period", str(exc)) from exc

"""The periodic report in words: a document in the reader's language, and a table for programs.

The page and the command ``report`` show the same document by the same template; the command's file
stands alone, with its style in it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from importlib.resources import files
from typing import Any, Final

import msgspec
from flask import Flask, render_template
from flask_babel import force_locale

from blacklist.periodic import ENTRIES, By, Report, Row
from blacklist.screening.cells import cell
from blacklist.web.pages import templates, words
from blacklist.web.pages.words import N_

PRESET_TITLES: Final = {
    "5-june": N_("Half a year, due on 5 June"),
    "15-november": N_("A year, due on 15 November"),
    "5-december": N_("A year, due on 5 December"),
    "15-december": N_("A year, due on 15 December"),
}

MEASURES: Final = {
    "entries_added": N_("New"),
    "entries_withdrawn": N_("Withdrawn"),
    "entries_current": N_("Current"),
    "questions": N_("Questions asked"),
    "questions_hit": N_("Questions about something that is listed"),
    "questions_unanswered": N_("Questions that could not be looked up"),
    "transfers_stopped": N_("Transfers stopped"),
    "transfers_stopped_amount": N_("Money in transfers stopped (VND)"),
    "transfers_held": N_("Transfers held"),
    "transfers_held_amount": N_("Money in transfers held (VND)"),
    "transfers_went_ahead": N_("Transfers that went ahead"),
    "transfers_went_ahead_amount": N_("Money in transfers that went ahead (VND)"),
    "reports_received": N_("Reports received"),
    "reports_accepted": N_("Cases accepted"),
    "reports_rejected": N_("Cases rejected"),
    "reports_merged": N_("Cases merged into another"),
    "disputes_opened": N_("Disputes opened"),
    "disputes_answered": N_("Disputes answered"),
    "disputes_cleared": N_("Disputes that ended with a clearance"),
    "disputes_kept": N_("Disputes that left the entry listed"),
}

_BY: Final = {
    By.KIND: N_("By kind"),
    By.CATEGORY: N_("By category"),
    By.SOURCE: N_("By source"),
}

_SECTIONS: Final = {
    "questions": N_("Questions"),
    "transfers": N_("Transfers at the counter"),
    "reports": N_("Reports of fraud"),
    "disputes": N_("Disputes"),
}

_COLUMNS: Final = Row.__struct_fields__


class Line(msgspec.Struct, frozen=True):
    """A line of a table: what it is of, and its numbers with those of a year before."""

    title: str
    rows: tuple[Row, ...]


class Table(msgspec.Struct, frozen=True):
    """A table; the titles of its lines are translated where ``is_ours``."""

    title: str
    lines: list[Line]
    is_ours: bool = True


def told(report: Report, unit: str, made: date) -> dict[str, Any]:
    """What the template shows of a report; ``unit`` is who reports, ``made`` the day of it."""
    return {
        "report": report,
        "unit": unit,
        "made": made,
        "total": _total(report),
        "tables": [_entries(report, by) for by in _BY],
        "sections": {word: _section(report, word) for word in _SECTIONS},
        "measures": MEASURES,
    }


def as_csv(report: Report) -> str:
    """All rows, each with its words as ``--json`` has them; empty where no data were kept.

    The last two columns say from which day on there are data. No cell begins a formula.
    """
    head = ",".join((*_COLUMNS, "counted_from", "year_before_counted_from"))
    return "\r\n".join((head, *map(_csv_line, report.rows, _kept(report)), ""))


def as_html(report: Report, *, unit: str, made: date, chosen: str) -> str:
    """A document that stands alone, in a language; without a request."""
    app = Flask("blacklist.web")
    templates.install(app)
    style = files("blacklist.web").joinpath("static", "page.css").read_text("utf-8")
    with app.app_context(), force_locale(chosen):
        return render_template(
            "period_alone.html",
            **told(report, unit, made),
            style=style,
            chosen=chosen,
            words=words,
        )


def _kept(report: Report) -> Iterator[Sequence[date | None]]:
    for row in report.rows:
        kept = report.kept[row.measure.partition("_")[0]]
        yield kept.first, kept.year_before


def _csv_line(row: Row, kept: Sequence[date | None]) -> str:
    values = [getattr(row, name) for name in _COLUMNS]
    return ",".join(cell("" if one is None else str(one)) for one in (*values, *kept))


def _total(report: Report) -> Line:
    rows = {one.measure: one for one in report.rows if one.by is By.ALL}
    return Line(N_("All together"), tuple(rows[measure] for measure in ENTRIES))


def _entries(report: Report, by: By) -> Table:
    found: dict[str, dict[str, Row]] = {}
    for one in report.rows:
        if one.by is by:
            found.setdefault(one.name, {})[one.measure] = one
    title_of = _TITLES.get(by, report.titles)
    lines = [
        Line(title_of.get(name, name), tuple(_or_zero(rows, measure, by) for measure in ENTRIES))
        for name, rows in found.items()
    ]
    is_ours = by in _TITLES
    lines.sort(key=lambda line: -max(row.count or 0 for row in line.rows))
    return Table(_BY[by], lines, is_ours=is_ours)


_TITLES: Final[Mapping[By, Mapping[str, str]]] = {
    By.KIND: {kind.value: title for kind, title in words.KINDS.items()},
    By.CATEGORY: {one.value: title for one, title in words.CATEGORIES.items()},
}


def _or_zero(rows: Mapping[str, Row], measure: str, by: By) -> Row:
    """The row of a measure; one that had nothing to tell of this name is zero where others are."""
    if measure in rows:
        return rows[measure]
    other = next(iter(rows.values()))
    count = None if other.count is None else 0
    year_before = None if other.year_before is None else 0
    return Row(measure, by, other.name, count, year_before)


def _section(report: Report, word: str) -> Table:
    rows = [one for one in report.rows if one.measure.partition("_")[0] == word]
    return Table(_SECTIONS[word], [Line(MEASURES[one.measure], (one,)) for one in rows])

"""``/report``: a citizen tells of a fraud. The same as ``POST /v1/reports``, as a form.

What it is about comes from the answer's page by POST, never in an address. Sent twice it counts
once: who told the same today is known (``store/reports.py``).
"""

from typing import Final

from flask import Blueprint, Response

from blacklist.callers import Scope
from blacklist.errors import BlacklistError
from blacklist.web.answers import take
from blacklist.web.auth import needs
from blacklist.web.forms import Form
from blacklist.web.pages import page
from blacklist.web.pages.own_site import refuse_foreign
from blacklist.web.pages.thing_form import render, sent_form, told
from blacklist.web.problems import Refusal
from blacklist.web.reports import NewReport, receive

pages = Blueprint("report", __name__)

_TEMPLATE: Final = "report.html"


@pages.get("/report")
@needs(Scope.REPORT, is_public=True, purpose="report")
def show() -> Response:
    """The empty form."""
    return render(_TEMPLATE, Form())


@pages.post("/report/form")
@needs(Scope.REPORT, is_public=True, purpose="report")
def start() -> Response:
    """The form with what is known already; nothing is told yet."""
    return render(_TEMPLATE, sent_form())


@pages.post("/report")
@needs(Scope.REPORT, is_public=True, purpose="report")
def tell() -> Response:
    """Count the report, or say what is wrong with it."""
    refuse_foreign()
    form = sent_form()
    try:
        take(1)
        receive(told(form, NewReport, "category", "note"))
    except (Refusal, BlacklistError) as exc:
        return render(_TEMPLATE, form, exc)
    return page.sent_to("report.received")


@pages.get("/report/received")
@needs(Scope.REPORT, is_public=True, purpose="report")
def received() -> Response:
    """What happens now; the same for everybody, whatever is known of the thing."""
    return page.render("report_received.html")

"""``/dispute``: whoever finds himself listed says so. The same as ``POST /v1/disputes``, as a form.

Sent twice it opens one dispute: each form has a text of its own, by which the second is known
(``idempotency.seed_of``). ``/dispute/REFERENCE`` says how it stands, and nothing of what it is
about: the reference is known to whoever disputes and to reviewers only.
"""

import secrets
import time
from typing import Final

from flask import Blueprint, Response

from blacklist.callers import Scope
from blacklist.errors import BlacklistError
from blacklist.store import disputes as stored
from blacklist.verdict import rfc3339
from blacklist.web import writes
from blacklist.web.answers import take
from blacklist.web.auth import needs
from blacklist.web.disputes import NewDispute, receive
from blacklist.web.forms import Form
from blacklist.web.idempotency import seed_of
from blacklist.web.pages import page
from blacklist.web.pages.own_site import refuse_foreign
from blacklist.web.pages.thing_form import as_bytes, render, sent_form, told
from blacklist.web.problems import Refusal

pages = Blueprint("dispute", __name__)

_ONCE: Final = "once"
_ONCE_BYTES: Final = 16


@pages.get("/dispute")
@needs(Scope.REPORT, is_public=True, purpose="dispute")
def show() -> Response:
    """The empty form."""
    return _form(Form())


@pages.post("/dispute/form")
@needs(Scope.REPORT, is_public=True, purpose="dispute")
def start() -> Response:
    """The form with what is known already; nothing is disputed yet."""
    return _form(sent_form())


@pages.post("/dispute")
@needs(Scope.REPORT, is_public=True, purpose="dispute")
def tell() -> Response:
    """Open a dispute, or say what is wrong with it."""
    refuse_foreign()
    form = sent_form()
    try:
        take(1)
        one = told(form, NewDispute, "claim", "note", "contact")
        once = form.text(_ONCE)
        opened = receive(one, seed=seed_of(once, as_bytes(one)) if once else None)
    except (Refusal, BlacklistError) as exc:
        return _form(form, exc)
    return page.sent_to("dispute.follow", reference=opened.reference)


@pages.get("/dispute/<reference>")
@needs(Scope.REPORT, is_public=True, purpose="dispute")
def follow(reference: str) -> Response:
    """How a dispute stands: its reference, until when what is done, and what was done."""
    take(1)
    found = stored.find(writes.reader(), reference)
    if found is None:
        raise Refusal(404, "no_such_case", "there is no such dispute")
    return page.render(
        "dispute_follow.html",
        dispute=found,
        is_late=found.is_late(int(time.time())),
        rfc3339=rfc3339,
    )


def _form(form: Form, error: Refusal | BlacklistError | None = None) -> Response:
    once = form.text(_ONCE) or secrets.token_hex(_ONCE_BYTES)
    return render("dispute.html", form, error, once=once)

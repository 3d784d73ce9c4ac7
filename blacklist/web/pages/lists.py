"""``/lists``, the authority's desk: a letter is sent, and the letters of whoever asks are listed.

    file ──lists.py──▶ draft ──letter_draft.py──▶ confirmed ──letter.py──▶ withdrawn, maybe

Each key has letters of its own (``blacklist/letter_drafts.py``): an authority's count once they are
confirmed, a partner's when a second key has confirmed them.
"""

import time
from typing import Final

from flask import Blueprint, Response, url_for
from flask import request as current_request

from blacklist import letter_drafts
from blacklist.callers import Scope
from blacklist.letter_names import reference
from blacklist.store import letters as register
from blacklist.web import auth
from blacklist.web.auth import needs
from blacklist.web.forms import Form, read_form
from blacklist.web.letter_reader import letter_reader
from blacklist.web.pages import letter_form, page
from blacklist.web.pages.letter_form import Refused
from blacklist.web.pages.paging import pages_of
from blacklist.web.pages.words import N_
from blacklist.web.writes import reader, writing

pages = Blueprint("lists", __name__)

LETTERS_A_PAGE: Final = 20
WAIT_SECONDS: Final = 5.0
"""How long a person's write waits for others to end."""

_TOO_MANY: Final = N_(
    "Too many letters wait for a word. Nothing was changed: decide about those first, or wait 15 "
    "minutes."
)


@pages.get("/lists")
@needs(Scope.LIST, purpose="listing")
def show() -> Response:
    """The form, what waits for a second key, and the letters of whoever asks."""
    return desk()


@pages.post("/lists")
@needs(Scope.LIST, purpose="listing")
def send() -> Response:
    """Read a letter's file and keep what it says for a while; nothing is listed by that."""
    caller, form = auth.require_caller(), read_form(current_request)
    with writing(wait_seconds=WAIT_SECONDS) as publisher:
        try:
            told = letter_form.told_of(form, now=publisher.now())
            told = letter_drafts.told_by(caller, told)
            read = letter_form.read(publisher, told, form)
            draft = letter_drafts.keep(
                publisher, caller, told, read, person=auth.person(), again=bool(form.text("again"))
            )
        except Refused as exc:
            return desk(400, form=form, refused=exc)
        except letter_drafts.Full:
            return desk(503, form=form, refused=Refused(_TOO_MANY))
    address = url_for("letter_draft.show", draft_id=draft.id)
    return Response(status=303, headers={"Location": address})


def desk(
    status: int = 200, *, form: Form | None = None, refused: Refused | None = None
) -> Response:
    """The desk as a page, with what was typed and what is wrong with it."""
    caller, client = auth.require_caller(), reader()
    own = register.read(client, letter_drafts.authority_of(caller))
    return page.render(
        "lists.html",
        status,
        form=form or Form(),
        refused=refused,
        letters=pages_of(list(own.values())[::-1], LETTERS_A_PAGE, "page"),
        waiting=letter_drafts.waiting(client, now=int(time.time())),
        can_send=letter_reader() is not None,
        reference=reference,
    )

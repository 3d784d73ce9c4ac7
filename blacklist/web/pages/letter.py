"""``/lists/letter``: one letter with its rows, and taking it back, whole or by row.

Its number and date stand in the address; whose it is follows from who asks, so that nobody reaches
another's.
"""

from typing import Final

from flask import Blueprint, Response, request, url_for

from blacklist import letter_drafts, letters
from blacklist.callers import Scope
from blacklist.errors import ConfigError
from blacklist.letter_names import Told, clean_number, reference
from blacklist.model import Identifier, Kind
from blacklist.store import Client
from blacklist.store import letters as register
from blacklist.store.letters import Letter
from blacklist.web import auth
from blacklist.web.auth import needs
from blacklist.web.forms import Form, read_form
from blacklist.web.pages import page
from blacklist.web.pages.letter_form import Refused, day_of
from blacklist.web.pages.lists import WAIT_SECONDS, desk
from blacklist.web.pages.paging import pages_of
from blacklist.web.pages.words import N_
from blacklist.web.writes import reader, writing

pages = Blueprint("letter", __name__)

ROWS_A_PAGE: Final = 25
REASON_CHARACTERS: Final = 200
_ROW: Final = "row-"

_NO_LETTER: Final = N_("There is no letter of yours with this number and date.")
_NO_ROWS: Final = N_("Nothing was withdrawn: tick the rows first.")
_NO_REASON: Final = N_("Nothing was withdrawn: say why, in at most 200 characters.")
_OTHER_ROWS: Final = N_("Nothing was withdrawn: a row that you ticked is not in this letter.")


@pages.get("/lists/letter")
@needs(Scope.LIST, purpose="listing")
def show() -> Response:
    """A letter and its rows, some at a time."""
    args = request.args
    return _shown(args.get("number", ""), args.get("date", ""))


@pages.post("/lists/letter")
@needs(Scope.LIST, purpose="listing")
def withdraw() -> Response:
    """Take rows of a letter back, or all of it; what another letter lists stays listed."""
    form = read_form(request)
    number, day = form.text("number"), form.text("date")
    rows, reason = _ticked(form), " ".join(form.text("reason").split())
    complaint = _complaint(rows, reason, is_whole=bool(form.text("all")))
    if complaint is not None:
        return _shown(number, day, 400, complaint=complaint)
    with writing(wait_seconds=WAIT_SECONDS) as publisher:
        letter = _find(publisher.client, number, day)
        if letter is None:
            return desk(404, refused=Refused(_NO_LETTER))
        gone = () if form.text("all") else rows
        try:
            done = letters.withdraw(publisher, letter, gone, reason=reason)
        except ConfigError:
            return _shown(number, day, 400, complaint=_OTHER_ROWS)
    address = url_for(
        ".show", number=letter.number, date=letter.day.isoformat(), withdrawn=done.rows
    )
    return Response(status=303, headers={"Location": address})


def _complaint(rows: list[Identifier], reason: str, *, is_whole: bool) -> str | None:
    if not (rows or is_whole):
        return _NO_ROWS
    is_told = 0 < len(reason) <= REASON_CHARACTERS
    return None if is_told else _NO_REASON


def _ticked(form: Form) -> list[Identifier]:
    """The rows that a form names; what names no kind is left out."""
    parts = (text.partition(":") for name, text in form.fields.items() if name.startswith(_ROW))
    return [Identifier(Kind(kind), value) for kind, _, value in parts if kind in set(Kind)]


def _find(client: Client, number: str, day: str) -> Letter | None:
    told_day = day_of(day)
    if told_day is None:
        return None
    authority = letter_drafts.authority_of(auth.require_caller())
    try:
        told = Told(number=clean_number(number), day=told_day, authority=authority)
        return letters.find(client, told)
    except ConfigError:
        return None


def _shown(number: str, day: str, status: int = 200, *, complaint: str | None = None) -> Response:
    client = reader()
    letter = _find(client, number, day)
    if letter is None:
        return desk(404, refused=Refused(_NO_LETTER))
    rows = sorted(register.read_rows(client, letter.id).items(), key=lambda pair: str(pair[0]))
    withdrawn = request.args.get("withdrawn", "")
    return page.render(
        "letter.html",
        status,
        letter=letter,
        reference=reference,
        complaint=complaint,
        rows=pages_of(rows, ROWS_A_PAGE, "page"),
        withdrawn=withdrawn if withdrawn.isascii() and withdrawn.isdecimal() else None,
    )

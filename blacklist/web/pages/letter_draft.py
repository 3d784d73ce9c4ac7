"""``/lists/drafts/…``: what a letter would change, shown before anything is; then what it did.

A word is said by a form and answered by 303 to the same address, so that reloading repeats nothing;
said twice, it counts once.
"""

from typing import Final

from flask import Blueprint, Response, request, url_for

from blacklist import letter_drafts, vietnamese
from blacklist.callers import Caller, Scope
from blacklist.letter_drafts import Draft, Result, State
from blacklist.letter_job import Job, Outcome
from blacklist.letter_names import reference
from blacklist.model import Trust
from blacklist.publish import Publisher
from blacklist.web import auth
from blacklist.web.auth import needs
from blacklist.web.forms import Form, read_form
from blacklist.web.letter_reader import letter_reader
from blacklist.web.pages import language, page
from blacklist.web.pages.letter_form import Refused
from blacklist.web.pages.lists import WAIT_SECONDS, desk
from blacklist.web.pages.paging import pages_of
from blacklist.web.pages.words import N_
from blacklist.web.writes import writing

pages = Blueprint("letter_draft", __name__)

ROWS_A_PAGE: Final = 50

GONE: Final = N_(
    "This letter does not wait any more: its 15 minutes have passed, or it was refused. Nothing "
    "was changed by that. Choose the file again."
)
_NOT_TAKEN: Final = {
    Result.OWN: N_("Another key has to confirm this letter: yours has sent it."),
    Result.NO_MAKER: N_("The key that sent this letter was revoked: it cannot be confirmed."),
    Result.CHANGED: N_(
        "What is cleared has changed since you looked. Nothing was changed: look again, then "
        "confirm."
    ),
    Result.NOTHING: N_("Nothing was changed: there is nothing to add by this letter."),
}
"""Why a word was not taken; what it was about is shown again."""

OBSTACLES: Final = {
    Outcome.EMPTY: N_("Nothing in this letter can be listed."),
    Outcome.WITHDRAWN: N_(
        "This letter was withdrawn. To list it again, send it again and tick that it is to be "
        "listed again."
    ),
    Outcome.UNCHANGED: N_("There is nothing to do: the letter says so already."),
}
"""Why a letter cannot be confirmed."""


@pages.get("/lists/drafts/<draft_id>")
@needs(Scope.LIST, purpose="listing")
def show(draft_id: str) -> Response:
    """What a letter would change, or what it changed."""
    caller = auth.require_caller()
    with writing(wait_seconds=WAIT_SECONDS) as publisher:
        return _shown(publisher, caller, draft_id)


@pages.post("/lists/drafts/<draft_id>")
@needs(Scope.LIST, purpose="listing")
def decide(draft_id: str) -> Response:
    """Confirm a letter, let it wait for a second key, or forget it."""
    caller, form = auth.require_caller(), read_form(request)
    with writing(wait_seconds=WAIT_SECONDS) as publisher:
        result = _decided(publisher, caller, draft_id, form)
        if result in {*_NOT_TAKEN, Result.GONE}:
            complaint = _NOT_TAKEN.get(result)
            return _shown(publisher, caller, draft_id, 409, complaint=complaint)
    is_over = result is Result.REFUSED
    address = url_for("lists.show") if is_over else url_for(".show", draft_id=draft_id)
    return Response(status=303, headers={"Location": address})


def _decided(publisher: Publisher, caller: Caller, draft_id: str, form: Form) -> Result:
    word = form.text("decision")
    if word == "confirm":
        lift = form.text("lift") or None
        return letter_drafts.confirm(publisher, caller, draft_id, lift=lift)
    draft = letter_drafts.find(publisher.client, caller, draft_id, now=publisher.now())
    if draft is None:
        return Result.GONE
    if word == "submit" and draft.maker == caller.id:
        return letter_drafts.submit(publisher, draft)
    if word == "refuse":
        return letter_drafts.refuse(publisher, draft)
    return Result.NOTHING


def _shown(
    publisher: Publisher,
    caller: Caller,
    draft_id: str,
    status: int = 200,
    *,
    complaint: str | None = None,
) -> Response:
    draft = letter_drafts.find(publisher.client, caller, draft_id, now=publisher.now())
    if draft is not None and draft.state is State.APPLIED:
        return page.render("letter_applied.html", status, draft=draft)
    job = None if draft is None else letter_drafts.foresee(publisher, draft)
    if draft is None or job is None:
        return desk(404, refused=Refused(GONE))
    return _preview(caller, draft, job, status, complaint)


def _preview(
    caller: Caller, draft: Draft, job: Job, status: int, complaint: str | None
) -> Response:
    rejected = [row for rows in job.read.rejected.values() for row in rows]
    rejected.sort(key=lambda row: (row.line, row.reason))
    obstacle = job.obstacle()
    may_lift = any(one.may_be_lifted for one in job.preview.cleared)
    is_unchanged = obstacle is Outcome.UNCHANGED and may_lift  # only clearances are left to end
    return page.render(
        "letter_draft.html",
        status,
        draft=draft,
        job=job,
        reference=reference,
        complaint=complaint,
        obstacle=None if obstacle is None or is_unchanged else OBSTACLES[obstacle],
        is_own=draft.maker == caller.id,
        is_partners=draft.told.trust is not Trust.AUTHORITY,
        may_lift=may_lift,
        shown=letter_drafts.digest_of(job.preview.cleared),
        rejected=pages_of(rejected, ROWS_A_PAGE, "rejected"),
        rows=pages_of(list(job.read.rows.items()), ROWS_A_PAGE, "page"),
        sentence=_sentence,
    )


def _sentence(word: str) -> str:
    """Why a row is rejected or skipped, in the language of the page."""
    if language.language() == language.DEFAULT:
        return vietnamese.sentence(word)
    reader = letter_reader()
    return word if reader is None else reader.reasons.get(word, word)

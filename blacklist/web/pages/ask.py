"""``/``: one box for anything, and the answer. Called by people; programs have ``/v1``.

A question is a form (POST), so that nothing asked stands in an address. The script sends the same
form and takes the answer out of the same page: there is one way, with JavaScript and without.
"""

from typing import Any, Final

from flask import Blueprint, Response, request

from blacklist.callers import Scope
from blacklist.errors import InvalidIdentifier
from blacklist.identifiers.banks import directory
from blacklist.identifiers.message import find
from blacklist.lookup import Answers, Ask, identify
from blacklist.model import Outcome
from blacklist.scan import MAX_CHARACTERS, scan
from blacklist.web.answers import home_region, lookup_for_caller
from blacklist.web.api import Signpost, pointers
from blacklist.web.auth import needs
from blacklist.web.described import describes
from blacklist.web.forms import is_form, read_form
from blacklist.web.pages import language, page
from blacklist.web.pages.bank_field import may_need_bank
from blacklist.web.pages.hotlines import hotlines
from blacklist.web.pages.judged import Told, told_of_message, told_of_result, without_secrets
from blacklist.web.pages.picture import Unreadable, read_codes
from blacklist.web.pages.words import N_
from blacklist.web.problems import RETRY_SECONDS, Refusal

pages = Blueprint("ask", __name__)

_OF_MESSAGES: Final = frozenset({"not_understood", "too_long"})
"""Refusals of one thing that say nothing about a message."""

_EMPTY: Final = N_(
    "Type or paste something first: a number, an account, a link or a whole message."
)
_NO_CODE: Final = N_(
    "No code can be read in this picture. Take it from nearer, or type the number."
)
_NO_PICTURE: Final = N_("This file is no picture that can be read here. Choose a JPEG or PNG file.")


@pages.get("/")
@describes(answers={200: Signpost})
def show() -> Response:
    """The empty box; for programs a pointer to the API."""
    if not page.is_wanted():
        return pointers()
    return _page(text="", bank="")


@pages.post("/")
@needs(Scope.CHECK, is_public=True, has_test_answers=True, purpose="lookup")
def answer() -> Response:
    """The box with what was asked, and the answer below it."""
    if not is_form(request):
        raise Refusal(415, "not_a_form", "this is a form for people; programs ask POST /v1/check")
    form = read_form(request)
    language.choose(form.text("lang"))
    text, complaint = _asked_text(form.text("text"), form.files.get("picture", b""))
    if complaint is None and not text.strip():
        complaint = None if form.text("lang") else _EMPTY
        return _page(text="", bank="", complaint=complaint)
    if complaint is not None:
        return _page(text=text, bank="", complaint=complaint)
    if len(text) > MAX_CHARACTERS:
        raise Refusal(413, "text_too_long", f"at most {MAX_CHARACTERS:,} characters a message")
    return _answered(text, form.text("bank"))


def _asked_text(text: str, picture: bytes) -> tuple[str, str | None]:
    """What is asked, with line ends as in the message, and what is wrong with the picture."""
    text = text.replace("\r\n", "\n")
    if not picture:
        return text, None
    try:
        codes = read_codes(picture)
    except Unreadable:
        return text, _NO_PICTURE
    if not codes:
        return text, _NO_CODE
    return "\n".join([*filter(None, [text.strip()]), *codes]), None


def _answered(text: str, bank: str) -> Response:
    answers, region = lookup_for_caller(), home_region()
    if _is_message(text, region):
        told, shown = _told_of_message(answers, text, region)
    else:
        bank = bank if may_need_bank(text, region) else ""
        told, shown = _told_of_one(answers, Ask(text, bank=bank or None, region=region))
    response = _page(text=shown, bank=bank, told=told)
    outcomes = {one.verdict for one in told.results}
    if outcomes == {Outcome.UNAVAILABLE}:
        response.status_code = 503
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _is_message(text: str, region: str) -> bool:
    """Whether all that a text holds is to be found; else it is one thing, or plainly none."""
    places = find(text, region=region)
    try:
        identify(Ask(text, region=region))
    except InvalidIdentifier as exc:
        return bool(places) or exc.reason in _OF_MESSAGES
    return len(places) > 1


def _told_of_one(answers: Answers, ask: Ask) -> tuple[Told, str]:
    result = answers.check(ask)
    return told_of_result(result), result.input or ""


def _told_of_message(answers: Answers, text: str, region: str) -> tuple[Told, str]:
    try:
        found = scan(answers, text, region=region)
    except InvalidIdentifier as exc:
        raise Refusal(400, exc.reason, exc.detail) from exc
    return told_of_message(text, found), without_secrets(text, found.found)


def _page(**told: Any) -> Response:
    told = {"told": None, "complaint": None} | told
    return page.render("ask.html", banks=directory(), hotlines=hotlines(), **told)

"""A refusal as a page, for whoever asked for a page: the problem document's status, in plain words.

``problems.py`` alone decides what is refused and why; here it is only shown. It never looks like an
answer about the thing asked. What somebody typed is not lost: where trying again may help, the form
can be sent again as it was, and where the session is over its texts are shown.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from flask import Response, render_template, request
from werkzeug.exceptions import HTTPException

from blacklist.web import asker
from blacklist.web.forms import Form, read_form
from blacklist.web.pages import page
from blacklist.web.pages.own_site import is_foreign
from blacklist.web.pages.words import N_
from blacklist.web.problems import MEDIA_TYPE, Refusal

_API: Final = "/v1/"
_MOST: Final = N_("This cannot be done")

TOLD: Final[dict[int | str, tuple[str, str]]] = {
    "session_over": (
        N_("You have been signed out"),
        N_("The session was left alone for too long, or ended. Sign in again with your key."),
    ),
    "no_key": (
        N_("Please sign in"),
        N_("This page is for people with a key. Sign in and open it again."),
    ),
    "bad_key": (N_("This key is not known"), N_("It was mistyped, or was revoked.")),
    "bad_csrf_token": (
        N_("Please send the form again"),
        N_("It was opened in another session. Go back, reload the page and send it again."),
    ),
    "not_allowed": (N_("You may not open this page"), N_("Your key does not allow it.")),
    "text_too_long": (
        N_("The text is too long"),
        N_("Send the part with the number, account or link."),
    ),
    "no_such_case": (
        N_("There is no such case"),
        N_("The reference may have been mistyped, or the case was decided over a year ago."),
    ),
    "bad_period": (
        N_("There is no such period"),
        N_(
            "It must have begun, its last day cannot come before its first, and it has 366 days at "
            "most. Go back and choose other days."
        ),
    ),
    404: (N_("There is no such page"), N_("The address may have been mistyped.")),
    413: (
        N_("This is too large"),
        N_("Send a shorter text, or a smaller picture: only the part with the code."),
    ),
    429: (
        N_("Too many questions from this network"),
        N_(
            "This says nothing about what you asked. If you are about to send money: stop, and "
            "call your bank or the police (113) first. Try again in a minute."
        ),
    ),
    500: (
        N_("Something went wrong here"),
        N_("This is our fault, and no answer to your question. If it is about money, wait."),
    ),
    503: (
        N_("Nobody could look"),
        N_(
            "The lists cannot be reached at this moment. This is no answer to your question: do "
            "not send money before you have spoken to your bank or the police (113)."
        ),
    ),
}
"""Heading and sentence for a word, or else for a status."""

AT_THE_DESK: Final[dict[tuple[str, int], tuple[str, str]]] = {
    ("GET", 503): (
        N_("The lists cannot be reached"),
        N_("Nothing was changed. Load this page again in a minute."),
    ),
    ("POST", 503): (
        N_("It may not have been done"),
        N_(
            "The lists cannot be reached at this moment. Load this page again in a minute and "
            "agree to send it once more: what you entered goes with it, and what is sent twice "
            "counts once."
        ),
    ),
    ("POST", 413): (
        N_("This file is too large"),
        N_("It may have 10 MB. Send the table without pictures, or in several files."),
    ),
}
"""What is told in place of that, by method and status, to who enters letters and asks nothing."""

_DESK: Final = "listing"
"""The purpose of those pages (``auth.py``)."""

_OTHERWISE: Final = (_MOST, N_("Go back to the first page and try again."))
_NO_ANSWER: Final = frozenset({413, 429, 500, 503})
"""Where a question stays without an answer: shown as "could not check"."""

_KEYS: Final = frozenset({"key"})
"""Fields that no page holds: what somebody signs in with."""

_TYPED: Final = ("text", "reason", "note")
"""Fields of texts that are long to type."""


class Problem(msgspec.Struct):
    """What the page needs of a problem document."""

    status: int
    reason: str
    request_id: str | None = None


def problem_of(response: Response) -> Problem:
    """What a problem document says."""
    return msgspec.json.decode(response.get_data(), type=Problem)


def as_page(response: Response) -> Response:
    """Put a page in place of a problem document, where a page was asked for."""
    if response.status_code < 400 or response.content_type != MEDIA_TYPE:  # noqa: PLR2004
        return response  # the first look costs an answer nothing
    if request.path.startswith(_API) or not page.is_wanted():
        return response
    response.set_data(render_template("refused.html", **_told(response)))
    response.content_type = "text/html; charset=utf-8"
    return page.dress(response)


def _told(response: Response) -> Mapping[str, Any]:
    problem = problem_of(response)
    at_the_desk = _told_at_the_desk(problem.status)
    by_status = TOLD.get(problem.status, _OTHERWISE)
    heading, sentence = at_the_desk or TOLD.get(problem.reason, by_status)
    is_sent = request.method == "POST"
    is_own = is_sent and not is_foreign()
    may_help = is_own and "Retry-After" in response.headers
    is_over = is_own and problem.reason == "session_over"
    is_question = is_sent and at_the_desk is None
    sent = _sent() if may_help or is_over else Form()
    return {
        "problem": problem,
        "heading": heading,
        "sentence": sentence,
        "is_unanswered": is_question and problem.status in _NO_ANSWER,
        "again": _whole(sent) if may_help else {},
        "typed": [text for name in _TYPED if (text := sent.text(name))] if is_over else [],
    }


def _told_at_the_desk(status: int) -> tuple[str, str] | None:
    one = asker.found()
    is_desk = one is not None and one.needed is not None and one.needed.purpose == _DESK
    return AT_THE_DESK.get((request.method, status)) if is_desk else None


def _sent() -> Form:
    """The form of this request; an empty one where that was what was refused."""
    try:
        return read_form(request)
    except (Refusal, HTTPException):
        return Form()


def _whole(form: Form) -> Mapping[str, str]:
    """The fields of a form that can be sent again from a page; none where something would miss."""
    return {} if any(form.files.values()) or form.fields.keys() & _KEYS else form.fields

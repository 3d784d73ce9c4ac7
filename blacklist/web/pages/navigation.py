"""Which pages there are, and which of them whoever asks may open.

A page that is added is named in :data:`PAGES`; what its view :func:`needs` says who sees it there.
"""

from typing import Final

import msgspec
from flask import current_app, request, url_for

from blacklist.web import auth
from blacklist.web.auth import Needs
from blacklist.web.pages.words import N_

PAGES: Final = {
    "ask.show": N_("Check"),
    "counter.show": N_("Counter"),
    "report.show": N_("Report"),
    "lists.show": N_("Lists"),
    "review.show": N_("Review"),
    "status.show": N_("State of the lists"),
}
"""Endpoint of each page's first view, and its title; what is not there is left out."""


class Entry(msgspec.Struct, frozen=True):
    """A page in the navigation."""

    address: str
    title: str
    is_here: bool


def entries() -> list[Entry]:
    """The pages that whoever asks may open, in order."""
    return [
        Entry(url_for(endpoint), title, is_here=request.endpoint == endpoint)
        for endpoint, title in PAGES.items()
        if may_open(endpoint)
    ]


def may_open(endpoint: str) -> bool:
    """Whether there is such a page, and whoever asks may open it."""
    view = current_app.view_functions.get(endpoint)
    if view is None:
        return False
    needed: Needs | None = getattr(view, "needs", None)
    if needed is None:
        return True
    caller = auth.caller()
    is_for_tests = needed.has_test_answers or caller is None or not caller.test
    return needed.lets_in(caller) and is_for_tests

"""``/signin``: a person's name and a key open a session at this browser; ``/signout`` ends it.

The same sessions as those of ``/v1/session``. The key is in no address and is not kept: what the
browser has is the sealed cookie.
"""

from typing import Final

from flask import Blueprint, Response, request

from blacklist.web import auth
from blacklist.web.asker import current
from blacklist.web.forms import read_form
from blacklist.web.pages import page
from blacklist.web.pages.own_site import refuse_foreign
from blacklist.web.pages.words import N_
from blacklist.web.problems import Refusal
from blacklist.web.sessions import begin, end_everywhere, require_person

pages = Blueprint("sign_in", __name__)

_NO_KEY: Final = N_("This key is not known. It may have been mistyped, or revoked.")
_NO_PERSON: Final = N_("Tell your name: one line of at most 64 characters.")


@pages.get("/signin")
def show() -> Response:
    """The form; for who is signed in, who that is, and how to sign out."""
    return page.render("sign_in.html", name="", complaint=None)


@pages.post("/signin")
def sign_in() -> Response:
    """Open a session, or say what is wrong with the name or the key."""
    refuse_foreign()
    form = read_form(request)
    name = form.text("person")
    try:
        require_person(name)
    except Refusal:
        return page.render("sign_in.html", 400, name=name, complaint=_NO_PERSON)
    caller = auth.caller_of_key(form.text("key").strip())
    if caller is None:
        return page.render("sign_in.html", 401, name=name, complaint=_NO_KEY)
    response = page.sent_to("ask.show")
    current().cookies.write(request, response, begin(caller, name))
    return response


@pages.post("/signout")
def sign_out() -> Response:
    """End the session everywhere."""
    end_everywhere(auth.require_session())
    return page.sent_to("sign_in.show")

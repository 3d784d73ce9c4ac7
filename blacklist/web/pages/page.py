"""How a page is sent: a template, the language of the request, a policy without inline code.

Called by every page. The policy lets a page load its own style and script and send its own forms:
whatever markup somebody should manage to slip in could neither run nor send anything away.
"""

from typing import Any, Final

from flask import Flask, Response, render_template, request, url_for

from blacklist.callers import Caller
from blacklist.web import asker
from blacklist.web.forms import CSRF_FIELD
from blacklist.web.pages import assets, language, navigation, templates, words
from blacklist.web.pages.judged import state_of

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "base-uri 'none'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "img-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
    )
)

_HTML: Final = "text/html"


def install(app: Flask) -> None:
    """Give templates what all of them use."""
    templates.install(app)
    app.jinja_env.globals.update(
        asset=assets.address,
        caller=_caller,
        csrf_field=CSRF_FIELD,
        csrf_token=_csrf_token,
        language=language.language,
        languages=language.LANGUAGES,
        may_open=navigation.may_open,
        navigation=navigation.entries,
        person=_person,
        state_of=state_of,
        words=words,
    )


def render(template: str, status: int = 200, **told: Any) -> Response:
    """A template as a response; ``told`` is what it shows, escaped wherever it stands."""
    response = Response(
        render_template(template, **told), status, content_type=f"{_HTML}; charset=utf-8"
    )
    return dress(language.remember(response))


def sent_to(endpoint: str, **place: Any) -> Response:
    """Send the browser to a page of ours, so that reloading does not send the form again."""
    return Response(status=303, headers={"Location": url_for(endpoint, **place)})


def dress(response: Response) -> Response:
    """Give a response the policy of pages."""
    response.headers["Content-Security-Policy"] = POLICY
    return response


def is_wanted() -> bool:
    """Whether a request names HTML among what it takes: browsers do, programs do not."""
    return _HTML in request.headers.get("Accept", "").lower()


def _caller() -> Caller | None:
    one = asker.found()
    return None if one is None else one.caller


def _person() -> str | None:
    one = asker.found()
    return None if one is None or one.session is None else one.session.person


def _csrf_token() -> str | None:
    """The token that a form of a signed-in page carries; None where nobody is signed in."""
    one = asker.found()
    if one is None or one.session is None:
        return None
    return one.cookies.token(one.session)

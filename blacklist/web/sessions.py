"""``/v1/session``: a key and one person's name open a session at a browser; it is shown and ended.

Opening needs the key itself. What a session may do is what its key may; it is over when it is left
alone, when it is ended here, and when the key is revoked, in every process at once.
"""

import msgspec
from flask import Blueprint, Response, request

from blacklist.callers import NAME
from blacklist.sessions import MAX_SECONDS, Session, open_session
from blacklist.store import callers
from blacklist.web import auth
from blacklist.web.answers import encode
from blacklist.web.body import read_json
from blacklist.web.problems import Refusal
from blacklist.web.writes import writing

sessions = Blueprint("sessions", __name__)


class Opening(msgspec.Struct, forbid_unknown_fields=True):
    """Who opens a session."""

    person: str


_decode = msgspec.json.Decoder(Opening).decode


@sessions.post("/v1/session")
def open_one() -> Response:
    """Open a session for one person under the key of the request."""
    caller = auth.require_key()
    person = _person()
    cookies = auth.asker().cookies
    session = open_session(caller.id, person, now=cookies.now())
    response = _shown(session, 201)
    cookies.write(request, response, session)
    return response


@sessions.get("/v1/session")
def show() -> Response:
    """Who is here, what the session may do, and the token that its requests must bring."""
    return _shown(auth.require_session(), 200)


@sessions.delete("/v1/session")
def end() -> Response:
    """End the session; returned when no process knows it any more."""
    session, asker = auth.require_session(), auth.asker()
    with writing() as publisher:
        callers.end_session(
            publisher.client,
            session.id,
            now=asker.cookies.now(),
            until=session.opened + MAX_SECONDS,
        )
        publisher.acknowledge()
    asker.is_over = True
    return Response(status=204)


def _shown(session: Session, status: int) -> Response:
    caller, cookies = auth.require_caller(), auth.asker().cookies
    document = {
        "person": session.person,
        "key": caller.name,
        "scopes": sorted(caller.scopes),
        "idle_minutes": cookies.idle_minutes,
        "csrf_token": cookies.token(session),
    }
    return Response(encode(document), status, content_type="application/json")


def _person() -> str:
    try:
        person = _decode(read_json(request)).person.strip()
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
        raise Refusal(400, "no_person", 'send {"person": …}') from exc
    if NAME.fullmatch(person) is None or not person.isprintable():
        raise Refusal(400, "no_person", "a person's name is one line of 1 to 64 characters")
    return person

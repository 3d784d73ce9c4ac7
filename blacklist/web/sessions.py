"""``/v1/session``: a key and one person's name open a session at a browser; it is shown and ended.

Opening needs the key itself. What a session may do is what its key may; it is over when it is left
alone, when it is ended here, and when the key is revoked, in every process at once.
"""

from typing import Annotated

import msgspec
from flask import Blueprint, Response, request

from blacklist.callers import NAME, Caller, Scope
from blacklist.sessions import MAX_SECONDS, Session, open_session
from blacklist.store import callers
from blacklist.web import auth
from blacklist.web.answers import encode
from blacklist.web.asker import current
from blacklist.web.auth import By, needs
from blacklist.web.body import read_json
from blacklist.web.described import describes
from blacklist.web.problems import Refusal
from blacklist.web.writes import PROBLEMS, writing

sessions = Blueprint("sessions", __name__)


class Opening(msgspec.Struct, forbid_unknown_fields=True):
    """Who opens a session: one line of 1 to 64 characters."""

    person: Annotated[str, msgspec.Meta(extra_json_schema={"minLength": 1, "maxLength": 64})]


class SessionView(msgspec.Struct, frozen=True):
    """Who is here by whose key, and what the session may do.

    ``csrf_token`` is what its requests must bring, ``idle_minutes`` how long it may be left alone.
    """

    person: str
    key: str
    scopes: list[Scope]
    idle_minutes: int
    csrf_token: str


_decode = msgspec.json.Decoder(Opening).decode


@sessions.post("/v1/session")
@needs(has_test_answers=True, by=By.KEY)
@describes(body=Opening, answers={201: SessionView}, problems={"no_person"})
def open_one() -> Response:
    """Open a session for one person under the key of the request."""
    session = begin(auth.require_caller(), _person())
    response = _shown(session, 201)
    current().cookies.write(request, response, session)
    return response


@sessions.get("/v1/session")
@needs(has_test_answers=True, by=By.SESSION)
@describes(answers={200: SessionView})
def show() -> Response:
    """Who is here, what the session may do, and the token that its requests must bring."""
    return _shown(auth.require_session(), 200)


@sessions.delete("/v1/session")
@needs(has_test_answers=True, by=By.SESSION)
@describes(answers={204: None}, problems=PROBLEMS)
def end() -> Response:
    """End the session; returned when no process knows it any more."""
    end_everywhere(auth.require_session())
    return Response(status=204)


def begin(caller: Caller, person: str) -> Session:
    """A new session of one person under a key; whoever answers writes its cookie."""
    return open_session(caller.id, require_person(person), now=current().cookies.now())


def require_person(text: str) -> str:
    """A person's name without blanks around it; Refusal 400 ``no_person`` where it is none."""
    person = text.strip()
    if NAME.fullmatch(person) is None or not person.isprintable():
        raise Refusal(400, "no_person", "a person's name is one line of 1 to 64 characters")
    return person


def end_everywhere(session: Session) -> None:
    """End a session; returns when no process knows it any more. The answer drops its cookie."""
    asker = current()
    with writing() as publisher:
        callers.end_session(
            publisher.client,
            session.id,
            now=asker.cookies.now(),
            until=session.opened + MAX_SECONDS,
        )
        publisher.acknowledge()
    asker.is_over = True


def _shown(session: Session, status: int) -> Response:
    caller, cookies = auth.require_caller(), current().cookies
    shown = SessionView(
        person=session.person,
        key=caller.name,
        scopes=sorted(caller.scopes),
        idle_minutes=cookies.idle_minutes,
        csrf_token=cookies.token(session),
    )
    return Response(encode(shown), status, content_type="application/json")


def _person() -> str:
    try:
        return _decode(read_json(request)).person
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
        raise Refusal(400, "no_person", 'send {"person": …}') from exc

"""``/v1/session``: a key and one person's name open a session at a browser; it is shown and ended.

Opening needs the key itself. What a session may do is what its key may; it is over when it is left
alone, when it is ended here, and when the key is revoked, in every process at once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Final

import msgspec
from flask import Blueprint, Flask, Response, current_app, request

from blacklist.callers import NAME
from blacklist.errors import Busy
from blacklist.publish import Publisher
from blacklist.sessions import MAX_SECONDS, Session, open_session
from blacklist.store import callers, durability, meta
from blacklist.store.place import Place
from blacklist.web import auth
from blacklist.web.answers import encode
from blacklist.web.body import read_json
from blacklist.web.problems import Refusal

sessions = Blueprint("sessions", __name__)

_NAME: Final = "blacklist.session_ends"


class Opening(msgspec.Struct, forbid_unknown_fields=True):
    """Who opens a session."""

    person: str


_decode = msgspec.json.Decoder(Opening).decode


class _Ends:
    """With what sessions are ended, few at a time: each waits until every process knows."""

    def __init__(self, place: Place, threads: int) -> None:
        self.place = place
        self.slots = BoundedSemaphore(max(1, threads // 4))


def install(app: Flask, place: Place, threads: int) -> None:
    """Let sessions be opened and ended."""
    app.extensions[_NAME] = _Ends(place, threads)
    app.register_blueprint(sessions)


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
    with _publisher() as publisher:
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


@contextmanager
def _publisher() -> Iterator[Publisher]:
    ends: _Ends = current_app.extensions[_NAME]
    if not ends.slots.acquire(blocking=False):
        raise Busy("as many sessions are being ended as may be; try again")
    try:
        client = ends.place.writer()
        try:
            durability.require(client)
            yield Publisher(client, meta.require(client))
        finally:
            client.close()
    finally:
        ends.slots.release()

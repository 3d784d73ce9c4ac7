"""What a request leaves for the audit trail, and the purpose that it must tell where a policy asks.

Every request to a view that says what it needs (:func:`blacklist.web.auth.needs`) leaves one note,
the refused ones too: one for a batch, a message or a whole table. Nothing is worked out here.
"""

import re
import time
from collections.abc import Sequence
from itertools import count
from secrets import token_hex
from typing import Final

import msgspec
from flask import Flask, Response, g, request

from blacklist.audit.files import make_folder
from blacklist.audit.keys import AuditKeys
from blacklist.audit.notes import PUBLIC, Asked, Note
from blacklist.audit.trail import Trail
from blacklist.callers import Caller
from blacklist.config import Settings
from blacklist.errors import ConfigError
from blacklist.lookup import Answers, Ask
from blacklist.model import AsOf, Verdict
from blacklist.policies import Policies
from blacklist.secret import load_secret
from blacklist.web.addresses import who
from blacklist.web.problems import Refusal

REQUEST_ID: Final = "X-Request-Id"
PURPOSE: Final = re.compile(r"[a-z]+(?:[_-][a-z]+)*")
MAX_PURPOSE: Final = 32
"""Characters of a purpose: a word and no text, in which somebody might write whom it is about."""


class Heard(Answers):
    """A lookup whose answers are remembered for the trail."""

    def __init__(self, lookup: Answers, asked: Asked) -> None:
        self._lookup = lookup
        self._asked = asked

    def check_many(self, asks: Sequence[Ask]) -> list[Verdict]:
        """Return one verdict a question, in order."""
        verdicts = self._lookup.check_many(asks)
        self._asked.take(verdicts)
        return verdicts

    def as_of(self) -> AsOf:
        """Return how fresh an answer would be now."""
        return self._lookup.as_of()


def heard(lookup: Answers) -> Answers:
    """Return a lookup that lets the trail know what it answers to this request."""
    asked = g.get("asked")
    return lookup if asked is None else Heard(lookup, asked)


def open_trail(settings: Settings) -> Trail | None:
    """Return the trail of this process, which is not started; None where the settings want none.

    Raises ConfigError where it could never be written.
    """
    if not settings.audit:
        return None
    folder, keys = settings.audit_folder, AuditKeys.of(load_secret(settings))
    try:
        make_folder(folder)
    except OSError as exc:
        raise ConfigError(
            f"the audit trail cannot be written ({exc.strerror}): set BLACKLIST_AUDIT_DIR to a "
            "folder that can, or BLACKLIST_AUDIT=no"
        ) from exc
    return Trail(folder, keys, keep_days=settings.audit_days)


def install(app: Flask, trail: Trail | None, policies: Policies) -> None:
    """Look at each request's purpose, and let it leave a note; after ``auth.install``."""

    def begin() -> None:
        g.purpose = _purpose(request.environ.get("HTTP_X_PURPOSE"))
        if g.purpose is None and _must_say_why(app, policies):
            raise Refusal(400, "no_purpose", "say what you ask for: X-Purpose")
        if trail is not None:
            g.asked = Asked()

    app.before_request(begin)
    if trail is not None:
        app.after_request(_Writer(app, trail).note)


def _must_say_why(app: Flask, policies: Policies) -> bool:
    caller: Caller | None = g.get("caller")
    return caller is not None and _is_noted(app) and policies.wants_purpose(caller.policy)


def _is_noted(app: Flask) -> bool:
    view = app.view_functions.get(request.endpoint or "")
    return getattr(view, "needs", None) is not None


def _purpose(text: str | None) -> str | None:
    if text is None:
        return None
    if len(text) > MAX_PURPOSE or PURPOSE.fullmatch(text) is None:
        detail = f"X-Purpose is a word of small letters, at most {MAX_PURPOSE}, parted by - or _"
        raise Refusal(400, "bad_purpose", detail)
    return text


class _Writer:
    """Puts a note of each request into the trail, and gives the request the id it has there."""

    def __init__(self, app: Flask, trail: Trail) -> None:
        self._app = app
        self._put = trail.put
        self._trusted = app.config["TRUSTED_PROXIES"]
        self._process = token_hex(5)
        self._count = count()

    def note(self, response: Response) -> Response:
        if not _is_noted(self._app):
            return response
        known = g.get("caller")
        request_id = response.headers.get(REQUEST_ID)
        if request_id is None:
            request_id = response.headers[REQUEST_ID] = f"{self._process}{next(self._count):x}"
        note = Note(
            time.time(),
            request_id,
            PUBLIC if known is None else known.id,
            f"{request.method} {request.url_rule}",
            response.status_code,
            g.get("purpose"),
            who(request.environ, self._trusted) if known is None else None,
            g.get("asked"),
        )
        if response.is_streamed:
            response.call_on_close(lambda: self._put_later(note))
        else:
            self._put(note)
        return response

    def _put_later(self, note: Note) -> None:
        """A stream is noted when it is over: only then it is known what was answered."""
        self._put(msgspec.structs.replace(note, time=time.time()))

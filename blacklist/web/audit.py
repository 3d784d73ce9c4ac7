"""What a request leaves for the audit trail, and the purpose that it must tell where a policy asks.

Every request to a view that says what it needs (:func:`blacklist.web.auth.needs`) leaves one note,
the refused ones too: one for a batch, a message or a whole table. Nothing is worked out here.
"""

import re
import time
from collections.abc import Sequence
from functools import partial
from typing import Final

from flask import Flask, Response

from blacklist.audit.files import make_folder
from blacklist.audit.keys import AuditKeys
from blacklist.audit.notes import PUBLIC, Asked, Note
from blacklist.audit.trail import Trail
from blacklist.config import Settings
from blacklist.errors import ConfigError
from blacklist.lookup import Answers, Ask
from blacklist.model import AsOf, Verdict
from blacklist.policies import Policies
from blacklist.secret import load_secret
from blacklist.web.addresses import finder, whence_of
from blacklist.web.asker import Asker, current
from blacklist.web.described import Header
from blacklist.web.forms import read_form
from blacklist.web.problems import Refusal
from blacklist.web.request_ids import ENVIRON

PURPOSE: Final = re.compile(r"[a-z]+(?:[_-][a-z]+)*")
MAX_PURPOSE: Final = 32
"""Characters of a purpose: a word and no text, in which somebody might write whom it is about."""


PURPOSE_HEADER: Final = Header(
    "X-Purpose",
    "What is asked for; some keys' policies demand it.",
    {"type": "string", "pattern": f"^{PURPOSE.pattern}$", "maxLength": MAX_PURPOSE},
)


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


def heard(asker: Asker, lookup: Answers) -> Answers:
    """Return a lookup that lets the trail know what it answers in this request."""
    return lookup if asker.asked is None else Heard(lookup, asker.asked)


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
    address_of = finder(settings.trusted_proxies)
    return Trail(folder, keys, keep_days=settings.audit_days, address_of=address_of)


class Around:
    """What is done before and after each view."""

    def __init__(self, trail: Trail | None, policies: Policies) -> None:
        self._put = None if trail is None else trail.put
        self._policies = policies

    def begin(self, asker: Asker) -> None:
        """Look at the purpose; Refusal where it is none, or a policy wants one."""
        if self._put is not None:
            asker.asked = Asked()
        text = asker.environ.get("HTTP_X_PURPOSE")
        if text is None and asker.session is not None:
            text = _purpose_of_page(asker)
        if text is not None:
            asker.purpose = _read_purpose(text)
        elif (
            asker.caller is not None
            and self._policies.wants_purpose(asker.caller.policy)
            and asker.needed is not None
        ):
            raise Refusal(400, "no_purpose", "say what you ask for: X-Purpose")

    def end(self, asker: Asker, status: int) -> None:
        """Leave a note."""
        if self._put is not None and asker.needed is not None:
            self._put(_note(asker, status))

    def end_with(self, response: Response) -> Response:
        """Leave a note of an answer of Flask's, of a stream when it is over."""
        end = partial(self.end, current(), response.status_code)
        if response.is_streamed:  # only then it is known what was answered
            response.call_on_close(end)
        else:
            end()
        return response


def install(app: Flask, trail: Trail | None, policies: Policies) -> Around:
    """Look at each request's purpose, and let it leave a note; after ``auth.install``.

    Returns what does so.
    """
    around = Around(trail, policies)
    app.before_request(lambda: around.begin(current()))
    app.after_request(around.end_with)
    return around


def _note(asker: Asker, status: int) -> Note:
    caller, session = asker.caller, asker.session
    return Note(
        time.time(),
        asker.environ[ENVIRON],
        PUBLIC if caller is None else caller.id,
        asker.endpoint,
        status,
        asker.purpose,
        whence_of(asker.environ) if caller is None else None,
        asker.asked,
        None if session is None else session.person,
    )


def _purpose_of_page(asker: Asker) -> str | None:
    """What a form says in its field ``purpose``, or else what its page is for.

    A browser's form sends no headers of its own; only whoever brings a session is asked like this.
    """
    if asker.needed is None:
        return None
    told: str | None = read_form(asker.request).text("purpose") or asker.needed.purpose
    return told


def _read_purpose(text: str) -> str:
    if len(text) > MAX_PURPOSE or PURPOSE.fullmatch(text) is None:
        detail = f"X-Purpose is a word of small letters, at most {MAX_PURPOSE}, parted by - or _"
        raise Refusal(400, "bad_purpose", detail)
    return text

"""What the audit trail costs a question: the same requests through Flask, with and without it.

    PYTHONPATH=. .venv-test/bin/python scripts/audit_cost.py

In one process without a socket, in seconds of the processor: requests with and without the trail,
in turns; then what the thread pays for a line, and what a line takes on disk.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Response, request

from blacklist.audit.keys import AuditKeys
from blacklist.audit.notes import PUBLIC, Asked, Note
from blacklist.audit.trail import Trail
from blacklist.callers import Scope
from blacklist.lookup import Answers, Ask
from blacklist.model import AsOf, IdentifierView, Kind, Outcome, Verdict
from blacklist.policies import Policies
from blacklist.web import asker, audit
from blacklist.web.addresses import finder
from blacklist.web.application import Application
from blacklist.web.asker import Asker
from blacklist.web.auth import Needs
from blacklist.web.request_ids import ENVIRON
from blacklist.web.session_cookies import Cookies

ROUNDS = 15
REQUESTS = 2_000
KEYS = AuditKeys.of(bytes(32))
PHONE = IdentifierView(Kind.PHONE, "+447700900199", "+44 7700 900199")
VERDICT = Verdict(verdict=Outcome.NO_RECORD, identifiers=(PHONE,))


class OneAnswer(Answers):
    """Answers everything alike, at no cost."""

    def check_many(self, asks: Any) -> list[Verdict]:
        """One verdict a question."""
        return [VERDICT] * len(asks)

    def as_of(self) -> AsOf:
        """Nothing is behind it."""
        return AsOf(None, None, {})


def application(trail: Trail | None) -> Callable[[], Any]:
    """A request to a view that asks one thing, as the WSGI server makes it."""
    app, answers, ask = Application("cost"), OneAnswer(), Ask("+447700900199")
    needed = Needs((Scope.CHECK,), is_public=True, has_test_answers=False)

    @app.get("/v1/check")
    def check() -> Response:
        audit.heard(asker.current(), answers).check(ask)
        return Response(b"{}", content_type="application/json")

    cookies = Cookies(bytes(32), idle_minutes=1, is_proxied=False)

    def admit() -> None:
        """As auth does."""
        asking = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
        one = Asker(asking.environ, cookies, app.extensions, "GET /v1/check", asking)
        one.needed = needed
        asker.begin(one)

    app.before_request(admit)
    audit.install(app, trail, Policies())
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/v1/check",
        "QUERY_STRING": "",
        "REMOTE_ADDR": "192.0.2.7",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        ENVIRON: "0" * 32,
    }

    def call() -> None:
        for _ in app(dict(environ), lambda *_: lambda _: None):
            pass

    return call


def microseconds(call: Callable[[], Any]) -> float:
    """What a call takes on the average."""
    begun = time.thread_time()
    for _ in range(REQUESTS):
        call()
    return (time.thread_time() - begun) / REQUESTS * 1e6


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        trail = Trail(Path(folder), KEYS, keep_days=1, address_of=finder(()))
        with_trail, without = application(trail), application(None)
        bare, more = [], []
        for _ in range(ROUNDS):
            bare.append(microseconds(without))
            more.append(microseconds(with_trail) - bare[-1])
            trail.turn()
        asked = Asked()
        asked.take([VERDICT])
        note = Note(
            time.time(), "0" * 16, PUBLIC, "GET /v1/check", 200, None, ("192.0.2.7", None), asked
        )
        in_queue = microseconds(lambda: trail.put(note))
        begun = time.thread_time()
        trail.turn()
        in_thread = (time.thread_time() - begun) / REQUESTS * 1e6
        trail.end()
        written = sum(one.stat().st_size for one in Path(folder).glob("*/*"))
    print(f"a request:           {statistics.median(bare):5.1f} µs of Flask alone")
    print(f"  with the trail:    {statistics.median(more):5.1f} µs more")
    print(f"  of which the queue {in_queue:5.1f} µs")
    print(f"the thread:          {in_thread:5.1f} µs a line")
    print(f"on disk:             {written / ((ROUNDS + 1) * REQUESTS):5.0f} bytes a line")


if __name__ == "__main__":
    main()

"""What is noted of every request: its id, its count and time, and a log line if that is wanted.

It stands around the application, and asks nothing of Flask that costs: 5 µs a request.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Flask, Request, Response, current_app, g, request
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from blacklist.callers import Scope
from blacklist.config import Networks, Settings
from blacklist.replica import Replica
from blacklist.store import Client
from blacklist.web import auth, store_metrics
from blacklist.web.addresses import client_of, who
from blacklist.web.logs import event
from blacklist.web.metrics import Metrics, Registry
from blacklist.web.problems import Refusal
from blacklist.web.request_ids import ENVIRON, HEADER, RequestIds
from blacklist.web.worker import UNREAD

_REQUEST: Final = "werkzeug.request"
"""Where werkzeug leaves the request in the WSGI environment, with the route that was found."""

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Answered = tuple[str, int, float]
"""Endpoint, status, seconds."""

_NO_ROUTE: Final = "none"
_STATE: Final = "blacklist.observed"

scrapes = Blueprint("metrics", __name__)
log = logging.getLogger(__name__)


class Observed:
    """What this process counts, and where the store's state is read."""

    def __init__(
        self, metrics: Metrics, replica: Replica, client: Client, settings: Settings
    ) -> None:
        self.metrics = metrics
        self.replica = replica
        self.client = client
        self.near = settings.metrics_from
        self.trusted = settings.trusted_proxies


def install(
    app: Flask, settings: Settings, metrics: Metrics, *, replica: Replica, client: Client
) -> None:
    """Note every request of an application."""
    add = metrics.tally.add
    app.wsgi_app = _around(app.wsgi_app, add, settings)  # type: ignore[method-assign, assignment]
    app.extensions[UNREAD] = lambda status: add(("unread", status, 0.0))
    app.extensions[_STATE] = Observed(metrics, replica, client, settings)
    app.register_blueprint(scrapes)


def _around(
    inner: WSGIApplication, add: Callable[[Answered], None], settings: Settings
) -> WSGIApplication:
    take, is_logged, trusted = RequestIds().take, settings.access_log, settings.trusted_proxies

    def outer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began = perf_counter()
        request_id = take(environ)

        def begin(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Callable[[bytes], object]:
            headers.append((HEADER, request_id))
            asked: Request = environ[_REQUEST]
            rule = asked.url_rule
            endpoint = f"{asked.method} {rule.rule}" if rule is not None else _NO_ROUTE
            took = perf_counter() - began
            add((endpoint, int(status[:3]), took))
            if is_logged:
                _tell(environ, endpoint, status, took, trusted)
            return start_response(status, headers, exc_info)

        return inner(environ, begin)

    return outer


@scrapes.get("/metrics")
def metrics() -> Response:
    """Everything for Prometheus, of all workers; near, or with a key whose scope is ``admin``."""
    observed: Observed = current_app.extensions[_STATE]
    _require_near(observed)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(
        Registry(
            observed.metrics.collect(), store_metrics.collect(observed.replica, observed.client)
        )
    )
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _require_near(observed: Observed) -> None:
    client = client_of(request.environ, observed.trusted)
    if client is not None and any(client in network for network in observed.near):
        return
    caller = auth.require_caller()
    if not caller.may(Scope.ADMIN):
        raise Refusal(403, "not_allowed", f"this key has not the scope '{Scope.ADMIN}'")


def _tell(
    environ: WSGIEnvironment, endpoint: str, status: str, took: float, trusted: Networks
) -> None:
    """The route and not the path: what was asked may stand in a path, too."""
    asker: auth.Asker | None = g.get("asker")
    caller = asker.caller if asker is not None else None
    event(
        log,
        logging.INFO,
        "request",
        request_id=environ[ENVIRON],
        endpoint=endpoint,
        status=int(status[:3]),
        ms=round(took * 1000, 2),
        address=who(environ, trusted),
        key=caller.id if caller is not None else None,
    )

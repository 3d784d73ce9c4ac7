"""What is noted of every request: its id, its count and time, and a log line if that is wanted.

Called first and last around each view; 3 µs a request (docs/measurements.md).
"""

import logging
from time import perf_counter
from typing import Final

from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from blacklist.callers import Scope
from blacklist.config import Networks, Settings
from blacklist.replica import Replica
from blacklist.store import Client
from blacklist.web import auth, store_metrics
from blacklist.web.addresses import client_of, who
from blacklist.web.auth import Asker
from blacklist.web.logs import event
from blacklist.web.metrics import Metrics, Registry
from blacklist.web.problems import Refusal
from blacklist.web.request_ids import ENVIRON, HEADER, RequestIds
from blacklist.web.worker import UNREAD

_BEGAN: Final = "blacklist.began"
_NO_ROUTE: Final = "none"
_STATE: Final = "blacklist.observed"

scrapes = Blueprint("metrics", __name__)
log = logging.getLogger(__name__)


class Observed:
    """What this process counts, and where the store's state is read."""

    def __init__(self, metrics: Metrics, replica: Replica, client: Client, near: Networks) -> None:
        self.metrics = metrics
        self.replica = replica
        self.client = client
        self.near = near


def install(
    app: Flask, settings: Settings, metrics: Metrics, *, replica: Replica, client: Client
) -> None:
    """Note every request of an application; call it before anything else looks at requests."""
    take, add = RequestIds().take, metrics.tally.add

    def begin() -> None:
        environ = request.environ
        environ[_BEGAN] = perf_counter()
        take(environ)

    def end(response: Response) -> Response:
        environ, rule = request.environ, request.url_rule
        endpoint = f"{request.method} {rule.rule}" if rule is not None else _NO_ROUTE
        took = perf_counter() - environ[_BEGAN]
        add((endpoint, response.status_code, took))
        response.headers[HEADER] = environ[ENVIRON]
        if settings.access_log:
            _tell(endpoint, response, took, settings.trusted_proxies)
        return response

    app.before_request(begin)
    app.after_request(end)
    app.extensions[UNREAD] = lambda status: add(("unread", status, 0.0))
    app.extensions[_STATE] = Observed(metrics, replica, client, settings.metrics_from)
    app.register_blueprint(scrapes)


@scrapes.get("/metrics")
def metrics() -> Response:
    """Everything for Prometheus, of all workers; near, or with a key whose scope is ``admin``."""
    observed: Observed = current_app.extensions[_STATE]
    _require_near(observed.near)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(
        Registry(
            observed.metrics.collect(), store_metrics.collect(observed.replica, observed.client)
        )
    )
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _require_near(near: Networks) -> None:
    client = client_of(request.environ, current_app.config["TRUSTED_PROXIES"])
    if client is not None and any(client in network for network in near):
        return
    caller = auth.require_caller()
    if not caller.may(Scope.ADMIN):
        raise Refusal(403, "not_allowed", f"this key has not the scope '{Scope.ADMIN}'")


def _tell(endpoint: str, response: Response, took: float, trusted: Networks) -> None:
    """The route and not the path: what was asked may stand in a path, too."""
    asker: Asker | None = g.get("asker")
    caller = asker.caller if asker is not None else None
    event(
        log,
        logging.INFO,
        "request",
        request_id=request.environ[ENVIRON],
        endpoint=endpoint,
        status=response.status_code,
        bytes=response.content_length,
        ms=round(took * 1000, 2),
        address=who(request.environ, trusted),
        key=caller.id if caller is not None else None,
    )

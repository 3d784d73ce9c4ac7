"""``/metrics``, and how requests come to be counted (``envelope.py`` does it)."""

from collections.abc import Callable
from typing import Final

from flask import Blueprint, Flask, Response, current_app, request
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from blacklist.callers import Scope
from blacklist.config import Settings
from blacklist.replica import Replica
from blacklist.store import Client
from blacklist.web import auth, store_metrics
from blacklist.web.addresses import client_of
from blacklist.web.described import Media, describes
from blacklist.web.envelope import enclose
from blacklist.web.metrics import Metrics, Registry
from blacklist.web.request_log import Logged
from blacklist.web.worker import UNREAD

_STATE: Final = "blacklist.observed"

scrapes = Blueprint("metrics", __name__)


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
    app: Flask,
    settings: Settings,
    metrics: Metrics,
    *,
    replica: Replica,
    client: Client,
    log: Callable[[Logged], None] | None,
) -> None:
    """Note every request of an application, and let it have its line in ``log``."""
    add = metrics.tally.add
    app.wsgi_app = enclose(app.wsgi_app, add, log)  # type: ignore[method-assign, assignment]
    app.extensions[UNREAD] = lambda status: add(("unread", status, 0.0))
    app.extensions[_STATE] = Observed(metrics, replica, client, settings)
    app.register_blueprint(scrapes)


def _is_near() -> bool:
    observed: Observed = current_app.extensions[_STATE]
    client = client_of(request.environ, observed.trusted)
    return client is not None and any(client in network for network in observed.near)


@scrapes.get("/metrics")
@auth.needs(Scope.ADMIN, unless=_is_near)
@describes(answers={200: Media((CONTENT_TYPE_PLAIN_0_0_4.partition(";")[0],), "The figures.")})
def metrics() -> Response:
    """Everything for Prometheus, of all workers.

    From networks of ``BLACKLIST_METRICS_FROM`` without a key.
    """
    observed: Observed = current_app.extensions[_STATE]
    registry = CollectorRegistry(auto_describe=False)
    registry.register(
        Registry(
            observed.metrics.collect(), store_metrics.collect(observed.replica, observed.client)
        )
    )
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)

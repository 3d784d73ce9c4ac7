"""The web application: one replica and one lookup a process, behind Flask."""

import atexit
from collections.abc import Sequence
from importlib import import_module

from flask import Flask, Response

from blacklist.config import Settings
from blacklist.lookup import Lookup
from blacklist.model import Audience
from blacklist.policies import Policies
from blacklist.replica import Replica
from blacklist.store import Client
from blacklist.store.place import Place
from blacklist.web import api, auth, problems, scan, screen
from blacklist.web.answers import Answering
from blacklist.web.limits import AddressLimit, Quotas


def create_app(
    settings: Settings | None = None, place: Place | None = None, *, store_id: int | None = None
) -> Flask:
    """The application of one process; call it after forking, it starts a thread.

    Without a ``place`` the process uses the store on its own account and leaves it at exit.
    ``store_id`` is the store it must be: a worker that starts late, or again, must not take an
    emptied and newly made store for the one its siblings answer from.
    """
    settings = settings or Settings.from_env()
    if place is None:
        place = Place(settings.redis_url, settings.data_dir)
        place.use()
        atexit.register(place.leave)
    replica = Replica(place.reader(), store_id=store_id)
    replica.on_disconnect = place.revive
    replica.start()
    atexit.register(replica.stop)

    quotas = Quotas(place.reader())
    quotas.start()
    atexit.register(quotas.stop)

    app = Flask(__name__, static_folder=None)
    app.config["REGION"] = settings.region
    app.config["ACCOUNT_GET"] = settings.account_get
    app.config["TRUSTED_PROXIES"] = settings.trusted_proxies
    app.extensions["blacklist.replica"] = replica
    client = place.reader()
    lookups = {one: Lookup(replica, client, audience=one) for one in Audience}
    _observe(app, settings, replica, client, lookups=list(lookups.values()))
    app.extensions["blacklist.answering"] = Answering(
        lookups=lookups,
        addresses=AddressLimit(settings.public_per_minute, workers=settings.workers),
        quotas=quotas,
        policies=Policies(settings.policies),
    )
    auth.install(app, replica, client, is_open=settings.public)
    app.register_blueprint(api.api)
    app.register_blueprint(scan.scans)
    app.register_blueprint(screen.screens)
    screen.limit(app, settings.threads)
    app.after_request(_never_store)
    problems.install(app)
    return app


def _observe(
    app: Flask,
    settings: Settings,
    replica: Replica,
    client: Client,
    *,
    lookups: Sequence[Lookup],
) -> None:
    """Count and number requests. Imported now: prometheus-client looks for its folder then."""
    metrics = import_module("blacklist.web.metrics").Metrics(replica, lookups)
    metrics.start()
    atexit.register(metrics.stop)
    observing = import_module("blacklist.web.observing")
    observing.install(app, settings, metrics, replica=replica, client=client)


def _never_store(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response

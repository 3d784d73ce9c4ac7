"""The web application: one replica and one lookup a process, behind Flask."""

import atexit
from collections.abc import Sequence
from importlib import import_module

from flask import Flask, Response, g

from blacklist.config import Settings
from blacklist.fixed_answers import FixedAnswers
from blacklist.lookup import Lookup
from blacklist.model import Audience
from blacklist.policies import Policies
from blacklist.replica import Replica
from blacklist.secret import load_secret
from blacklist.store import Client
from blacklist.store.place import Place
from blacklist.web import (
    api,
    audit,
    auth,
    copies,
    disputes,
    headers,
    history,
    listings,
    private,
    problems,
    proof,
    reports,
    scan,
    screen,
    sessions,
    watches,
    writes,
)
from blacklist.web.answers import Answering, tell_limits
from blacklist.web.auth import Asker
from blacklist.web.limits import AddressLimit, Quotas
from blacklist.web.session_cookies import Cookies


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
    policies, secret = Policies(settings.policies), load_secret(settings)
    replica = Replica(place.reader(), store_id=store_id)
    replica.on_disconnect = place.revive
    replica.start()
    atexit.register(replica.stop)

    quotas = Quotas(place.reader())
    quotas.start()
    atexit.register(quotas.stop)

    trail = audit.open_trail(settings)
    if trail is not None:
        trail.start()
        atexit.register(trail.stop)

    app = Flask(__name__, static_folder=None)
    app.config["REGION"] = settings.region
    app.config["ACCOUNT_GET"] = settings.account_get
    app.extensions["blacklist.replica"] = replica
    client = place.reader()
    lookups = {one: Lookup(replica, client, audience=one) for one in Audience}
    _observe(app, settings, replica, client, lookups=list(lookups.values()))
    app.extensions["blacklist.answering"] = Answering(
        lookups=lookups,
        fixed={one: FixedAnswers(one) for one in Audience},
        addresses=AddressLimit(settings.public_per_minute, workers=settings.workers),
        quotas=quotas,
        policies=policies,
        trusted_proxies=settings.trusted_proxies,
    )
    cookies = Cookies(
        secret,
        idle_minutes=settings.session_minutes,
        is_proxied=bool(settings.trusted_proxies),
    )
    auth.install(app, replica, client, cookies, is_open=settings.public)
    audit.install(app, trail, policies)
    app.register_blueprint(api.api)
    proof.install(app, secret)
    history.install(app, client)
    copies.install(app, client, settings.threads)
    watches.install(app, place, secret)
    app.register_blueprint(scan.scans)
    app.register_blueprint(screen.screens)
    for written in (sessions.sessions, listings.listings, reports.reports, disputes.disputes):
        app.register_blueprint(written)
    screen.limit(app, settings.threads)
    writes.limit(app, place, settings.threads)
    private.install(app, replica, client)
    app.after_request(_finish)
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


def _finish(response: Response) -> Response:
    asker: Asker | None = g.get("asker")
    if asker is not None:
        tell_limits(asker, response)
        auth.keep_session(asker, response)
    headers.complete(response)  # last: it looks whether a cookie was set
    return response

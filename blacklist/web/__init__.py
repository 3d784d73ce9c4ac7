"""The web application: one replica and one lookup a process, behind Flask."""

import atexit
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module

from flask import Flask

from blacklist.audit.trail import Trail
from blacklist.config import Settings
from blacklist.fixed_answers import FixedAnswers
from blacklist.letter_file import Reader
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
    daily,
    disputes,
    history,
    idempotency,
    letter_reader,
    listings,
    manual,
    outcomes,
    pages,
    private,
    problems,
    proof,
    reports,
    request_log,
    scan,
    screen,
    sessions,
    short_way,
    watches,
    writes,
)
from blacklist.web.addresses import finder
from blacklist.web.answers import Answering
from blacklist.web.application import Application
from blacklist.web.daily import DailyCounts
from blacklist.web.guesses import Guesses
from blacklist.web.limits import AddressLimit, Quotas
from blacklist.web.request_log import Logged, RequestLog
from blacklist.web.session_cookies import Cookies
from blacklist.web.write_behind import WRITE_SECONDS, WriteBehind


def create_app(
    settings: Settings | None = None,
    place: Place | None = None,
    *,
    store_id: int | None = None,
    letters: Reader | None = None,
) -> Flask:
    """The application of one process; call it after forking, it starts a thread.

    Without a ``place`` the process uses the store on its own account and leaves it at exit.
    ``store_id`` is the store it must be: a worker that starts late, or again, must not take an
    emptied and newly made store for the one its siblings answer from. ``letters`` reads the files
    that the page of letters is sent; without it none can be sent.
    """
    settings = settings or Settings.from_env()
    if place is None:
        place = Place(settings.redis_url, settings.data_dir)
        place.use()
        atexit.register(place.leave)
    policies, secret = Policies(settings.policies), load_secret(settings)
    replica, client = _replica(place, store_id), place.reader()
    lookups = {one: Lookup(replica, client, audience=one) for one in Audience}
    trail = audit.open_trail(settings)
    if trail is not None:
        trail.start()
        atexit.register(trail.stop)

    app = Application(__name__, static_folder=None)
    app.extensions["blacklist.replica"] = replica
    counting = DailyCounts(place.reader(), list(lookups.values()))
    _write_behind("daily counts", counting.write, every_seconds=daily.WRITE_SECONDS)
    app.extensions["blacklist.answering"] = _answering(settings, place, lookups, policies)
    guesses = Guesses(workers=settings.workers, trusted_proxies=settings.trusted_proxies)
    cookies = _cookies(settings, secret)
    admit = auth.install(app, replica, client, cookies, guesses=guesses, is_open=settings.public)
    around = audit.install(app, trail, policies)
    _install_views(app, settings, place, client=client, secret=secret)
    private.install(app, replica, client)
    letter_reader.install(app, letters)
    pages.install(app, client, secret)
    manual.install(app)
    problems.install(app)
    short_way.install(app, cookies, admit, around)
    _observe(app, settings, replica, client, lookups=list(lookups.values()), trail=trail)
    return app


def _replica(place: Place, store_id: int | None) -> Replica:
    """The lists of this process, followed until it ends."""
    replica = Replica(place.reader(), store_id=store_id)
    replica.on_disconnect = place.revive
    replica.start()
    atexit.register(replica.stop)
    return replica


def _answering(
    settings: Settings, place: Place, lookups: Mapping[Audience, Lookup], policies: Policies
) -> Answering:
    """What answers questions, and how often it may be asked."""
    quotas = Quotas(place.reader())
    _write_behind("quotas", quotas.write)
    return Answering(
        lookups=lookups,
        fixed={one: FixedAnswers(one) for one in Audience},
        addresses=AddressLimit(settings.public_per_minute, workers=settings.workers),
        quotas=quotas,
        policies=policies,
        trusted_proxies=settings.trusted_proxies,
        region=settings.region,
        account_get=settings.account_get,
    )


def _cookies(settings: Settings, secret: bytes) -> Cookies:
    """The cookies of people who sign in."""
    return Cookies(
        secret, idle_minutes=settings.session_minutes, is_proxied=bool(settings.trusted_proxies)
    )


def _install_views(
    app: Flask, settings: Settings, place: Place, *, client: Client, secret: bytes
) -> None:
    """What programs ask and tell, by addresses under /v1, and how much of it at once."""
    for asked in (api.api, scan.scans, screen.screens):
        app.register_blueprint(asked)
    for told in (
        sessions.sessions,
        listings.listings,
        reports.reports,
        disputes.disputes,
        outcomes.telling,
    ):
        app.register_blueprint(told)
    proof.install(app, secret)
    history.install(app, client)
    copies.install(app, client, settings.threads)
    watches.install(app, place, secret)
    screen.limit(app, settings.threads)
    idempotency.install(app, place.reader(), secret)
    writes.limit(app, place, settings.threads)


def _observe(
    app: Flask,
    settings: Settings,
    replica: Replica,
    client: Client,
    *,
    lookups: Sequence[Lookup],
    trail: Trail | None,
) -> None:
    """Count and number requests. Imported now: prometheus-client looks for its folder then."""
    metrics = import_module("blacklist.web.metrics").Metrics(
        replica, lookups, lambda: 0 if trail is None else trail.lost
    )
    metrics.write()
    _write_behind("metrics", metrics.write)
    observing = import_module("blacklist.web.observing")
    log = _request_log(settings)
    observing.install(app, settings, metrics, replica=replica, client=client, log=log)


def _request_log(settings: Settings) -> Callable[[Logged], None] | None:
    """Where requests have their lines; None where the settings want none."""
    if not settings.access_log:
        return None
    log = RequestLog(finder(settings.trusted_proxies))
    _write_behind("request log", log.write, every_seconds=request_log.WRITE_SECONDS)
    return log.put


def _write_behind(
    name: str, write: Callable[[], None], *, every_seconds: float = WRITE_SECONDS
) -> None:
    behind = WriteBehind(name, write, every_seconds=every_seconds)
    behind.start()
    atexit.register(behind.stop)

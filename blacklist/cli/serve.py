"""``blacklist serve``: the service, with its store if that is ours."""

import socket

import click

from blacklist.cli.opened import used
from blacklist.config import Settings
from blacklist.errors import ConfigError
from blacklist.policies import Policies
from blacklist.publish import Publisher
from blacklist.secret import load_secret
from blacklist.store import meta
from blacklist.store import sources as stored
from blacklist.store.place import Place
from blacklist.web.server import Server
from loaders import pipeline
from loaders.bundled import SAMPLE
from loaders.fetch import open_feed
from loaders.letter_upload import LetterReader
from loaders.pipeline import Plan

EXAMPLE = "vn-bank.example"


@click.command()
def serve() -> None:
    """Serve the HTTP interface until interrupted; the first start loads the sample."""
    settings = Settings.from_env()
    _require_free(settings.bind)
    Policies(settings.policies)  # what is wrong with files is told here and not by each worker
    with used(settings) as place:
        load_secret(settings)
        store_id = _prepare(place)
        Server(
            settings,
            place,
            store_id=store_id,
            letters=LetterReader(),
            when_ready=lambda: _announce(settings, place),
        ).run()


def _prepare(place: Place) -> int:
    """Make the store where there is none, load the sample where there are no lists; its id."""
    client = place.writer()
    if meta.read(client) is None:
        meta.create(client)
    info = meta.require(client)
    if not stored.read(client).by_code:
        publisher = Publisher(client, info)
        for feed in SAMPLE:
            with open_feed(str(feed.content())) as opened:
                plan = Plan(source=feed.source, options=feed.options)
                pipeline.run(publisher, opened.chunks, plan, feed=feed.file)
    client.close()
    return info.id


def _announce(settings: Settings, place: Place) -> None:
    where = settings.bind if settings.bind.startswith("unix:") else f"http://{settings.bind}"
    click.echo(f"blacklist serves on {where} (store: {place.url.rpartition('@')[2]})")
    if not settings.bind.startswith("unix:"):
        click.echo(f"Try:  curl '{where}/v1/check?value={EXAMPLE}'")
    click.echo("Stop with Ctrl-C.")


def _require_free(bind: str) -> None:
    """Say in one line that the address is taken, before anything is started."""
    if bind.startswith("unix:"):
        return
    host, _, port = bind.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), int(port)))
        except (OSError, OverflowError) as exc:
            raise ConfigError(
                f"cannot listen on {bind} ({exc.strerror if isinstance(exc, OSError) else 'port'})"
                ": set BLACKLIST_BIND to another address"
            ) from exc

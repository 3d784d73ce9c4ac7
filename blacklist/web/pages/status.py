"""``/status``: how old and how large each list is, and how lists and questions went over time.

The public sees what stands behind an answer: titles, ages, counts, and what is overdue. How lists
are fetched, what waits for a person and how much is asked is shown to institutions.
"""

import time
from typing import Final

import msgspec
from flask import Blueprint, Flask, Response, current_app

from blacklist.coverage import is_overdue
from blacklist.model import Audience, Kind, Trust
from blacklist.store import Client, queues, sources
from blacklist.store.feeds import FeedState
from blacklist.store.sources import SourceRecord, State
from blacklist.web import answers
from blacklist.web.asker import current
from blacklist.web.auth import needs
from blacklist.web.pages import page, period
from blacklist.web.pages.past import PastReader

pages = Blueprint("status", __name__)

_CLIENT: Final = "blacklist.status.client"
_PAST: Final = "blacklist.status.past"


class Feed(msgspec.Struct, frozen=True):
    """One list as everybody sees it. ``age_seconds`` is None where it was never loaded."""

    name: str
    title: str
    trust: Trust
    entries: dict[Kind, int]
    age_seconds: int | None
    is_overdue: bool
    is_unfinished: bool
    is_sample: bool


class Fetching(msgspec.Struct, frozen=True):
    """What institutions see of a list besides: ``bytes`` is its size as it was fetched last."""

    generation: int
    bytes: int | None
    held: int
    failures: int


def install(app: Flask, client: Client) -> None:
    """Add the page."""
    app.extensions[_CLIENT] = client
    app.extensions[_PAST] = PastReader(client)
    app.register_blueprint(pages)


@pages.get("/status")
@needs(is_public=True, purpose="status")
def show() -> Response:
    """The page, as whoever asks may see it."""
    answers.take(1)
    client: Client = current_app.extensions[_CLIENT]
    reader: PastReader = current_app.extensions[_PAST]
    records = sources.read(client).by_code.values()
    is_institution = current().audience is Audience.INSTITUTIONS
    now = int(time.time())
    return page.render(
        "status.html",
        feeds=sorted((_feed(one, now) for one in records), key=lambda one: one.title.casefold()),
        fetching=_fetching(client, list(records)) if is_institution else {},
        past=reader.read(),
        is_institution=is_institution,
        period_address=period.address(),
    )


def _feed(record: SourceRecord, now: int) -> Feed:
    return Feed(
        name=record.source.name,
        title=record.source.title,
        trust=record.source.trust,
        entries={kind: count for kind in Kind if (count := record.entries.get(kind))},
        age_seconds=None if record.loaded is None else max(0, now - record.loaded),
        is_overdue=is_overdue(record, now),
        is_unfinished=record.state is State.DIRTY,
        is_sample=record.source.sample,
    )


def _fetching(client: Client, records: list[SourceRecord]) -> dict[str, Fetching]:
    found = queues.read(client)
    return {
        name: Fetching(
            generation=record.generation,
            bytes=found.feeds.get(name, FeedState()).bytes,
            held=found.held.get(name, 0),
            failures=found.feeds.get(name, FeedState()).failures,
        )
        for record in records
        if (name := record.source.name)
    }

"""Watches over HTTP, and the thread of each worker that compares them with what arrives.

``POST /v1/watches`` leaves one, ``GET /v1/watches/hits`` tells what was hit, ``DELETE /v1/watches``
takes back. For institutions that may ask.
"""

import atexit
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final

import msgspec
from flask import Blueprint, Flask, Response, current_app, request

from blacklist import watches
from blacklist.callers import Caller, Scope
from blacklist.errors import BlacklistError
from blacklist.items import Item, KindWord
from blacklist.model import Audience, Category, ItemError, Kind, Match
from blacklist.store import Client, durability
from blacklist.store import watches as kept
from blacklist.store.place import Place
from blacklist.verdict import rfc3339
from blacklist.watches import Hashes
from blacklist.web import auth
from blacklist.web.answers import METERED, encode
from blacklist.web.auth import needs
from blacklist.web.body import read_json
from blacklist.web.described import describes
from blacklist.web.idempotency import idempotent
from blacklist.web.parameters import exactly, read_parameters
from blacklist.web.problems import Refusal
from blacklist.web.things import PROBLEMS as OF_THINGS
from blacklist.web.things import understood
from blacklist.web.writes import PROBLEMS as OF_WRITES
from blacklist.web.writes import writing

MAX_DAYS: Final = 30
DEFAULT_DAYS: Final = 7
_DAY: Final = 86_400
_POLL_SECONDS: Final = 1.0
_WAIT_SECONDS: Final = 1.0
_TIDY_SECONDS: Final = 60.0
_WATCHING: Final = "blacklist.watching"
_BAD_PLACE: Final = ItemError("bad_position", "'since' must be a place as an answer told it")
_SHAPE: Final = 'send {"value": …, "kind": …, "bank": …, "days": …}'

watching = Blueprint("watches", __name__)

log = logging.getLogger(__name__)


class Wanted(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be watched for, as it comes."""

    value: str
    kind: KindWord | None = None
    bank: str | None = None
    region: str | None = None
    days: Annotated[float, msgspec.Meta(ge=1, le=MAX_DAYS)] = DEFAULT_DAYS


class Unwanted(msgspec.Struct, forbid_unknown_fields=True):
    """The watches to take back; without any, all of the caller's."""

    watches: list[Annotated[str, exactly("[0-9a-f]{24}")]] | None = None


class After(msgspec.Struct):
    """``since``: the ``next`` of the last answer; empty, or left out, for all that is kept."""

    since: Annotated[str, exactly("[0-9]{1,16}-[0-9]{1,16}|-?")] = ""


class LeftWatch(msgspec.Struct, frozen=True):
    """A watch; ``listed`` says whether what it watches for is listed already."""

    watch: str
    until: str
    listed: bool


class HitView(msgspec.Struct, frozen=True):
    """A listing that arrived while it was watched for, at ``at``; ``since`` is its own date."""

    watch: str
    kind: Kind
    match: Match
    source: str
    category: Category
    since: str
    at: str


class Hits(msgspec.Struct, frozen=True):
    """Some hits in order, and the place to ask from next; ``more``: there are some already."""

    hits: list[HitView]
    next: str | None
    more: bool


class Removed(msgspec.Struct, frozen=True):
    """How many watches were taken back."""

    removed: int


class _Watching(msgspec.Struct, frozen=True):
    """What a process watches with."""

    client: Client
    hashes: Hashes


def install(app: Flask, place: Place, secret: bytes) -> None:
    """Let the application keep watches, and compare them with what arrives from now on."""
    hashes = Hashes(secret)
    app.extensions[_WATCHING] = _Watching(place.reader(), hashes)
    app.register_blueprint(watching)
    follower = Follower(place.reader(), hashes)
    follower.start()
    atexit.register(follower.stop)


class Follower:
    """Follows the journal in a thread, for all callers; one worker at a time does."""

    def __init__(self, client: Client, hashes: Hashes) -> None:
        self._client = client
        self._hashes = hashes
        self._stop = threading.Event()
        self._tidied = float("-inf")
        self._thread = threading.Thread(target=self._run, name="watches", daemon=True)

    def start(self) -> None:
        """Follow until :meth:`stop`."""
        self._thread.start()

    def stop(self) -> None:
        """End after what is being compared."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(_POLL_SECONDS)

    def _run(self) -> None:
        while not self._stop.is_set():
            if not self._follow():
                self._stop.wait(_POLL_SECONDS)

    def _follow(self) -> bool:
        """Compare what arrived; whatever fails is done again, from the place that was kept."""
        try:
            now = time.monotonic()
            if now - self._tidied >= _TIDY_SECONDS:
                self._tidied = now
                kept.remove_ended(self._client, int(time.time()))
            return watches.follow(self._client, self._hashes)
        except BlacklistError:
            return False  # the replica tells of a store that is away
        except Exception as exc:  # noqa: BLE001 - a dead thread would be silence
            log.error("watches: unforeseen %s", type(exc).__name__)
            return False


@watching.post("/v1/watches")
@needs(Scope.CHECK)
@describes(
    body=Wanted,
    answers={201: LeftWatch},
    problems={
        *("not_for_the_public", "not_a_watch", "too_many_watches"),
        *(*OF_THINGS, *METERED, *OF_WRITES),
    },
)
@idempotent(asks=1)
def leave_watch() -> Response:
    """Leave a watch; the same one again lasts longer. For keys of institutions."""
    caller = _require_institution()
    wanted = _wanted()
    item = Item(wanted.value, kind=wanted.kind, bank=wanted.bank, region=wanted.region)
    question = understood(item)
    now = int(time.time())
    until = now + int(wanted.days * _DAY)
    own: _Watching = current_app.extensions[_WATCHING]
    with _writing() as client:
        if kept.count_of(client, caller.id) >= watches.MAX_WATCHES:
            detail = f"at most {watches.MAX_WATCHES:,} watches a key"
            raise Refusal(409, "too_many_watches", detail)
        left = watches.watch(client, own.hashes, question, caller=caller.id, until=until, now=now)
    return _answer(LeftWatch(left.id, rfc3339(left.until), left.is_listed), 201)


@watching.get("/v1/watches/hits")
@needs(Scope.CHECK)
@describes(
    parameters=After,
    answers={200: Hits},
    problems={"not_for_the_public", "bad_position", "store_unavailable"},
)
def tell_hits() -> Response:
    """Tell what was hit of the caller's watches after a place, and the next place to ask from."""
    caller = _require_institution()
    since = read_parameters(After, {"since": _BAD_PLACE}).since or "-"
    own: _Watching = current_app.extensions[_WATCHING]
    found = kept.read_hits(own.client, caller.id, since)
    last = found[-1][0] if found else (None if since == "-" else since)
    hits = [_shown(hit) for _, hit in found]
    return _answer(Hits(hits, last, more=len(found) == kept.HITS_AT_ONCE))


@watching.delete("/v1/watches")
@needs(Scope.CHECK)
@describes(
    body=Unwanted,
    answers={200: Removed},
    problems={"not_for_the_public", "not_a_watch", *OF_WRITES},
)
def take_back() -> Response:
    """Take back some of the caller's watches, or all of them."""
    caller = _require_institution()
    unwanted = _decode(read_json(request), Unwanted, 'send {"watches": ["…"]}')
    with _writing() as client:
        names = unwanted.watches
        names = kept.names_of(client, caller.id) if names is None else names
        count = kept.remove(client, names, caller=caller.id)
    return _answer(Removed(count))


@contextmanager
def _writing() -> Iterator[Client]:
    """Write inside the block; then it is on replicas. No barrier: filters know no watches."""
    with writing(wait_seconds=_WAIT_SECONDS) as publisher:
        yield publisher.client
        durability.replicate(publisher.client)


def _require_institution() -> Caller:
    caller = auth.require_caller()
    if caller.audience is not Audience.INSTITUTIONS:
        raise Refusal(403, "not_for_the_public", "this is for keys of institutions")
    return caller


def _wanted() -> Wanted:
    wanted: Wanted = _decode(read_json(request), Wanted, f"{_SHAPE}, days from 1 to {MAX_DAYS}")
    return wanted


def _decode(body: bytes, shape: Any, detail: str) -> Any:
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise Refusal(400, "not_a_watch", detail) from exc


def _shown(hit: kept.Hit) -> HitView:
    told = msgspec.structs.asdict(hit)
    return HitView(**told | {"since": rfc3339(hit.since), "at": rfc3339(hit.at)})


def _answer(told: msgspec.Struct, status: int = 200) -> Response:
    return Response(encode(told), status, content_type="application/json")

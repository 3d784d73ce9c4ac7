"""Watches over HTTP, and the thread of each worker that compares them with what arrives.

``POST /v1/watches`` leaves one, ``GET /v1/watches/hits`` tells what was hit, ``DELETE /v1/watches``
takes back. For institutions that may ask.
"""

import atexit
import logging
import re
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
from blacklist.items import Item
from blacklist.model import Audience
from blacklist.store import Client, durability
from blacklist.store import watches as kept
from blacklist.store.place import Place
from blacklist.verdict import rfc3339
from blacklist.watches import Hashes
from blacklist.web import auth
from blacklist.web.answers import encode, take
from blacklist.web.auth import needs
from blacklist.web.body import read_json
from blacklist.web.problems import Refusal
from blacklist.web.things import understood
from blacklist.web.writes import writing

MAX_DAYS: Final = 30
DEFAULT_DAYS: Final = 7
_DAY: Final = 86_400
_POLL_SECONDS: Final = 1.0
_WAIT_SECONDS: Final = 1.0
_TIDY_SECONDS: Final = 60.0
_WATCHING: Final = "blacklist.watching"
_PLACE: Final = re.compile(r"[0-9]{1,16}-[0-9]{1,16}")
_SHAPE: Final = 'send {"value": …, "kind": …, "bank": …, "days": …}'

watching = Blueprint("watches", __name__)

log = logging.getLogger(__name__)


class Wanted(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be watched for, as it comes."""

    value: str
    kind: str | None = None
    bank: str | None = None
    region: str | None = None
    days: Annotated[int, msgspec.Meta(ge=1, le=MAX_DAYS)] = DEFAULT_DAYS


class Unwanted(msgspec.Struct, forbid_unknown_fields=True):
    """The watches to take back; without any, all of the caller's."""

    watches: list[Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{24}$")]] | None = None


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
def leave_watch() -> Response:
    """Leave a watch; the same one again lasts longer."""
    caller = _require_institution()
    wanted = _wanted()
    item = Item(wanted.value, kind=wanted.kind, bank=wanted.bank, region=wanted.region)
    question = understood(item)
    take(1)
    now = int(time.time())
    until = now + wanted.days * _DAY
    own: _Watching = current_app.extensions[_WATCHING]
    with _writing() as client:
        if kept.count_of(client, caller.id) >= watches.MAX_WATCHES:
            detail = f"at most {watches.MAX_WATCHES:,} watches a key"
            raise Refusal(409, "too_many_watches", detail)
        left = watches.watch(client, own.hashes, question, caller=caller.id, until=until, now=now)
    told = {"watch": left.id, "until": rfc3339(left.until), "listed": left.is_listed}
    return _answer(told, 201)


@watching.get("/v1/watches/hits")
@needs(Scope.CHECK)
def tell_hits() -> Response:
    """Tell what was hit of the caller's watches after a place, and the next place to ask from."""
    caller = _require_institution()
    if not set(request.args) <= {"since"} or len(request.args.getlist("since")) > 1:
        raise Refusal(400, "unknown_parameter", "known parameters: since")
    since = request.args.get("since") or "-"
    if since != "-" and _PLACE.fullmatch(since) is None:
        raise Refusal(400, "bad_position", "'since' must be a place as an answer told it")
    own: _Watching = current_app.extensions[_WATCHING]
    found = kept.read_hits(own.client, caller.id, since)
    last = found[-1][0] if found else (None if since == "-" else since)
    hits = [
        msgspec.to_builtins(hit) | {"since": rfc3339(hit.since), "at": rfc3339(hit.at)}
        for _, hit in found
    ]
    return _answer({"hits": hits, "next": last, "more": len(found) == kept.HITS_AT_ONCE})


@watching.delete("/v1/watches")
@needs(Scope.CHECK)
def take_back() -> Response:
    """Take back some of the caller's watches, or all of them."""
    caller = _require_institution()
    unwanted = _decode(read_json(request), Unwanted, 'send {"watches": ["…"]}')
    with _writing() as client:
        names = unwanted.watches
        names = kept.names_of(client, caller.id) if names is None else names
        count = kept.remove(client, names, caller=caller.id)
    return _answer({"removed": count})


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


def _answer(told: dict[str, Any], status: int = 200) -> Response:
    return Response(encode(told), status, content_type="application/json")

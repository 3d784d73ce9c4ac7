"""Listings that wait for a second key: one hash; what is noted of them lies in the shards."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, Final

import msgspec
import redis

from blacklist.errors import Mismatch
from blacklist.model import Identifier
from blacklist.store import durability, keys
from blacklist.store.connect import run, store_errors
from blacklist.store.listings import Detail

END_KEPT_SECONDS: Final = 30 * 86_400
_PLACE_CHARACTERS: Final = 16
_VERSION_CHARACTERS: Final = 8


class Pending(msgspec.Struct, frozen=True):
    """What a key (``maker``, its id) would list, and until when. Times are Unix seconds."""

    identifier: Identifier
    detail: Detail
    maker: str
    since: int
    until: int

    @property
    def place(self) -> str:
        """Where it lies: a maker has one for each thing."""
        return _hash(f"{self.maker} {self.identifier}")[:_PLACE_CHARACTERS]

    @property
    def id(self) -> str:
        """Its name, which also says what it holds: who confirms it has seen just that."""
        told = _hash(msgspec.json.encode(self.detail).decode())
        return f"{self.place}-{told[:_VERSION_CHARACTERS]}"


class End(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who decided about a listing that waited, and when; nothing of what it was."""

    is_confirmed: bool
    by: str
    at: int
    person: str = ""


def place_of(pending_id: str) -> str:
    """Where a pending listing of an id lies."""
    return pending_id.partition("-")[0]


def read(client: redis.Redis) -> dict[str, Pending]:
    """All of them by place, oldest first; the lapsed ones too."""
    with store_errors():
        raw: Any = client.hgetall(keys.PENDING)
    try:
        found = [msgspec.json.decode(text, type=Pending) for text in raw.values()]
    except msgspec.MsgspecError as exc:
        raise Mismatch("the store holds a pending listing this program does not know") from exc
    return {one.place: one for one in sorted(found, key=lambda one: (one.since, one.place))}


def write(client: redis.Redis, pending: Iterable[Pending]) -> None:
    """Keep some; one of the same maker and thing goes."""
    with store_errors():
        pipe = client.pipeline(transaction=False)
        for one in pending:
            pipe.hset(keys.PENDING, one.place, msgspec.json.encode(one))
        run(pipe)
    durability.replicate(client)


def write_ends(client: redis.Redis, ends: Mapping[str, End]) -> None:
    """Keep by id who decided, for whoever has the same listing before him."""
    with store_errors():
        pipe = client.pipeline(transaction=False)
        for pending_id, end in ends.items():
            pipe.set(keys.pending_end(pending_id), msgspec.json.encode(end), ex=END_KEPT_SECONDS)
        run(pipe)


def read_end(client: redis.Redis, pending_id: str) -> End | None:
    """Who decided about a listing; None where nobody did, or long ago."""
    with store_errors():
        raw: Any = client.get(keys.pending_end(pending_id))
    try:
        return msgspec.json.decode(raw, type=End) if raw else None
    except msgspec.MsgspecError as exc:
        raise Mismatch("the store holds a decision that this program does not know") from exc


def remove(client: redis.Redis, pending: Iterable[Pending]) -> None:
    """Let some wait no longer."""
    with store_errors():
        pipe = client.pipeline(transaction=False)
        for one in pending:
            pipe.hdel(keys.PENDING, one.place)
        run(pipe)
    durability.replicate(client)


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()

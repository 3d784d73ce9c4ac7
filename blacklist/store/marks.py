"""What people said of single identifiers: cleared, official, being verified, disputed.

Each lies in the shard of its identifier, where a question meets it beside the listings, and once
more in one hash of all marks of its sort, for those who list them. The shard is what answers.
"""

from collections.abc import Iterable, Sequence
from enum import IntEnum
from importlib.resources import files
from typing import Final

import msgspec
import redis

from blacklist.errors import Mismatch
from blacklist.model import Identifier, Kind
from blacklist.store import durability, keys, members, sources
from blacklist.store.connect import run, store_errors
from blacklist.store.listings import Detail
from blacklist.store.meta import StoreInfo


class Sort(IntEnum):
    """The sorts of marks, by their codes in the shards."""

    CLEARANCE = sources.CLEARANCE
    OFFICIAL = sources.OFFICIAL
    PENDING = sources.PENDING
    DISPUTED = sources.DISPUTED


class Mark(msgspec.Struct, frozen=True, omit_defaults=True):
    """One mark. ``text`` is a clearance's reason or an institution's name; times are Unix seconds.

    Of what is being verified or disputed ``text`` is empty: the cases tell more.

    ``hotline`` is an institution's own number for its customers, as it is to be shown.
    """

    identifier: Identifier
    since: int
    text: str
    until: int | None = None
    hotline: str | None = None


_MARK: Final = "".join(
    files(__package__).joinpath(name).read_text() for name in ("details.lua", "mark.lua")
)
_encode = msgspec.json.Encoder().encode


def put(client: redis.Redis, info: StoreInfo, sort: Sort, marks: Sequence[Mark]) -> None:
    """Write marks into their shards; one of the same identifier goes. :func:`note` is to follow."""
    script = client.register_script(_MARK)
    with store_errors():
        pipe = client.pipeline(transaction=False)
        for one in marks:
            detail = _encode(Detail(note=one.text, expires=one.until))
            script(
                keys=_names(info, one.identifier),
                args=[
                    chr(sort),
                    members.pack(one.identifier.kind, one.identifier.value),
                    one.since,
                    detail,
                    one.since,
                    _is_remembered(sort),
                ],
                client=pipe,
            )
        run(pipe)


def note(client: redis.Redis, sort: Sort, marks: Iterable[Mark]) -> None:
    """Write marks into the hash of all, last: what it holds, shards and filters hold for sure.

    Whoever replaces marks passes over those that stand there.
    """
    durability.replicate(client)
    with store_errors():
        pipe = client.pipeline(transaction=False)
        for one in marks:
            pipe.hset(keys.marks(sort), str(one.identifier), _encode(one))
        run(pipe)


def remove(
    client: redis.Redis, info: StoreInfo, sort: Sort, identifiers: Iterable[Identifier], *, now: int
) -> None:
    """Take marks out of their shards; :func:`forget` is to follow. Who has none is passed over."""
    script = client.register_script(_MARK)
    with store_errors():
        pipe = client.pipeline(transaction=False)
        for one in identifiers:
            packed = members.pack(one.kind, one.value)
            script(
                keys=_names(info, one),
                args=[chr(sort), packed, "", "", now, _is_remembered(sort)],
                client=pipe,
            )
        run(pipe)


def forget(client: redis.Redis, sort: Sort, identifiers: Iterable[Identifier]) -> None:
    """Take marks out of the hash of all, last, as they were noted there."""
    durability.replicate(client)
    with store_errors():
        pipe = client.pipeline(transaction=False)
        for one in identifiers:
            pipe.hdel(keys.marks(sort), str(one))
        run(pipe)


def read(client: redis.Redis, sort: Sort) -> dict[Identifier, Mark]:
    """All marks of a sort, the ended ones too."""
    with store_errors():
        raw = client.hgetall(keys.marks(sort))
    try:
        marks = [msgspec.json.decode(value, type=Mark) for value in raw.values()]
    except msgspec.MsgspecError as exc:
        raise Mismatch("the store holds a mark this program does not know") from exc
    return {mark.identifier: mark for mark in marks}


def by_kind(identifiers: Iterable[Identifier]) -> dict[Kind, list[str]]:
    """Values by kind, as the journal tells them."""
    values: dict[Kind, list[str]] = {}
    for one in identifiers:
        values.setdefault(one.kind, []).append(one.value)
    return values


def _is_remembered(sort: Sort) -> str:
    """Whether history tells of marks of a sort: of decisions about people's things it does."""
    return "1" if sort is Sort.CLEARANCE else "0"


def _names(info: StoreInfo, identifier: Identifier) -> list[str]:
    kind = identifier.kind
    bits = info.bits[kind]
    shard = keys.shard_of(identifier, bits)
    return [
        keys.entries(kind, bits, shard),
        keys.details(kind, bits, shard),
        keys.history(kind, bits, shard),
    ]

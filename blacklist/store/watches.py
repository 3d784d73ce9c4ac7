"""Watches: what callers wait for, as keyed hashes only; how far they were compared; what was hit.

One sorted set holds the hashes of all watches, ``hash + watch's id + how it would match`` with one
score, so that who waits for a hash is one range of it. A hash holds the watches, a stream for each
caller what was hit. All lie in one slot, so that a watch comes and goes at one moment. Called by
``blacklist/watches.py``, which makes the hashes.
"""

from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from typing import Any, Final

import msgspec
import redis

from blacklist.errors import Mismatch
from blacklist.model import Category, Kind, Match
from blacklist.store import keys, master
from blacklist.store.connect import run, store_errors
from blacklist.store.journal import Position

HASH_BYTES: Final = 16
ID_BYTES: Final = 12
HITS_AT_ONCE: Final = 1_000
KEEP_HITS_SECONDS: Final = 60 * 86_400

_HIT: Final = files(__package__).joinpath("watch_hit.lua").read_text()
_MATCHES: Final = tuple(Match)
_PAGE: Final = 10_000
_COMMANDS_A_PIPELINE: Final = 1_000
_REMOVED_AT_ONCE: Final = 200
"""Watches in one transaction, which stands in the way of questions."""


class Watch(msgspec.Struct, frozen=True, array_like=True):
    """A watch as it is kept: whose it is, until which second, and the hashes it waits for."""

    caller: str
    until: int
    waits_for: tuple[tuple[bytes, Match], ...]


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A listing that arrived while it was watched for; times are Unix seconds.

    ``since`` is the listing's own date, ``at`` when it was found.
    """

    watch: str
    kind: Kind
    match: Match
    source: str
    category: Category
    since: int
    at: int


def put(client: redis.Redis, watch_id: bytes, watch: Watch) -> None:
    """Add a watch, or let the same one last longer, at one moment."""
    name = watch_id.hex()
    with store_errors():
        pipe = client.pipeline(transaction=True)
        pipe.hset(keys.WATCHES, name, msgspec.msgpack.encode(watch))
        pipe.zadd(keys.WATCHED, dict.fromkeys(_members(watch_id, watch), 0))
        pipe.zadd(keys.WATCHES_END, {name: watch.until})
        pipe.zadd(keys.watches_of(watch.caller), {name: watch.until})
        run(pipe)


def remove(client: redis.Redis, names: Iterable[str], *, caller: str | None = None) -> int:
    """Remove watches, or those of them that are a caller's; returns how many there were."""
    every = list(dict.fromkeys(names))
    starts = range(0, len(every), _REMOVED_AT_ONCE)
    return sum(
        _remove(client, every[start : start + _REMOVED_AT_ONCE], caller=caller) for start in starts
    )


def _remove(client: redis.Redis, names: Sequence[str], *, caller: str | None) -> int:
    found = read(client, names)
    gone = {name: one for name, one in found.items() if caller in {None, one.caller}}
    with store_errors():
        pipe = client.pipeline(transaction=True)
        for name, watch in gone.items():
            pipe.hdel(keys.WATCHES, name)
            pipe.zrem(keys.WATCHED, *_members(bytes.fromhex(name), watch))
            pipe.zrem(keys.WATCHES_END, name)
            pipe.zrem(keys.watches_of(watch.caller), name)
        if gone:
            run(pipe)
    return len(gone)


def remove_ended(client: redis.Redis, now: int) -> None:
    """Remove what has ended, and forget what of it was told."""
    with store_errors():
        ended: Any = client.zrangebyscore(keys.WATCHES_END, "-inf", now, start=0, num=_PAGE)
        client.zremrangebyscore(keys.WATCHES_TOLD, "-inf", now)
    if ended:
        remove(client, [name.decode() for name in ended])


def read(client: redis.Redis, names: Sequence[str]) -> dict[str, Watch]:
    """Watches by id; those that are not there are left out."""
    if not names:
        return {}
    with store_errors():
        raw: Any = client.hmget(keys.WATCHES, list(names))
    try:
        return {
            name: msgspec.msgpack.decode(text, type=Watch)
            for name, text in zip(names, raw, strict=True)
            if text is not None
        }
    except msgspec.MsgspecError as exc:
        raise Mismatch("the store holds a watch this program does not know") from exc


def count_of(client: redis.Redis, caller: str) -> int:
    """How many watches a caller has."""
    with store_errors():
        return int(client.zcard(keys.watches_of(caller)))


def names_of(client: redis.Redis, caller: str) -> list[str]:
    """The ids of all watches of a caller."""
    with store_errors():
        raw: Any = client.zrange(keys.watches_of(caller), 0, -1)
    return [name.decode() for name in raw]


def are_none(client: redis.Redis) -> bool:
    """Whether nobody watches for anything."""
    with store_errors():
        return not client.exists(keys.WATCHED)


def find(client: redis.Redis, hashes: Sequence[bytes]) -> list[list[tuple[str, Match]]]:
    """Who waits for each hash: the ids of watches, and how each would match."""
    found: list[list[tuple[str, Match]]] = []
    for start in range(0, len(hashes), _COMMANDS_A_PIPELINE):
        with store_errors():
            pipe = client.pipeline(transaction=False)
            for one in hashes[start : start + _COMMANDS_A_PIPELINE]:
                pipe.zrangebylex(keys.WATCHED, b"[" + one, b"[" + one + b"\xff" * (ID_BYTES + 2))
            found += [[_waiting(member) for member in members] for members in run(pipe)]
    return found


def all_hashes(client: redis.Redis) -> Iterator[bytes]:
    """Every hash that somebody waits for."""
    start = b"-"
    while True:
        with store_errors():
            raw: Any = client.zrangebylex(keys.WATCHED, start, b"+", start=0, num=_PAGE)
        yield from (member[:HASH_BYTES] for member in raw)
        if len(raw) < _PAGE:
            return
        start = b"(" + raw[-1]


def position(client: redis.Redis) -> Position | None:
    """Up to which row of the journal all watches were compared."""
    with store_errors():
        raw: Any = client.get(keys.WATCHES_POSITION)
    return None if raw is None else Position.from_text(raw.decode())


def set_position(client: redis.Redis, reached: Position) -> None:
    """Say that all watches were compared with everything up to a row, that row too."""
    with store_errors():
        client.set(keys.WATCHES_POSITION, str(reached))


def tell(client: redis.Redis, hits: Sequence[tuple[str, bytes, int, Hit]]) -> None:
    """Tell hits to their callers, once each: caller, what tells the hit from others, until, hit."""
    script = client.register_script(_HIT)
    with store_errors():
        pipe = client.pipeline(transaction=False)
        for caller, told, until, hit in hits:
            oldest = (hit.at - KEEP_HITS_SECONDS) * 1000
            script(
                keys=[keys.WATCHES_TOLD, keys.watch_hits(caller)],
                args=[told, until, oldest, msgspec.json.encode(hit)],
                client=pipe,
            )
        if hits:
            run(pipe)


def read_hits(client: redis.Redis, caller: str, since: str) -> list[tuple[str, Hit]]:
    """What was hit after a place, in order, with each one's place; ``-`` for the beginning."""
    start = since if since == "-" else f"({since}"
    with store_errors():
        pipe = client.pipeline(transaction=False)
        pipe.xrange(keys.watch_hits(caller), min=start, count=HITS_AT_ONCE)
        (raw,) = master.run(pipe)
    try:
        return [
            (place.decode(), msgspec.json.decode(fields[b"h"], type=Hit)) for place, fields in raw
        ]
    except (KeyError, msgspec.MsgspecError) as exc:
        raise Mismatch("the store holds a hit this program does not know") from exc


def _members(watch_id: bytes, watch: Watch) -> list[bytes]:
    return [hash_ + watch_id + bytes([_MATCHES.index(match)]) for hash_, match in watch.waits_for]


def _waiting(member: bytes) -> tuple[str, Match]:
    return member[HASH_BYTES:-1].hex(), _MATCHES[member[-1]]

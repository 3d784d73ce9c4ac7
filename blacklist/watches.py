"""Watches: a caller let something through, and wants to know if it is listed later.

    question ──▶ hashes of all that would flag it ──▶ kept
    journal row ──▶ hashes of what it lists ──▶ who waits for them ──▶ still listed? ──▶ hit

A watch is kept as keyed hashes only, of everything that would flag the thing: itself, the domains
above it, the ranges it lies in, the bare number. Nothing is lost, by three rules:

* a watch is written first, and the sets are asked after: what was listed before is a hit at once;
* the place up to which rows were compared is written after the hits of those rows, so that whoever
  is killed in between does them again, and a hit that was told is not told twice;
* where rows do not tell everything (a large load, a trimmed journal), all that is listed is
  compared.

Called by the web: for requests, and by a thread of every worker that follows the journal.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from typing import Final

import msgspec

from blacklist import present
from blacklist.identifiers.number_ranges import every_range, with_ranges
from blacklist.identifiers.pointers import with_wallets
from blacklist.model import Holdings, Identifier, Kind, Match, Question
from blacklist.secret import derive
from blacklist.store import Client, journal, listings, meta, watches
from blacklist.store.journal import Row, What
from blacklist.store.locks import Held, hold
from blacklist.store.watches import Hit, Watch

_Telling = tuple[str, bytes, int, Hit]
"""Whom to tell, what tells the hit from others, until when that is remembered, and the hit."""

MAX_WATCHES: Final = 100_000
"""Of one caller, some 30 MB."""

_ROWS_A_READ: Final = 50
_REST_SECONDS: Final = 0.01
"""Between parts of the lists, while all of them are compared: questions are answered meanwhile."""


class Left(msgspec.Struct, frozen=True):
    """A watch that was left; ``is_listed``: something flags the thing already, which is a hit."""

    id: str
    until: int
    is_listed: bool


class Hashes:
    """The keyed hashes of one installation."""

    def __init__(self, secret: bytes) -> None:
        self._key = derive(secret, "watches")

    def watch_id(self, caller: str, question: Question) -> bytes:
        """Return the id of a caller's watch: of the same thing the same."""
        asked = sorted(str(reading.identifier) for reading in question.readings)
        return self._hash("\n".join((caller, *asked)))[: watches.ID_BYTES]

    def waits_for(self, question: Question) -> dict[bytes, Match]:
        """Return what would flag a thing, and how each matches."""
        wide = with_wallets(with_ranges(question, every_range))
        found: dict[bytes, Match] = {}
        for reading in wide.readings:
            for candidate in reading.candidates:
                found.setdefault(self._hash(str(candidate.identifier)), candidate.match)
            if _is_bare(reading.identifier):
                found.setdefault(self._at_any_bank(reading.identifier.value), Match.UNKNOWN_BANK)
        return found

    def listed_as(self, identifier: Identifier) -> tuple[bytes, ...]:
        """Return what a listing is looked for as."""
        own = self._hash(str(identifier))
        if identifier.kind is not Kind.ACCOUNT or "/" not in identifier.value:
            return (own,)
        return own, self._at_any_bank(identifier.value.rpartition("/")[2])

    def told(self, watch: str, identifier: Identifier, source: str, since: int) -> bytes:
        """Return what tells one hit from others."""
        return self._hash(f"{watch} {source} {since} {identifier}")

    def _at_any_bank(self, number: str) -> bytes:
        return self._hash(f"at any bank:{number}")

    def _hash(self, text: str) -> bytes:
        # Keyed BLAKE2 is a MAC, and twice as fast as HMAC: millions are made for a large load.
        return blake2b(text.encode(), key=self._key, digest_size=watches.HASH_BYTES).digest()


def _is_bare(identifier: Identifier) -> bool:
    return identifier.kind is Kind.ACCOUNT and "/" not in identifier.value


def watch(
    client: Client, hashes: Hashes, question: Question, *, caller: str, until: int, now: int
) -> Left:
    """Leave a watch; the same one again lasts longer. The caller makes durable what is written."""
    watch_id, waits_for = hashes.watch_id(caller, question), hashes.waits_for(question)
    before = watches.read(client, [watch_id.hex()]).get(watch_id.hex())
    until = max(until, before.until if before is not None else 0)
    watches.put(client, watch_id, Watch(caller, until, tuple(waits_for.items())))
    places = present.places(client, question)
    hits = _Comparing(client, hashes, now)
    hits.take([one for one in places if set(hashes.listed_as(one)) & waits_for.keys()])
    return Left(watch_id.hex(), until, watch_id.hex() in hits.told)


def follow(client: Client, hashes: Hashes, *, wall: Callable[[], float] = time.time) -> bool:
    """Compare some of what arrived since the last time; returns whether there may be more.

    Several processes may call it: one at a time does it. Raises StoreError.
    """
    reached, last = watches.position(client), journal.last(client)
    if reached == last:
        return False
    with hold(client, "watches") as lock:
        if lock is None:
            return False
        if watches.are_none(client):
            watches.set_position(client, last)
            return False
        reached = watches.position(client)
        rows = journal.read_from(client, reached.id, _ROWS_A_READ) if reached is not None else []
        comparing = _Comparing(client, hashes, int(wall()))
        if not rows or rows[0].position != reached or any(_tells_nothing(one) for one in rows[1:]):
            last = journal.last(client)  # before the scan: what comes later, rows tell
            comparing.take_all(lock)
            watches.set_position(client, last)
            return True
        for row in rows[1:]:
            lock.extend()
            comparing.take(_named(row))
        watches.set_position(client, rows[-1].position)
        return len(rows) == _ROWS_A_READ


def _tells_nothing(row: Row) -> bool:
    return row.change.what is not What.CHANGES and not row.change.is_told


def _named(row: Row) -> list[Identifier]:
    """What a row names; what went, too: a clearance that is lifted lets a listing speak again."""
    kind, change = row.change.kind, row.change
    if kind is None:
        return []
    return [Identifier(kind, value) for value in (*change.added, *change.removed)]


class _Comparing:
    """Finds who waits for what is listed, and tells them."""

    def __init__(self, client: Client, hashes: Hashes, now: int) -> None:
        self._client = client
        self._hashes = hashes
        self._now = now
        self.told: set[str] = set()
        """The watches that were hit."""

    def take(self, arrived: Sequence[Identifier]) -> None:
        """Compare what has arrived with all watches."""
        looked_for = [(one, hash_) for one in arrived for hash_ in self._hashes.listed_as(one)]
        waiting = watches.find(self._client, [hash_ for _, hash_ in looked_for])
        found = {
            (name, one): match
            for (one, _), waits in zip(looked_for, waiting, strict=True)
            for name, match in waits
        }
        if found:
            self._tell(found)

    def take_all(self, lock: Held) -> None:
        """Compare everything that is listed with all watches."""
        wanted = set(watches.all_hashes(self._client))
        info = meta.require(self._client)
        for kind in Kind:
            for values in listings.scan(self._client, info, kind):
                places = (Identifier(kind, value) for value in values)
                self.take(
                    [one for one in places if not wanted.isdisjoint(self._hashes.listed_as(one))]
                )
                lock.extend()
                time.sleep(_REST_SECONDS)

    def _tell(self, found: dict[tuple[str, Identifier], Match]) -> None:
        """Tell those whose watch has not ended, of what is listed still."""
        holdings = present.read(self._client, list(dict.fromkeys(one for _, one in found)))
        known = watches.read(self._client, list(dict.fromkeys(name for name, _ in found)))
        hits: list[_Telling] = []
        for (name, one), match in found.items():
            if name in known and known[name].until > self._now:
                hits += self._hits(name, known[name], match, holdings[one])
        watches.tell(self._client, hits)
        self.told |= {hit.watch for *_, hit in hits}

    def _hits(self, name: str, by: Watch, match: Match, held: Holdings) -> Iterable[_Telling]:
        cleared = held.clearance
        if cleared is not None and (cleared.until is None or cleared.until > self._now):
            return
        for one in held.listings:
            if one.expires is None or one.expires > self._now:
                told = self._hashes.told(name, one.identifier, one.source.name, one.since)
                hit = Hit(
                    watch=name,
                    kind=one.identifier.kind,
                    match=match,
                    source=one.source.name,
                    category=one.category,
                    since=one.since,
                    at=self._now,
                )
                yield by.caller, told, by.until, hit

"""Answers for those who do not tell what they ask: a whole shard by the first bits of a hash.

    first bits ──▶ shard ──store──▶ all its identifiers ──judge──▶ suffixes, tags, dummies

Also the filter by which a client leaves out nearly every question, and the listed ranges of phone
numbers. Called by the web. Like ``lookup`` it says nothing where it cannot know: without a lease a
filter is not given out, a shard without its marker is an error, and while a store that was set back
is in doubt there is no answer at all, since what is missing from one would pass for "not listed".
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

import msgspec

from blacklist import prefixes
from blacklist.errors import OtherBits, Unavailable
from blacklist.holdings import holdings_of
from blacklist.model import Holdings, Identifier, Kind
from blacklist.prefixes import Padding, Tag
from blacklist.replica import Clock, Replica, View, boot_clock
from blacklist.store import Client, journal, listings, sources
from blacklist.store.listings import Entry, Shard
from blacklist.store.meta import StoreInfo
from blacklist.store.sources import SourceTable
from blacklist.tags import is_listed, places_at_banks, tags_of
from blacklist.trips import require_row, waiting

_PLACES_A_TRIP: Final = 1_000
_ATTEMPTS: Final = 3
_CHANGING: Final = "the sources are changing at this moment"

_NOTHING: Final = Holdings()

Held = Mapping[Identifier, Holdings]

Places = Mapping[Identifier, list[Identifier]]
"""The accounts at banks that each bare number stands for."""


class Answer(msgspec.Struct, frozen=True):
    """``entries`` of a shard of so many bits, or of the ranges, at a place of the journal."""

    position: str | None
    entries: list[str]
    bits: int = 0


class FilterBytes(msgspec.Struct, frozen=True):
    """A filter that holds everything up to a place of the journal."""

    position: str
    data: bytes


class PrivateLookups:
    """Answers from one replica and one store. Safe to share between threads."""

    def __init__(
        self,
        replica: Replica,
        client: Client,
        *,
        clock: Clock = boot_clock,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._replica = replica
        self._client = client
        self._clock = clock
        self._wall = wall

    def bits(self) -> dict[Kind, int]:
        """How many bits each kind's shards have; StoreError where nobody can tell."""
        with waiting(self._replica, 1):
            return self._info().bits

    def shard(self, kind: Kind, prefix: str, bits: int | None = None) -> Answer:
        """What is told of the shard that a prefix names, which was taken for one of ``bits``.

        Raises OtherBits where it names none or has other bits, and StoreError.
        """
        self._require_no_doubt()
        for table in self._tables():
            answer = self._shard(kind, prefix, bits, table)
            if answer is not None:
                self._require_no_doubt()
                return answer
        raise Unavailable(_CHANGING)

    def _shard(
        self, kind: Kind, prefix: str, expected: int | None, table: SourceTable
    ) -> Answer | None:
        """None where the store has other sources by now than the table tells."""
        row = self._replica.position
        with waiting(self._replica, 1):
            info = self._info()
            bits = info.bits[kind]
            number = prefixes.shard_named(prefix, bits)
            if number is None or expected not in {None, bits}:
                raise OtherBits(bits)
            found = self._read(info, kind, number, row)
        places = places_at_banks(found.entries)
        wanted = [one for accounts in places.values() for one in accounts]
        at_banks = self._held(info, table, wanted)
        if at_banks is None or found.sources_version != table.version:
            return None
        told = list(self._told(_holdings(found.entries, table), bits))
        told += self._told_at_banks(places, at_banks, bits)
        entries = Padding(info.id).fill(
            kind, bits, number, told=told, multiple=prefixes.multiple_for(_sum(table, kind), bits)
        )
        return Answer(row.id if row is not None else None, entries, bits)

    def phone_ranges(self) -> Answer:
        """The listed ranges of phone numbers, each ``RANGE:TAG``; StoreError as for a shard."""
        self._require_no_doubt()
        view, sent_at = self._view()
        row = view.position
        known = [Identifier(Kind.PHONE, value) for value in sorted(view.ranges)]
        self._require_lease(view, sent_at)
        for table in self._tables():
            held = self._held(view.info, table, known)
            if held is not None:
                self._require_no_doubt()
                return Answer(row.id, list(_told_of_ranges(held, int(self._wall()))))
        raise Unavailable(_CHANGING)

    def filter_bytes(self, kind: Kind) -> FilterBytes:
        """This process's filter of a kind; StoreError where it may lack something.

        It is that of the snapshot with all that the journal told since.
        """
        self._require_no_doubt()
        view, sent_at = self._view()
        row = view.position  # before the bytes, which may hold more by then
        data = view.filters[kind].to_bytes()
        self._require_lease(view, sent_at)
        self._require_no_doubt()
        return FilterBytes(row.id, data)

    def _read(self, info: StoreInfo, kind: Kind, shard: int, row: journal.Position | None) -> Shard:
        found = listings.read_shard(self._client, info, kind, shard, row=row)
        if found is None:
            now = self._replica.require_store(self._client)
            if now.bits[kind] != info.bits[kind]:
                raise OtherBits(now.bits[kind])  # resharded since
            raise Unavailable("a shard of the store was lost")
        require_row(self._replica, self._client, row, has_row=found.has_row)
        return found

    def _told(self, held: Held, bits: int) -> Iterator[str]:
        now = int(self._wall())
        for one, known in held.items():
            for tag in tags_of(one, known, now=now):
                yield prefixes.entry(prefixes.suffix_of(one, bits), tag)

    def _told_at_banks(self, places: Places, at_banks: Held, bits: int) -> Iterator[str]:
        now = int(self._wall())
        for number, accounts in places.items():
            if any(one in at_banks and is_listed(one, at_banks[one], now=now) for one in accounts):
                yield prefixes.entry(prefixes.suffix_of(number, bits), Tag.AT_A_BANK)

    def _held(self, info: StoreInfo, table: SourceTable, wanted: list[Identifier]) -> Held | None:
        """What is known of identifiers, of whatever shards; Unavailable where one is lost.

        None where the store has other sources by now than the table tells.
        """
        known: dict[Identifier, Holdings] = {}
        for start in range(0, len(wanted), _PLACES_A_TRIP):
            row = self._replica.position
            asked = wanted[start : start + _PLACES_A_TRIP]
            with waiting(self._replica, len(asked)):
                answer = listings.confirm(self._client, info, asked, list(table.by_code), row)
                require_row(self._replica, self._client, row, has_row=answer.has_row)
            if answer.failed or answer.silent:
                raise Unavailable("a shard of the store did not answer")
            if answer.sources_version != table.version:
                return None
            known |= _holdings(answer.entries, table)
        return known

    def _tables(self) -> Iterator[SourceTable]:
        """The sources as this process knows them, then as they stand in the store, a few times."""
        view = self._replica.view
        if view is not None:
            yield view.table
        for _ in range(_ATTEMPTS):
            with waiting(self._replica, 1):
                table = sources.read(self._client)
            yield table

    def _info(self) -> StoreInfo:
        view = self._replica.view
        if view is not None and view.age(self._clock()) < view.info.max_lag_seconds:
            return view.info
        return self._replica.require_store(self._client)

    def _view(self) -> tuple[View, float]:
        """The view and when its lease began, to be looked at again when it was used."""
        view = self._replica.view
        if view is None:
            raise Unavailable("the lists are not loaded yet")
        return view, view.sent_at

    def _require_lease(self, view: View, sent_at: float) -> None:
        if self._clock() - sent_at >= view.info.max_lag_seconds:
            raise Unavailable("the lists may have changed: the store does not answer")

    def _require_no_doubt(self) -> None:
        if self._replica.doubt is not None:
            raise Unavailable("the store was set back: not everything is known to be there")


def _told_of_ranges(held: Held, now: int) -> Iterator[str]:
    """What is told of ranges; clearances and officials of ranges do not speak of their numbers."""
    for one, known in held.items():
        for tag in tags_of(one, known, now=now):
            if tag not in {Tag.CLEARED, Tag.OFFICIAL}:
                yield prefixes.entry(one.value, tag)


def _holdings(
    entries: Mapping[Identifier, Iterable[Entry]], table: SourceTable
) -> dict[Identifier, Holdings]:
    """What entries mean; those of a source that is no more mean nothing, as in ``lookup``."""
    meant = table.by_code.keys() | {sources.CLEARANCE, sources.OFFICIAL}
    held = {
        one: holdings_of(one, [entry for entry in known if entry.code in meant], table)
        for one, known in entries.items()
    }
    return {one: known for one, known in held.items() if known != _NOTHING}


def _sum(table: SourceTable, kind: Kind) -> int:
    """How many entries all shards of a kind hold, about: accounts bring bare numbers along."""
    entries = sum(record.entries.get(kind, 0) for record in table.by_code.values())
    return 2 * entries if kind is Kind.ACCOUNT else entries

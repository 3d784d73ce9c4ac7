"""What was known of a thing, and when: listings, what went again, decisions, letters.

    question ──▶ all that would flag it ──▶ what is listed, what went, what letters said ──▶ by time

Exact for what went since writers write it (``complete_from``); of a listing that stands, the date
is its source's own, and when this service learned of it is kept for letters only. The web calls it.
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from blacklist import present
from blacklist.letter_names import reference
from blacklist.model import (
    Audience,
    Category,
    Holdings,
    Identifier,
    Kind,
    Match,
    Question,
    Source,
)
from blacklist.store import Client, letters, meta, sources
from blacklist.store import history as kept
from blacklist.store.history import Event
from blacklist.store.letters import Letter, Row
from blacklist.store.sources import SourceTable
from blacklist.verdict import rfc3339


class EventView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that happened; times are RFC 3339 in UTC. ``match`` says how it flags the thing.

    ``what``: ``listed`` (``at`` is the source's date, and it is listed still), ``withdrawn`` (it
    had been listed since ``since``), ``cleared``, ``lifted``, ``letter_loaded``,
    ``letter_withdrawn``.
    """

    at: str
    what: str
    kind: Kind
    value: str
    match: Match
    source: str | None = None
    category: Category | None = None
    since: str | None = None
    reference: str | None = None
    reason: str | None = None
    until: str | None = None


class HistoryView(msgspec.Struct, frozen=True):
    """Events, oldest first, of which those that went or were decided are whole from a time on."""

    complete_from: str
    events: tuple[EventView, ...]


class _Told(msgspec.Struct, frozen=True):
    """An event with its second, as it is put in order."""

    at: int
    view: EventView


def tell(client: Client, question: Question, *, audience: Audience, now: int) -> HistoryView:
    """What was known of a thing when; raises StoreError where that cannot be read."""
    places = present.places(client, question)
    table = sources.read(client)
    teller = _Teller(table, kept.names(client), places, audience)
    events: list[_Told] = []
    holdings = present.read(client, list(places))
    # After what stands: what goes in between is told twice, and not left out.
    went = kept.read(client, meta.require(client), places, now=now)
    for one, gone in went.events.items():
        events += (teller.gone(one, event) for event in gone)
        events += teller.standing(one, holdings[one], gone)
    register = letters.read(client)
    for one, said in letters.find_rows(client, list(register), places).items():
        for letter_id, row in said:
            events += teller.letter(one, register[letter_id], row)
    ordered = sorted(events, key=lambda told: told.at)
    return HistoryView(rfc3339(went.complete_from), tuple(told.view for told in ordered))


class _Teller:
    """Makes views of events, for one audience."""

    def __init__(
        self,
        table: SourceTable,
        removed: Mapping[int, str],
        places: Mapping[Identifier, Match],
        audience: Audience,
    ) -> None:
        self._names = {**removed, **{code: one.source.name for code, one in table.by_code.items()}}
        self._table = table
        self._places = places
        self._audience = audience

    def standing(self, one: Identifier, held: Holdings, gone: Sequence[Event]) -> Iterator[_Told]:
        """What is listed now, and a clearance of which no event tells."""
        for listing in held.listings:
            yield self._told(
                listing.since,
                "listed",
                one,
                source=listing.source.name,
                category=listing.category,
                reference=listing.reference if self._is_shown(listing.source) else None,
                until=_time(listing.expires),
            )
        clearance = held.clearance
        if clearance is not None and clearance.since not in {one.at for one in gone}:
            yield self._told(
                clearance.since,
                "cleared",
                one,
                reason=clearance.reason,
                until=_time(clearance.until),
            )

    def gone(self, one: Identifier, event: Event) -> _Told:
        """What went, or was decided."""
        if event.code < sources.FIRST_SOURCE:
            return self._told(
                event.at, event.what, one, reason=event.reference, until=_time(event.until)
            )
        record = self._table.by_code.get(event.code)
        is_shown = self._is_shown(record.source if record is not None else None)
        return self._told(
            event.at,
            event.what,
            one,
            source=self._names.get(event.code),
            category=event.category or (record.source.category if record is not None else None),
            since=_time(event.since),
            reference=event.reference if is_shown else None,
        )

    def letter(self, one: Identifier, letter: Letter, row: Row) -> Iterator[_Told]:
        """What a letter said, and that it was taken back."""
        record = self._table.named(letter.authority)
        is_shown = self._is_shown(record.source if record is not None else None)
        number = reference(letter) if is_shown else None
        yield self._told(
            row.loaded,
            "letter_loaded",
            one,
            source=letter.authority,
            category=row.detail.category,
            since=rfc3339(row.since),
            reference=number,
        )
        if row.withdrawn is not None:
            yield self._told(
                row.withdrawn,
                "letter_withdrawn",
                one,
                source=letter.authority,
                reference=number,
                reason=row.reason if is_shown else None,
            )

    def _is_shown(self, source: Source | None) -> bool:
        """Whether references of a source are; of one that is no more nobody knows its audience."""
        is_public = source is not None and source.audience is Audience.PUBLIC
        return self._audience is Audience.INSTITUTIONS or is_public

    def _told(self, at: int, what: str, one: Identifier, **more: object) -> _Told:
        view = EventView(
            at=rfc3339(at),
            what=what,
            kind=one.kind,
            value=one.value,
            match=self._places[one],
            **more,  # type: ignore[arg-type]
        )
        return _Told(at, view)


def _time(second: int | None) -> str | None:
    return None if second is None else rfc3339(second)

"""The lists for whoever keeps a copy of them: all of it once, and then what changes.

    position ──▶ every listing, shard by shard ──▶ changes since the position ──▶ since the next …

Exact by two rules. The journal's position is read *before* the sets, and writers write the sets
before the journal: what the scan did not see yet, rows after the position tell. And a change is
told as what the sets hold *now* of the identifier that a row names, not as what the row said: rows
that come late or twice tell the present once more. Called by the web; it never writes.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

import msgspec

from blacklist import present
from blacklist.errors import Forgotten, Mismatch
from blacklist.holdings import holdings_of
from blacklist.model import Audience, Category, Clearance, Holdings, Identifier, Kind, Listing
from blacklist.store import Client, journal, listings, meta, sources
from blacklist.store.journal import Position, Row, What
from blacklist.verdict import rfc3339

CHANGES_AT_ONCE: Final = 4_000
"""Identifiers an answer: as many as one row of the journal may name (2,000 came, 2,000 went)."""

_ROWS_A_READ: Final = 50


class Told(StrEnum):
    """What is told of an identifier."""

    ADDED = "added"
    """It is listed: by all that stands beside it, in place of what was known of it before."""

    REMOVED = "removed"
    """Nobody lists it."""

    CLEARED = "cleared"
    """A decision says that it is not to be flagged, whoever lists it."""


class ListingView(msgspec.Struct, frozen=True):
    """One source's listing; times are RFC 3339 in UTC."""

    source: str
    category: Category
    since: str
    reference: str | None
    expires: str | None


class ChangeView(msgspec.Struct, frozen=True):
    """What stands of one identifier now that it has changed; ``until`` is a clearance's end."""

    change: Told
    kind: Kind
    value: str
    listings: tuple[ListingView, ...] = ()
    since: str | None = None
    until: str | None = None


class ChangesView(msgspec.Struct, frozen=True):
    """Some changes in order, and the position to ask for the next from.

    ``more``: there are some already.
    """

    changes: tuple[ChangeView, ...]
    next: str
    more: bool


class RowView(msgspec.Struct, frozen=True):
    """One line of an export: a listing, or a clearance, which has no source."""

    what: str
    kind: Kind
    value: str
    source: str | None
    category: Category | None
    since: str
    reference: str | None
    expires: str | None


def changes(client: Client, since: Position, *, audience: Audience) -> ChangesView:
    """What changed after a position, at most :data:`CHANGES_AT_ONCE` identifiers.

    Raises Forgotten where the journal does not tell everything since: its row is gone, or a large
    load told a snapshot and no rows.
    """
    rows = journal.read_from(client, since.id, _ROWS_A_READ)
    if not rows or rows[0].position != since:
        raise Forgotten("the journal has forgotten this position")
    if any(_tells_nothing(row) for row in rows[1:]):
        raise Forgotten("a large load was told as a whole")
    position, named = since, dict[Identifier, None]()
    for row in rows[1:]:
        new = _named(row)
        if named and len(named | new) > CHANGES_AT_ONCE:
            break
        for one in new:  # the last time counts, since what is told is the present
            named.pop(one, None)
        named |= new
        position = row.position
    holdings = present.read(client, list(named))
    more = position != rows[-1].position or len(rows) == _ROWS_A_READ
    told = tuple(_change(one, holdings[one], audience) for one in named)
    return ChangesView(told, str(position), more)


def begin(client: Client) -> Position:
    """Return the position from which changes tell what an export that begins now may not show."""
    position = journal.last(client)
    _require_row(client, position)
    return position


def export(client: Client, since: Position, *, audience: Audience) -> Iterator[list[RowView]]:
    """Every listing and clearance, some shards at a time; ``since`` is what :func:`begin` returned.

    What has ended and was not swept yet is among them. Raises StoreError where it cannot go on.
    """
    info, table = meta.require(client), sources.read(client)
    for kind in Kind:
        for found in listings.scan_entries(client, info, kind):
            rows: list[RowView] = []
            for identifier, entries in found.items():
                # A source that is not in the table yet came later, and rows tell what it lists.
                known = [one for one in entries if _is_known(one.code, table)]
                rows += _rows(identifier, holdings_of(identifier, known, table), audience)
            yield rows
    _require_row(client, since)


def _require_row(client: Client, position: Position) -> None:
    """Mismatch unless the store that takes the writes has, or had, the row: none other was read."""
    rows = journal.read_from(client, position.id, 1)
    is_there = bool(rows) and rows[0].position == position
    if not is_there and not journal.has_forgotten(client, position):
        raise Mismatch("the store was set back, or another is in its place")


def _is_known(code: int, table: sources.SourceTable) -> bool:
    return code < sources.FIRST_SOURCE or code in table.by_code


def _tells_nothing(row: Row) -> bool:
    return row.change.what is not What.CHANGES and not row.change.is_told


def _named(row: Row) -> dict[Identifier, None]:
    kind = row.change.kind
    if kind is None:
        return {}
    values = (*row.change.added, *row.change.removed)
    return dict.fromkeys(Identifier(kind, value) for value in values)


def _change(identifier: Identifier, held: Holdings, audience: Audience) -> ChangeView:
    told = Told.ADDED if held.listings else Told.REMOVED
    since = until = None
    if held.clearance is not None:
        told, since, until = Told.CLEARED, *_times(held.clearance)
    views = tuple(_listing(one, audience) for one in held.listings)
    return ChangeView(told, identifier.kind, identifier.value, views, since, until)


def _times(clearance: Clearance) -> tuple[str, str | None]:
    return rfc3339(clearance.since), _time(clearance.until)


def _listing(listing: Listing, audience: Audience) -> ListingView:
    is_shown = Audience.INSTITUTIONS is audience or listing.source.audience is Audience.PUBLIC
    return ListingView(
        listing.source.name,
        listing.category,
        rfc3339(listing.since),
        listing.reference if is_shown else None,
        _time(listing.expires),
    )


def _rows(identifier: Identifier, held: Holdings, audience: Audience) -> Iterator[RowView]:
    kind, value = identifier.kind, identifier.value
    for one in held.listings:
        view = _listing(one, audience)
        yield RowView(
            "listed",
            kind,
            value,
            view.source,
            view.category,
            view.since,
            view.reference,
            view.expires,
        )
    if held.clearance is not None:
        since, until = _times(held.clearance)
        yield RowView("cleared", kind, value, None, None, since, None, until)


def _time(second: int | None) -> str | None:
    return None if second is None else rfc3339(second)

"""Listings by hand: what an institution lists and withdraws one by one, without a feed.

Each key writes under a source of its own, so that its listings are its own to withdraw. They go the
way of every increment (sets, journal, barrier) and pass the guard that feeds pass. Listing a thing
again changes its details and never its date. Called by the web and where cases are decided.

A change that was cut off is made up for by the next change under the same source, the same again
for one. Worn-out filters are left to the loads and to ``blacklist sweep``: no request waits.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from blacklist import guard
from blacklist.callers import Caller
from blacklist.errors import Unavailable
from blacklist.guard import Guard
from blacklist.holdings import seconds_to_live
from blacklist.identifiers.number_ranges import Ranges, is_range
from blacklist.letter_entries import bare_number
from blacklist.load import Load
from blacklist.model import Audience, Identifier, Kind, Source, Trust
from blacklist.publish import Publisher
from blacklist.source_names import HAND_PREFIX
from blacklist.store import Client, listings, marks, sources
from blacklist.store.listings import Detail, Entry
from blacklist.store.marks import Sort
from blacklist.store.sources import CLEARANCE
from blacklist.store.stage import Staged, Withdrawal

Entries = Mapping[Identifier, Sequence[Entry]]


class Row(msgspec.Struct, frozen=True):
    """One thing to list, as ``identifiers.list_as`` named it first, and what is told of it."""

    identifier: Identifier
    detail: Detail


class Done(msgspec.Struct, frozen=True):
    """What became of a row. ``is_masked``: a clearance stands over it, so it flags nothing."""

    is_new: bool
    is_masked: bool


def source_of(caller_id: str, name: str, trust: Trust) -> Source:
    """Return the source under which a key lists."""
    return Source(f"{HAND_PREFIX}{caller_id}", name, trust=trust, audience=Audience.INSTITUTIONS)


def own_source(caller: Caller) -> Source:
    """Return the source of a key."""
    return source_of(caller.id, caller.name, caller.trust)


class Keeper:
    """The guard, and beside it what would flag an institution's own without naming it."""

    def __init__(self, client: Client) -> None:
        official = marks.read(client, Sort.OFFICIAL)
        self._guard: Guard = guard.guard_of(client)
        self._numbers = frozenset(
            number for one in official if (number := bare_number(one)) is not None
        )
        self._phones = [
            one.value for one in (*official, *guard.published_numbers()) if one.kind is Kind.PHONE
        ]

    def hold(self, identifier: Identifier) -> str | None:
        """Return the word for which a person may not list something, or None.

        An account's number under no bank may be an institution's, and a range hold its line.
        """
        word = self._guard.hold(identifier)
        if word is not None:
            return word
        if identifier.kind is Kind.ACCOUNT and identifier.value in self._numbers:
            return "official"
        if identifier.kind is Kind.PHONE and is_range(identifier.value):
            covering = Ranges([identifier.value]).covering
            return "official" if any(covering(phone) for phone in self._phones) else None
        return None


def publish(publisher: Publisher, source: Source, rows: Sequence[Row]) -> list[Done]:
    """List things under a source; returns when every process answers so, one result a row.

    Of two rows of one thing the last counts. Raises Busy (somebody writes under this source),
    Unavailable (do it again) or ConfigError.
    """
    with publisher.load(source, full=False, exact=True) as load:
        wanted = {row.identifier: row.detail for row in rows}
        numbers = {number for one in wanted if (number := _bare(one)) is not None}
        known = _read(publisher, load, {*wanted, *numbers})
        staged = [
            _entry(one, detail, known[one], source, publisher.now())
            for one, detail in wanted.items()
        ]
        load.put(_with_banks(staged, known))
        load.commit()
    return [
        Done(
            is_new=not _own(known[row.identifier], load),
            is_masked=_is_masked(known[row.identifier], publisher.now()),
        )
        for row in rows
    ]


def withdraw(publisher: Publisher, source: Source, identifiers: Sequence[Identifier]) -> list[bool]:
    """Take back what a source lists; says of each whether it did. Raises like :func:`publish`."""
    if sources.read(publisher.client).named(source.name) is None:
        return [False] * len(
            identifiers
        )  # it never listed anything, and need not be known for that
    with publisher.load(source, full=False, exact=True) as load:
        known = _read(publisher, load, identifiers)
        load.withdraw(row for one in identifiers for row in _withdrawals(one))
        load.commit()
    return [bool(_own(known[one], load)) for one in identifiers]


def _read(publisher: Publisher, load: Load, identifiers: Iterable[Identifier]) -> Entries:
    """What the source lists of some things, and what clears them."""
    answer = listings.confirm(
        publisher.client, publisher.info, set(identifiers), [load.before.code], None
    )
    if answer.failed or answer.silent:
        raise Unavailable("a part of the store does not answer")
    return answer.entries


def _own(entries: Sequence[Entry], load: Load) -> list[Entry]:
    return [one for one in entries if one.code == load.before.code and _is_told(one)]


def _is_told(entry: Entry) -> bool:
    """Whether an entry is more than a pointer of a bank's account."""
    return not entry.detail.banks or "" in entry.detail.banks


def _is_masked(entries: Sequence[Entry], now: int) -> bool:
    ends = [one.detail.expires for one in entries if one.code == CLEARANCE]
    return any(end is None or now < end for end in ends)


def _listed(entries: Sequence[Entry]) -> Entry | None:
    """The source's own entry among those of its identifier."""
    return next((one for one in entries if one.code not in set(Sort)), None)


def _entry(
    identifier: Identifier, detail: Detail, known: Sequence[Entry], source: Source, now: int
) -> Staged:
    """An entry as it is to be: with its first date, and seen now where entries end by age."""
    before = _listed(known)
    has_end = seconds_to_live(source, identifier.kind) is not None
    is_bare = identifier.kind is Kind.ACCOUNT and "/" not in identifier.value
    banks = ("", *_banks(before)) if is_bare else ()
    category = None if detail.category == source.category else detail.category
    return Staged(
        identifier,
        now if before is None else before.since,
        msgspec.structs.replace(
            detail, category=category, seen=now if has_end and before else None, banks=banks
        ),
    )


def _with_banks(staged: Sequence[Staged], known: Entries) -> list[Staged]:
    """The entries, and the bare numbers that accounts bring along: they say where they point."""
    rows = {row.identifier: row for row in staged}
    for row in staged:
        bare = _bare(row.identifier)
        if bare is None:
            continue
        bank = row.identifier.value.partition("/")[0]
        before = rows.get(bare) or _as_staged(bare, known[bare])
        if before is None:
            rows[bare] = Staged(bare, row.since, Detail(banks=(bank,)))
        else:
            banks = tuple(sorted({*before.detail.banks, bank}))
            detail = msgspec.structs.replace(before.detail, banks=banks)
            rows[bare] = Staged(bare, before.since, detail)
    return list(rows.values())


def _as_staged(identifier: Identifier, known: Sequence[Entry]) -> Staged | None:
    entry = _listed(known)
    return None if entry is None else Staged(identifier, entry.since, entry.detail)


def _banks(entry: Entry | None) -> tuple[str, ...]:
    return () if entry is None else tuple(bank for bank in entry.detail.banks if bank)


def _bare(identifier: Identifier) -> Identifier | None:
    number = bare_number(identifier)
    return None if number is None else Identifier(Kind.ACCOUNT, number)


def _withdrawals(identifier: Identifier) -> Iterable[Withdrawal]:
    """What goes with a thing: an account's number as far as it points to that bank."""
    if identifier.kind is Kind.ACCOUNT and "/" not in identifier.value:
        yield Withdrawal(identifier, "")
        return
    yield Withdrawal(identifier)
    bare = _bare(identifier)
    if bare is not None:
        yield Withdrawal(bare, identifier.value.partition("/")[0])

"""What a source's entries are by the letters in force, and by nothing else.

An entry follows from what all letters of an authority say of it, whichever was loaded first. So a
letter may be withdrawn while another keeps the entry, and a change that was cut off is made up for
by working the entries out again. Called by ``letters``.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from blacklist.holdings import seconds_to_live
from blacklist.letter_names import reference
from blacklist.model import Identifier, Kind, Source
from blacklist.store import Client
from blacklist.store import letters as register
from blacklist.store.letters import Letter, Row
from blacklist.store.listings import Detail
from blacklist.store.stage import Staged

_IBAN: Final = "IBAN"
"""In the place of a bank: such an account names its bank itself and brings no bare number along."""

Said = Sequence[tuple[str, Row]]
"""What letters say of one identifier, the oldest letter first, by the letters' ids."""


def bare_number(identifier: Identifier) -> str | None:
    """Return the number that an account at a bank also lists under no bank."""
    if identifier.kind is not Kind.ACCOUNT:
        return None
    bank, slash, number = identifier.value.partition("/")
    return number if slash and bank != _IBAN else None


def work_out(
    client: Client,
    source: Source,
    letters: Mapping[str, Letter],
    touched: Iterable[Identifier],
    *,
    now: int,
) -> dict[Identifier, Staged | None]:
    """Return the entries of identifiers that letters touched, and of their bare numbers.

    None where no letter in force lists it any more, or not beyond the second ``now``. ``letters``
    are all of the authority, by id, oldest first.
    """
    wanted = set(touched)
    numbers = {number for one in wanted if (number := _number(one)) is not None}
    banks = register.find_banks(client, list(letters), numbers)
    accounts = {
        number: {bank: Identifier(Kind.ACCOUNT, f"{bank}/{number}") for bank in sorted(places)}
        for number, places in banks.items()
    }
    wanted.update(Identifier(Kind.ACCOUNT, number) for number in numbers)
    wanted.update(one for places in accounts.values() for one in places.values())
    said = register.find_rows(client, list(letters), wanted)
    entries: dict[Identifier, Staged | None] = {}
    for identifier, rows in said.items():
        entry = combine(identifier, rows, source, letters)
        entries[identifier] = None if entry is None or _has_ended(entry, source, now) else entry
    for number, places in accounts.items():
        bare = Identifier(Kind.ACCOUNT, number)
        own = entries[bare]
        at = {bank: entry for bank, one in places.items() if (entry := entries[one]) is not None}
        entries[bare] = _with_banks(bare, own, at)
    return entries


def combine(
    identifier: Identifier, said: Said, source: Source, letters: Mapping[str, Letter]
) -> Staged | None:
    """Return the entry that follows from what letters say; None where none in force says anything.

    The oldest letter in force speaks: its number, category and note. The entry is listed since the
    earliest date and ends when the last of them ends; it was last seen when the newest was loaded.
    """
    rows = [(letters[letter_id], row) for letter_id, row in said if row.withdrawn is None]
    if not rows:
        return None
    oldest, first = rows[0]
    ends = [row.detail.expires for _, row in rows]
    has_end = seconds_to_live(source, identifier.kind) is not None
    detail = Detail(
        category=None if first.detail.category == source.category else first.detail.category,
        reference=reference(oldest),
        note=first.detail.note,
        expires=None if None in ends else max(end for end in ends if end is not None),
        seen=max(row.loaded for _, row in rows) if has_end else None,
        last=max((last for _, row in rows if (last := row.detail.last) is not None), default=None),
        reports=first.detail.reports,
    )
    return Staged(identifier, min(row.since for _, row in rows), detail)


def _has_ended(entry: Staged, source: Source, now: int) -> bool:
    """Whether an entry would not be answered any more (``holdings.py``)."""
    lives = seconds_to_live(source, entry.identifier.kind)
    seen = max(entry.since or 0, entry.detail.seen or 0)
    ends = [now + 1 if lives is None else seen + lives, entry.detail.expires or now + 1]
    return min(ends) <= now


def _number(identifier: Identifier) -> str | None:
    """Return the bare number whose entry an account has a part in, its own for one of no bank."""
    if identifier.kind is Kind.ACCOUNT and "/" not in identifier.value:
        return identifier.value
    return bare_number(identifier)


def _with_banks(bare: Identifier, own: Staged | None, at: Mapping[str, Staged]) -> Staged | None:
    """Return a bare number's entry: its own listing (the empty bank), and where it points."""
    if own is not None:
        detail = msgspec.structs.replace(own.detail, banks=("", *at))
        return msgspec.structs.replace(own, detail=detail)
    if not at:
        return None
    since = min(entry.since for entry in at.values() if entry.since is not None)
    return Staged(bare, since, Detail(banks=tuple(at)))

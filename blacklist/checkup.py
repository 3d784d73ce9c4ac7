"""What somebody who looks after a store is to know and to do, thing by thing; nothing is changed.

Called by ``blacklist doctor``, which adds what only it sees: settings, files and feeds.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

import msgspec

from blacklist.errors import StoreError
from blacklist.publish import JOURNAL_ROWS, STALE_SHARE
from blacklist.store import Client, condition, durability, journal, meta, reviews, snapshot, sources
from blacklist.store.condition import Condition
from blacklist.store.locks import LEASE_SECONDS
from blacklist.store.sources import SourceTable, State

MEMORY_SHARE: Final = 0.8
SKEW_SECONDS: Final = 2.0
_MIB: Final = 1 << 20


class Grade(StrEnum):
    """Whether somebody has to do something."""

    FINE = "fine"
    NOTE = "note"
    DO = "do"


class Finding(msgspec.Struct, frozen=True):
    """What was looked at, how it stands, and what is to be done."""

    about: str
    grade: Grade
    says: str
    do: str | None = None


def fine(about: str, says: str) -> Finding:
    """All is well with a thing."""
    return Finding(about, Grade.FINE, says)


def note(about: str, says: str) -> Finding:
    """A thing is to be known, and nothing to be done."""
    return Finding(about, Grade.NOTE, says)


def to_do(about: str, says: str, do: str) -> Finding:
    """A thing is not as it should be."""
    return Finding(about, Grade.DO, says, do)


def examine(client: Client) -> Iterator[Finding]:
    """Look at a store and its server; what cannot be looked at is a finding."""
    try:
        info = meta.require(client)
    except StoreError as exc:
        yield to_do("store", str(exc), 'see docs/operations.md, "What to do when"')
        return
    yield fine("store", f"answers; schema {info.schema}, id {info.id:012x}")
    found = condition.look(client)
    yield _of_durability(found)
    yield _of_compactness(found)
    yield _of_memory(client, found)
    yield _of_clock(found)
    table = sources.read(client)
    yield from _of_locks(found, table)
    yield from _of_sources(table)
    yield from _of_filters(client)
    yield _of_journal(client)
    yield _of_held(client)


def _of_durability(found: Condition) -> Finding:
    if found.settings is None:
        return note("durability", "this user may not see the settings (CONFIG GET)")
    if found.settings:
        return to_do(
            "durability",
            "the server would lose acknowledged entries; loads are refused",
            f"set {_commands(found.settings)} on every server",
        )
    return fine("durability", "every write is synced, no key is dropped")


def _of_compactness(found: Condition) -> Finding:
    if found.compact is None:
        return note("compactness", "this user may not see the limits (CONFIG GET)")
    if found.compact:
        return to_do(
            "compactness",
            "a large list takes four times the memory",
            f"set {_commands(found.compact)}",
        )
    return fine("compactness", "shards stay in their compact encoding")


def _commands(wanted: dict[str, str]) -> str:
    return ", ".join(f"'{name} {value}'" for name, value in wanted.items())


def _of_memory(client: Client, found: Condition) -> Finding:
    if durability.may_drop_keys(client):
        return to_do("memory", "keys are dropped when it is full", "maxmemory-policy noeviction")
    if found.memory is None:
        return note("memory", "this user may not see it (INFO)")
    used, limit = found.memory
    says = f"{used // _MIB:,} MiB used" + (f" of {limit // _MIB:,}" if limit else ", no limit")
    if limit and used > limit * MEMORY_SHARE:
        return to_do("memory", says, "raise 'maxmemory': loads are refused when it is full")
    return fine("memory", says)


def _of_clock(found: Condition) -> Finding:
    says = f"the server's clock is {found.skew_seconds:+.1f} s from this machine's"
    if abs(found.skew_seconds) > SKEW_SECONDS:
        return to_do("clock", says, "set both by NTP: dates of entries are taken from them")
    return fine("clock", says)


def _of_locks(found: Condition, table: SourceTable) -> Iterator[Finding]:
    for name, seconds in found.locks.items():
        if seconds < 0 or seconds > LEASE_SECONDS:
            yield to_do(
                "locks", f"'{name}' never runs out", f"make sure nobody writes, then delete {name}"
            )
        else:
            yield note("locks", f"'{name}' is held for {seconds:.0f} s more: somebody writes")
    names = {record.source.name: record for record in table.by_code.values()}
    left = [
        name
        for name, record in names.items()
        if record.state is not State.CLEAN and f"source:{name}" not in found.locks
    ]
    for name in left:
        yield to_do(
            "sources",
            f"the last load of '{name}' was cut off ({names[name].state})",
            "load it again ('blacklist load' or 'blacklist update')",
        )


def _of_sources(table: SourceTable) -> Iterator[Finding]:
    records = list(table.by_code.values())
    real = [one for one in records if not one.source.sample and any(one.entries.values())]
    entries = sum(sum(one.entries.values()) for one in real)
    if not real:
        yield to_do(
            "lists", "nothing but the sample is loaded", "'blacklist update', 'blacklist load'"
        )
    else:
        yield fine("lists", f"{entries:,} entries from {len(real)} sources")


def _of_filters(client: Client) -> Iterator[Finding]:
    try:
        states = snapshot.states(client)
    except StoreError as exc:
        yield to_do("filters", str(exc), "restore a backup, or load the lists anew")
        return
    for kind, one in states.items():
        says = f"{kind}: {one.keys + one.added:,} of {one.capacity:,} keys"
        if one.is_damaged:
            yield to_do("filters", f"{kind}: damaged", "'blacklist sweep' builds it again")
        elif one.removed > max(one.capacity, 1) * STALE_SHARE * 2:
            yield to_do("filters", f"{says}, {one.removed:,} removed", "'blacklist sweep'")
        else:
            yield fine("filters", says)


def _of_journal(client: Client) -> Finding:
    rows = journal.length(client)
    says = f"{rows:,} rows"
    if rows > JOURNAL_ROWS * 2:
        return to_do("journal", f"{says}: a worker's start is slow", "'blacklist sweep' trims it")
    return fine("journal", says)


def _of_held(client: Client) -> Finding:
    held = len(reviews.read_held(client))
    if held:
        return to_do("held", f"{held:,} rows wait for a person", "'blacklist review'")
    return fine("held", "no row waits for a person")

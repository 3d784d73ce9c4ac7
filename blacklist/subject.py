"""Everything that the store holds of one identifier: what a person who asks for it is told.

An account is looked for with its bank and as a bare number; a bare number at every bank too where
it is listed. Called by the command line, which adds what files hold. It changes nothing. What is
kept as keyed hashes alone names nobody and cannot be found: watches, requests sent again
(``repeats.py``).

:data:`IN_STORE` is the one place where a new store of things about identifiers is added.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import msgspec

from blacklist.errors import Unavailable
from blacklist.holdings import holdings_of
from blacklist.letter_entries import bare_number
from blacklist.letter_names import reference
from blacklist.model import Identifier, Kind
from blacklist.store import (
    Client,
    disputes,
    history,
    journal,
    letters,
    listings,
    marks,
    pending,
    reports,
    reviews,
    stage,
)
from blacklist.store.listings import Entry
from blacklist.store.marks import Sort
from blacklist.store.meta import StoreInfo
from blacklist.store.sources import SourceTable, State
from blacklist.verdict import rfc3339

_TIMES: Final = frozenset({"since", "until", "expires", "seen", "last_seen", "loaded", "withdrawn"})


class Found(msgspec.Struct, frozen=True):
    """One thing that is held: of which identifier, by whom or where, and all that it says."""

    identifier: str
    of: str
    told: dict[str, Any] = {}


class Subject(msgspec.Struct, frozen=True):
    """Whom it is about: the identifier asked, and with which others it is one and the same."""

    asked: Identifier
    names: frozenset[Identifier]


class Stored(msgspec.Struct, frozen=True):
    """Where to look."""

    client: Client
    info: StoreInfo
    table: SourceTable


def subject_of(stored: Stored, asked: Identifier) -> Subject:
    """Return an identifier with the others that stand for the same thing. Raises StoreError."""
    bare = bare_number(asked)
    if bare is not None:
        return Subject(asked, frozenset({asked, Identifier(Kind.ACCOUNT, bare)}))
    banks: set[str] = set()
    if asked.kind is Kind.ACCOUNT and "/" not in asked.value:
        banks = {bank for entry in _entries(stored, asked) for bank in entry.detail.banks if bank}
    accounts = (Identifier(Kind.ACCOUNT, f"{bank}/{asked.value}") for bank in banks)
    return Subject(asked, frozenset({asked, *accounts}))


def look_up(stored: Stored, subject: Subject) -> dict[str, list[Found]]:
    """Return all that the store holds, by the sort of it. Raises StoreError."""
    return {name: list(find(stored, subject)) for name, find in IN_STORE.items()}


def _find_listings(stored: Stored, subject: Subject) -> Iterator[Found]:
    for name in sorted(subject.names, key=str):
        for entry in _entries(stored, name):
            record = stored.table.by_code.get(entry.code)
            if record is None:
                continue  # a clearance or an official entry
            source = record.source
            told: dict[str, Any] = {
                "title": source.title,
                "trust": source.trust,
                "licence": source.licence,
            }
            known = holdings_of(name, [entry], stored.table).listings
            for one in known:
                fields = msgspec.structs.asdict(one)
                told |= {field: fields[field] for field in fields.keys() - {"identifier", "source"}}
            if not known:
                told["since"] = entry.since
            yield _found(name, source.name, told | {"banks": entry.detail.banks})


def _find_clearances(stored: Stored, subject: Subject) -> Iterator[Found]:
    yield from _find_marks(stored, subject, Sort.CLEARANCE)


def _find_official(stored: Stored, subject: Subject) -> Iterator[Found]:
    yield from _find_marks(stored, subject, Sort.OFFICIAL)


def _find_marks(stored: Stored, subject: Subject, sort: Sort) -> Iterator[Found]:
    known = marks.read(stored.client, sort)
    for name in sorted(subject.names & known.keys(), key=str):
        yield _found(name, sort.name.lower(), msgspec.structs.asdict(known[name]))


def _find_decisions(stored: Stored, subject: Subject) -> Iterator[Found]:
    known = reviews.read_decisions(stored.client)
    for name in sorted(subject.names & known.keys(), key=str):
        yield _found(name, "decision", msgspec.structs.asdict(known[name]))


def _find_held(stored: Stored, subject: Subject) -> Iterator[Found]:
    for row in reviews.read_held(stored.client):
        if row.identifier in subject.names:
            yield _found(row.identifier, row.source, {"reason": row.reason, "since": row.since})


def _find_letters(stored: Stored, subject: Subject) -> Iterator[Found]:
    known = letters.read(stored.client)
    for name, rows in letters.find_rows(stored.client, list(known), subject.names).items():
        for letter_id, row in rows:
            letter = known[letter_id]
            told = msgspec.structs.asdict(row) | msgspec.structs.asdict(row.detail)
            told.pop("detail")
            yield _found(
                name,
                letter_id,
                {"authority": letter.authority} | told | {"reference": reference(letter)},
            )


def _find_staged(stored: Stored, subject: Subject) -> Iterator[Found]:
    for record in stored.table.by_code.values():
        if record.state is not State.CLEAN:
            code, load = record.code, record.load
            names = sorted(subject.names, key=str)
            for name in stage.find(stored.client, stored.info, names, code=code, load=load):
                yield _found(name, record.source.name, {})


def _find_journal(stored: Stored, subject: Subject) -> Iterator[Found]:
    start = "-"
    while rows := journal.read_from(stored.client, start, journal.ROWS_A_READ):
        for row in rows:
            change = row.change
            for word, values in (("added", change.added), ("removed", change.removed)):
                for name in sorted(subject.names, key=str):
                    if name.kind == change.kind and name.value in values:
                        yield _found(name, row.position.id, {"change": word})
        start = f"({rows[-1].position.id}"


def _find_history(stored: Stored, subject: Subject) -> Iterator[Found]:
    """What its shards remember of it, however long ago: ``0`` is the beginning of time."""
    names = {record.code: record.source.name for record in stored.table.by_code.values()}
    names |= history.names(stored.client) | {int(Sort.CLEARANCE): "clearance"}
    said = history.read(stored.client, stored.info, subject.names, now=0)
    for name in sorted(subject.names, key=str):
        for event in said.events[name]:
            told = msgspec.structs.asdict(event)
            told |= {"at": rfc3339(event.at)}
            told.pop("value"), told.pop("who")
            yield _found(name, names.get(event.code, "a source that is gone"), told)


def _find_pending(stored: Stored, subject: Subject) -> Iterator[Found]:
    for one in pending.read(stored.client).values():
        if one.identifier in subject.names:
            yield _found(one.identifier, one.maker, msgspec.structs.asdict(one.detail))


def _find_reports(stored: Stored, subject: Subject) -> Iterator[Found]:
    for case in reports.find_by(stored.client, subject.names):
        told = msgspec.structs.asdict(case) | {"tellers": len(case.tellers)}
        yield _found(case.identifier, case.id, told)


def _find_disputes(stored: Stored, subject: Subject) -> Iterator[Found]:
    for one in disputes.read(stored.client).values():
        if one.identifier in subject.names:
            told = msgspec.structs.asdict(one) | {"contact": None}
            yield _found(one.identifier, one.reference, told)


IN_STORE: Final[Mapping[str, Callable[[Stored, Subject], Iterator[Found]]]] = {
    "listings": _find_listings,
    "clearances": _find_clearances,
    "official": _find_official,
    "decisions": _find_decisions,
    "held_rows": _find_held,
    "letters": _find_letters,
    "staged": _find_staged,
    "history": _find_history,
    "pending": _find_pending,
    "reports": _find_reports,
    "disputes": _find_disputes,
    "journal": _find_journal,
}
"""Every sort of thing that the store holds of identifiers, and what finds it."""


def _entries(stored: Stored, identifier: Identifier) -> list[Entry]:
    """Return what a shard holds of one identifier; Unavailable where it cannot say."""
    codes = list(stored.table.by_code)
    said = listings.confirm(stored.client, stored.info, [identifier], codes, None)
    if said.failed or said.silent:
        raise Unavailable("a part of the store does not answer: what it holds cannot be told")
    return said.entries.get(identifier, [])


def _found(name: Identifier, of: str, told: Mapping[str, Any]) -> Found:
    """Return what was found, without what is empty, with times that people can read."""
    return Found(
        str(name),
        of,
        {
            field: rfc3339(value) if field in _TIMES else value
            for field, value in told.items()
            if field != "identifier" and value not in (None, "", ())
        },
    )

"""The queue of reports: one case for each thing, with counters, and nothing a report.

A report adds to counters and at most to a few notes, so that a flood fills no memory: what one
teller, one day and the whole queue may hold has an end (:class:`Bounds`). Who told is kept as a
hash of the day (``tellers.py``); of keys, their ids.
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from importlib.resources import files
from typing import Any, Final

import msgspec
import redis

from blacklist.errors import Busy, Mismatch
from blacklist.model import Category, Identifier, Kind
from blacklist.store import counts, durability, keys, tellers
from blacklist.store.connect import run, store_errors
from blacklist.store.counts import Event
from blacklist.store.tallies import day_of

MAX_NOTES: Final = 5
KEPT_SECONDS: Final = 365 * 86_400
"""How long a decided case is kept, without its notes."""

_COUNT: Final = files(__package__).joinpath("report.lua").read_text()
_ATTEMPTS: Final = 3
_ID_BYTES: Final = 6


class Counted(StrEnum):
    """What became of a report."""

    COUNTED = "counted"
    KNOWN = "known"
    MANY = "many"
    FULL = "full"


class Order(StrEnum):
    """How the queue is shown."""

    NEWEST = "newest"
    MOST = "most"


class Decided(StrEnum):
    """How a case ended."""

    ACCEPTED = "accept"
    REJECTED = "reject"
    MERGED = "merge"


_ENDED: Final = {
    Decided.ACCEPTED: Event.REPORT_ACCEPTED,
    Decided.REJECTED: Event.REPORT_REJECTED,
    Decided.MERGED: Event.REPORT_MERGED,
}


class Bounds(msgspec.Struct, frozen=True):
    """How much one teller may tell a day, all tellers without keys together, and open cases."""

    a_teller: int
    a_day: int
    cases: int


class Report(msgspec.Struct, frozen=True):
    """What somebody tells. ``teller`` is a key's id, or the address where ``is_key`` is False."""

    identifier: Identifier
    category: Category
    note: str
    teller: str
    is_key: bool


class End(msgspec.Struct, frozen=True, omit_defaults=True):
    """How and when a case ended, by whom and why; ``into`` is the case it went into.

    ``by`` is a key's id, ``person`` who sat at the browser of its session.
    """

    decision: Decided
    by: str
    at: int
    reason: str
    into: str | None = None
    person: str = ""


class Case(msgspec.Struct, frozen=True):
    """All reports of one thing. ``tellers`` are the keys among those who told; times in seconds."""

    id: str
    identifier: Identifier
    first: int
    last: int
    citizens: int
    partners: int
    categories: dict[Category, int]
    notes: tuple[str, ...]
    tellers: frozenset[str]
    end: End | None = None

    @property
    def category(self) -> Category:
        """What most of them say that it is."""
        return max(self.categories, key=lambda one: (self.categories[one], one))


def count(client: redis.Redis, report: Report, bounds: Bounds, *, now: int) -> Counted:
    """Count a report, on disk and on replicas when this returns. Raises Busy or Unavailable."""
    durability.require(client)
    day = tellers.day_of(now)
    secret = tellers.DaySecret(client, day)
    identifier = str(report.identifier)
    teller = report.teller if report.is_key else secret.digest(report.teller).hex()
    fixed = [
        secret.digest(report.teller, identifier),
        teller,
        "key" if report.is_key else "",
        now,
        report.category,
        report.note,
        *(bounds.a_teller, bounds.a_day, bounds.cases),
        *(tellers.KEEP_SECONDS, MAX_NOTES),
        *(Event.REPORT_RECEIVED, counts.KEPT_SECONDS),
    ]
    script = client.register_script(_COUNT)
    for _ in range(_ATTEMPTS):
        with store_errors():
            raw: Any = client.hget(keys.REPORTED, identifier)
            case = raw.decode() if raw else f"R-{secrets.token_hex(_ID_BYTES)}"
            names = [
                keys.told(day, "things"),
                keys.told(day, "reports"),
                *(keys.REPORTED, keys.REPORTS_NEWEST, keys.REPORTS_MOST),
                keys.report(case),
                keys.counts(day_of(now)),
            ]
            word: Any = script(keys=names, args=[identifier, case, *fixed])
        if word != b"again":
            durability.replicate(client)
            return Counted(word.decode())
    raise Busy("somebody decides about this at this moment")


def length(client: redis.Redis) -> int:
    """How many cases are open."""
    with store_errors():
        found: Any = client.zcard(keys.REPORTS_NEWEST)
    return int(found)


def page(client: redis.Redis, order: Order, first: int, size: int) -> list[Case]:
    """Some open cases, from place ``first`` on."""
    key = keys.REPORTS_NEWEST if order is Order.NEWEST else keys.REPORTS_MOST
    with store_errors():
        ids: Any = client.zrevrange(key, first, first + size - 1)
    names = [one.decode() for one in ids]
    return [case for case in _read(client, names) if case is not None and case.end is None]


def find(client: redis.Redis, case: str) -> Case | None:
    """One case, also one that has ended; None where there is none."""
    return _read(client, [case])[0]


def find_by(client: redis.Redis, identifiers: Collection[Identifier]) -> list[Case]:
    """The open cases of some identifiers."""
    with store_errors():
        found: Any = client.hmget(keys.REPORTED, [str(one) for one in identifiers])
    cases = [case.decode() for case in found if case is not None]
    return [one for one in _read(client, cases) if one is not None] if cases else []


def close(client: redis.Redis, case: Case, end: End) -> None:
    """End a case: it leaves the queue, and its notes go."""
    notes = [f"note:{place}" for place in range(1, MAX_NOTES + 1)]
    with store_errors():
        pipe = client.pipeline(transaction=True)
        pipe.hset(keys.report(case.id), "end", msgspec.json.encode(end))
        pipe.hdel(keys.report(case.id), "notes", *notes)
        pipe.expire(keys.report(case.id), KEPT_SECONDS)
        pipe.hdel(keys.REPORTED, str(case.identifier))
        pipe.zrem(keys.REPORTS_NEWEST, case.id)
        pipe.zrem(keys.REPORTS_MOST, case.id)
        if end.into is not None:
            _add(pipe, end.into, case)
        counts.add(pipe, day_of(end.at), {_ENDED[end.decision]: 1})
        run(pipe)
    durability.replicate(client)


def _add(pipe: redis.client.Pipeline, into: str, case: Case) -> None:
    key = keys.report(into)
    pipe.hincrby(key, "citizens", case.citizens)
    pipe.hincrby(key, "partners", case.partners)
    for category, number in case.categories.items():
        pipe.hincrby(key, f"category:{category}", number)
    for teller in case.tellers:
        pipe.hsetnx(key, f"by:{teller}", case.last)
    pipe.zincrby(keys.REPORTS_MOST, case.citizens + case.partners, into)


def _read(client: redis.Redis, cases: Sequence[str]) -> list[Case | None]:
    with store_errors():
        pipe = client.pipeline(transaction=False)
        for case in cases:
            pipe.hgetall(keys.report(case))
        answers = run(pipe)
    return [_case(case, raw) if raw else None for case, raw in zip(cases, answers, strict=True)]


def _case(case: str, raw: Mapping[bytes, bytes]) -> Case:
    fields = {name.decode(): value.decode() for name, value in raw.items()}
    try:
        kind, _, value = fields["identifier"].partition(":")
        end = fields.get("end")
        return Case(
            id=case,
            identifier=Identifier(Kind(kind), value),
            first=int(fields["first"]),
            last=int(fields["last"]),
            citizens=int(fields.get("citizens", 0)),
            partners=int(fields.get("partners", 0)),
            categories={
                Category(name): int(number) for name, number in _under(fields, "category:")
            },
            notes=tuple(text for _, text in _under(fields, "note:")),
            tellers=frozenset(name for name, _ in _under(fields, "by:")),
            end=None if end is None else msgspec.json.decode(end, type=End),
        )
    except (KeyError, ValueError, msgspec.MsgspecError) as exc:
        raise Mismatch("the store holds a case that this program does not know") from exc


def _under(fields: Mapping[str, str], prefix: str) -> list[tuple[str, str]]:
    return sorted(
        (name.removeprefix(prefix), text)
        for name, text in fields.items()
        if name.startswith(prefix)
    )

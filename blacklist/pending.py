"""Maker and checker: what a partner lists waits until a second key has confirmed it.

Until then it is "being verified": noted on answers to institutions (``store/marks.py``), listed for
nobody. It is confirmed by its id, which says what it holds, so that nothing can be changed between
the look and the word. What nobody confirms lapses. Called by the web and the command line.

The order of a decision: the listing, who decided, its note, its place in the queue. One that was
cut off is still in the queue, and deciding again finishes it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Final

import msgspec

from blacklist import hand, marks
from blacklist.callers import Caller
from blacklist.errors import Busy
from blacklist.hand import Keeper, Row
from blacklist.model import Identifier
from blacklist.publish import Publisher
from blacklist.store import Client, callers, durability
from blacklist.store import pending as stored
from blacklist.store.locks import Held, hold
from blacklist.store.marks import Mark, Sort
from blacklist.store.pending import End, Pending

DAYS: Final = 30
MAX_A_MAKER: Final = 2_000
MAX_ALL: Final = 20_000
OPERATOR: Final = "operator"
"""Who decides at the command line; no key has this id."""

_WAIT_SECONDS: Final = 10.0
_DAY_SECONDS: Final = 86_400


class Result(StrEnum):
    """What became of a decision."""

    LISTED = "listed"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    """Nothing waits under this id: it was decided, changed, withdrawn, or has lapsed."""

    OWN = "own"
    """Who would list it cannot confirm it."""

    HELD = "held"
    """The guard lets nobody list it."""

    NO_MAKER = "no_maker"
    """The key that would list it was revoked."""


class Decision(msgspec.Struct, frozen=True):
    """A second key's word about one pending listing."""

    id: str
    is_confirmed: bool


class Full(Busy):
    """As much is waiting as may wait."""


def waiting(client: Client, *, now: int) -> list[Pending]:
    """What waits for a second key, oldest first."""
    return [one for one in stored.read(client).values() if now < one.until]


def submit(publisher: Publisher, maker: Caller, rows: Sequence[Row]) -> list[Pending]:
    """Let listings wait; returns when every process notes them, one a row, in order.

    Raises Full, Busy (somebody decides at this moment) or Unavailable; do it again.
    """
    now = publisher.now()
    new = [
        Pending(row.identifier, row.detail, maker.id, now, now + DAYS * _DAY_SECONDS)
        for row in rows
    ]
    with _queue(publisher) as (lock, known):
        lapsed = [one for one in known.values() if one.until <= now]
        standing = Counter(one.maker for one in known.values() if now < one.until)
        added = len({one.place for one in new} - known.keys())
        if standing[maker.id] + added > MAX_A_MAKER or standing.total() + added > MAX_ALL:
            raise Full("too many listings wait for a second key: let them be confirmed first")
        stored.write(publisher.client, new)
        notes = {one.identifier: Mark(one.identifier, now, "", one.until) for one in new}
        marks.publish(publisher, Sort.PENDING, list(notes.values()))
        lock.extend()
        _forget(publisher, known, [one for one in lapsed if one.identifier not in notes])
    return new


def decide(
    publisher: Publisher, checker: str, decisions: Sequence[Decision], *, person: str = ""
) -> list[Result]:
    """Confirm or refuse; returns when every process answers so, one result a decision, in order.

    ``checker`` is the id of the key that decides, ``person`` who uses it. Raises Busy or
    Unavailable; do it again.
    """
    keeper, table = Keeper(publisher.client), callers.read(publisher.client)
    with _queue(publisher) as (lock, known):
        results, due, undecided = [], defaultdict(list), dict(known)
        for one in decisions:
            place = stored.place_of(one.id)
            found = undecided.get(place)
            result = _result(one, found, checker, now=publisher.now())
            if result is Result.LISTED and found is not None:
                maker = table.by_id.get(found.maker)
                if maker is None or maker.revoked is not None:
                    result = Result.NO_MAKER
                elif keeper.hold(found.identifier) is not None:
                    result = Result.HELD
            if result in {Result.LISTED, Result.REFUSED} and found is not None:
                due[result, found.maker].append(undecided.pop(place))
            results.append(result)
        for (result, maker_id), settled in due.items():
            if result is Result.LISTED:
                rows = [Row(one.identifier, one.detail) for one in settled]
                hand.publish(publisher, hand.own_source(table.by_id[maker_id]), rows)
            lock.extend()
        stored.write_ends(
            publisher.client,
            {
                one.id: End(result is Result.LISTED, checker, publisher.now(), person)
                for (result, _), settled in due.items()
                for one in settled
            },
        )
        _forget(publisher, known, [one for settled in due.values() for one in settled])
    return results


def withdraw(publisher: Publisher, maker: str, identifiers: Sequence[Identifier]) -> list[bool]:
    """Let a maker's listings wait no longer; says of each whether it did."""
    wanted = set(identifiers)
    own = {
        one.identifier
        for one in stored.read(publisher.client).values()
        if one.maker == maker and one.identifier in wanted
    }
    if own:
        with _queue(publisher) as (_, known):
            gone = [
                one for one in known.values() if one.maker == maker and one.identifier in wanted
            ]
            _forget(publisher, known, gone)
    return [one in own for one in identifiers]


def _result(one: Decision, found: Pending | None, checker: str, *, now: int) -> Result:
    if found is None or found.id != one.id or found.until <= now:
        return Result.UNKNOWN
    if not one.is_confirmed:
        return Result.REFUSED
    return Result.OWN if found.maker == checker else Result.LISTED


@contextmanager
def _queue(publisher: Publisher) -> Iterator[tuple[Held, dict[str, Pending]]]:
    """What waits, while nobody else changes it."""
    durability.require(publisher.client)
    with hold(publisher.client, "pending", wait_seconds=_WAIT_SECONDS) as lock:
        if lock is None:
            raise Busy("somebody else changes what waits for a second key")
        yield lock, stored.read(publisher.client)


def _forget(publisher: Publisher, known: Mapping[str, Pending], gone: Sequence[Pending]) -> None:
    """Take some out, and the note of each thing for which nothing waits any more."""
    if not gone:
        return
    places = {one.place for one in gone}
    left = {one.identifier for place, one in known.items() if place not in places}
    ended = {one.identifier for one in gone} - left
    marks.withdraw(publisher, Sort.PENDING, ended)
    stored.remove(publisher.client, gone)

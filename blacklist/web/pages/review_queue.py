"""What waits for a reviewer, in one order: what has a deadline by its deadline, then reports.

Reports have no deadline, so those of which most was reported come first. Cases have names that may
stand in an address: reports and disputes their own, which say nothing; a pending listing's id is
made of what it lists, so it goes by a keyed hash of it. Called by the reviewer's desk.
"""

import hmac
import time
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Final

import msgspec
from flask import Flask, current_app

from blacklist import pending
from blacklist.model import Category, Identifier
from blacklist.pending import OPERATOR
from blacklist.secret import derive
from blacklist.store import Client, callers
from blacklist.store import disputes as disputed
from blacklist.store import pending as waiting
from blacklist.store import reports as reported
from blacklist.store.disputes import Dispute
from blacklist.store.pending import Pending
from blacklist.store.reports import Case, Order

_KEY: Final = "blacklist.review"
_NAME_BYTES: Final = 12


class Sort(StrEnum):
    """What a case is."""

    DISPUTE = "dispute"
    PENDING = "pending"
    REPORT = "report"


class Decided(msgspec.Struct, frozen=True):
    """How a case ended, or was answered: the word, who, when, why. ``key`` is the key's name."""

    word: str
    by: str
    key: str
    person: str
    at: int
    reason: str


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A case: one of the last three is what it is. ``due`` is a second, None where it has none.

    ``identifier`` is None of a pending listing that was decided: nothing of it is kept.
    """

    name: str
    sort: Sort
    identifier: Identifier | None
    since: int
    due: int | None = None
    is_late: bool = False
    report: Case | None = None
    dispute: Dispute | None = None
    pending: Pending | None = None
    answered: Decided | None = None
    end: Decided | None = None

    @property
    def version(self) -> str:
        """What a reviewer has seen, as far as another could change it beneath him."""
        return str(self.dispute.answered or "") if self.dispute is not None else ""

    @property
    def category(self) -> Category | None:
        """What it is said to be."""
        if self.report is not None and self.report.categories:
            return self.report.category
        return self.pending.detail.category if self.pending is not None else None


def install(app: Flask, secret: bytes) -> None:
    """Give an application the key of its names."""
    app.extensions[_KEY] = derive(secret, "review")


def queue(client: Client, first: int, size: int) -> tuple[list[Waiting], int]:
    """Some cases from a place on, and how many wait in all."""
    dated = sorted(_dated(client), key=lambda one: (one.due or 0, one.name))
    some = dated[first : first + size]
    rest = size - len(some)
    if rest > 0:
        from_place = max(0, first - len(dated))
        some += [_of_report(one, {}) for one in reported.page(client, Order.MOST, from_place, rest)]
    return some, len(dated) + reported.length(client)


def find(client: Client, name: str, item: str = "") -> Waiting | None:
    """A case by its name, also one that has ended; None where there is none.

    ``item`` is the id of a pending listing, by which one that has ended is known.
    """
    names = {one.id: one.name for one in callers.read(client).by_id.values()}
    match name[:2]:
        case "R-":
            report = reported.find(client, name)
            return None if report is None else _of_report(report, names)
        case "D-":
            dispute = disputed.find(client, name)
            return None if dispute is None else _of_dispute(dispute, names)
        case "P-":
            return _find_pending(client, name, item, names)
    return None


def _dated(client: Client) -> Iterator[Waiting]:
    for dispute in disputed.read(client).values():
        yield _of_dispute(dispute, {})
    for one in _waiting(client):
        yield _of_pending(one)


def _waiting(client: Client) -> Iterable[Pending]:
    return pending.waiting(client, now=int(time.time()))


def _find_pending(client: Client, name: str, item: str, names: Mapping[str, str]) -> Waiting | None:
    found = next((one for one in _waiting(client) if _name_of(one.id) == name), None)
    if found is not None:
        return _of_pending(found)
    end = waiting.read_end(client, item) if item and _name_of(item) == name else None
    if end is None:
        return None
    word = "confirm" if end.is_confirmed else "refuse"
    decided = _decided(word, end.by, end.person, end.at, reason="", names=names)
    return Waiting(name=name, sort=Sort.PENDING, identifier=None, since=end.at, end=decided)


def _name_of(pending_id: str) -> str:
    key: bytes = current_app.extensions[_KEY]
    return f"P-{hmac.digest(key, pending_id.encode(), 'sha256')[:_NAME_BYTES].hex()}"


def _of_pending(one: Pending) -> Waiting:
    return Waiting(
        name=_name_of(one.id),
        sort=Sort.PENDING,
        identifier=one.identifier,
        since=one.since,
        due=one.until,
        pending=one,
    )


def _of_report(one: Case, names: Mapping[str, str]) -> Waiting:
    end = one.end
    return Waiting(
        name=one.id,
        sort=Sort.REPORT,
        identifier=one.identifier,
        since=one.first,
        report=one,
        end=None
        if end is None
        else _decided(end.decision, end.by, end.person, end.at, reason=end.reason, names=names),
    )


def _of_dispute(one: Dispute, names: Mapping[str, str]) -> Waiting:
    def decided(word: str, at: int) -> Decided:
        return _decided(word, one.by, one.person, at, reason=one.reason, names=names)

    is_answered = one.answered is not None
    return Waiting(
        name=one.reference,
        sort=Sort.DISPUTE,
        identifier=one.identifier,
        since=one.opened,
        due=one.act_by if is_answered else one.answer_by,
        is_late=one.is_late(int(time.time())),
        dispute=one,
        answered=None
        if one.answered is None or one.ended is not None
        else decided("answer", one.answered),
        end=None if one.ended is None else decided(one.outcome or "keep", one.ended),
    )


def _decided(
    word: str, by: str, person: str, at: int, *, reason: str, names: Mapping[str, str]
) -> Decided:
    key = names.get(by, "" if by == OPERATOR else by)
    return Decided(word, by, key, person, at, reason)

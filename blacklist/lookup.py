"""The way of a question: identify → filter → store → judge.

    text ──▶ candidates ──filter──▶ definitely not ─────────────────────────▶ no_record
                              └───▶ maybe, or no lease ──store──▶ judge ──▶ verdict

Called by the web and the command line, with one question or many: it is one path. What it never
does: answer "no record" on a filter whose lease has run out, on a shard without its marker, or for
what a rolled-back store has lost; those are ``unavailable``.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from blacklist import identifiers, verdict
from blacklist.coverage import coverage_of, list_notes
from blacklist.errors import InvalidIdentifier, Mismatch, StoreError, Unavailable
from blacklist.holdings import holdings_of, with_pointers
from blacklist.identifiers.number_ranges import Covering, every_range, with_ranges
from blacklist.model import (
    AsOf,
    Audience,
    Holdings,
    Identifier,
    IdentifierView,
    ItemError,
    Kind,
    Outcome,
    Question,
    Verdict,
)
from blacklist.replica import Clock, Replica, View, boot_clock
from blacklist.store import Client, journal, listings, meta, sources
from blacklist.store.meta import StoreInfo
from blacklist.store.sources import SourceTable

_NOT_ECHOED = frozenset(
    {
        "card_number",
        "identity_number",
        "not_text",
        "several_payees",
        "too_long",
        "unreadable_code",
    }
)
"""What is sensitive, cannot be written as UTF-8, or is only long is not sent back."""


class Ask(msgspec.Struct, frozen=True):
    """One question as it was put. ``max_age_s`` accepts a filter of that age in seconds."""

    value: str
    kind: Kind | None = None
    bank: str | None = None
    region: str = "VN"
    ref: str | None = None
    max_age_s: float = 0.0


class _Asked(msgspec.Struct):
    """One question on its way."""

    ask: Ask
    question: Question
    maybe: bool = True
    """False: the filter says that nothing is known of any candidate."""


class Lookup:
    """Answers questions from one replica and one store. Safe to share between threads."""

    def __init__(
        self,
        replica: Replica,
        client: Client,
        *,
        clock: Clock = boot_clock,
        wall: Callable[[], float] = time.time,
        audience: Audience = Audience.PUBLIC,
    ) -> None:
        self._replica = replica
        self._client = client
        self._clock = clock
        self._wall = wall
        self._audience = audience
        self.answered_by: Counter[str] = Counter()
        """How many questions each layer answered: ``filter``, ``store`` or ``nobody``."""

    def check(self, ask: Ask) -> Verdict:
        """The verdict on one question; what cannot be understood is a verdict with ``error``."""
        return self.check_many([ask])[0]

    def check_many(self, asks: Sequence[Ask]) -> list[Verdict]:
        """One verdict a question, in order."""
        verdicts: list[Verdict | None] = [None] * len(asks)
        asked: dict[int, _Asked] = {}
        for place, ask in enumerate(asks):
            try:
                asked[place] = _Asked(ask, _identify(ask))
            except InvalidIdentifier as exc:
                verdicts[place] = refuse(ask, exc)
        if asked:
            for place, answer in zip(asked, self._answer(list(asked.values())), strict=True):
                verdicts[place] = answer
        return [answer for answer in verdicts if answer is not None]

    def as_of(self) -> AsOf:
        """How fresh an answer would be now, and on what lists; StoreError when there is none."""
        view = self._replica.view
        age = view.age(self._clock()) if view is not None else float("inf")
        if view is None or age >= view.info.max_lag_seconds:
            self._info(None)
            table, age = sources.read(self._client), 0.0
        else:
            table = view.table
        return self._as_of(Kind, self._replica.position, age, table)

    def _answer(self, asked: list[_Asked]) -> list[Verdict]:
        view = self._replica.view
        if view is not None:
            _widen(asked, view.ranges.covering if view.ranges else None)
            _filter(view, asked)
        # Only now: a lease that was good before the filter was asked proves nothing.
        age = view.age(self._clock()) if view is not None else float("inf")
        lease = view.info.max_lag_seconds if view is not None else 0.0
        decided = [not one.maybe and age < max(lease, one.ask.max_age_s) for one in asked]
        open_ = [one for one, done in zip(asked, decided, strict=True) if not done]
        if age >= lease:
            _widen(open_, every_range)  # the ranges may be others by now
        told = iter(self._ask_store(view, open_) if open_ else ())
        return [
            self._answer_by_filter(one, view, age) if done and view is not None else next(told)
            for one, done in zip(asked, decided, strict=True)
        ]

    def _answer_by_filter(self, one: _Asked, view: View, age: float) -> Verdict:
        if self._is_in_doubt(one.question):
            return self._unavailable(one, "store_rolled_back")
        self.answered_by["filter"] += 1
        return self._verdict(
            one, {}, view.table, self._as_of(_kinds(one), view.position, age, view.table)
        )

    def _ask_store(self, view: View | None, asked: list[_Asked]) -> list[Verdict]:
        try:
            info, table = self._info(view), self._table(view)
            confirmed, table = self._confirm(info, table, asked)
        except StoreError:
            return [self._unavailable(one, "store_unavailable") for one in asked]
        position = self._replica.position
        return [self._answer_by_store(one, confirmed, table, position) for one in asked]

    def _answer_by_store(
        self,
        one: _Asked,
        confirmed: "_Confirmed",
        table: SourceTable,
        position: journal.Position | None,
    ) -> Verdict:
        candidates = verdict.candidates(one.question)
        if any(candidate.identifier in confirmed.failed for candidate in candidates):
            return self._unavailable(one, "store_lost_a_shard")
        as_of = self._as_of(_kinds(one), position, 0.0, table)
        answer = self._verdict(one, confirmed.holdings, table, as_of)
        if answer.verdict is Outcome.NO_RECORD and self._is_in_doubt(one.question):
            return self._unavailable(one, "store_rolled_back")
        self.answered_by["store"] += 1
        return answer

    def _confirm(
        self, info: StoreInfo, table: SourceTable, asked: Iterable[_Asked]
    ) -> tuple["_Confirmed", SourceTable]:
        """Ask the sets; once more where a source appeared that the table does not know yet."""
        wanted = {c.identifier for one in asked for c in verdict.candidates(one.question)}
        answer = self._confirm_once(info, table, wanted)
        if answer.sources_version != table.version:
            table = sources.read(self._client)
            answer = self._confirm_once(info, table, wanted)
        found, failed = answer.entries, answer.failed
        for one in asked:
            one.question = with_pointers(one.question, found)
        more = {c.identifier for one in asked for c in verdict.candidates(one.question)} - wanted
        if more:
            answer = self._confirm_once(info, table, more)
            found, failed = found | answer.entries, failed | answer.failed
        held = {one: holdings_of(one, entries, table) for one, entries in found.items() if entries}
        return _Confirmed(held, failed), table

    def _confirm_once(
        self, info: StoreInfo, table: SourceTable, wanted: Iterable[Identifier]
    ) -> listings.Confirmation:
        row = self._replica.position
        answer = listings.confirm(self._client, info, wanted, list(table.by_code), row)
        if (
            row is not None
            and not answer.has_row
            and not journal.is_trimmed_past(self._client, row.id)
        ):
            self._replica.suspect()
            raise Unavailable("the store lost rows it had given out")
        return answer

    def _info(self, view: View | None) -> StoreInfo:
        if view is not None:
            return view.info
        info = meta.require(self._client)
        if not self._replica.accepts(info):
            raise Mismatch("another store is in the place of the one this process started with")
        return info

    def _table(self, view: View | None) -> SourceTable:
        return view.table if view is not None else sources.read(self._client)

    def _is_in_doubt(self, question: Question) -> bool:
        doubt = self._replica.doubt
        return doubt is not None and any(
            doubt.covers(candidate.identifier) for candidate in verdict.candidates(question)
        )

    def _verdict(
        self,
        one: _Asked,
        holdings: Mapping[Identifier, Holdings],
        table: SourceTable,
        as_of: AsOf,
    ) -> Verdict:
        now = int(self._wall())
        judged = verdict.judge(one.question, holdings, now=now, audience=self._audience)
        return Verdict(
            ref=one.ask.ref,
            input=one.ask.value,
            verdict=judged.verdict,
            suspicious=judged.suspicious,
            level=judged.level,
            identifiers=_identifiers(one.question),
            matches=judged.matches,
            related=judged.related,
            notes=_notes(
                one.question,
                [
                    *judged.notes,
                    *_notes_beside(one.question, judged),
                    *list_notes(table, as_of.lists, now),
                ],
            ),
            as_of=as_of,
        )

    def _unavailable(self, one: _Asked, why: str) -> Verdict:
        self.answered_by["nobody"] += 1
        view = self._replica.view
        as_of = None
        if view is not None:
            as_of = self._as_of(_kinds(one), view.position, view.age(self._clock()), view.table)
        return Verdict(
            ref=one.ask.ref,
            input=one.ask.value,
            verdict=Outcome.UNAVAILABLE,
            identifiers=_identifiers(one.question),
            notes=_notes(one.question, [why]),
            as_of=as_of,
        )

    def _as_of(
        self,
        kinds: Iterable[Kind],
        position: journal.Position | None,
        age: float,
        table: SourceTable,
    ) -> AsOf:
        now = int(self._wall())
        return AsOf(
            position=position.id if position is not None else None,
            age_ms=round(age * 1000) if age < float("inf") else None,
            lists={kind: coverage_of(table, kind, now) for kind in kinds},
        )


class _Confirmed(msgspec.Struct):
    holdings: dict[Identifier, Holdings]
    failed: set[Identifier]


def _kinds(one: _Asked) -> tuple[Kind, ...]:
    return verdict.asked_kinds(one.question)


def refuse(ask: Ask, exc: InvalidIdentifier) -> Verdict:
    """The result of an item that cannot be understood."""
    return Verdict(
        ref=ask.ref,
        input=None if exc.reason in _NOT_ECHOED else ask.value,
        error=ItemError(exc.reason, exc.detail),
    )


def _identify(ask: Ask) -> Question:
    return identifiers.ask(ask.value, kind=ask.kind, bank=ask.bank, region=ask.region)


def _widen(asked: Iterable[_Asked], covering: Covering | None) -> None:
    """Let each question ask for the ranges, too, that its phone numbers lie in."""
    if covering is not None:
        for one in asked:
            one.question = with_ranges(one.question, covering)


def _filter(view: View, asked: Sequence[_Asked]) -> None:
    """Set ``maybe`` of every question."""
    if len(asked) == 1:
        one = asked[0]
        one.maybe = any(
            view.filters[candidate.identifier.kind].test(candidate.identifier.value)
            for candidate in verdict.candidates(one.question)
        )
        return
    keys: dict[Kind, list[str]] = {}
    owners: dict[Kind, list[int]] = {}
    for place, one in enumerate(asked):
        one.maybe = False
        for candidate in verdict.candidates(one.question):
            kind, value = candidate.identifier.kind, candidate.identifier.value
            keys.setdefault(kind, []).append(value)
            owners.setdefault(kind, []).append(place)
    for kind, values in keys.items():
        for number in view.filters[kind].test_many(values).nonzero()[0]:
            asked[owners[kind][number]].maybe = True


def _identifiers(question: Question) -> tuple[IdentifierView, ...]:
    return tuple(
        IdentifierView(reading.identifier.kind, reading.identifier.value, reading.display)
        for reading in question.readings
    )


def _notes_beside(question: Question, judged: verdict.Judgement) -> list[str]:
    """The notes of the related readings that are listed: they say how such a reading came about."""
    listed = {match.listed for match in judged.related}
    return [
        note
        for reading in question.related
        if any(candidate.identifier.value in listed for candidate in reading.candidates)
        for note in reading.notes
    ]


def _notes(question: Question, more: Iterable[str]) -> tuple[str, ...]:
    own = (note for reading in question.readings for note in reading.notes)
    return tuple(dict.fromkeys((*own, *more)))

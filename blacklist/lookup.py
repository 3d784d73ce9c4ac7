"""The way of a question: identify → filter → store → judge.

    text ──▶ candidates ──filter──▶ definitely not ─────────────────────────▶ no_record
                              └───▶ maybe, or no lease ──store──▶ judge ──▶ verdict

Called by the web and the command line, with one question or many: it is one path. What it never
does: answer "no record" on a filter whose lease has run out, on a shard without its marker, or for
what a rolled-back store has lost; those are ``unavailable``.
"""

import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import msgspec

from blacklist import identifiers, verdict
from blacklist.coverage import Backing, Lists
from blacklist.errors import InvalidIdentifier, StoreError
from blacklist.holdings import holdings_of, with_pointers
from blacklist.identifiers.number_ranges import Covering, every_range, with_ranges
from blacklist.identifiers.pointers import filter_key, filter_keys, with_wallets
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
from blacklist.replica import Clock, Doubt, Replica, View, boot_clock
from blacklist.store import Client, journal, listings, sources
from blacklist.store.meta import StoreInfo
from blacklist.store.sources import SourceTable
from blacklist.trips import require_row, waiting

_Key = tuple[Kind, str]
"""What a filter is asked: a kind, and the key that stands in its filter."""

_NOTHING: frozenset[_Key] = frozenset()

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


class Ask(msgspec.Struct, frozen=True, gc=False):
    """One question as it was put.

    ``max_age_s`` accepts a filter of that age in seconds while the store is away.
    """

    value: str
    kind: Kind | None = None
    bank: str | None = None
    region: str = "VN"
    ref: str | None = None
    max_age_s: float = 0.0


class _Asked(msgspec.Struct, gc=False):
    """One question on its way."""

    ask: Ask
    question: Question
    maybe: frozenset[_Key] | None = None
    """The keys of which the filter says "maybe"; None if no filter was asked.

    With a valid lease nothing else has anything to say: listings, clearances and official entries
    are all in the filter. So only the candidates of these keys are asked in the store.
    """


class Answers(ABC):
    """Whoever answers questions: the web, scans and tables need not know from what."""

    def check(self, ask: Ask) -> Verdict:
        """The verdict on one question; what cannot be understood is a verdict with ``error``."""
        return self.check_many([ask])[0]

    @abstractmethod
    def check_many(self, asks: Sequence[Ask]) -> list[Verdict]:
        """One verdict a question, in order."""

    @abstractmethod
    def as_of(self) -> AsOf:
        """How fresh an answer would be now, and on what lists; StoreError when there is none."""


class Lookup(Answers):
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
        self._lists = Lists(sources.EMPTY, 0)
        self.answered_by: Counter[str] = Counter()
        """How many questions each layer answered: ``filter``, ``store`` or ``nobody``."""
        self.hits = 0
        """How many of them had the verdict ``listed``."""

    def check_many(self, asks: Sequence[Ask]) -> list[Verdict]:
        """One verdict a question, in order."""
        refused: dict[int, Verdict] = {}
        asked: list[_Asked] = []
        for place, ask in enumerate(asks):
            try:
                asked.append(_Asked(ask, identify(ask)))
            except InvalidIdentifier as exc:
                refused[place] = refuse(ask, exc)
        answers = self._answer(asked) if asked else []
        for place, refusal in refused.items():
            answers.insert(place, refusal)
        return answers

    def as_of(self) -> AsOf:
        """How fresh an answer would be now, and on what lists; StoreError when there is none."""
        view = self._replica.view
        age = view.age(self._clock()) if view is not None else float("inf")
        if view is None or age >= view.info.max_lag_seconds:
            with waiting(self._replica, 1):
                info, row = self._info(None), self._replica.position
                self._confirm_once(info, sources.EMPTY, (), row=row)
                table, age = sources.read(self._client), 0.0
        else:
            table = view.table
        return self._backing(table, self._replica.position, age).of(tuple(Kind))[0]

    def _answer(self, asked: list[_Asked]) -> list[Verdict]:
        # The doubt before the filter: it may end, rightly, before the answer is given. The lease,
        # too: one that is renewed afterwards says nothing of what the filter did not hold before.
        view, doubt = self._replica.view, self._replica.doubt
        sent_at = view.sent_at if view is not None else float("-inf")
        if view is not None:
            _widen(asked, view.ranges.covering if view.ranges else None)
            _filter(view, asked)
        # The clock only now: asking takes its time, and what has run out meanwhile is not used.
        age = _age(sent_at, self._clock())
        if view is None:
            _ask_wallets(asked)
            _open_wide(asked)
            return self._ask_store(view, asked)
        is_old = age >= view.info.max_lag_seconds
        accepted = self._replica.trouble is not None
        for one in asked if is_old else ():
            if not (accepted and age < one.ask.max_age_s):
                one.maybe = None
        open_ = [one for one in asked if one.maybe != _NOTHING]
        _ask_wallets(open_ if doubt is None else asked)
        if is_old:
            _open_wide(open_)
        told = iter(self._ask_store(view, open_, age=0.0 if is_old else age) if open_ else ())
        backing = self._backing(view.table, view.position, age, is_old=is_old)
        return [
            self._answer_by_filter(one, backing, doubt) if one.maybe == _NOTHING else next(told)
            for one in asked
        ]

    def _answer_by_filter(self, one: _Asked, backing: Backing, doubt: Doubt | None) -> Verdict:
        if _is_in_doubt(one.question, doubt):
            return self._unavailable(one, "store_rolled_back")
        self.answered_by["filter"] += 1
        return result_of(one.ask, one.question, verdict.judge_unknown(one.question), backing)

    def _ask_store(
        self, view: View | None, asked: list[_Asked], *, age: float = 0.0
    ) -> list[Verdict]:
        """Answer from the store; ``age`` is that of the filter which said "maybe"."""
        try:
            with waiting(self._replica, len(asked)):
                info, table = self._info(view), self._table(view)
                confirmed, table = self._confirm(info, table, asked)
                if confirmed.failed and (now := self._info(None)).bits != info.bits:
                    # Resharded since: what was asked lay in shards that are no more.
                    confirmed, table = self._confirm(now, table, asked)
        except StoreError:
            return [self._unavailable(one, "store_unavailable") for one in asked]
        backing = self._backing(table, self._replica.position, 0.0)
        # Nothing known: told with the filter's age, or its zero would show to the public that
        # something stands there which only institutions are told (what is being verified).
        unknown = self._backing(table, self._replica.position, age)
        return [self._answer_by_store(one, confirmed, backing, unknown) for one in asked]

    def _answer_by_store(
        self, one: _Asked, confirmed: "_Confirmed", backing: Backing, unknown: Backing
    ) -> Verdict:
        wanted = {candidate.identifier for candidate in verdict.candidates(one.question)}
        if not wanted.isdisjoint(confirmed.failed):
            return self._unavailable(one, "store_lost_a_shard")
        if not wanted.isdisjoint(confirmed.silent):
            return self._unavailable(one, "store_unavailable")
        judged = verdict.judge(
            one.question, confirmed.holdings, now=int(self._wall()), audience=self._audience
        )
        is_unknown = judged.verdict is Outcome.NO_RECORD
        result = result_of(one.ask, one.question, judged, unknown if is_unknown else backing)
        if result.verdict is Outcome.NO_RECORD and _is_in_doubt(one.question, confirmed.doubt):
            return self._unavailable(one, "store_rolled_back")
        self.answered_by["store"] += 1
        self.hits += result.verdict is Outcome.LISTED
        return result

    def _confirm(
        self, info: StoreInfo, table: SourceTable, asked: Iterable[_Asked]
    ) -> tuple["_Confirmed", SourceTable]:
        """Ask the sets; once more where a source appeared that the table does not know yet."""
        # The row before the doubt: whoever sees the row of a new view sees the doubt as well.
        row, doubt = self._replica.position, self._replica.doubt
        wanted = {identifier for one in asked for identifier in _wanted(one)}
        answer = self._confirm_once(info, table, wanted, row=row)
        if answer.sources_version != table.version:
            table = sources.read(self._client)
            answer = self._confirm_once(info, table, wanted, row=row)
        found, failed, silent = answer.entries, answer.failed, answer.silent
        for one in asked:
            one.question = with_pointers(one.question, found)
        more = {identifier for one in asked for identifier in _wanted(one)} - wanted
        if more:
            answer = self._confirm_once(info, table, more, row=row)
            found, failed = found | answer.entries, failed | answer.failed
            silent = silent | answer.silent
        held = {one: holdings_of(one, entries, table) for one, entries in found.items() if entries}
        return _Confirmed(held, failed, silent, doubt), table

    def _confirm_once(
        self,
        info: StoreInfo,
        table: SourceTable,
        wanted: Iterable[Identifier],
        *,
        row: journal.Position | None,
    ) -> listings.Confirmation:
        answer = listings.confirm(self._client, info, wanted, list(table.by_code), row)
        require_row(self._replica, self._client, row, has_row=answer.has_row)
        return answer

    def _info(self, view: View | None) -> StoreInfo:
        # What a view without a lease knows of the bits may be any number of reshards old.
        if view is not None and view.age(self._clock()) < view.info.max_lag_seconds:
            return view.info
        return self._replica.require_store(self._client)

    def _table(self, view: View | None) -> SourceTable:
        return view.table if view is not None else sources.read(self._client)

    def _unavailable(self, one: _Asked, why: str) -> Verdict:
        self.answered_by["nobody"] += 1
        view = self._replica.view
        as_of = None
        if view is not None:
            backing = self._backing(view.table, view.position, view.age(self._clock()))
            as_of, _ = backing.of(verdict.asked_kinds(one.question))
        return unavailable_result(one.ask, one.question, why, as_of)

    def _backing(
        self,
        table: SourceTable,
        position: journal.Position | None,
        age: float,
        *,
        is_old: bool = False,
    ) -> Backing:
        row = position.id if position is not None else None
        lists, now = self._lists, int(self._wall())
        if not lists.are_of(table, now):
            lists = self._lists = Lists(table, now)
        return Backing(lists, row, age=age, is_old=is_old)


class _Confirmed(msgspec.Struct):
    holdings: dict[Identifier, Holdings]
    failed: set[Identifier]
    silent: set[Identifier]
    doubt: Doubt | None
    """What was in doubt when the store was asked."""


def _age(sent_at: float, now: float) -> float:
    """Seconds since the journal was known to be read to its end."""
    return now - sent_at


def _is_in_doubt(question: Question, doubt: Doubt | None) -> bool:
    return doubt is not None and any(
        doubt.covers(candidate.identifier) for candidate in verdict.candidates(question)
    )


def refuse(ask: Ask, exc: InvalidIdentifier) -> Verdict:
    """The result of an item that cannot be understood."""
    return Verdict(
        ref=ask.ref,
        input=None if exc.reason in _NOT_ECHOED else ask.value,
        error=ItemError(exc.reason, exc.detail),
    )


def identify(ask: Ask) -> Question:
    """What a question's text asks; raises InvalidIdentifier."""
    return identifiers.ask(ask.value, kind=ask.kind, bank=ask.bank, region=ask.region)


def _widen(asked: Iterable[_Asked], covering: Covering | None) -> None:
    """Let each question ask for the ranges, too, that its phone numbers lie in."""
    if covering is not None:
        for one in asked:
            one.question = with_ranges(one.question, covering)


def _ask_wallets(asked: Iterable[_Asked]) -> None:
    """Let each question ask for the accounts, too, that its numbers may be at wallets."""
    for one in asked:
        one.question = with_wallets(one.question)


def _open_wide(asked: Iterable[_Asked]) -> None:
    """Forget what the filter said, which may be out of date, and which ranges there were."""
    for one in asked:
        one.maybe = None
    _widen(asked, every_range)


def _filter(view: View, asked: Sequence[_Asked]) -> None:
    """Set ``maybe`` of every question."""
    if len(asked) == 1:
        question = asked[0].question
        asked[0].maybe = frozenset(
            (reading.identifier.kind, key)
            for reading in question.readings + question.related
            for key in filter_keys(reading)
            if view.filters[reading.identifier.kind].test(key)
        )
        return
    values: dict[Kind, list[str]] = {kind: [] for kind in Kind}
    owners: dict[Kind, list[_Asked]] = {kind: [] for kind in Kind}
    for one in asked:
        one.maybe = _NOTHING
        for reading in one.question.readings + one.question.related:
            kind, own = reading.identifier.kind, filter_keys(reading)
            values[kind] += own
            owners[kind] += [one] * len(own)
    for kind, of_kind in values.items():
        for number in view.filters[kind].test_many(of_kind).nonzero()[0] if of_kind else ():
            owner = owners[kind][number]
            owner.maybe = (owner.maybe or _NOTHING) | {(kind, of_kind[number])}


def _key(identifier: Identifier) -> _Key:
    return identifier.kind, filter_key(identifier)


def _wanted(one: _Asked) -> list[Identifier]:
    """What the store is asked about a question: see :attr:`_Asked.maybe`."""
    every = [candidate.identifier for candidate in verdict.candidates(one.question)]
    if one.maybe is None:
        return every
    return [identifier for identifier in every if _key(identifier) in one.maybe]


def result_of(ask: Ask, question: Question, judged: verdict.Judgement, backing: Backing) -> Verdict:
    """The result of a question that was judged."""
    as_of, on_lists = backing.of(verdict.asked_kinds(question))
    beside = _notes_beside(question, judged) if judged.related else ()
    return Verdict(
        ref=ask.ref,
        input=ask.value,
        verdict=judged.verdict,
        suspicious=judged.suspicious,
        level=judged.level,
        identifiers=_identifiers(question),
        matches=judged.matches,
        related=judged.related,
        notes=_notes(question, (*judged.notes, *beside, *on_lists)),
        as_of=as_of,
    )


def unavailable_result(ask: Ask, question: Question, why: str, as_of: AsOf | None) -> Verdict:
    """The result of a question that nobody could look up; ``why`` is a word of docs/reasons.md."""
    return Verdict(
        ref=ask.ref,
        input=ask.value,
        verdict=Outcome.UNAVAILABLE,
        identifiers=_identifiers(question),
        notes=_notes(question, (why,)),
        as_of=as_of,
    )


def _identifiers(question: Question) -> tuple[IdentifierView, ...]:
    views = [
        IdentifierView(reading.identifier.kind, reading.identifier.value, reading.display)
        for reading in question.readings
    ]
    return tuple(views)


def _notes_beside(question: Question, judged: verdict.Judgement) -> list[str]:
    """The notes of the related readings that are listed: they say how such a reading came about."""
    listed = {match.listed for match in judged.related}
    return [
        note
        for reading in question.related
        if any(candidate.identifier.value in listed for candidate in reading.candidates)
        for note in reading.notes
    ]


def _notes(question: Question, more: tuple[str, ...]) -> tuple[str, ...]:
    own = [note for reading in question.readings for note in reading.notes]
    return tuple(dict.fromkeys((*own, *more))) if own else more

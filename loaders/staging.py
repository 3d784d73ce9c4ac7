"""Rows of a feed to what is staged for the store: identified, screened by the guard, counted.

What it never does: drop a row in silence. A row that the guard holds back counts as rejected and
waits for a person (``blacklist review``).
"""

from collections.abc import Iterable, Iterator

from blacklist import identifiers
from blacklist.errors import InvalidIdentifier
from blacklist.guard import Guard
from blacklist.model import Category, Identifier, Kind
from blacklist.store.listings import Detail
from blacklist.store.reviews import MAX_HELD, Held
from blacklist.store.stage import Staged, Withdrawal
from loaders.archive import Draft
from loaders.formats import Personal, Record, Rejected, Row, Withdrawn
from loaders.formats.base import TEXT_LIMIT
from loaders.plan import Plan
from loaders.report import Report

_SENSITIVE = frozenset({"card_number", "identity_number"})


class Screen:
    """Lets through what may be listed; the rest is counted in the report and put into quarantine.

    ``now`` is a Unix second.
    """

    def __init__(self, plan: Plan, guard: Guard, report: Report, *, draft: Draft, now: int) -> None:
        self._plan = plan
        self._guard = guard
        self._report = report
        self._draft = draft
        self._now = now
        self.held: list[Held] = []
        self.withdrawn: list[Withdrawal] = []

    def stage(self, rows: Iterable[Row]) -> Iterator[tuple[Staged, ...]]:
        """Yield what each listed row stages, itself first."""
        for row in rows:
            if isinstance(row, Personal):
                continue
            self._report.rows += 1
            if isinstance(row, Record):
                staged = self._stage(row)
                if staged is not None:
                    yield staged
            elif isinstance(row, Rejected):
                self._reject(row)
            elif isinstance(row, Withdrawn):
                self._withdraw(row)
            else:
                self._report.skip(row.reason)

    def _withdraw(self, row: Withdrawn) -> None:
        """Take an increment's word that something is suspected no longer."""
        self._report.skip("not_suspected")
        if self._plan.mode == "full":
            return  # what a full feed does not list goes anyway
        try:
            first, *bare = identify(row, self._plan)
        except InvalidIdentifier:
            return  # never listed, so there is nothing to take back
        bank, slash, _ = first.value.partition("/")
        if first.kind is Kind.ACCOUNT and not slash:
            self.withdrawn.append(Withdrawal(first, ""))
        else:
            self.withdrawn.append(Withdrawal(first))
        self.withdrawn += [Withdrawal(number, bank) for number in bare]

    def _stage(self, row: Record) -> tuple[Staged, ...] | None:
        try:
            listed = identify(row, self._plan)
        except InvalidIdentifier as exc:
            text = "" if exc.reason in _SENSITIVE else row.value[:TEXT_LIMIT]
            self._reject(Rejected(row.line, exc.reason, text))
            return None
        word = self._guard.hold(listed[0])
        if word is None:
            return self._with_details(row, listed)
        self._reject(Rejected(row.line, word, row.value[:TEXT_LIMIT]))
        if len(self.held) < MAX_HELD:
            self.held.append(Held(listed[0], self._plan.source.name, word, self._now))
        return None

    def _reject(self, row: Rejected) -> None:
        self._report.reject(row)
        self._draft.reject(row)

    def _with_details(self, row: Record, listed: tuple[Identifier, ...]) -> tuple[Staged, ...]:
        is_dated = row.since is not None and row.since <= self._now
        since = row.since if is_dated else self._plan.known_since
        first, *bare = listed
        reports = 1 if row.reports is None and self._plan.rows_are_reports else row.reports
        is_plain = not bare and reports is None and first.kind is not Kind.ACCOUNT
        if is_plain and _says_nothing_more(row):
            return (Staged(first, since),)  # nearly every row of the long feeds
        # A bare number says under which banks it stands; "" is the list's own "no bank told".
        banks = ("",) if first.kind is Kind.ACCOUNT and "/" not in first.value else ()
        detail = Detail(
            category=_unless(row.category, self._plan.source.category),
            reference=row.reference,
            note=row.note,
            expires=row.expires,
            banks=banks,
            last=row.last_seen,
            reports=reports,
        )
        pointer = Detail(banks=(first.value.partition("/")[0],))
        return (Staged(first, since, detail), *(Staged(one, since, pointer) for one in bare))


def identify(row: Record | Withdrawn, plan: Plan) -> tuple[Identifier, ...]:
    """Return what a row lists, itself first; raises InvalidIdentifier."""
    kind = row.kind or plan.options.kind or identifiers.guess_kind(row.value)
    if kind is None:
        raise InvalidIdentifier(
            "kind_not_told", "the row may be a phone or an account: tell the kind"
        )
    return identifiers.list_as(row.value, kind=kind, bank=row.bank, region=plan.region)


def _says_nothing_more(row: Record) -> bool:
    return not (row.category or row.reference or row.note or row.expires or row.last_seen)


def _unless(category: Category | None, default: Category) -> Category | None:
    return None if category == default else category

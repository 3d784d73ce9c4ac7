"""What test keys are answered: fixed values of each kind that give each verdict, from no list.

An integrator tries everything with them, and nobody real is asked for. Texts are understood as
always (``identify``) and judged as always (``judge``); only what is held stands here, in memory, in
place of the store. Called by the web for callers with a test key. The README's table repeats the
values, and a test asks for each. They are reserved domains, numbers set aside for fiction, and
accounts of zeros.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from blacklist import verdict
from blacklist.coverage import Backing, Lists
from blacklist.errors import InvalidIdentifier, TooMuch, Unavailable
from blacklist.holdings import holdings_of, with_pointers
from blacklist.identifiers.number_ranges import Ranges, with_ranges
from blacklist.lookup import Answers, Ask, identify, refuse, result_of, unavailable_result
from blacklist.model import AsOf, Audience, Category, Holdings, Identifier, Kind, Source, Trust
from blacklist.model import Verdict as Result
from blacklist.store.listings import NO_DETAIL, Detail, Entry
from blacklist.store.sources import CLEARANCE, FIRST_SOURCE, OFFICIAL, SourceRecord, SourceTable

WAIT_SECONDS: Final = 60
"""What the value that is limited tells to wait."""

SINCE: Final = 1_767_225_600
"""2026-01-01: everything is listed since then."""

NOW: Final = SINCE + 86_400
"""The answers are always those of this second, so that they never change."""

_AUTHORITY, _COMMUNITY = FIRST_SOURCE, FIRST_SOURCE + 1
_REPORTED: Final = Detail(reference="TEST-01/2026", note="an invented note for institutions")

LISTED: Final[Mapping[int, tuple[Identifier, ...]]] = {
    _AUTHORITY: (
        Identifier(Kind.LINK, "danger.example"),
        Identifier(Kind.PHONE, "+447700900901"),
        Identifier(Kind.PHONE, "+44770090093*"),
        Identifier(Kind.ACCOUNT, "970436/0000000000901"),
        Identifier(Kind.ACCOUNT, "970416/0000000000930"),
    ),
    _COMMUNITY: (
        Identifier(Kind.LINK, "warning.example"),
        Identifier(Kind.PHONE, "+447700900902"),
        Identifier(Kind.ACCOUNT, "970436/0000000000902"),
    ),
}
"""By source. The range and the other bank's account are weak matches: ``caution``."""

DECIDED: Final[Mapping[int, tuple[Identifier, ...]]] = {
    OFFICIAL: (
        Identifier(Kind.LINK, "official.example"),
        Identifier(Kind.PHONE, "+447700900904"),
        Identifier(Kind.ACCOUNT, "970436/0000000000904"),
    ),
    CLEARANCE: (
        Identifier(Kind.LINK, "cleared.example"),
        Identifier(Kind.PHONE, "+447700900905"),
        Identifier(Kind.ACCOUNT, "970436/0000000000905"),
    ),
}
UNAVAILABLE: Final = frozenset(
    {
        Identifier(Kind.LINK, "unavailable.example"),
        Identifier(Kind.PHONE, "+447700900906"),
        Identifier(Kind.ACCOUNT, "970436/0000000000906"),
    }
)
LIMITED: Final = frozenset(
    {
        Identifier(Kind.LINK, "limited.example"),
        Identifier(Kind.PHONE, "+447700900907"),
        Identifier(Kind.ACCOUNT, "970436/0000000000907"),
    }
)
"""Whoever asks for one of these has asked too much (429)."""

AWAY: Final = frozenset(
    {
        Identifier(Kind.LINK, "away.example"),
        Identifier(Kind.PHONE, "+447700900908"),
        Identifier(Kind.ACCOUNT, "970436/0000000000908"),
    }
)
"""For whoever asks for one of these the whole store is away (503)."""


def _entries() -> Iterator[tuple[Identifier, Entry]]:
    for code, identifiers in LISTED.items():
        detail = _REPORTED if code == _AUTHORITY else NO_DETAIL
        for one in identifiers:
            yield one, Entry(code, SINCE, detail)
            bank, slash, number = one.value.rpartition("/")
            if slash:
                yield Identifier(one.kind, number), Entry(code, SINCE, Detail(banks=(bank,)))
    words = {OFFICIAL: "Test Bank", CLEARANCE: "number_reassigned"}
    for code, identifiers in DECIDED.items():
        yield from ((one, Entry(code, SINCE, Detail(note=words[code]))) for one in identifiers)


def _record(code: int, source: Source) -> SourceRecord:
    counts = {kind: sum(one.kind is kind for one in LISTED[code]) for kind in Kind}
    return SourceRecord(source, code, loaded=SINCE, entries=counts)


_TABLE: Final = SourceTable(
    0,
    {
        _AUTHORITY: _record(
            _AUTHORITY,
            Source(
                "test-authority",
                "Test authority (invented)",
                Trust.AUTHORITY,
                Category.IMPERSONATION_AUTHORITY,
                audience=Audience.INSTITUTIONS,
            ),
        ),
        _COMMUNITY: _record(
            _COMMUNITY, Source("test-community", "Test community (invented)", Trust.COMMUNITY)
        ),
    },
)
_ENTRIES: Final = {one: (entry,) for one, entry in _entries()}
_HOLDINGS: Final[Mapping[Identifier, Holdings]] = {
    one: holdings_of(one, entries, _TABLE) for one, entries in _ENTRIES.items()
}
_RANGES: Final = Ranges(one.value for one in LISTED[_AUTHORITY] if one.kind is Kind.PHONE)
_BACKING: Final = Backing(Lists(_TABLE, NOW), None, age=0.0)


class FixedAnswers(Answers):
    """Answers of an invented world that never changes, for one audience."""

    def __init__(self, audience: Audience) -> None:
        self._audience = audience

    def check_many(self, asks: Sequence[Ask]) -> list[Result]:
        """One verdict a question, in order; TooMuch or Unavailable for the values that say so."""
        return [self._check(ask) for ask in asks]

    def as_of(self) -> AsOf:
        """As of always."""
        return _BACKING.of(tuple(Kind))[0]

    def _check(self, ask: Ask) -> Result:
        try:
            question = identify(ask)
        except InvalidIdentifier as exc:
            return refuse(ask, exc)
        question = with_pointers(with_ranges(question, _RANGES.covering), _ENTRIES)
        asked = {candidate.identifier for candidate in verdict.candidates(question)}
        if asked & LIMITED:
            raise TooMuch("a value that stands for too many questions", WAIT_SECONDS)
        if asked & AWAY:
            raise Unavailable("a value that stands for a store that is away")
        if asked & UNAVAILABLE:
            return unavailable_result(ask, question, "store_unavailable", self.as_of())
        judged = verdict.judge(question, _HOLDINGS, now=NOW, audience=self._audience)
        return result_of(ask, question, judged, _BACKING)

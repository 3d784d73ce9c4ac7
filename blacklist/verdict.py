"""The rules of judgement: from what the store holds to one word, a level and the reasons; pure.

Who calls it: ``lookup.py``, with everything the store said. What it never does: ask anything, or
read a clock. The rules are DESIGN 7:

* An active clearance of the thing asked, or of what it lies under, masks every listing. A
  clearance met in another way (another bank's account, a range) masks what is listed there only.
* An official entry masks the listings of itself, however met, and of what it lies under. Below an
  official domain a page may still be listed, by an authority only.
* What imitates an institution is at ``caution`` although nothing is known of it, never ``listed``.
* What is being verified is noted for institutions only, what is disputed for everybody; neither
  changes a verdict or a level.
* ``danger``: an authority or partner lists it, or two independent sources do (sources with one
  upstream are one voice). ``warning``: one community source. ``caution``: only a weak match. A
  question without its bank is capped at ``warning``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain

import msgspec

from blacklist.identifiers.look_alike import NOTE
from blacklist.model import (
    Audience,
    Candidate,
    Clearance,
    Flag,
    Holdings,
    Identifier,
    Kind,
    Level,
    Listing,
    Match,
    MatchView,
    Official,
    Outcome,
    Question,
    Reading,
    Trust,
)

_COVERING = frozenset({Match.EXACT, Match.PATH, Match.PARENT_DOMAIN})
"""Matches by which the thing asked lies in what was found."""

_WEAK = frozenset({Match.RANGE, Match.OTHER_BANK})

_DECISIVE = frozenset({Trust.AUTHORITY, Trust.PARTNER})

_SUSPICIOUS = frozenset({Level.WARNING, Level.DANGER})

_ORDER = [Level.NONE, Level.CAUTION, Level.WARNING, Level.DANGER]


class Judgement(msgspec.Struct, frozen=True):
    """What follows from what is known."""

    verdict: Outcome
    level: Level
    matches: tuple[MatchView, ...]
    related: tuple[MatchView, ...]
    notes: tuple[str, ...] = ()

    @property
    def suspicious(self) -> bool:
        """True at ``warning`` and ``danger`` only."""
        return self.level in _SUSPICIOUS


class _Hit(msgspec.Struct, frozen=True):
    match: Match
    listing: Listing


class _Found(msgspec.Struct):
    hits: list[_Hit]
    clearances: list[Clearance]
    officials: list[Official]
    is_being_verified: bool
    is_disputed: bool


_UNKNOWN = Judgement(Outcome.NO_RECORD, Level.NONE, (), ())
_ALIKE = Judgement(Outcome.NO_RECORD, Level.CAUTION, (), ())


def judge(
    question: Question,
    holdings: Mapping[Identifier, Holdings],
    *,
    now: int,
    audience: Audience = Audience.PUBLIC,
) -> Judgement:
    """Judge one question; identifiers without holdings are unknown. ``now`` is a Unix second."""
    found = [_weigh(reading, holdings, now) for reading in question.readings]
    related = [_weigh(reading, holdings, now) for reading in question.related]
    hits = [hit for one in found for hit in one.hits]
    verdict, level = _outcome(found, hits), _level(hits)
    if verdict is Outcome.NO_RECORD and _looks_like_another(question):
        level = Level.CAUTION
    return Judgement(
        verdict=verdict,
        level=level,
        matches=_views(hits, audience),
        related=_views(chain.from_iterable(one.hits for one in related), audience),
        notes=tuple(dict.fromkeys(note for one in found for note in _reasons(one, audience))),
    )


def _reasons(found: _Found, audience: Audience) -> Iterator[str]:
    """Say whose a thing is, when and why it was cleared, and what is still open, as notes."""
    for official in found.officials:
        yield f"official_of:{official.name}"
    for clearance in found.clearances:
        yield f"cleared_since:{rfc3339(clearance.since)}"
        yield f"cleared_because:{clearance.reason}"
    if found.is_disputed and found.hits:
        yield "disputed"
    if found.is_being_verified and audience is Audience.INSTITUTIONS:
        yield "being_verified"


def judge_unknown(question: Question) -> Judgement:
    """Judge a question of which nothing is known: as :func:`judge` does without any holdings."""
    return _ALIKE if _looks_like_another(question) else _UNKNOWN


@lru_cache(maxsize=4096)
def rfc3339(second: int) -> str:
    """A Unix second as UTC text: ``2026-11-22T02:00:00Z``."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _rfc3339(second: int | None) -> str | None:
    return None if second is None else rfc3339(second)


def _outcome(found: Sequence[_Found], hits: Sequence[_Hit]) -> Outcome:
    if hits:
        return Outcome.LISTED
    if any(one.officials for one in found):
        return Outcome.OFFICIAL
    if any(one.clearances for one in found):
        return Outcome.CLEARED
    return Outcome.NO_RECORD


def _looks_like_another(question: Question) -> bool:
    """Whether a reading's note says that the thing imitates an institution."""
    notes = [note for reading in question.readings for note in reading.notes]
    return bool(notes) and any(note.startswith(f"{NOTE}:") for note in notes)


def _weigh(reading: Reading, holdings: Mapping[Identifier, Holdings], now: int) -> _Found:
    """What is left of one reading's listings after clearances and official entries."""
    known = [
        (candidate, holdings[candidate.identifier])
        for candidate in reading.candidates
        if candidate.identifier in holdings
    ]
    covering_clearances = [
        held.clearance
        for candidate, held in known
        if candidate.match in _COVERING and _stands(held.clearance, now)
    ]
    officials = [
        (place, held.official)
        for place, (candidate, held) in enumerate(known)
        if held.official is not None and candidate.match in _COVERING
    ]
    told = [held for candidate, held in known if candidate.match is not Match.OTHER_BANK]
    hits = []
    if not covering_clearances:
        hits = [
            _Hit(candidate.match, listing)
            for place, (candidate, held) in enumerate(known)
            if not _stands(held.clearance, now) and held.official is None
            for listing in held.listings
            if _lives(listing, now) and not _is_official(place, listing, officials)
        ]
    return _Found(
        hits,
        [clearance for clearance in covering_clearances if clearance is not None],
        [official for _, official in officials],
        is_being_verified=_any_stands((held.being_verified for held in told), now),
        is_disputed=_any_stands((held.disputed for held in told), now),
    )


def _stands(said: Clearance | Flag | None, now: int) -> bool:
    return said is not None and (said.until is None or now < said.until)


def _any_stands(flags: Iterable[Flag | None], now: int) -> bool:
    return any(_stands(flag, now) for flag in flags)


def _lives(listing: Listing, now: int) -> bool:
    return listing.expires is None or now < listing.expires


def _is_official(place: int, listing: Listing, officials: Sequence[tuple[int, Official]]) -> bool:
    """Whether an official entry masks a listing; candidates are ordered narrow to wide."""
    return any(
        place >= official or listing.source.trust is not Trust.AUTHORITY
        for official, _ in officials
    )


def _level(hits: Iterable[_Hit]) -> Level:
    """The strongest level that any way of matching allows."""
    by_cap: dict[Level, list[Listing]] = {Level.DANGER: [], Level.WARNING: [], Level.CAUTION: []}
    for hit in hits:
        by_cap[_cap(hit.match)].append(hit.listing)
    return max(
        (min(_weight(listings), cap, key=_ORDER.index) for cap, listings in by_cap.items()),
        key=_ORDER.index,
    )


def _cap(match: Match) -> Level:
    if match in _WEAK:
        return Level.CAUTION
    return Level.WARNING if match is Match.UNKNOWN_BANK else Level.DANGER


def _weight(listings: Sequence[Listing]) -> Level:
    if not listings:
        return Level.NONE
    voices = {listing.source.upstream or listing.source.name for listing in listings}
    decisive = any(listing.source.trust in _DECISIVE for listing in listings)
    return Level.DANGER if decisive or len(voices) > 1 else Level.WARNING


def _views(hits: Iterable[_Hit], audience: Audience) -> tuple[MatchView, ...]:
    return tuple(_view(hit, audience) for hit in hits)


def _view(hit: _Hit, audience: Audience) -> MatchView:
    listing, source = hit.listing, hit.listing.source
    told = audience is Audience.INSTITUTIONS or source.audience is Audience.PUBLIC
    return MatchView(
        kind=listing.identifier.kind,
        listed=listing.identifier.value,
        match=hit.match,
        source=source.name,
        title=source.title,
        trust=source.trust,
        category=listing.category,
        since=rfc3339(listing.since),
        reference=listing.reference if told else None,
        note=listing.note if told else None,
        expires=_rfc3339(listing.expires),
        last_seen=_rfc3339(listing.last_seen),
        reports=listing.reports,
    )


def asked_kinds(question: Question) -> tuple[Kind, ...]:
    """The kinds whose lists stand behind an answer, in the order of the readings."""
    kinds = [reading.identifier.kind for reading in question.readings]
    return tuple(kinds if len(kinds) == 1 else dict.fromkeys(kinds))


def candidates(question: Question) -> Iterable[Candidate]:
    """Every candidate of every reading, the related ones last."""
    for reading in chain(question.readings, question.related):
        yield from reading.candidates

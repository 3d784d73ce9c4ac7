"""What those who ask by hash are told of each identifier; pure.

An identifier is judged alone, by the rules of ``verdict``: what ended, is cleared or is an
institution's own is not told as listed. What it takes to judge a whole question (a clearance above
a listed page, a listed domain above a cleared one) is told as well, for the client to weigh.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from blacklist import verdict
from blacklist.model import (
    Candidate,
    Holdings,
    Identifier,
    Kind,
    Level,
    Match,
    Outcome,
    Question,
    Reading,
    Trust,
)
from blacklist.prefixes import Tag
from blacklist.store.listings import Entry
from blacklist.verdict import Judgement


def tags_of(identifier: Identifier, held: Holdings, *, now: int) -> Iterator[Tag]:
    """Yield what is told of one identifier, nothing where it is to be told of as unknown."""
    judged = _judge(identifier, held, now)
    if judged.verdict is Outcome.LISTED:
        yield _weight(judged)
    if held.official is not None:
        yield Tag.OFFICIAL
    if held.clearance is not None:
        cleared = Holdings(clearance=held.clearance)
        if _judge(identifier, cleared, now).verdict is Outcome.CLEARED:
            yield Tag.CLEARED


def is_listed(identifier: Identifier, held: Holdings, *, now: int) -> bool:
    """Whether an identifier is flagged by what is known of itself."""
    return _judge(identifier, held, now).verdict is Outcome.LISTED


def places_at_banks(
    entries: Mapping[Identifier, Sequence[Entry]],
) -> dict[Identifier, list[Identifier]]:
    """The accounts at banks that each bare number among some entries stands for."""
    found = {}
    for identifier, known in entries.items():
        if identifier.kind is Kind.ACCOUNT and "/" not in identifier.value:
            places = list(_pointed_to(identifier.value, known))
            if places:
                found[identifier] = places
    return found


def _pointed_to(number: str, entries: Iterable[Entry]) -> Iterator[Identifier]:
    for bank in dict.fromkeys(bank for one in entries for bank in one.detail.banks if bank):
        yield Identifier(Kind.ACCOUNT, f"{bank}/{number}")


def _judge(identifier: Identifier, held: Holdings, now: int) -> Judgement:
    reading = Reading(identifier, identifier.value, (Candidate(identifier, Match.EXACT),))
    return verdict.judge(Question((reading,)), {identifier: held}, now=now)


def _weight(judged: Judgement) -> Tag:
    if any(match.trust is Trust.AUTHORITY for match in judged.matches):
        return Tag.AUTHORITY
    return Tag.DANGER if judged.level is Level.DANGER else Tag.WARNING

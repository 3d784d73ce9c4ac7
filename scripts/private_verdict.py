"""How a client judges from tags what ``blacklist/verdict.py`` judges from listings; pure.

The rules, for one reading whose candidates are ordered narrow to wide:

* a *covering* candidate is the thing itself or what it lies under (``exact``, ``path``,
  ``parent_domain``). If one of these is cleared, nothing is flagged;
* below an official covering candidate only what an authority lists is flagged, and nothing at or
  above it;
* ``b`` at a bare account number: the number is listed at some bank, as ``unknown_bank``, or
  ``other_bank`` where the question names one;
* the level is that of the gravest tag, capped by how it was met. Two sources that list different
  candidates are ``danger`` for ``/v1/check`` and ``warning`` here: a tag does not say who lists.
"""

from collections.abc import Mapping
from typing import NamedTuple

from blacklist.model import Candidate, Identifier, Kind, Level, Match, Outcome, Question, Reading

Tags = Mapping[Identifier, set[str]]

_COVERING = {Match.EXACT, Match.PATH, Match.PARENT_DOMAIN}
_CAPS = {
    Match.RANGE: Level.CAUTION,
    Match.OTHER_BANK: Level.CAUTION,
    Match.UNKNOWN_BANK: Level.WARNING,
}
_WEIGHTS = {"a": Level.DANGER, "d": Level.DANGER, "w": Level.WARNING}
_ORDER = [Level.NONE, Level.CAUTION, Level.WARNING, Level.DANGER]


class Judged(NamedTuple):
    """One word and its weight."""

    verdict: Outcome
    level: Level


def judge(question: Question, tags: Tags) -> Judged:
    """Judge the readings of a question; an identifier without tags is unknown."""
    levels = [level for one in question.readings for level in _levels(one, tags)]
    if levels:
        return Judged(Outcome.LISTED, max(levels, key=_ORDER.index))
    met = {tag for one in question.readings for tag in _covering_tags(one, tags)}
    verdict = Outcome.OFFICIAL if "o" in met else Outcome.CLEARED if "c" in met else None
    if verdict is not None:
        return Judged(verdict, Level.NONE)
    notes = [note for reading in question.readings for note in reading.notes]
    imitates = any(note.startswith("looks_like:") for note in notes)
    return Judged(Outcome.NO_RECORD, Level.CAUTION if imitates else Level.NONE)


def _covering_tags(reading: Reading, tags: Tags) -> set[str]:
    covering = [one.identifier for one in reading.candidates if one.match in _COVERING]
    return {tag for one in covering for tag in tags.get(one, ())}


def _levels(reading: Reading, tags: Tags) -> list[Level]:
    """The level of each tag that flags a reading."""
    if "c" in _covering_tags(reading, tags):
        return []
    officials = [
        place
        for place, one in enumerate(reading.candidates)
        if one.match in _COVERING and "o" in tags.get(one.identifier, ())
    ]
    found = []
    for place, candidate in enumerate(reading.candidates):
        told = tags.get(candidate.identifier, set())
        found += [
            min(_WEIGHTS[tag], _cap(candidate), key=_ORDER.index)
            for tag in told & _WEIGHTS.keys()
            if all(place < official and tag == "a" for official in officials)
        ]
        if "b" in told and not officials:
            found.append(_at_another_bank(reading))
    return found


def _cap(candidate: Candidate) -> Level:
    return _CAPS.get(candidate.match, Level.DANGER)


def _at_another_bank(reading: Reading) -> Level:
    identifier = reading.identifier
    is_named = identifier.kind is Kind.ACCOUNT and "/" in identifier.value
    return _CAPS[Match.OTHER_BANK if is_named else Match.UNKNOWN_BANK]

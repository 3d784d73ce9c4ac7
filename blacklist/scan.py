"""A whole message: everything in it that can be looked up, each with its verdict, and one word.

    text ──find──▶ places ──▶ questions, each once ──lookup──▶ results ──▶ the message's verdict

Called by the web and the command line. It decides nothing about an identifier that ``lookup`` would
not: a place's result is what ``/v1/check`` answers for it. The message's own verdict follows these
rules, in this order:

* one thing listed is a listed message, of the gravest level found, whatever else could not be
  looked up (``some_unavailable``);
* else one thing that could not be looked up makes the whole ``unavailable``: nobody may take the
  rest for an answer about the message;
* else ``no_record`` as soon as nothing is known of one thing; ``cleared`` where everything is
  cleared or official; ``official`` only where everything is;
* where nothing was found, or nothing of it understood, there is no verdict at all.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from blacklist.identifiers.message import Place, find
from blacklist.identifiers.phone import require_region
from blacklist.identifiers.reasons import REASONS, refusal
from blacklist.lookup import Answers, Ask
from blacklist.model import AsOf, ItemError, Level, Outcome, Verdict

MAX_CHARACTERS: Final = 20_000
"""The longest message: an e-mail has a tenth of it."""

NOTES: Final[dict[str, str]] = {
    "nothing_found": "The message holds no phone number, account, link or payment code.",
    "nothing_understood": "What was found in the message could not be understood; see each error.",
    "some_not_understood": "Something in the message could not be understood; see its error.",
    "some_unavailable": "Something in the message could not be looked up.",
    "related_listed": "A thing found is listed as another kind than it is called; see `related`.",
}
"""What is noted about a message; docs/reasons.md repeats it."""

_GRAVEST: Final = (Level.DANGER, Level.WARNING, Level.CAUTION, Level.NONE)
_ORDER: Final = (
    Outcome.LISTED,
    Outcome.UNAVAILABLE,
    Outcome.NO_RECORD,
    Outcome.CLEARED,
    Outcome.OFFICIAL,
)
"""The first of these that any result has is the message's verdict."""


class Found(msgspec.Struct, frozen=True):
    """One place of a message and the result for it.

    ``start`` and ``end`` are indices of the text in Unicode code points. ``text`` is None where the
    result does not repeat its input either (a card's number).
    """

    start: int
    end: int
    text: str | None
    result: Verdict


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """The answer about a message: the object that ``/v1/scan`` returns; ``found`` is in order."""

    ref: str | None = None
    verdict: Outcome | None = None
    suspicious: bool | None = None
    level: Level | None = None
    found: tuple[Found, ...] = ()
    notes: tuple[str, ...] = ()
    as_of: AsOf | None = None


def scan(lookup: Answers, text: str, *, region: str = "VN", ref: str | None = None) -> Scan:
    """Return what is known of everything in a message.

    ``region`` (ISO 3166 alpha-2) is where its phone numbers are dialled. What stands in it several
    times is asked once and told at each place. Raises InvalidIdentifier ``unknown_region``, and as
    :func:`require_message` does.
    """
    require_message(text)
    require_region(region)
    places = find(text, region=region)
    asks = {_ask(place, region): None for place in places if place.refused is None}
    results = dict(zip(asks, lookup.check_many(list(asks)), strict=True))
    return judge([_found(one, results.get(_ask(one, region))) for one in places], ref=ref)


def require_message(text: str) -> None:
    """Raise InvalidIdentifier unless it is a message: ``empty``, ``too_long``, ``not_text``."""
    if len(text) > MAX_CHARACTERS:
        raise refusal("too_long", f"A message has at most {MAX_CHARACTERS:,} characters.")
    if not text or text.isspace():
        raise refusal("empty")
    try:
        text.encode()
    except UnicodeEncodeError as exc:
        raise refusal("not_text") from exc


def judge(found: Sequence[Found], *, ref: str | None = None) -> Scan:
    """Return the answer about a message of which these things were found; pure."""
    results = [one.result for one in found]
    outcomes = {result.verdict for result in results}
    verdict = next((one for one in _ORDER if one in outcomes), None)
    is_judged = verdict not in {None, Outcome.UNAVAILABLE}
    return Scan(
        ref=ref,
        verdict=verdict,
        suspicious=any(result.suspicious for result in results) if is_judged else None,
        level=_gravest(results) if is_judged else None,
        found=tuple(found),
        notes=_notes(results, verdict),
        as_of=_as_of(results),
    )


def _ask(place: Place, region: str) -> Ask:
    return Ask(value=place.value, kind=place.kind, bank=place.bank, region=region)


def _found(place: Place, result: Verdict | None) -> Found:
    if result is None:
        reason = place.refused or "not_understood"
        result = Verdict(error=ItemError(reason, REASONS[reason]))
    is_told = result.input is not None
    return Found(place.start, place.end, place.text if is_told else None, result)


def _gravest(results: Iterable[Verdict]) -> Level:
    levels = {result.level for result in results}
    return next((level for level in _GRAVEST if level in levels), Level.NONE)


def _notes(results: Sequence[Verdict], verdict: Outcome | None) -> tuple[str, ...]:
    """Return the words of :data:`NOTES` that hold, in its order."""
    is_wrong = any(result.error for result in results)
    holds = {
        "nothing_found": not results,
        "nothing_understood": bool(results) and verdict is None,
        "some_not_understood": is_wrong and verdict is not None,
        "some_unavailable": any(result.verdict is Outcome.UNAVAILABLE for result in results),
        "related_listed": any(result.related for result in results),
    }
    return tuple(word for word in NOTES if holds[word])


def _as_of(results: Iterable[Verdict]) -> AsOf | None:
    """Return the oldest knowledge that any result rests on, with the lists behind all of them."""
    told = [result.as_of for result in results if result.as_of is not None]
    if not told:
        return None
    oldest = max(told, key=lambda one: float("inf") if one.age_ms is None else one.age_ms)
    lists = {kind: coverage for one in told for kind, coverage in one.lists.items()}
    return AsOf(oldest.position, oldest.age_ms, dict(sorted(lists.items())))

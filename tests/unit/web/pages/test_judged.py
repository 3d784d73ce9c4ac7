"""What a page shows of a verdict: the state, the pieces of a message."""

import pytest

from blacklist.model import (
    Category,
    IdentifierView,
    ItemError,
    Kind,
    Level,
    Match,
    MatchView,
    Outcome,
    Trust,
    Verdict,
)
from blacklist.scan import Found, judge
from blacklist.web.pages.judged import State, state_of, told_of_message, without_secrets

LINK = (IdentifierView(Kind.LINK, "a.example", "a.example"),)
ACCOUNT = (IdentifierView(Kind.ACCOUNT, "970436/1234", "Vietcombank 1234"),)
CLEAN = Verdict(verdict=Outcome.NO_RECORD, level=Level.NONE, identifiers=LINK)
LISTED = Verdict(verdict=Outcome.LISTED, level=Level.DANGER, identifiers=ACCOUNT)
AWAY = Verdict(verdict=Outcome.UNAVAILABLE, notes=("store_unavailable",))
WRONG = Verdict(error=ItemError("card_number", "…"))


def noted(*notes: str, level: Level = Level.NONE) -> Verdict:
    return Verdict(verdict=Outcome.NO_RECORD, level=level, notes=notes, identifiers=LINK)


@pytest.mark.parametrize("note", ["no_lists", "lists_stale", "filter_old"])
def test_nothing_known_over_nothing_was_not_checked(note: str) -> None:
    assert state_of(noted(note)) is State.COULD_NOT_CHECK
    assert state_of(noted("refanged")) is State.NOTHING_KNOWN


def test_an_imitation_is_careful_whatever_the_lists_are() -> None:
    assert state_of(noted("looks_like:ACB", "no_lists", level=Level.CAUTION)) is State.CAUTION


def test_digits_listed_as_something_else_are_not_unknown() -> None:
    """The verdict stays; but "no list has it" would be wrong."""
    hit = MatchView(
        kind=Kind.PHONE,
        listed="+447700900123",
        match=Match.EXACT,
        source="s",
        title="S",
        trust=Trust.COMMUNITY,
        category=Category.OTHER,
        since="2026-01-01T00:00:00Z",
        reference=None,
        note=None,
        expires=None,
        last_seen=None,
        reports=None,
    )
    result = Verdict(
        verdict=Outcome.NO_RECORD, level=Level.NONE, related=(hit,), identifiers=ACCOUNT
    )
    assert state_of(result) is State.CAUTION
    assert told_of_message("1234", judge((Found(0, 4, "1234", result),))).state is State.CAUTION


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("level", [None, *Level])
@pytest.mark.parametrize("notes", [(), ("no_lists",)])
def test_only_a_looked_up_no_record_is_nothing_known(
    outcome: Outcome, level: Level | None, notes: tuple[str, ...]
) -> None:
    """Whatever comes together: what is listed or away is never shown as unknown."""
    state = state_of(Verdict(verdict=outcome, level=level, notes=notes))
    if state is State.NOTHING_KNOWN:
        assert (outcome, notes) == (Outcome.NO_RECORD, ())
    assert outcome is not Outcome.LISTED or state in {State.DANGER, State.WARNING, State.CAUTION}


def test_a_message_is_as_grave_as_its_gravest_thing_and_says_what_that_is() -> None:
    text = "x 1234 a.example"
    found = (Found(2, 6, "1234", LISTED), Found(7, 16, "a.example", CLEAN))
    told = told_of_message(text, judge(found))
    assert (told.state, told.kinds) == (State.DANGER, (Kind.ACCOUNT,))
    assert [(one.text, one.number) for one in told.pieces] == [
        ("x ", 0),
        ("1234", 1),
        (" ", 0),
        ("a.example", 2),
    ]


def test_a_thing_that_stands_twice_is_told_once() -> None:
    text = "a.example a.example"
    told = told_of_message(
        text, judge((Found(0, 9, "a.example", CLEAN), Found(10, 19, "a.example", CLEAN)))
    )
    assert len(told.results) == 1
    assert [one.number for one in told.pieces] == [1, 0, 1]


def test_one_thing_that_nobody_could_look_up_spoils_what_is_unknown() -> None:
    """But not what is known."""
    assert told_of_message(
        "a b", judge((Found(0, 1, "a", CLEAN), Found(2, 3, "b", AWAY)))
    ).state is (State.COULD_NOT_CHECK)
    assert told_of_message(
        "a b", judge((Found(0, 1, "a", LISTED), Found(2, 3, "b", AWAY)))
    ).state is (State.DANGER)
    stale = noted("lists_stale")
    assert told_of_message(
        "a b", judge((Found(0, 1, "a", CLEAN), Found(2, 3, "b", stale)))
    ).state is (State.COULD_NOT_CHECK)


def test_what_no_answer_repeats_is_dots_of_its_length() -> None:
    """So that all other places stay where they are."""
    text = "thẻ 4111 a"
    assert without_secrets(text, [Found(4, 8, None, WRONG)]) == "thẻ •••• a"
    pieces = told_of_message(text, judge((Found(4, 8, None, WRONG),))).pieces
    assert "".join(one.text for one in pieces) == "thẻ •••• a"


def test_a_message_without_anything_is_not_understood() -> None:
    assert told_of_message("hello", judge(())).state is State.NOT_UNDERSTOOD

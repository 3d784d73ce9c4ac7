"""Rules of judgement that hold for every combination of listings and clearances."""

from hypothesis import given
from hypothesis import strategies as st

from blacklist.model import (
    Candidate,
    Category,
    Clearance,
    Holdings,
    Identifier,
    Kind,
    Level,
    Listing,
    Match,
    Outcome,
    Question,
    Reading,
    Source,
    Trust,
)
from blacklist.verdict import judge

NOW = 1_000
ORDER = [Level.NONE, Level.CAUTION, Level.WARNING, Level.DANGER]
MATCHES = list(Match)
IDENTIFIERS = [Identifier(Kind.LINK, f"{match}.example") for match in MATCHES]
QUESTION = Question(
    (
        Reading(
            IDENTIFIERS[0],
            "shown",
            tuple(Candidate(one, match) for one, match in zip(IDENTIFIERS, MATCHES, strict=True)),
        ),
    )
)

sources = st.builds(
    Source,
    name=st.sampled_from(["a", "b", "c"]),
    title=st.just("t"),
    trust=st.sampled_from(Trust),
    upstream=st.sampled_from([None, "a", "u"]),
)
listings = st.lists(
    st.tuples(
        st.sampled_from(IDENTIFIERS),
        sources,
        st.sampled_from([None, NOW - 1, NOW, NOW + 1]),
    ),
    max_size=6,
)
clearances = st.dictionaries(
    st.sampled_from(IDENTIFIERS), st.sampled_from([None, NOW, NOW + 1]), max_size=2
)


def holdings(rows: list, cleared: dict) -> dict[Identifier, Holdings]:
    held = {}
    for one in IDENTIFIERS:
        mine = tuple(
            Listing(one, source, 1, Category.OTHER, expires=expires)
            for identifier, source, expires in rows
            if identifier == one
        )
        clearance = Clearance(one, 1, "reason", cleared[one]) if one in cleared else None
        if mine or clearance:
            held[one] = Holdings(mine, clearance)
    return held


@given(listings, clearances)
def test_a_verdict_agrees_with_itself(rows: list, cleared: dict) -> None:
    judged = judge(QUESTION, holdings(rows, cleared), now=NOW)
    assert judged.suspicious == (judged.level in {Level.WARNING, Level.DANGER})
    assert (judged.verdict is Outcome.LISTED) == bool(judged.matches)
    assert (judged.level is Level.NONE) == (not judged.matches)
    assert all(
        match.expires is None or match.expires > "1970-01-01T00:16:40Z" for match in judged.matches
    )


@given(listings, listings)
def test_one_more_listing_never_makes_it_milder(rows: list, more: list) -> None:
    few = judge(QUESTION, holdings(rows, {}), now=NOW)
    many = judge(QUESTION, holdings([*rows, *more], {}), now=NOW)
    assert ORDER.index(many.level) >= ORDER.index(few.level)


@given(listings, clearances)
def test_a_clearance_never_makes_it_graver(rows: list, cleared: dict) -> None:
    before = judge(QUESTION, holdings(rows, {}), now=NOW)
    after = judge(QUESTION, holdings(rows, cleared), now=NOW)
    assert ORDER.index(after.level) <= ORDER.index(before.level)


@given(listings)
def test_a_clearance_of_the_thing_itself_masks_everything(rows: list) -> None:
    judged = judge(QUESTION, holdings(rows, {IDENTIFIERS[0]: NOW + 1}), now=NOW)
    assert judged.verdict is Outcome.CLEARED
    assert not judged.matches
    over = judge(QUESTION, holdings(rows, {IDENTIFIERS[0]: NOW}), now=NOW)
    assert over.verdict is not Outcome.CLEARED

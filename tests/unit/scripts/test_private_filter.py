"""The reference client reads a filter as the service does, with the standard library alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from private_filter import FilterBits

from blacklist.bloom import MIN_CAPACITY, Filter

KEYS = st.text(max_size=40).filter(lambda text: text.isprintable())


@settings(max_examples=30, deadline=None)
@given(st.lists(KEYS, max_size=40), st.lists(KEYS, max_size=40))
def test_it_answers_as_the_services_own(added: list[str], asked: list[str]) -> None:
    ours = Filter.with_room_for(0)
    ours.add_many(added)
    theirs = FilterBits(ours.to_bytes())
    assert all(theirs.may_hold(key) for key in added)
    assert [theirs.may_hold(key) for key in asked] == [ours.test(key) for key in asked]


def test_a_filter_past_its_capacity_is_read_alike() -> None:
    """Where maybes abound, so that both answers are seen."""
    ours = Filter.with_room_for(0)
    ours.add_many([f"k{number}" for number in range(3 * MIN_CAPACITY)])
    theirs = FilterBits(ours.to_bytes())
    asked = [f"a{number}" for number in range(2_000)]
    answers = [theirs.may_hold(key) for key in asked]
    assert set(answers) == {True, False}
    assert answers == [ours.test(key) for key in asked]


@pytest.mark.parametrize("cut", [0, 10, 39, 41, -1])
def test_what_is_no_filter_is_refused(cut: int) -> None:
    whole = Filter.with_room_for(0).to_bytes()
    with pytest.raises(ValueError, match="not a"):
        FilterBits(whole[:cut])

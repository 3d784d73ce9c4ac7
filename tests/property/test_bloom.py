from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from blacklist.bloom import Filter

keys = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), max_size=200)


@given(keys, keys)
def test_nothing_that_was_added_is_ever_denied(added: list[str], later: list[str]) -> None:
    """Also after a round trip through bytes and further additions; one and many agree."""
    filter_ = Filter.with_room_for(1)
    filter_.add_many(added)
    filter_ = Filter.from_bytes(filter_.to_bytes())
    filter_.add_many(later)
    asked = [*added, *later]
    assert filter_.test_many(asked).all()
    assert all(filter_.test(key) for key in asked)
    assert list(filter_.test_many(added)) == [filter_.test(key) for key in added]
    assert filter_.count <= len(added) + len(later)


@given(st.binary(max_size=5_000))
def test_any_bytes_are_a_filter_or_refused(data: bytes) -> None:
    with suppress(ValueError):
        Filter.from_bytes(data)

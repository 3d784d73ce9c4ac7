import io

import pytest
from pybloom_live import BloomFilter

from blacklist.bloom import ERROR_RATE, MIN_CAPACITY, Filter

KEYS = [f"+8490{number:07d}" for number in range(5_000)]


@pytest.mark.parametrize("capacity", [MIN_CAPACITY, 100_000, 3_000_000])
def test_bits_are_those_of_pybloom_live(capacity: int) -> None:
    """The bulk path sets bit for bit what pybloom-live sets one key at a time."""
    theirs = BloomFilter(capacity, ERROR_RATE)
    for key in KEYS:
        theirs.add(key)
    ours = Filter.with_room_for(capacity)
    ours.add_many(KEYS)
    expected = io.BytesIO()
    theirs.tofile(expected)
    assert ours.to_bytes() == expected.getvalue()


def test_one_and_many_agree() -> None:
    filter_ = Filter.with_room_for(MIN_CAPACITY)
    filter_.add_many(KEYS)
    asked = [*KEYS[:500], *(f"{key}-unknown" for key in KEYS)]
    assert [filter_.test(key) for key in asked] == list(filter_.test_many(asked))


def test_past_its_capacity_it_still_loses_nothing() -> None:
    """pybloom-live raises there; an entry would be lost."""
    filter_ = Filter.with_room_for(MIN_CAPACITY)
    keys = [f"key-{number}" for number in range(4 * MIN_CAPACITY)]
    filter_.add_many(keys)
    assert filter_.test_many(keys).all()
    assert filter_.fill > 0.5


def test_error_rate_at_capacity() -> None:
    filter_ = Filter.with_room_for(50_000)
    filter_.add_many([f"in-{number}" for number in range(50_000)])
    share = filter_.test_many([f"out-{number}" for number in range(100_000)]).mean()
    assert 0 < share < 2 * ERROR_RATE


def test_bytes_round_trip_keeps_everything() -> None:
    filter_ = Filter.with_room_for(MIN_CAPACITY)
    filter_.add_many(KEYS)
    again = Filter.from_bytes(filter_.to_bytes())
    assert again.test_many(KEYS).all()
    assert (again.count, again.capacity) == (filter_.count, filter_.capacity)
    again.add_many(["later"])
    assert again.test("later")


@pytest.mark.parametrize(
    "data",
    [b"", b"no", bytes(40), bytes(4096), b"\xff" * 4096, Filter.with_room_for(1).to_bytes()[:-9]],
    ids=["empty", "short", "zeros", "more zeros", "ones", "cut off"],
)
def test_what_is_no_filter_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        Filter.from_bytes(data)


def test_an_empty_batch_is_fine() -> None:
    filter_ = Filter.with_room_for(1)
    filter_.add_many([])
    assert filter_.test_many([]).shape == (0,)
    assert not filter_.test("anything")

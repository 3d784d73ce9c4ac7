"""Lengths of time as people write them."""

import pytest

from loaders.durations import parse, say


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("45 s", 45), ("30 min", 1800), ("6h", 21600), (" 1 d ", 86400), (90, 90)],
)
def test_a_length_is_understood(written, seconds) -> None:
    """With or without a blank."""
    assert parse(written) == seconds


@pytest.mark.parametrize("written", ["", "0 s", "6", "6 hours", "-1 h", "1.5 h", "٦ h", 0, -5])
def test_another_text_is_refused(written) -> None:
    """With what it must be."""
    with pytest.raises(ValueError, match="must be a length"):
        parse(written)


def test_a_length_is_said_in_its_largest_unit() -> None:
    """Rounded down."""
    assert [say(one) for one in (-1, 59, 60, 7_199, 86_400)] == [
        "0 s",
        "59 s",
        "1 min",
        "1 h",
        "1 d",
    ]

"""What reading a letter may take where people wait: rows and seconds, and no more."""

import pytest

from blacklist.errors import Malformed
from loaders.formats import Record
from loaders.letter import Bounds
from loaders.letter_upload import BOUNDS, LetterReader

ROWS = [Record(line, f"l{line}.example") for line in range(1, 4)]


def test_what_is_within_the_bounds_passes_as_it_is() -> None:
    assert list(Bounds(rows=3, seconds=60).hold(ROWS)) == ROWS
    assert list(BOUNDS.hold(ROWS)) == ROWS


@pytest.mark.parametrize("bounds", [Bounds(rows=2, seconds=60), Bounds(rows=3, seconds=-1)])
def test_what_is_longer_is_no_letter(bounds: Bounds) -> None:
    """A file without end is not read to its end either."""
    with pytest.raises(Malformed, match="command line"):
        list(bounds.hold(ROWS))


def test_every_reason_has_its_sentence() -> None:
    """Of formats, of reading and of the guard."""
    for word in ("number_cell", "card_number", "popular_host"):
        assert len(LetterReader.reasons[word]) > len(word)

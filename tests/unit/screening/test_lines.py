"""Lines in bounded memory."""

import io

import pytest

from blacklist.screening.lines import MAX_LINE_BYTES, Line, Lines


def lines_of(data, piece=16):
    """All lines of bytes that come in small pieces."""
    source = io.BytesIO(data)
    return list(Lines(lambda size: source.read(min(size, piece))))


@pytest.mark.parametrize("piece", [1, 3, 1000])
def test_each_line_comes_with_the_place_of_its_end(piece) -> None:
    assert lines_of(b"a\r\n\nbc\nd", piece) == [
        *(Line(b"a\r", 3), Line(b"", 4), Line(b"bc", 7), Line(b"d", 8)),
    ]


@pytest.mark.parametrize("piece", [7, 1 << 14, 1 << 20])
def test_a_line_that_is_too_long_comes_without_its_text_and_spoils_no_other(piece) -> None:
    long = b"x" * (MAX_LINE_BYTES + 1)
    longest = b"y" * MAX_LINE_BYTES
    end = len(long) + 3
    assert lines_of(b"a\n" + long + b"\n" + longest + b"\n" + long, piece) == [
        Line(b"a", 2),
        Line(None, end),
        Line(longest, end + len(longest) + 1),
        Line(None, end + len(longest) + 1 + len(long)),
    ]


def test_nothing_of_a_line_without_an_end_is_held() -> None:
    held = []

    def read(size):
        held.append(size)
        return b"x" * size if len(held) < 1_000 else b""

    assert [line.text for line in Lines(read)] == [None]


def test_lines_that_are_put_back_come_next_in_their_order() -> None:
    lines = Lines(io.BytesIO(b"a\nb\nc").read)
    taken = [next(lines), next(lines)]
    lines.put_back(taken)
    assert [line.text for line in lines] == [b"a", b"b", b"c"]

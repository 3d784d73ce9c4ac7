"""From bytes to lines."""

import pytest

from blacklist.errors import Malformed
from loaders.text import HEAD_BYTES, LINE_LIMIT_BYTES, decode_lines


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"a", ["a"]),
        (b"a\n", ["a"]),
        (b"a\n\n", ["a", ""]),
        (b"a\r\nb\nc\rd", ["a", "b", "c", "d"]),
        (b"a\r\r\nb", ["a", "", "b"]),
        (b"\r", [""]),
        (b"\n\r", ["", ""]),
        (b" a \t", [" a \t"]),
        ("đăng ký\nsố".encode(), ["đăng ký", "số"]),
    ],
)
def test_lines_end_at_lf_crlf_and_lone_cr_and_lose_only_their_end(data, lines):
    assert list(decode_lines([data])) == lines


@pytest.mark.parametrize("char", ["\u2028", "\u2029", "\u0085", "\v", "\f", "\x1c", "\x1e"])
def test_no_other_character_ends_a_line(char):
    text = f"a{char}b"
    assert list(decode_lines([text.encode()])) == [text]


def test_a_byte_order_mark_is_dropped_at_the_start_only():
    mark = b"\xef\xbb\xbf"
    assert list(decode_lines([mark + b"a\n" + mark + b"b"])) == ["a", "\ufeffb"]
    assert list(decode_lines([mark[:1], mark[1:2], mark[2:], b"a"])) == ["a"]
    assert list(decode_lines([mark])) == []


def test_where_the_chunks_are_cut_makes_no_difference():
    data = "﻿số 1\r\n\r\r\nsố 2\n\u2028đ\r".encode()
    whole = list(decode_lines([data]))
    assert whole == ["số 1", "", "", "số 2", "\u2028đ"]
    for size in range(1, len(data)):
        chunks = [data[at : at + size] for at in range(0, len(data), size)]
        assert list(decode_lines(chunks)) == whole, size
        assert list(decode_lines([b"", *chunks, b""])) == whole, size


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_bytes_that_are_not_utf8_are_refused_with_their_offset(size):
    data = b"\xef\xbb\xbfgood\nstill good\nd\xe9j\xe0"
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    with pytest.raises(Malformed, match="offset 20 "):
        list(decode_lines(chunks))


def test_a_character_cut_off_at_the_end_is_refused():
    with pytest.raises(Malformed, match="offset 1 "):
        list(decode_lines([b"a\xc3"]))


@pytest.mark.parametrize("size", [1, 4, 100])
def test_a_line_over_the_limit_is_refused_however_it_comes(size):
    def read(data):
        chunks = [data[at : at + size] for at in range(0, len(data), size)]
        return list(decode_lines(chunks, line_limit_bytes=10))

    assert read(b"a" * 10 + b"\n" + b"b" * 10) == ["a" * 10, "b" * 10]
    with pytest.raises(Malformed, match="longer than 10 bytes"):
        read(b"a" * 11 + b"\n")
    with pytest.raises(Malformed, match="longer than 10 bytes"):
        read(b"a\n" + "đ".encode() * 6)


def test_an_endless_line_is_refused_before_it_fills_the_memory():
    taken = 0

    def endless():
        nonlocal taken
        while True:
            taken += 1
            yield b"a" * (1 << 20)

    with pytest.raises(Malformed, match=f"longer than {LINE_LIMIT_BYTES} bytes"):
        list(decode_lines(endless()))
    assert taken == LINE_LIMIT_BYTES // (1 << 20) + 1


def test_lines_come_before_the_feed_is_at_its_end():
    def chunks():
        yield b"first\n" + b"x" * HEAD_BYTES
        raise AssertionError("read on before the first line was taken")

    assert next(decode_lines(chunks())) == "first"

"""Which encoding a feed is in."""

import pytest

from blacklist.errors import ConfigError, Malformed
from loaders.encodings import find_encoding, named_encoding
from loaders.text import HEAD_BYTES, decode_lines

TEXT = "số,đt\n+447700900123,cảnh báo\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_unicode_is_told_from_its_bytes_however_it_is_cut(encoding, size):
    data = TEXT.encode(encoding)
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    assert list(decode_lines(chunks)) == TEXT.splitlines()


@pytest.mark.parametrize(
    "text",
    [
        "phone;remarque\n+447700900123;déjà signalé à la police\n",
        "phone,note\n+447700900123,“quoted” – 5 € a call\n",
        "número,ñandú é só isto, e mais nada para ler aqui hoje\n",
        "Straße und Bäume,Überweisung an niemand\n",
    ],
)
def test_plainly_western_texts_are_windows_1252(text):
    data = text.encode("cp1252")
    assert find_encoding(data, whole=True) == "cp1252"
    assert list(decode_lines([data])) == text.splitlines()


@pytest.mark.parametrize(
    "data",
    [
        "điện thoại, cảnh báo".encode() + b" caf\xe9",  # a broken UTF-8
        "诈骗电话 fraud list of nobody at all".encode("gb18030"),
        "мошенники this is some text beside it".encode("cp1251"),
        "詐欺の電話 list of nobody, only a text".encode("shift_jis"),
        b"evil.example \x81 and more text behind it",
        b"evil.example \xde and more text behind it",
        b"\xe9\xe8\xe0 a",
        b"evil.example\xff",
        b"a text with a bell \x07 in it caf\xe9 here",
        b"cut off \xe1\xba",
    ],
)
def test_what_cannot_be_told_is_malformed_with_the_place(data):
    with pytest.raises(UnicodeDecodeError) as caught:
        data.decode("utf-8")
    with pytest.raises(Malformed, match=rf"offset {caught.value.start} .*--encoding"):
        list(decode_lines([data]))


def test_what_contradicts_the_beginning_is_malformed_with_its_place():
    data = b"a.test\n" * (HEAD_BYTES // 7 + 10) + b"caf\xe9.test\n"
    with pytest.raises(Malformed, match=f"offset {data.index(0xE9)} "):
        list(decode_lines([data]))
    western = b"# d\xe9j\xe0 vu, que du texte\n" + data + b"\x81\n"
    with pytest.raises(Malformed, match=f"not cp1252: .* offset {len(western) - 2} "):
        list(decode_lines([western]))


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
def test_half_a_character_of_utf_16_is_malformed_with_its_place(size):
    data = "a.test\n".encode("utf-16-le") + b"\x00\xd8" + b"a\0"
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    with pytest.raises(Malformed, match="offset 14 "):
        list(decode_lines(chunks, encoding="utf-16-le"))
    with pytest.raises(Malformed, match="offset 14 "):
        list(decode_lines([data[:15]], encoding="utf-16-le"))


def test_a_told_encoding_counts():
    assert list(decode_lines(["đô".encode("cp1258")], encoding="Windows-1258")) == ["đô"]
    assert list(decode_lines([b"caf\xe9"], encoding="latin1")) == ["café"]
    assert list(decode_lines(["\ufeffa".encode()], encoding="UTF8")) == ["a"]


@pytest.mark.parametrize("name", ["x", "hex", "zlib", "idna", "utf-7", "unicode-escape", "\0", "é"])
def test_an_encoding_that_is_none_is_an_error(name):
    with pytest.raises(ConfigError, match="encoding"):
        named_encoding(name)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-32", "gb18030"])
def test_an_over_long_line_is_refused_in_any_encoding(encoding):
    data = ("a" * 50 + "\n").encode(encoding)
    assert list(decode_lines([data], encoding=encoding, line_limit_bytes=60))
    with pytest.raises(Malformed, match="longer than 20 bytes"):
        list(decode_lines([data[:-1]], encoding=encoding, line_limit_bytes=20))

"""Archives, and what is no feed by its first bytes."""

import gzip
import io
import os
import zipfile

import pytest

from blacklist.errors import Malformed
from loaders.rows import read_rows
from loaders.unpack import FREE_BYTES, MAX_RATIO, unpack

TEXT = b"evil.example\nb.example\n"


def unpacked(data, size=1 << 16):
    chunks = (data[at : at + size] for at in range(0, len(data), size))
    return b"".join(unpack(chunks).chunks)


def zipped(files, **attributes):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    data = bytearray(file.getvalue())
    if attributes.get("encrypted"):
        data[6] |= 1
        data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(
    "data",
    [
        TEXT,
        gzip.compress(TEXT),
        gzip.compress(TEXT[:13]) + gzip.compress(TEXT[13:]) + b"\0\0",
        zipped({"list.txt": TEXT}),
        zipped({"__MACOSX/._list.txt": b"x", "folder/": b"", "folder/list.txt": TEXT}),
    ],
)
def test_a_text_is_what_it_is_packed_or_not(data, size):
    assert unpacked(data, size) == TEXT


def test_a_large_archive_is_unpacked_a_piece_at_a_time():
    content = os.urandom(1 << 20) * 3
    pieces = list(unpack([gzip.compress(content)]).chunks)
    assert b"".join(pieces) == content
    assert max(map(len, pieces)) <= 1 << 16


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (gzip.compress(TEXT)[:-9], "ends too early"),
        (gzip.compress(TEXT)[:10] + b"\xff" * 9, "gzip archive is damaged"),
        (gzip.compress(TEXT) + b"xx", "gzip archive is damaged"),
        (gzip.compress(gzip.compress(TEXT)), "archive in an archive"),
        (gzip.compress(zipped({"a": TEXT})), "archive in an archive"),
        (zipped({"a.gz": gzip.compress(TEXT)}), "archive in an archive"),
        (zipped({"a": TEXT, "b": TEXT}), "holds 2 files: load each on its own"),
        (zipped({}), "no file"),
        (zipped({"a": TEXT}, encrypted=True), "encrypted"),
        (zipped({"a": TEXT})[:-30], "zip archive is damaged"),
        (zipped({"[Content_Types].xml": b"", "ppt/x.xml": b""}), "neither a sheet"),
        (b"7z\xbc\xaf\x27\x1c\0\0", "7z"),
        (b"Rar!\x1a\x07\0", "RAR"),
        (b"BZh91AY&SY\xb1", "bzip2"),
        (b"\xfd7zXZ\x00\0", "xz"),
        (b"%PDF-1.7\n", "PDF"),
        (b"{\\rtf1", "RTF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "save it as .xlsx"),
    ],
)
def test_what_is_not_one_packed_text_is_malformed_and_says_what_to_do(data, says):
    with pytest.raises(Malformed, match=says):
        unpacked(data)


def test_what_only_begins_like_an_archive_is_a_text():
    assert unpacked(b"BZh.example\n") == b"BZh.example\n"


@pytest.mark.parametrize("pack", [gzip.compress, lambda content: zipped({"a": content})])
def test_an_archive_made_to_fill_the_memory_is_malformed_before_it_does(pack):
    bomb = pack(b"\n" * (FREE_BYTES * 4))
    read = 0
    with pytest.raises(Malformed, match=f"{MAX_RATIO} times"):
        for chunk in unpack([bomb]).chunks:
            read += len(chunk)
    assert read <= FREE_BYTES + (1 << 16)


def test_a_text_that_packs_well_is_no_bomb():
    line = b"0.0.0.0 www.a-host-of-nobody.example\n"
    content = b"".join(b"%d%s" % (at, line) for at in range(600_000))
    assert len(content) > FREE_BYTES
    assert sum(map(len, unpack([gzip.compress(content)]).chunks)) == len(content)


def test_a_document_of_too_much_is_refused_unopened():
    parts = {"[Content_Types].xml": b"", "xl/workbook.xml": b"x" * (65 << 20)}
    with pytest.raises(Malformed, match="more than 64 MiB"):
        unpack([zipped(parts)])


def test_a_told_format_must_fit_what_it_is():
    with pytest.raises(Malformed, match="a text and no document"):
        read_rows([TEXT], format="xlsx")
    with pytest.raises(Malformed, match=r"document of Office \(docx\), not csv"):
        read_rows([zipped({"[Content_Types].xml": b"", "word/document.xml": b""})], format="csv")

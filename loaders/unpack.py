"""From a feed's bytes to those of the text or document in it: gzip, and a zip of one file.

Called by ``loaders.rows`` before decoding. What it is, is told by its first bytes, never by its
name. What is packed may grow only so far: an archive made to fill the memory is malformed.
"""

import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO, NoReturn

import msgspec

from blacklist.errors import Malformed
from loaders.fetch import CHUNK_BYTES, MAX_BYTES

MAX_RATIO = 200
"""How many times its size an archive may unpack to; lists of text reach 5 to 20, a bomb 1,000."""

FREE_BYTES = 16 << 20
"""Up to here the ratio does not matter: so much fits the memory."""

MAX_DOCUMENT_BYTES = 64 << 20
"""The most that all parts of a sheet or letter may hold; they are read as a whole."""

_IN_MEMORY_BYTES = 16 << 20
_GZIP = b"\x1f\x8b"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PICTURE = "a picture: ask for the sheet or letter that it shows"
_OTHERS = {
    b"7z\xbc\xaf\x27\x1c": ("packed", "a 7z archive: unpack it and load what is in it"),
    b"Rar!\x1a\x07": ("packed", "a RAR archive: unpack it and load what is in it"),
    b"\xfd7zXZ\x00": ("packed", "packed with xz: unpack it and load what is in it"),
    b"BZh": ("packed", "packed with bzip2: unpack it and load what is in it"),
    b"\x28\xb5\x2f\xfd": ("packed", "packed with Zstandard: unpack it and load what is in it"),
    b"%PDF-": (
        "picture",
        "a PDF: nothing in it says what is a cell; ask for the sheet or letter behind it",
    ),
    b"\x89PNG\r\n\x1a\n": ("picture", _PICTURE),
    b"\xff\xd8\xff": ("picture", _PICTURE),
    b"{\\rtf": ("old_document", "an RTF document: save it as .docx"),
    _OLE: (
        "old_document",
        "a document of Office 97-2003, or with a password: save it as .xlsx or .docx without one",
    ),
}
_LONGEST_MAGIC = 8
_NESTED = "an archive in an archive: unpack the outer one"
_ENCRYPTED_FLAG = 1
_DOCUMENTS = {"xl/": "xlsx", "word/": "docx"}


class Unpacked(msgspec.Struct, frozen=True):
    """A feed's text in chunks, or the file of a document whose format is ``document``."""

    chunks: Iterator[bytes]
    document: str | None = None
    file: IO[bytes] | None = None


def unpack(chunks: Iterable[bytes]) -> Unpacked:
    """Return what is in a feed; text that is not packed passes as it is.

    Raises ``Malformed`` for an archive that is damaged, encrypted, nested, of several files, or
    made to fill the memory: here or while the chunks are read.
    """
    stream = iter(filter(None, chunks))
    head = b""
    while len(head) < _LONGEST_MAGIC and (chunk := next(stream, b"")):
        head += chunk
    whole = chain((head,) if head else (), stream)
    for magic, (flaw, what) in _OTHERS.items():
        if head.startswith(magic) and (magic != b"BZh" or not head.isascii() or b"\0" in head):
            raise Malformed(what, flaw=flaw)
    if head.startswith(_GZIP):
        return Unpacked(_refuse_nested(_gunzip(whole)))
    if head.startswith(_ZIP):
        return _unzip(_spool(whole))
    return Unpacked(whole)


def _gunzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what is packed, of one member or several on end (RFC 1952, 2.2)."""
    bound = _Bound()
    member: _Member | None = None
    for chunk in chunks:
        bound.packed += len(chunk)
        data = chunk
        while member or data.strip(b"\0"):  # NULs between and behind the members are padding
            member = member or _Member()
            for text in member.read(data):
                bound.check(text)
                yield text
            if not member.is_over():
                break
            data, member = member.rest(), None
    if member:
        raise Malformed("the gzip archive ends too early: the download broke off", flaw="damaged")


class _Member:
    """One member of a gzip archive, unpacked piece by piece."""

    def __init__(self) -> None:
        self._unzip = zlib.decompressobj(wbits=31)

    def read(self, data: bytes) -> Iterator[bytes]:
        """Yield what the data unpacks to, at most a chunk at a time."""
        try:
            while text := self._unzip.decompress(data, CHUNK_BYTES):
                yield text
                data = self._unzip.unconsumed_tail
        except zlib.error as exc:
            raise Malformed("the gzip archive is damaged", flaw="damaged") from exc

    def is_over(self) -> bool:
        return self._unzip.eof

    def rest(self) -> bytes:
        """Return what follows the member."""
        return self._unzip.unused_data


class _Bound:
    """Holds what comes out of an archive against what went in."""

    def __init__(self, packed: int = 0) -> None:
        self.packed = packed
        self._unpacked = 0

    def check(self, text: bytes) -> None:
        self._unpacked += len(text)
        if self._unpacked > MAX_BYTES:
            raise Malformed(
                f"the archive unpacks to more than {MAX_BYTES >> 20} MiB", flaw="too_long"
            )
        if self._unpacked > FREE_BYTES and self._unpacked > self.packed * MAX_RATIO:
            raise Malformed(
                f"the archive unpacks to more than {MAX_RATIO} times its size", flaw="too_long"
            )


def _refuse_nested(chunks: Iterator[bytes]) -> Iterator[bytes]:
    head = b""
    while len(head) < _LONGEST_MAGIC and (chunk := next(chunks, b"")):
        head += chunk
    if head.startswith((_GZIP, *_ZIP, *(magic for magic in _OTHERS if magic != b"BZh"))):
        raise Malformed(_NESTED, flaw="packed")
    if head:
        yield head
    yield from chunks


class _Spool(tempfile.SpooledTemporaryFile[bytes]):
    """A file that is closed with its last reader: of rows that nobody reads on, there is no end."""

    def __del__(self) -> None:
        self.close()


def _spool(chunks: Iterable[bytes]) -> IO[bytes]:
    """Return the bytes as a file: a zip's directory stands at its end."""
    file = _Spool(max_size=_IN_MEMORY_BYTES)
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if total > MAX_BYTES:
            raise Malformed(f"the archive is longer than {MAX_BYTES >> 20} MiB", flaw="too_long")
        file.write(chunk)
    file.seek(0)
    return file


def _unzip(file: IO[bytes]) -> Unpacked:
    try:
        archive = zipfile.ZipFile(file)
        members = [one for one in archive.infolist() if _is_file(one)]
    except Exception as exc:  # noqa: BLE001 - of a hostile zip the library raises whatever it meets
        _refuse_damaged(exc)
    document = _find_document(members)
    if any(one.flag_bits & _ENCRYPTED_FLAG for one in members):
        raise Malformed("the zip archive is encrypted: unpack it with its password", flaw="packed")
    if document:
        _check_document(members)
        file.seek(0)
        return Unpacked(iter(()), document, file)
    if not members:
        raise Malformed("the zip archive holds no file", flaw="empty")
    if len(members) > 1:
        raise Malformed(
            f"the zip archive holds {len(members)} files: load each on its own", flaw="packed"
        )
    return Unpacked(_refuse_nested(_read_member(archive, members[0])))


def _is_file(one: zipfile.ZipInfo) -> bool:
    """Say whether an entry is a file that somebody packed, not a folder or what macOS adds."""
    return not (one.is_dir() or one.filename.startswith("__MACOSX/"))


def _find_document(members: list[zipfile.ZipInfo]) -> str | None:
    names = [one.filename for one in members]
    if "[Content_Types].xml" not in names:
        return None
    for folder, document in _DOCUMENTS.items():
        if any(name.startswith(folder) for name in names):
            return document
    raise Malformed("a document that is neither a sheet (.xlsx) nor a letter (.docx)")


def _check_document(members: list[zipfile.ZipInfo]) -> None:
    """Refuse a document of too much; the sizes told bind, since no more than them is ever read."""
    total = sum(one.file_size for one in members)
    if total > MAX_DOCUMENT_BYTES:
        most = MAX_DOCUMENT_BYTES >> 20
        raise Malformed(
            f"the document holds more than {most} MiB: save its table as CSV", flaw="too_long"
        )


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    bound = _Bound(max(member.compress_size, 1))
    try:
        with archive.open(member) as packed:
            while text := packed.read(CHUNK_BYTES):
                bound.check(text)
                yield text
    except Malformed:
        raise
    except Exception as exc:  # noqa: BLE001 - of a hostile zip the library raises whatever it meets
        _refuse_damaged(exc)


def _refuse_damaged(exc: Exception) -> NoReturn:
    raise Malformed("the zip archive is damaged", flaw="damaged") from exc

"""From a feed's bytes to its lines.

Called by ``loaders.rows`` between unpacking and parsing; knows nothing of formats. Which encoding
it is, is for ``loaders.encodings`` to say.
"""

import codecs
from collections.abc import Iterable, Iterator

from blacklist.errors import Malformed
from loaders.encodings import (
    UTF_8,
    UTF_8_MARKED,
    WINDOWS_1252,
    find_encoding,
    named_encoding,
    no_character,
)

LINE_LIMIT_BYTES = 64 * 1024 * 1024
"""The longest line that is read. Generous, because a JSON document may be a single line."""

HEAD_BYTES = 64 * 1024
"""What is looked at to tell the encoding; what contradicts it later is malformed."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ENDS_LINES_LIKE_ASCII = frozenset({UTF_8, UTF_8_MARKED, WINDOWS_1252, "iso8859-1"})


def decode_lines(
    chunks: Iterable[bytes],
    *,
    encoding: str | None = None,
    line_limit_bytes: int = LINE_LIMIT_BYTES,
) -> Iterator[str]:
    r"""Yield the lines of a text without their line ends, however it was cut into chunks.

    A line ends at ``\n``, ``\r\n`` or a lone ``\r`` and nowhere else: U+2028, form feeds and
    the like are part of the line. At most one line and one chunk are held in memory, and the first
    64 KiB. ``encoding`` None tells it from the bytes. Raises ``Malformed`` for bytes that belong to
    no character, naming their offset, and for an over-long line; ``ConfigError`` for an encoding
    that is not known.
    """
    named = named_encoding(encoding) if encoding else None
    stream = iter(filter(None, chunks))
    head = bytearray()
    for chunk in stream:
        head += chunk
        if len(head) >= HEAD_BYTES:
            break
    whole = len(head) < HEAD_BYTES
    found = named or find_encoding(bytes(head[:HEAD_BYTES]), whole=whole)
    if found in _ENDS_LINES_LIKE_ASCII:
        yield from _cut_bytes(_and_then(bytes(head), stream), found, line_limit_bytes)
    else:
        yield from _cut_text(_and_then(bytes(head), stream), found, line_limit_bytes)


def _and_then(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if head:
        yield head
    yield from rest


def _cut_bytes(chunks: Iterator[bytes], encoding: str, limit: int) -> Iterator[str]:
    """Yield the lines of an encoding whose line ends are the bytes of ASCII, and no others."""
    pending: list[bytes] = []  # a line whose end is still to come, in pieces
    size = 0  # of all pieces together
    offset = 0  # of the first piece
    for chunk in chunks:
        cut = _after_last_line_end(chunk)
        if cut or (pending and pending[-1].endswith(b"\r")):
            block = b"".join((*pending, chunk[:cut]))
            yield from _decode(block, offset, encoding=encoding, limit=limit)
            offset += len(block)
            pending, size = [], 0
        if rest := chunk[cut:]:
            pending.append(rest)
            size += len(rest)
        _check_length(size, limit)
    yield from _decode(b"".join(pending), offset, encoding=encoding, limit=limit)


def _after_last_line_end(chunk: bytes) -> int:
    r"""Return where the last line that surely ends in the chunk is over; 0 if none does.

    A ``\r`` at the very end does not count: its ``\n`` may be the next chunk's first byte.
    """
    return max(chunk.rfind(b"\n"), chunk.rfind(b"\r", 0, -1)) + 1


def _decode(block: bytes, offset: int, *, encoding: str, limit: int) -> list[str]:
    """Return the lines of whole lines' bytes that stand at ``offset`` in the file."""
    marked = offset == 0 and encoding == UTF_8_MARKED and block.startswith(_BYTE_ORDER_MARK)
    skip = len(_BYTE_ORDER_MARK) if marked else 0
    try:
        text = block[skip:].decode(UTF_8 if encoding == UTF_8_MARKED else encoding)
    except UnicodeDecodeError as exc:
        raise no_character(offset + skip + exc.start, encoding) from exc
    lines = _split(text)
    if not lines[-1]:
        lines.pop()
    if len(block) > limit:
        _check_length(max((len(line.encode()) for line in lines), default=0), limit)
    return lines


def _cut_text(chunks: Iterator[bytes], encoding: str, limit: int) -> Iterator[str]:
    """Yield the lines of an encoding whose line ends must be decoded to be seen, as UTF-16's."""
    pending: list[str] = []
    size = 0
    for text in _decode_all(chunks, encoding):
        cut = max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1
        if cut or (pending and pending[-1].endswith("\r")):
            lines = _split("".join((*pending, text[:cut])))
            yield from lines[: None if lines[-1] else -1]
            pending, size = [], 0
        if rest := text[cut:]:
            pending.append(rest)
            size += len(rest)
        _check_length(size, limit)
    lines = _split("".join(pending))
    yield from lines[: None if lines[-1] else -1]


def _decode_all(chunks: Iterator[bytes], encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    offset = 0
    for chunk in _and_end(chunks):
        kept = len(decoder.getstate()[0])
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as exc:
            raise no_character(offset - kept + exc.start, encoding) from exc
        except UnicodeError as exc:  # UTF-16's: half of a byte order mark
            raise no_character(offset - kept, encoding) from exc
        offset += len(chunk)
        if text:
            yield text


def _and_end(chunks: Iterator[bytes]) -> Iterator[bytes]:
    yield from chunks
    yield b""


def _split(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _check_length(length: int, limit: int) -> None:
    if length > limit:
        raise Malformed(f"a line is longer than {limit} bytes")

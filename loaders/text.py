"""From a feed's bytes to its lines.

Called by the pipeline between fetching and parsing; knows nothing of formats. Only UTF-8, with or
without a byte order mark: other encodings and archives are refused.
"""

from collections.abc import Iterable, Iterator

from blacklist.errors import Malformed

LINE_LIMIT_BYTES = 64 * 1024 * 1024
"""The longest line that is read. Generous, because a JSON document may be a single line."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def decode_lines(
    chunks: Iterable[bytes], *, line_limit_bytes: int = LINE_LIMIT_BYTES
) -> Iterator[str]:
    r"""Yield the lines of a UTF-8 text without their line ends, however it was cut into chunks.

    A line ends at ``\n``, ``\r\n`` or a lone ``\r`` and nowhere else: U+2028, form feeds and
    the like are part of the line. At most one line and one chunk are held in memory. Raises
    ``Malformed`` for bytes that are not UTF-8, naming their offset, and for an over-long line.
    """
    pending: list[bytes] = []  # a line whose end is still to come, in pieces
    size = 0  # of all pieces together
    offset = 0  # of the first piece
    for chunk in filter(None, chunks):
        cut = _after_last_line_end(chunk)
        if cut or (pending and pending[-1].endswith(b"\r")):
            block = b"".join((*pending, chunk[:cut]))
            yield from _decode(block, offset, line_limit_bytes)
            offset += len(block)
            pending, size = [], 0
        if rest := chunk[cut:]:
            pending.append(rest)
            size += len(rest)
        _check_length(size, line_limit_bytes)
    yield from _decode(b"".join(pending), offset, line_limit_bytes)


def _after_last_line_end(chunk: bytes) -> int:
    r"""Return where the last line that surely ends in the chunk is over; 0 if none does.

    A ``\r`` at the very end does not count: its ``\n`` may be the next chunk's first byte.
    """
    return max(chunk.rfind(b"\n"), chunk.rfind(b"\r", 0, -1)) + 1


def _decode(block: bytes, offset: int, limit: int) -> list[str]:
    """Return the lines of whole lines' bytes that stand at ``offset`` in the file."""
    skip = len(_BYTE_ORDER_MARK) if offset == 0 and block.startswith(_BYTE_ORDER_MARK) else 0
    try:
        text = block[skip:].decode("utf-8")
    except UnicodeDecodeError as exc:
        at = offset + skip + exc.start
        raise Malformed(f"not UTF-8: the byte at offset {at} belongs to no character") from exc
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not lines[-1]:
        lines.pop()
    if len(block) > limit:
        _check_length(max((len(line.encode()) for line in lines), default=0), limit)
    return lines


def _check_length(length: int, limit: int) -> None:
    if length > limit:
        raise Malformed(f"a line is longer than {limit} bytes")

r"""Lines of any number in bounded memory, each with the place where it ends.

A line ends with ``\n``; a ``\r`` in front of it stays. One that is longer than
:data:`MAX_LINE_BYTES` is thrown away while it is read, and comes without its text.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

MAX_LINE_BYTES: Final = 64 << 10
_CHUNK_BYTES: Final = 16 << 10
"""What is read at once: a server's body gives what it has only when it has that much."""


class Line(NamedTuple):
    r"""One line without its ``\n``; ``text`` is None where it was too long.

    ``end`` is the number of bytes from the beginning of the input up to its end.
    """

    text: bytes | None
    end: int


class Lines:
    """The lines of what ``read`` returns (at most so many bytes; none at the end).

    ``at`` is where in the input the first line begins.
    """

    def __init__(self, read: Callable[[int], bytes], *, at: int = 0) -> None:
        self._lines = _cut(read, at)
        self._returned: deque[Line] = deque()

    def __iter__(self) -> Iterator[Line]:
        return self

    def __next__(self) -> Line:
        return self._returned.popleft() if self._returned else next(self._lines)

    def put_back(self, lines: Sequence[Line]) -> None:
        """Let these lines come next, in this order."""
        self._returned.extendleft(reversed(lines))


def _cut(read: Callable[[int], bytes], at: int) -> Iterator[Line]:
    rest, dropped = b"", 0
    while chunk := read(_CHUNK_BYTES):
        *whole, rest = (rest + chunk).split(b"\n")
        for text in whole:
            length = dropped + len(text)
            at += length + 1
            yield Line(text if length <= MAX_LINE_BYTES else None, at)
            dropped = 0
        if dropped or len(rest) > MAX_LINE_BYTES:
            dropped, rest = dropped + len(rest), b""
    length = dropped + len(rest)
    if length:
        yield Line(rest if length <= MAX_LINE_BYTES else None, at + length)

"""A file of the trail as it is read again: how far its chain holds, and how it ends."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import msgspec

from blacklist.audit import chain, lines
from blacklist.audit.keys import AuditKeys
from blacklist.audit.lines import AnyLine, Closed, Lost


class End(StrEnum):
    """How a file ends."""

    CLOSED = "closed"
    """With its last line."""

    CUT_OFF = "cut_off"
    """Without it: the worker was killed, or still writes."""

    BROKEN = "broken"
    """At a line that does not follow from the one before: somebody changed the file there."""


class FileSum(msgspec.Struct, frozen=True):
    """What a file holds: its lines as far as the chain holds, their bytes, and its size on disk.

    ``mac`` is that of the last of these lines, in hexadecimal; ``lost`` the requests of which it
    tells that they have no line.
    """

    name: str
    lines: int
    bytes: int
    size: int
    lost: int
    mac: str
    end: End


class Reading:
    """Reads one file; when :meth:`lines` is through, :attr:`sum` tells what there was."""

    def __init__(self, path: Path, keys: AuditKeys) -> None:
        self._path = path
        self._mac_of = keys.lines
        self._mac = chain.begin(self._mac_of, path.parent.name, path.name)
        self.sum = FileSum(path.name, 0, 0, path.stat().st_size, 0, self._mac.hex(), End.CUT_OFF)

    def lines(self) -> Iterator[AnyLine]:
        """Yield the lines that follow from one another, from the first on."""
        count = size = lost = 0
        end = End.CUT_OFF
        with self._path.open("rb") as file:
            for written in file:
                if end is End.CLOSED or not written.endswith(b"\n"):
                    end = End.BROKEN if end is End.CLOSED else End.CUT_OFF
                    break
                found = self._follow(written)
                if found is None:
                    end = End.BROKEN
                    break
                count, size = count + 1, size + len(written)
                lost += found.records if isinstance(found, Lost) else 0
                end = End.CLOSED if isinstance(found, Closed) else End.CUT_OFF
                yield found
        self.sum = msgspec.structs.replace(
            self.sum, lines=count, bytes=size, lost=lost, mac=self._mac.hex(), end=end
        )

    def _follow(self, written: bytes) -> AnyLine | None:
        """Return a line that follows from the one before; None where it does not."""
        read = chain.read(written)
        if read is None:
            return None
        shown, text = read
        mac = chain.link(self._mac_of, self._mac, text)
        if not chain.fits(shown, mac):
            return None
        self._mac = mac
        return lines.decode(text)


def sum_of(path: Path, keys: AuditKeys) -> FileSum:
    """Return what a file holds."""
    reading = Reading(path, keys)
    for _ in reading.lines():
        pass
    return reading.sum

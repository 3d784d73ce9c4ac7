"""One file of the trail: written by one worker for one day, locked while it is.

    FOLDER/2026-11-28/170000-4711-a1b2c3d4.ndjson     the day is UTC
    FOLDER/2026-11-28.digest                          once the day is over (``days``)

Files can be read by their owner only. The lock is the kernel's, so that a killed worker leaves
none.
"""

import fcntl
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from blacklist.audit import chain, lines
from blacklist.audit.keys import AuditKeys
from blacklist.audit.lines import AnyLine, Closed, Opened
from blacklist.moments import moment

SUFFIX: Final = ".ndjson"
DIGEST_SUFFIX: Final = ".digest"


class AuditFile:
    """A file that is being written. Raises OSError; what was not synced then is not written."""

    def __init__(
        self, folder: Path, second: float, keys: AuditKeys, *, after: str | None = None
    ) -> None:
        self.day = lines.day_of(second)
        day_folder = folder / self.day
        make_folder(folder)
        make_folder(day_folder)
        beside = tuple(sorted(one.name for one in day_folder.glob(f"*{SUFFIX}")))
        clock = moment(second)[11:19].replace(":", "")
        name = f"{clock}-{os.getpid()}-{secrets.token_hex(4)}{SUFFIX}"
        self._mac_of = keys.lines
        self._path = day_folder / name
        self._mac = chain.begin(self._mac_of, self.day, name)
        self._synced_bytes = 0
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            self.append([Opened(moment(second), after, beside)])
            self.sync()
            sync_folder(day_folder)
        except BaseException:
            self.abandon()
            raise

    def append(self, new: Sequence[AnyLine]) -> None:
        """Write lines; they are sure once :meth:`sync` has returned."""
        written = bytearray()
        for one in new:
            text = lines.encode(one)
            self._mac = chain.link(self._mac_of, self._mac, text)
            written += chain.line(self._mac, text)
        left = memoryview(written)
        while left:
            left = left[os.write(self._file, left) :]

    def sync(self) -> None:
        """Return when all that was written is on the disk."""
        os.fdatasync(self._file)
        self._synced_bytes = os.lseek(self._file, 0, os.SEEK_END)

    def close(self, second: float) -> None:
        """Write the last line and end."""
        self.append([Closed(moment(second))])
        self.sync()
        os.close(self._file)

    def abandon(self) -> None:
        """End where the disk has failed: only what was synced stays, or no file at all."""
        with suppress(OSError):
            os.ftruncate(self._file, self._synced_bytes)
        if not self._synced_bytes:
            with suppress(OSError):
                self._path.unlink()
        with suppress(OSError):
            os.close(self._file)


def make_folder(folder: Path) -> None:
    """Make a folder that only its owner can look into, where it is not there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def sync_folder(folder: Path) -> None:
    """Return when the names in a folder are on the disk."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def is_being_written(path: Path) -> bool:
    """Whether a worker still writes a file."""
    try:
        file = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False

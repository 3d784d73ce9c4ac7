"""The thread of a worker that writes its trail; a request only puts a note into the queue.

Notes are written five times a second and are on the disk within a second after they came. So a
killed worker loses what came in the last fifth of a second, a machine that loses its power what
came in the last second, and one that ends as it should nothing.

When the disk fails or stands still, requests go on: that a question is answered matters more than
that it is written down. What waits is kept up to a bound (``queue``); of more it is counted how
much was lost, and that count is the next line written.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from blacklist.audit import days, lines
from blacklist.audit.files import AuditFile
from blacklist.audit.keys import AuditKeys
from blacklist.audit.lines import AnyLine, Lost, Summed
from blacklist.audit.notes import AddressOf, Note
from blacklist.audit.queue import NoteQueue
from blacklist.moments import moment

WRITE_SECONDS: Final = 0.2
SYNC_SECONDS: Final = 0.6
"""From a write to its sync. A note waits for both turns: a second at most in all."""

RETRY_SECONDS: Final = 1.0
SUM_UP_SECONDS: Final = 60.0
"""How often it is looked whether a day is over that nobody has summed up."""

ADDRESSES: Final = 10_000
"""Addresses whose pseudonyms are at hand."""

log = logging.getLogger(__name__)


class Trail:
    """The trail of one process. :meth:`put` never waits for the disk and never raises."""

    def __init__(
        self,
        folder: Path,
        keys: AuditKeys,
        *,
        keep_days: int,
        address_of: AddressOf,
        wall: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._keys = keys
        self._keep_days = keep_days
        self._address_of = lru_cache(ADDRESSES)(
            lambda whence, day: keys.address_pseudonym(address_of(whence), day)
        )
        self._wall = wall
        self._clock = clock
        self._queue = NoteQueue()
        self._file: AuditFile | None = None
        self._unsynced: list[AnyLine] = []
        self._unsynced_weight = 0
        self._unsynced_since = 0.0
        self._is_failing = False
        self._unforeseen = 0
        self._retry_at = self._sum_up_at = float("-inf")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="audit", daemon=True)
        self.put: Callable[[Note], None] = self._queue.put

    @property
    def lost(self) -> int:
        """Requests without a line since the process began."""
        return self._queue.lost + self._unforeseen

    def start(self) -> None:
        """Write until :meth:`stop`."""
        self._thread.start()

    def stop(self) -> None:
        """Write what is left, close the file and end."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def turn(self) -> None:
        """Do once what the thread does: write, sync, begin a new day, sum up one that is over."""
        if self._clock() < self._retry_at:
            return
        try:
            self._begin_day()
            self._write()
            if self._clock() - self._unsynced_since >= SYNC_SECONDS:
                self._sync()
            self._sum_up()
        except OSError as exc:
            self._fail(exc)

    def end(self) -> None:
        """Write what is left and close the file; what the disk does not take is lost."""
        try:
            self._write()
            self._close()
        except OSError as exc:
            self._fail(exc)
        if self._unsynced or not self._queue.is_empty:
            log.error("audit: the last records are lost: the disk did not take them")

    def _run(self) -> None:
        while not self._stop.wait(WRITE_SECONDS):
            try:
                self.turn()
            except Exception as exc:  # noqa: BLE001 - a dead thread would write nothing any more
                log.error("audit: unforeseen %s", type(exc).__name__)
        self.end()

    def _begin_day(self) -> None:
        # A clock that was set back must not put lines into a day that is summed up.
        if self._file is not None and self._file.day < lines.day_of(self._wall()):
            self._write()
            self._close()
            self._sum_up_at = float("-inf")

    def _write(self) -> None:
        """Write what waits; as long as the disk takes nothing it waits in the queue."""
        if self._queue.is_empty and not self._unsynced:
            return
        file = self._opened()
        notes, loss = self._queue.take()
        new = [self._line_of(one) for one in notes]
        if loss is not None:
            why = "disk" if self._is_failing else "queue_full"
            since = moment(loss.since)
            new.append(Lost(moment(self._wall()), since, loss.records, why))
        self._unsynced_weight += sum(one.weight for one in notes)
        self._append(file, new)

    def _opened(self) -> AuditFile:
        """Return the file to write to; a new one begins with what a failing disk has not kept."""
        if self._file is None:
            after = days.newest_mac(self._folder)
            self._file = AuditFile(self._folder, self._wall(), self._keys, after=after)
            self._file.append(self._unsynced)
        return self._file

    def _append(self, file: AuditFile, new: Sequence[AnyLine]) -> None:
        if new and not self._unsynced:
            self._unsynced_since = self._clock()
        self._unsynced += new
        file.append(new)

    def _line_of(self, note: Note) -> AnyLine:
        try:
            return lines.request_of(note, self._keys, self._address_of)
        except Exception as exc:  # noqa: BLE001 - one that cannot be written must not lose the others
            log.error("audit: unforeseen %s", type(exc).__name__)
            self._unforeseen += 1
            since = moment(note.time)
            return Lost(moment(self._wall()), since, 1, "unforeseen")

    def _sync(self) -> None:
        if self._file is None or not self._unsynced:
            return
        self._file.sync()
        self._unsynced = []
        self._queue.release(self._unsynced_weight)
        self._unsynced_weight = 0
        if self._is_failing:
            self._is_failing = False
            log.error("audit: the disk takes records again")

    def _close(self) -> None:
        if self._file is not None:
            self._sync()
            self._file.close(self._wall())
            self._file = None

    def _sum_up(self) -> None:
        """Sum up the days that are over, and let the next line tell of it."""
        if self._clock() < self._sum_up_at:
            return
        self._sum_up_at = self._clock() + SUM_UP_SECONDS
        today = lines.day_of(self._wall())
        made = days.sum_up(self._folder, self._keys, today=today, keep_days=self._keep_days)
        now = moment(self._wall())
        if made:
            self._append(self._opened(), [Summed(now, one.day, one.mac) for one in made])

    def _fail(self, exc: OSError) -> None:
        """Keep what is not on the disk for the next attempt, in a new file."""
        if self._file is not None:
            self._file.abandon()
            self._file = None
        if not self._is_failing:
            log.error("audit: the disk takes no records (%s); requests go on", exc.strerror)
        self._is_failing = True
        self._retry_at = self._clock() + RETRY_SECONDS

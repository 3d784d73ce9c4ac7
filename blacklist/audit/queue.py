"""What waits to be written: notes of requests, up to a bound, and how many were lost beyond it."""

import threading
from typing import Final

import msgspec

from blacklist.audit.notes import Note

MAX_WEIGHT: Final = 50_000
"""Notes and the verdicts in them that are held until they are on the disk: some 40 MB."""


class Loss(msgspec.Struct, frozen=True):
    """How many requests found the queue full, the first of them at the Unix second ``since``."""

    records: int
    since: float


class NoteQueue:
    """Filled by the threads that answer, emptied by the one that writes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._notes: list[Note] = []
        self._weight = 0
        self._loss: Loss | None = None
        self.lost = 0
        """Requests lost since the process began."""

    def put(self, note: Note) -> None:
        """Add a note, or count it as lost where too much is held. Never waits for the disk."""
        weight = note.weight
        with self._lock:
            if self._weight + weight <= MAX_WEIGHT:
                self._weight += weight
                self._notes.append(note)
                return
            before = self._loss or Loss(0, note.time)
            self._loss = Loss(before.records + 1, before.since)
            self.lost += 1

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits and nothing was lost."""
        return not self._notes and self._loss is None

    def take(self) -> tuple[list[Note], Loss | None]:
        """Return what waits, and what was lost since the last call.

        Notes count as held until :meth:`release`.
        """
        with self._lock:
            notes, self._notes = self._notes, []
            loss, self._loss = self._loss, None
        return notes, loss

    def release(self, weight: int) -> None:
        """Let notes of this weight go, which are on the disk now."""
        with self._lock:
            self._weight -= weight

"""What is counted in a process is written behind its answers: a thread that calls once a second.

Called where an application is made, for whatever counts. It never lets a thread die: one that is
dead would count nothing any more.
"""

import logging
import threading
from collections.abc import Callable
from typing import Final

from blacklist.errors import BlacklistError

WRITE_SECONDS: Final = 1.0

log = logging.getLogger(__name__)


class WriteBehind:
    """Calls ``write`` at once, then once a second, and a last time when it is stopped."""

    def __init__(
        self, name: str, write: Callable[[], None], *, every_seconds: float = WRITE_SECONDS
    ) -> None:
        self._name = name
        self._write = write
        self._every_seconds = every_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Write until :meth:`stop`."""
        self._thread.start()

    def stop(self) -> None:
        """Write what is left and end."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        self._write_quietly()
        while not self._stop.wait(self._every_seconds):
            self._write_quietly()
        self._write_quietly()

    def _write_quietly(self) -> None:
        try:
            self._write()
        except BlacklistError:
            pass  # what could not be written is kept, and written when the store is back
        except Exception as exc:  # noqa: BLE001 - the thread has to live
            log.error("%s: unforeseen %s", self._name, type(exc).__name__)

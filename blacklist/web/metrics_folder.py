"""Where the workers of one start keep their counts: a folder of its own, gone when they are.

prometheus-client reads the folder's name from the environment when it is imported, and adds up what
the files of all processes in it say: files of a start before would count twice. So gunicorn's
master makes the folder before it forks, by whatever way it was started.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"


class MetricsFolder:
    """The folder of one master."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._owner = 0

    def make(self) -> None:
        """Make the folder; what is imported from now on, here and in workers, writes there."""
        self._path = Path(tempfile.mkdtemp(prefix="blacklist-metrics-"))
        self._owner = os.getpid()
        os.environ[_VARIABLE] = str(self._path)

    def mark_dead(self, pid: int) -> None:
        """Let the state of a worker that ended count no longer; what it counted stays."""
        if self._path is not None:
            for file in self._path.glob(f"gauge_live*_{pid}.db"):
                file.unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove the folder, in the process that made it."""
        if self._path is not None and os.getpid() == self._owner:
            shutil.rmtree(self._path, ignore_errors=True)

"""What the service writes to standard error: one JSON object a line, and nothing that was asked.

A record of ours names its ``event``; what else it tells lies in ``extra`` under ``told``. A record
of a library keeps its words, and of what is put into them only numbers: gunicorn would write the
address of a request that failed, query and all. Whatever a value holds, JSON keeps it in its line.
"""

import json
import logging
import os
import time
from collections.abc import Mapping
from typing import Any, Final

from gunicorn.glogging import Logger

from blacklist.moments import moment

_OURS: Final = "blacklist"
_HIDDEN: Final = "…"


def event(log: logging.Logger, level: int, name: str, /, **told: object) -> None:
    """Log one event: a word for what happened, and what is to be known of it."""
    if log.isEnabledFor(level):
        log.log(level, name.replace("_", " "), extra={"event": name, "told": told})


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON: time (UTC), level, event, what is told."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, in ASCII: no terminal and no log reader breaks it elsewhere."""
        told: dict[str, object] = getattr(record, "told", {})
        if not hasattr(record, "event"):
            told = {"logger": record.name, "message": _said(record)}
            if record.exc_info and record.exc_info[0] is not None:
                told["error"] = record.exc_info[0].__name__
        event = getattr(record, "event", "message")
        return line_of(event, told, level=record.levelname.lower(), second=record.created)


def line_of(
    event: str, told: Mapping[str, object], *, level: str = "info", second: float | None = None
) -> str:
    """Return a line of this process, of now if no Unix second is told."""
    head = {"time": moment(time.time() if second is None else second), "level": level}
    return json.dumps({**head, "event": event, **told, "pid": os.getpid()})


def _said(record: logging.LogRecord) -> str:
    """What a record says; of a stranger's, without what may be a stranger's text."""
    if record.name.partition(".")[0] == _OURS:
        return record.getMessage()
    if isinstance(record.args, dict) or not record.args:
        return str(record.msg)
    shown = tuple(one if isinstance(one, int | float) else _HIDDEN for one in record.args)
    try:
        return str(record.msg) % shown
    except (TypeError, ValueError):
        return str(record.msg)


def install() -> None:
    """Let this process, and those it forks, write our log as JSON lines to standard error."""
    log = logging.getLogger(_OURS)
    if not any(isinstance(one.formatter, JsonFormatter) for one in log.handlers):
        log.addHandler(_handler())
    log.setLevel(logging.INFO)
    log.propagate = False


def _handler() -> logging.Handler:
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    return handler


class ServerLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's log, in our form."""

    def setup(self, cfg: Any) -> None:
        """Take our formatter in the place of gunicorn's."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(JsonFormatter())

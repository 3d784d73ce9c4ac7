"""The service under gunicorn, as ``blacklist serve`` runs it."""

import gc
import logging
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication

# What commands import late is wanted here before the workers are forked: they share its memory, and
# no first question waits for it.
from blacklist import __version__, bloom  # noqa: F401
from blacklist.config import Settings
from blacklist.identifiers import suffix_list  # noqa: F401
from blacklist.letter_file import Reader
from blacklist.store.place import Place
from blacklist.web import create_app, logs
from blacklist.web.logs import event
from blacklist.web.metrics_folder import MetricsFolder
from blacklist.web.pages import templates

log = logging.getLogger(__name__)
folder = MetricsFolder()


def gunicorn_settings(settings: Settings) -> dict[str, Any]:
    """Settings for gunicorn, whose own access log is never written: ours holds no path.

    Worker, threads, keep-alive and parser were measured: the project's gunicorn.conf.py says how.
    """
    return {
        "bind": settings.bind,
        "workers": settings.workers,
        "threads": settings.threads,
        "worker_class": "blacklist.web.worker.Worker",
        "keepalive": 5,
        "http_parser": "python",
        "timeout": 30,
        "graceful_timeout": 10,
        "limit_request_line": 8190,
        "accesslog": None,
        "loglevel": "error",
        "logger_class": logs.ServerLogger,
        "control_socket_disable": True,
        "proc_name": "blacklist",
        "on_starting": _starting,
        "when_ready": _ready,
        "post_worker_init": _worker_made,
        "on_reload": _reloading,
        "child_exit": _worker_ended,
        "on_exit": _ending,
    }


def _starting(server: Any) -> None:
    logs.install()
    folder.make()
    templates.prepare()
    event(log, logging.INFO, "start", version=__version__, workers=server.cfg.workers)


def _worker_made(_worker: object) -> None:
    # All that was imported and made lasts as long as the worker: no collection has to walk it and
    # hold up the questions of that moment.
    gc.freeze()


def _worker_ended(_server: object, worker: Any) -> None:
    folder.mark_dead(worker.pid)


def _ending(_server: object) -> None:
    folder.remove()
    event(log, logging.INFO, "end")


def _ready(_server: object) -> None:
    event(log, logging.INFO, "listening", version=__version__)


def _reloading(_server: object) -> None:
    event(log, logging.INFO, "reload")


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn with the application made in each worker, after the fork."""

    def __init__(
        self,
        settings: Settings,
        place: Place,
        *,
        store_id: int,
        letters: Reader,
        when_ready: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._when_ready = when_ready
        self._place = place
        self._store_id = store_id
        self._letters = letters
        super().__init__()

    def load_config(self) -> None:
        """Take the settings given; nothing is read from files or the command line."""
        for name, value in gunicorn_settings(self._settings).items():
            self.cfg.set(name, value)
        self.cfg.set("when_ready", self._announce)

    def _announce(self, server: object) -> None:
        self._when_ready()
        _ready(server)

    def load(self) -> Any:
        """The application of one worker."""
        return create_app(
            self._settings, self._place, store_id=self._store_id, letters=self._letters
        )

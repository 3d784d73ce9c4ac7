"""The service under gunicorn, as ``blacklist serve`` runs it."""

from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication

from blacklist.config import Settings
from blacklist.store.place import Place
from blacklist.web import create_app


def gunicorn_settings(settings: Settings) -> dict[str, Any]:
    """Settings for gunicorn; the access log holds the path and never the query.

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
        "accesslog": "-" if settings.access_log else None,
        "access_log_format": '%(h)s "%(m)s %(U)s" %(s)s %(B)s %(M)sms',
        "loglevel": "error",
        "control_socket_disable": True,
        "proc_name": "blacklist",
    }


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn with the application made in each worker, after the fork."""

    def __init__(
        self,
        settings: Settings,
        place: Place,
        *,
        store_id: int,
        when_ready: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._when_ready = when_ready
        self._place = place
        self._store_id = store_id
        super().__init__()

    def load_config(self) -> None:
        """Take the settings given; nothing is read from files or the command line."""
        for name, value in gunicorn_settings(self._settings).items():
            self.cfg.set(name, value)
        self.cfg.set("when_ready", lambda _arbiter: self._when_ready())

    def load(self) -> Any:
        """The application of one worker."""
        return create_app(self._settings, self._place, store_id=self._store_id)

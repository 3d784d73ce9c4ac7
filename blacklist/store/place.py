"""Where the store is: a server of our own under the data directory, or one that runs elsewhere."""

from pathlib import Path

from blacklist.store import Client, connect
from blacklist.store.embedded import EmbeddedServer


class Place:
    """A store's whereabouts; begin with :meth:`use`, end with :meth:`leave`."""

    def __init__(self, redis_url: str | None, data_dir: Path) -> None:
        self._embedded = None
        if redis_url is None:
            self._embedded = EmbeddedServer(data_dir)
            redis_url = self._embedded.url
        self.url = redis_url

    def use(self) -> None:
        """Make the server be there, if it is ours. Raises ConfigError or Unavailable."""
        if self._embedded is not None:
            self._embedded.use()

    def revive(self) -> None:
        """Start the server again if it is ours and died. Raises Unavailable."""
        if self._embedded is not None:
            self._embedded.revive()

    def leave(self) -> None:
        """End the use begun by this process."""
        if self._embedded is not None:
            self._embedded.leave()

    def reader(self) -> Client:
        """A client for questions, with short time limits, for many threads."""
        return connect.reader(self.url)

    def writer(self) -> Client:
        """A client of one connection for writes, with long time limits."""
        return connect.writer(self.url)

"""What became of each feed: when it was tried, what came, why it failed.

One JSON a feed in a hash of its own, so that every process sees it. Programs that do not know the
hash ignore it, and one that is lost costs a fetch that need not have been: it raises no schema.
"""

from typing import Any

import msgspec
import redis

from blacklist.store import keys
from blacklist.store.connect import store_errors


class FeedState(msgspec.Struct, frozen=True, omit_defaults=True):
    """How the fetching of one feed went. Times are Unix seconds, UTC.

    ``succeeded`` is when the feed was last loaded or found unchanged; ``failures`` counts those
    since then, of which ``failing_since`` is the first. ``error`` is a stable word and
    ``message`` a sentence without addresses. ``made_for`` and ``generation`` say of which entry
    of the catalogue and of which load ``etag``, ``last_modified``, ``digest`` (SHA-256) and
    ``bytes`` are.
    """

    tried: int | None = None
    succeeded: int | None = None
    failing_since: int | None = None
    failures: int = 0
    error: str | None = None
    message: str | None = None
    made_for: str | None = None
    generation: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    digest: str | None = None
    bytes: int | None = None

    def failed(self, now: int, error: str, message: str) -> "FeedState":
        """This state after one more failure; what was fetched before stays known."""
        return msgspec.structs.replace(
            self,
            tried=now,
            failing_since=self.failing_since or now,
            failures=self.failures + 1,
            error=error,
            message=message,
        )


def read(client: redis.Redis) -> dict[str, FeedState]:
    """The state of every feed that was ever tried, by name."""
    with store_errors():
        raw: Any = client.hgetall(keys.FEEDS)
    return {name.decode(): _decode(text) for name, text in raw.items()}


def write(client: redis.Redis, name: str, state: FeedState) -> None:
    """Set the state of one feed."""
    with store_errors():
        client.hset(keys.FEEDS, name, msgspec.json.encode(state))


def _decode(text: bytes) -> FeedState:
    """A state; one written by a program that means something else by it counts as none."""
    try:
        return msgspec.json.decode(text, type=FeedState)
    except msgspec.MsgspecError:
        return FeedState()

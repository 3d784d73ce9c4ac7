"""How much waits in a store, and how long its journal is: for whoever watches over it.

Nothing here is asked on the way of a question.
"""

import msgspec
import redis

from blacklist.store import feeds, journal, keys, reviews
from blacklist.store.connect import run, store_errors
from blacklist.store.feeds import FeedState


class Queues(msgspec.Struct, frozen=True):
    """Rows that the guard holds for a person, by source; rows of the journal; feeds as tried.

    ``waiting`` is how much else waits for a person, by queue.
    """

    held: dict[str, int]
    waiting: dict[str, int]
    journal_rows: int
    feeds: dict[str, FeedState]


def read(client: redis.Redis) -> Queues:
    """Look once. Raises StoreError."""
    held: dict[str, int] = {}
    for row in reviews.read_held(client):
        held[row.source] = held.get(row.source, 0) + 1
    with store_errors():
        pipe = client.pipeline(transaction=False)
        pipe.zcard(keys.REPORTS_NEWEST)
        pipe.hlen(keys.DISPUTES)
        pipe.hlen(keys.PENDING)
        reported, disputed, pending = run(pipe)
    waiting = {"reports": reported, "disputes": disputed, "pending": pending}
    return Queues(held, waiting, journal.length(client), feeds.read(client))

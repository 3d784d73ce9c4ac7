"""Trips to the store on the way of an answer: how long they may take, and whether to believe them.

Called by ``lookup`` and ``private_lookups``, with the replica whose store it is.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from blacklist.errors import TimedOut, Unavailable
from blacklist.replica import Replica
from blacklist.store import Client, journal
from blacklist.store.time_limit import within

ANSWER_SECONDS = 2.0
ANSWER_SECONDS_AN_ITEM = 0.01
"""How long all that one request asks of the store may take; a thousand deep links take 1.5 s."""


@contextmanager
def waiting(replica: Replica, items: int) -> Iterator[None]:
    """Wait for the store inside the block, unless somebody has just done so in vain (TimedOut)."""
    if replica.is_silent:
        raise TimedOut("the store does not answer")
    try:
        with within(ANSWER_SECONDS + ANSWER_SECONDS_AN_ITEM * items):
            yield
    except TimedOut:
        replica.note_silence()
        raise


def require_row(
    replica: Replica, client: Client, row: journal.Position | None, *, has_row: bool
) -> None:
    """Raise Unavailable where the store that answered has lost a row that the replica applied.

    ``row`` was read before the store was asked, ``has_row`` came with its answer.
    """
    if row is not None and not has_row and not journal.has_forgotten(client, row):
        replica.suspect()
        raise Unavailable("the store lost rows it had given out")

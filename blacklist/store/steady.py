"""Several keys read as they were at one moment, without a transaction.

A server that has no memory left refuses even transactions that only read (Redis 7.0, seen). What is
read here carries a version that every change renews in the same moment, so that the same version
before and after the rest proves that nothing changed in between.
"""

from collections.abc import Callable
from typing import Any, Final

import redis

from blacklist.errors import Busy
from blacklist.store.connect import run, store_errors

ATTEMPTS: Final = 10
"""Each meets a change within some hundred microseconds, if it fails."""


def read(
    client: redis.Redis, version: str, ask: Callable[[redis.client.Pipeline], object]
) -> list[Any]:
    """The version and the answers to what ``ask`` puts into a pipeline, all of one moment.

    The keys lie in one slot. Raises Unavailable, and Busy where they change all the time.
    """
    for _ in range(ATTEMPTS):
        with store_errors():
            pipe = client.pipeline(transaction=False)
            pipe.get(version)
            ask(pipe)
            pipe.get(version)
            *answers, after = run(pipe)
        if answers[0] == after:
            return answers
    raise Busy("what was to be read changes all the time: try again")

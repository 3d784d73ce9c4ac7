"""Connections to the store, and the one place where driver errors become ours.

Every call has a time limit. A connection that broke while it lay idle is tried once more; a call
that timed out is not: whoever asks has a time limit too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.exceptions import ClusterDownError
from redis.retry import Retry

from blacklist.errors import Busy, ConfigError, Mismatch, TimedOut, Unavailable
from blacklist.store import addresses, refusals
from blacklist.store.cluster import LAST, ClusterClient
from blacklist.store.questions import QuestionClient
from blacklist.store.sentinel import SentinelClient
from blacklist.store.time_limit import limited

__all__ = ["LAST", "READ_SECONDS", "WRITE_SECONDS", "reader", "run", "store_errors", "writer"]

READ_SECONDS = 1.0
"""Time limit of one wait on the way of a question; all its waits together: ``lookup.py``."""

WRITE_SECONDS = 60.0
"""Time limit of one call of a load: a script over some hundred shards, a sync to disk."""


def reader(url: str) -> redis.Redis:
    """A pooled client for questions; safe to share between threads. Raises ConfigError."""
    client = _client(url, timeout_seconds=READ_SECONDS, single=False)
    # This pool is not where a cluster's connections come from: ClusterClient limits its own.
    pool = client.connection_pool
    pool.connection_class = limited(pool.connection_class)
    return client


def writer(url: str) -> redis.Redis:
    """A client of one connection (on a cluster, one a node) for writes: see ``replicated.py``.

    Raises ConfigError or Unavailable.
    """
    return _client(url, timeout_seconds=WRITE_SECONDS, single=True)


def _client(url: str, *, timeout_seconds: float, single: bool) -> redis.Redis:
    where = addresses.parse(url)
    # The nodes of a cluster are tried again by the client that knows all of them.
    retries = 0 if single or isinstance(where, addresses.Cluster) else 1
    options: dict[str, Any] = {
        "protocol": 2,
        "socket_timeout": timeout_seconds,
        "socket_connect_timeout": min(timeout_seconds, READ_SECONDS),
        "retry": Retry(NoBackoff(), retries, supported_errors=(redis.ConnectionError,)),
    }
    try:
        if isinstance(where, addresses.Cluster):
            return ClusterClient(where, options, writes=single)
        if isinstance(where, addresses.Sentinels):
            return SentinelClient(where, options)
        sort = redis.Redis if single else QuestionClient
        return sort.from_url(where.url, **options, single_connection_client=single)
    except ValueError as exc:
        raise ConfigError("BLACKLIST_REDIS_URL cannot be understood") from exc
    except redis.RedisError as exc:
        raise Unavailable("the store does not answer") from exc


SILENT = (redis.ConnectionError, redis.TimeoutError, ClusterDownError)
"""What stands for an answer where the node of a shard gave none."""


@contextmanager
def store_errors() -> Iterator[None]:
    """Turn whatever the driver raises inside into Unavailable or Mismatch, without its message.

    The driver's message can quote a command and with it an identifier; of a server's refusal only
    the first word is kept, with what it means (``refusals.py``).
    """
    try:
        yield
    except redis.TimeoutError as exc:
        raise TimedOut("the store does not answer in time") from exc
    except redis.ConnectionError as exc:
        raise Unavailable("the store does not answer") from exc
    except redis.ResponseError as exc:
        word = (str(exc).split() or ["?"])[0].strip(":,")
        if word == "FENCED":
            raise Busy("this write was too slow and lost its lock; run it again") from exc
        if word in {"WRONGTYPE", "MARKER"}:
            raise Mismatch("the store holds something else than it should") from exc
        raise Unavailable(refusals.message(exc)) from exc
    except redis.RedisError as exc:
        raise Unavailable(f"the store failed ({type(exc).__name__})") from exc


def run(pipe: redis.client.Pipeline, *, apart: int = 0) -> list[Any]:
    """The answers of a pipeline; the first error among them is raised as the server sent it.

    (The driver's own raising puts the command, and with it an identifier, before the message.)
    Among the first ``apart`` answers, errors of a node that gave none are left in their places.
    """
    answers = pipe.execute(raise_on_error=False)
    error = first_error(answers, apart=apart)
    if error is not None:
        raise error
    return answers


def first_error(answers: list[Any], *, apart: int) -> redis.RedisError | None:
    """The error that :func:`run` raises, if there is one."""
    for number, answer in enumerate(answers):
        if isinstance(answer, redis.RedisError) and not (
            number < apart and isinstance(answer, SILENT)
        ):
            return answer
    return None

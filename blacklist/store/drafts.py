"""Letters that were read and not applied yet: kept until somebody says so, or their time is over.

What a draft holds is ``blacklist/letter_drafts.py``'s; here are bytes under an id that nobody
guesses. A draft goes by itself, at its second, whoever forgets it.
"""

from collections.abc import Iterator
from typing import Any, Final

import redis

from blacklist.store import durability, keys
from blacklist.store.connect import run, store_errors

_ABOUT: Final = "about"
_FILE: Final = "file"


def write(
    client: redis.Redis,
    draft_id: str,
    about: bytes,
    *,
    file: bytes | None = None,
    now: int,
    end: int,
) -> None:
    """Keep a draft until the Unix second ``end``; ``file`` None leaves the file that is there.

    What is over by ``now`` is taken out of the list of all.
    """
    with store_errors():
        pipe = client.pipeline(transaction=True)
        pipe.hset(keys.draft(draft_id), _ABOUT, about)
        if file is not None:
            pipe.hset(keys.draft(draft_id), _FILE, file)
        pipe.expireat(keys.draft(draft_id), end)
        pipe.zremrangebyscore(keys.DRAFTS, "-inf", now)
        pipe.zadd(keys.DRAFTS, {draft_id: end})
        run(pipe)
    durability.replicate(client)


def read(client: redis.Redis, draft_id: str) -> bytes | None:
    """What is told of a draft; None where there is none, or its time is over."""
    with store_errors():
        about: Any = client.hget(keys.draft(draft_id), _ABOUT)
    return None if about is None else bytes(about)


def read_file(client: redis.Redis, draft_id: str) -> bytes | None:
    """The file of a draft; None where it has none any more."""
    with store_errors():
        file: Any = client.hget(keys.draft(draft_id), _FILE)
    return None if file is None else bytes(file)


def read_all(client: redis.Redis, *, now: int) -> Iterator[bytes]:
    """What is told of all drafts that are not over by ``now``, in the order of their ends."""
    with store_errors():
        ids: Any = client.zrangebyscore(keys.DRAFTS, f"({now}", "+inf")
        pipe = client.pipeline(transaction=False)
        for one in ids:
            pipe.hget(keys.draft(one.decode()), _ABOUT)
        told = run(pipe) if ids else []
    return (about for about in told if about is not None)


def drop_file(client: redis.Redis, draft_id: str) -> None:
    """Forget a draft's file: it was applied."""
    with store_errors():
        client.hdel(keys.draft(draft_id), _FILE)


def remove(client: redis.Redis, draft_id: str) -> None:
    """Forget a draft."""
    with store_errors():
        pipe = client.pipeline(transaction=True)
        pipe.unlink(keys.draft(draft_id))
        pipe.zrem(keys.DRAFTS, draft_id)
        run(pipe)
    durability.replicate(client)

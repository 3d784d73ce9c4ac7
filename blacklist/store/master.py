"""Whether the server that answers is the one that takes the writes.

A copy of it may lag behind, and a server that was made a copy of another one knows nothing of what
the other acknowledges: neither may say "not listed". So every read that such an answer rests on is
followed by a write that changes nothing, which only the server that takes the writes does
(:func:`run`), or ends with a read that counts as a write (:func:`read`). In a cluster it goes to
the node of the store's own keys.

Another refusal says nothing about that: a user that may only read (NOPERM), a server that takes no
writes until its copies are back (NOREPLICAS) or until its disk is (MISCONF).
"""

from typing import Any

import redis

from blacklist.store import keys
from blacklist.store.connect import first_error


def run(pipe: redis.client.Pipeline) -> list[Any]:
    """The answers of a pipeline from the server that takes the writes, as of ``connect.run``.

    Inside ``store_errors``: a copy is Unavailable (READONLY).
    """
    pipe.unlink(keys.NOTHING)
    *answers, proof = pipe.execute(raise_on_error=False)
    _require(answers, proof, apart=0)
    return answers


def read(
    client: redis.Redis, pipe: redis.client.Pipeline, key: str, *, apart: int
) -> tuple[list[Any], Any]:
    """The answers of a pipeline, and the value of a key, from the server that takes the writes.

    As :func:`run` with one command less, which a question feels. The key never expires, so that
    ``GETEX … PERSIST`` changes nothing. ``client`` reads it where that is refused.
    """
    pipe.getex(key, persist=True)
    *answers, value = pipe.execute(raise_on_error=False)
    _require(answers, value, apart=apart)
    return answers, client.get(key) if isinstance(value, redis.ResponseError) else value


def _require(answers: list[Any], proof: Any, *, apart: int) -> None:
    """Raise the first error among the answers, or that a copy or nobody answered."""
    error = first_error(answers, apart=apart)
    if error is None and _disproves(proof):
        error = proof
    if error is not None:
        raise error


def _disproves(proof: Any) -> bool:
    """Whether a copy answered, or nobody."""
    is_refusal = isinstance(proof, redis.ResponseError)
    return isinstance(proof, redis.ReadOnlyError if is_refusal else redis.RedisError)

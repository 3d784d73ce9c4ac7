"""Whether the server that answers is the one that takes the writes.

A copy of it may lag behind, and a server that was made a copy of another one knows nothing of what
the other acknowledges: neither may say "not listed". So every read that such an answer rests on is
followed by a write that changes nothing, which only the server that takes the writes does. In a
cluster it goes to the node of the store's own keys.

Another refusal says nothing about that: a user that may only read (NOPERM), a server that takes no
writes until its copies are back (NOREPLICAS) or until its disk is (MISCONF).
"""

from typing import Any

import redis

from blacklist.store import keys


def run(pipe: redis.client.Pipeline) -> list[Any]:
    """The answers of a pipeline from the server that takes the writes; the first error is raised.

    Inside ``store_errors``: a copy is Unavailable (READONLY).
    """
    pipe.unlink(keys.NOTHING)
    *answers, proof = pipe.execute(raise_on_error=False)
    for answer in answers:
        if isinstance(answer, redis.RedisError):
            raise answer
    if isinstance(proof, redis.ReadOnlyError):
        raise proof
    return answers

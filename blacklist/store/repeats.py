"""Requests that may come again under one name: the claim of the first, then what it was answered.

Each lies under a key of its own, so that a claim is one script on one node. What is lost with a
server that fails over makes a repeated request a first one, which the writes behind it bear; so no
replica is waited for. The names and hashes are made by the web (``web/idempotency.py``), which is
who calls this; nothing here is in the clear but the answer itself.
"""

import secrets
from enum import StrEnum
from importlib.resources import files
from typing import Any, Final

import msgspec
import redis

from blacklist.errors import Mismatch
from blacklist.store import keys
from blacklist.store.connect import run, store_errors

KEPT_SECONDS: Final = 86_400
"""How long an answer is kept, counted from when it was given."""

CLAIM_SECONDS: Final = 120
"""When a request that was never answered may be done again: longer than a write takes."""

_CLAIM: Final = files(__package__).joinpath("repeat.lua").read_text()
_END: Final = files(__package__).joinpath("repeat_end.lua").read_text()
_CLAIMANT_BYTES: Final = 12


class Standing(StrEnum):
    """What is known of a request that is not answered yet."""

    CLAIMED = "claimed"
    """By this very call: whoever made it does the request, and ends the claim."""

    RUNNING = "running"
    """Somebody does it at this moment, or died less than :data:`CLAIM_SECONDS` ago."""

    OTHER = "other"
    """Under this name another body was sent."""


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """What a request was answered."""

    status: int
    media_type: str
    body: bytes


class Claim:
    """One request: its name, the hash of its body, and who does it."""

    def __init__(self, name: str, body: bytes) -> None:
        self.key = keys.repeat(name)
        self.body = body
        self.claimant = secrets.token_bytes(_CLAIMANT_BYTES)


def take(client: redis.Redis, claim: Claim) -> Answer | Standing:
    """Claim a request; its answer where it has one. Raises Unavailable or Mismatch."""
    with store_errors():
        told: Any = client.register_script(_CLAIM)(
            keys=[claim.key], args=[claim.body, claim.claimant, CLAIM_SECONDS, KEPT_SECONDS]
        )
    if told[0] != b"answered":
        return Standing(told[0].decode())
    try:
        return msgspec.msgpack.decode(told[1], type=Answer)
    except msgspec.MsgspecError as exc:
        raise Mismatch("the store holds an answer that this program does not know") from exc


def end(client: redis.Redis, claim: Claim, answer: Answer | None) -> None:
    """Keep the answer for whoever repeats the request; None lets him do it. Raises Unavailable."""
    kept = b"" if answer is None else msgspec.msgpack.encode(answer)
    with store_errors():
        client.register_script(_END)(keys=[claim.key], args=[claim.claimant, kept, KEPT_SECONDS])


def count(client: redis.Redis, day: int) -> int:
    """Count one more of a day (since 1970, UTC); returns how many those are by now."""
    with store_errors():
        pipe = client.pipeline(transaction=True)
        pipe.incr(keys.repeats(day))
        pipe.expire(keys.repeats(day), 2 * KEPT_SECONDS)
        total, _ = run(pipe)
    return int(total)

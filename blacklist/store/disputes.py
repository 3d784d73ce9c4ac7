"""Disputes: who says that he is wrongly listed, by a reference that only he and reviewers know.

Open ones lie in one hash, of bounded length; one that was decided stays a year. Of how to reach
whoever disputes only a slow hash is kept: enough to tell, when he calls, that it is he.
"""

import hashlib
import secrets
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Final

import msgspec
import redis

from blacklist.errors import Mismatch
from blacklist.model import Identifier
from blacklist.store import durability, keys
from blacklist.store.connect import run, store_errors

KEPT_SECONDS: Final = 365 * 86_400
_REFERENCE_BYTES: Final = 8


class Outcome(StrEnum):
    """What a reviewer says: looked at it, cleared, or kept as it is."""

    ANSWERED = "answer"
    CLEARED = "clear"
    KEPT = "keep"


class Dispute(msgspec.Struct, frozen=True, omit_defaults=True):
    """One dispute. Times are Unix seconds.

    ``contact`` is a hash. ``answered`` and ``ended`` are when a reviewer did so, ``by`` his key's
    id, ``reason`` his words.
    """

    reference: str
    identifier: Identifier
    claim: str
    opened: int
    answer_by: int
    act_by: int
    note: str = ""
    contact: str = ""
    answered: int | None = None
    ended: int | None = None
    outcome: Outcome | None = None
    by: str = ""
    reason: str = ""

    def is_late(self, now: int) -> bool:
        """Whether it should have been answered, or decided, by now."""
        is_waiting = self.answered is None and self.ended is None
        return (is_waiting and now > self.answer_by) or (self.ended is None and now > self.act_by)


def new_reference() -> str:
    """A reference that nobody guesses."""
    return f"D-{secrets.token_hex(_REFERENCE_BYTES)}"


def contact_digest(reference: str, contact: str) -> str:
    """What is kept of how to reach somebody; capitals and blanks do not count.

    Slow (some 50 ms), since all phone numbers could be tried otherwise.
    """
    told = "".join(contact.split()).casefold().encode()
    return hashlib.scrypt(told, salt=reference.encode(), n=1 << 14, r=8, p=1, dklen=16).hex()


def read(client: redis.Redis) -> dict[str, Dispute]:
    """All open disputes by reference, the oldest first."""
    with store_errors():
        raw: Any = client.hgetall(keys.DISPUTES)
    found = sorted(map(_decode, raw.values()), key=lambda one: (one.opened, one.reference))
    return {one.reference: one for one in found}


def find_ended(client: redis.Redis, reference: str) -> Dispute | None:
    """One that was decided, for as long as it is kept."""
    with store_errors():
        raw: Any = client.get(keys.dispute(reference))
    return _decode(raw) if raw else None


def write(client: redis.Redis, dispute: Dispute) -> None:
    """Keep an open dispute."""
    with store_errors():
        client.hset(keys.DISPUTES, dispute.reference, msgspec.json.encode(dispute))
    durability.replicate(client)


def close(client: redis.Redis, disputes: Iterable[Dispute]) -> None:
    """Keep decided disputes for a year, without what was written beside them."""
    with store_errors():
        pipe = client.pipeline(transaction=True)
        for one in disputes:
            left = msgspec.structs.replace(one, note="", contact="")
            pipe.hdel(keys.DISPUTES, one.reference)
            pipe.set(keys.dispute(one.reference), msgspec.json.encode(left), ex=KEPT_SECONDS)
        run(pipe)
    durability.replicate(client)


def _decode(text: bytes) -> Dispute:
    try:
        return msgspec.json.decode(text, type=Dispute)
    except msgspec.MsgspecError as exc:
        raise Mismatch("the store holds a dispute that this program does not know") from exc

"""Disputes: who says that he is wrongly listed, by a reference that only he and reviewers know.

Open ones lie in one hash, of bounded length; one that was decided stays a year. Of how to reach
whoever disputes only a slow hash is kept: enough to tell, when he calls, that it is he.
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec
import redis

from blacklist.errors import Mismatch
from blacklist.model import Identifier
from blacklist.store import counts, durability, keys
from blacklist.store.connect import run, store_errors
from blacklist.store.counts import Event
from blacklist.store.tallies import day_of

KEPT_SECONDS: Final = 365 * 86_400
_REFERENCE_BYTES: Final = 8


class Outcome(StrEnum):
    """What a reviewer says: looked at it, cleared, or kept as it is."""

    ANSWERED = "answer"
    CLEARED = "clear"
    KEPT = "keep"


_ENDED: Final = {
    Outcome.CLEARED: Event.DISPUTE_CLEARED,
    Outcome.KEPT: Event.DISPUTE_KEPT,
}


class Dispute(msgspec.Struct, frozen=True, omit_defaults=True):
    """One dispute. Times are Unix seconds.

    ``contact`` is a hash. ``answered`` and ``ended`` are when a reviewer did so, ``by`` his key's
    id, ``person`` his name where he has a session, ``reason`` his words.
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
    person: str = ""

    def is_late(self, now: int) -> bool:
        """Whether it should have been answered, or decided, by now."""
        is_waiting = self.answered is None and self.ended is None
        return (is_waiting and now > self.answer_by) or (self.ended is None and now > self.act_by)


def new_reference(seed: bytes | None = None) -> str:
    """A reference that nobody guesses; of a seed that nobody guesses always the same."""
    random = secrets.token_bytes(_REFERENCE_BYTES) if seed is None else seed[:_REFERENCE_BYTES]
    return f"D-{random.hex()}"


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


def find(client: redis.Redis, reference: str) -> Dispute | None:
    """One that is open, or was decided, for as long as it is kept."""
    with store_errors():
        raw: Any = client.hget(keys.DISPUTES, reference)
    return _decode(raw) if raw else find_ended(client, reference)


def find_ended(client: redis.Redis, reference: str) -> Dispute | None:
    """One that was decided, for as long as it is kept."""
    with store_errors():
        raw: Any = client.get(keys.dispute(reference))
    return _decode(raw) if raw else None


def add(client: redis.Redis, dispute: Dispute) -> None:
    """Keep a dispute that was opened, and count it."""
    _write(client, dispute, dispute.opened, {Event.DISPUTE_OPENED: 1})


def answer(client: redis.Redis, dispute: Dispute, *, now: int, is_first: bool) -> None:
    """Keep an open dispute with a reviewer's answer; the first answer is counted."""
    _write(client, dispute, now, {Event.DISPUTE_ANSWERED: int(is_first)})


def _write(client: redis.Redis, dispute: Dispute, now: int, counted: Mapping[Event, int]) -> None:
    with store_errors():
        pipe = client.pipeline(transaction=True)
        pipe.hset(keys.DISPUTES, dispute.reference, msgspec.json.encode(dispute))
        counts.add(pipe, day_of(now), counted)
        run(pipe)
    durability.replicate(client)


def close(client: redis.Redis, disputes: Iterable[Dispute]) -> None:
    """Keep decided disputes for a year, without what was written beside them."""
    with store_errors():
        pipe = client.pipeline(transaction=True)
        for one in disputes:
            left = msgspec.structs.replace(one, note="", contact="")
            pipe.hdel(keys.DISPUTES, one.reference)
            pipe.set(keys.dispute(one.reference), msgspec.json.encode(left), ex=KEPT_SECONDS)
            if one.ended is not None and one.outcome is not None:
                counts.add(pipe, day_of(one.ended), {_ENDED[one.outcome]: 1})
        run(pipe)
    durability.replicate(client)


def _decode(text: bytes) -> Dispute:
    try:
        return msgspec.json.decode(text, type=Dispute)
    except msgspec.MsgspecError as exc:
        raise Mismatch("the store holds a dispute that this program does not know") from exc

"""What a request leaves for the trail: references to what it has anyway, and nothing worked out.

The request pays for these objects only; the trail's thread makes lines of them (``lines``).
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from blacklist.model import Verdict

MAX_ITEMS: Final = 1_000
"""Things of one request that are written one by one; a batch has no more."""

NOT_UNDERSTOOD: Final = "error"
"""Counted in place of a verdict."""

PUBLIC: Final = "public"
"""The caller that brought no key, or none that is known."""


Whence = tuple[str | None, str | None]
"""The address of a connection and its ``X-Forwarded-For``, as they came."""

AddressOf = Callable[[Whence], str]
"""Finds out which address that is; called by the trail's thread."""


class Asked:
    """What a request asked and was answered: the first verdicts, and of more only how many."""

    __slots__ = ("more", "verdicts")

    def __init__(self) -> None:
        self.verdicts: Sequence[Verdict] = ()
        self.more: Counter[str] | None = None

    def take(self, verdicts: Sequence[Verdict]) -> None:
        """Remember verdicts; a sequence that is whole is kept as it is."""
        if not self.verdicts and len(verdicts) <= MAX_ITEMS:
            self.verdicts = verdicts
            return
        room = MAX_ITEMS - len(self.verdicts)
        if room:
            self.verdicts = [*self.verdicts, *verdicts[:room]]
        self.more = self.more or Counter()
        self.more.update(one.verdict or NOT_UNDERSTOOD for one in verdicts[room:])


class Note(msgspec.Struct, frozen=True, gc=False):
    """One request. ``time`` is the Unix second of its answer, ``caller`` a key's id.

    ``endpoint`` is the method and the rule of the address, never the address itself; ``whence``
    is told of who brings no key, ``person`` of a session: who sits at the browser under that key.
    """

    time: float
    id: str
    caller: str
    endpoint: str
    status: int
    purpose: str | None = None
    whence: Whence | None = None
    asked: Asked | None = None
    person: str | None = None

    @property
    def weight(self) -> int:
        """What it costs to hold it: itself and the verdicts that wait with it."""
        return 1 if self.asked is None else 1 + len(self.asked.verdicts)

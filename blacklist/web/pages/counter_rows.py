"""The answers of one teller's series: they stand in the form of his page, and nowhere else.

Each goes out with the page and comes back with the next form, beside its receipt, which proves it:
what the receipt does not say is no answer of ours and is left out. Called by ``counter.py``.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Final

import msgspec

from blacklist.model import Action, Advice, Identifier, Kind, Verdict
from blacklist.policies import WORDS
from blacklist.receipts import short_id
from blacklist.store.outcomes import Ending
from blacklist.web import auth
from blacklist.web.pages.judged import HIDDEN, State, Told, told_of_result
from blacklist.web.receipts import receipts

MAX_ROWS: Final = 12
"""A page of answers; older ones leave it."""

_SHOWN: Final = 4
_SHORT: Final = 8
"""Of a number with fewer characters, two are shown."""

_CALM: Final = frozenset({State.NOTHING_KNOWN, State.CLEARED, State.OFFICIAL})


class Row(msgspec.Struct, frozen=True, array_like=True):
    """One answer, its receipt, when it was given (Unix second), and what came of it, if told."""

    result: Verdict
    receipt: str
    at: int
    ending: Ending | None = None
    amount: int | None = None

    @property
    def id(self) -> str:
        """The receipt's id, by which forms name the row."""
        return short_id(self.receipt)

    @property
    def told(self) -> Told:
        """What is shown of it."""
        return told_of_result(self.result)

    @property
    def advice(self) -> Advice | None:
        """What the policy says; never that nothing speaks against it where the state warns.

        A policy looks at verdict and level. That lists are missing or overdue, or that the digits
        are listed as something else, is in neither (``judged.py``): then it is to be told.
        """
        found = self.result.action
        if isinstance(found, msgspec.UnsetType):
            return None
        if found.do is Action.ALLOW and self.told.state not in _CALM:
            return Advice(Action.INFORM, found.policy, *WORDS[Action.INFORM])
        return found

    @property
    def masked(self) -> list[tuple[Kind, str]]:
        """What it speaks of, as a sheet shows it that leaves the counter."""
        return [
            (one.kind, masked(one.kind, one.value, one.display)) for one in self.result.identifiers
        ]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Row]).decode


def write(rows: Sequence[Row]) -> str:
    """The rows as a field of a form."""
    return urlsafe_b64encode(_encode(rows[:MAX_ROWS])).decode()


def read(field: str) -> list[Row]:
    """The rows of a field, in their order; none where it was not written by :func:`write`."""
    try:
        rows = _decode(urlsafe_b64decode(field))
    except (ValueError, msgspec.MsgspecError, RecursionError):
        return []
    return [row for row in rows[:MAX_ROWS] if _is_proved(row)]


def find(rows: Sequence[Row], row_id: str) -> Row | None:
    """The row of an id."""
    return next((row for row in rows if row.id == row_id), None)


def masked(kind: Kind, value: str, display: str) -> str:
    """A number with only its last characters; a link is nobody's number and stays whole."""
    if kind is Kind.LINK:
        return display
    number = sum(map(str.isalnum, value.rpartition("/")[2]))
    left, shown = number, _SHOWN if number > _SHORT else _SHOWN // 2
    characters = list(display)
    for place in range(len(characters) - 1, -1, -1):
        if left and characters[place].isalnum():
            if number - left >= shown:
                characters[place] = HIDDEN
            left -= 1
    return "".join(characters)


def _is_proved(row: Row) -> bool:
    receipt = receipts().read(row.receipt)
    if receipt is None or receipt.caller != auth.require_caller().id or receipt.at != row.at:
        return False
    asked = [Identifier(one.kind, one.value) for one in row.result.identifiers]
    place = receipts().find(receipt, asked)
    if place is None:
        return False
    said = receipt.results[place]
    return (said.verdict, said.level) == (row.result.verdict, row.result.level)

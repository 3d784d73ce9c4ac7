"""What deciding about reports and about disputes share: the word, the reason, what goes wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import msgspec

from blacklist.errors import Undecided
from blacklist.identifiers.free_text import clean_note
from blacklist.web import auth
from blacklist.web.answers import address_of
from blacklist.web.asker import current
from blacklist.web.problems import Refusal
from blacklist.web.writes import PROBLEMS as OF_WRITES


class Decision(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A reviewer's word about a case, and why."""

    case: str
    decision: str
    reason: str

    def clean_reason(self) -> str:
        """The reason on one line; Refusal 400 where there is none."""
        reason = clean_note(self.reason)
        if not reason:
            raise Refusal(400, "no_reason", "say why: 'reason'")
        return reason


DECIDING: Final = ("no_such_case", "own_case", "held", *OF_WRITES)
"""Words of a decision that cannot be taken."""


class DecidedView(msgspec.Struct, frozen=True):
    """A case, and the decision about it."""

    case: str
    status: str


def teller() -> str:
    """Who tells: a key's id, or the address where there is none."""
    asker = current()
    return address_of(asker) if asker.caller is None else asker.caller.id


def deciding() -> dict[str, str]:
    """Who decides, as the queues are told: the key, and who sits at the browser of its session."""
    return {"by": auth.require_caller().id, "person": auth.person() or ""}


@contextmanager
def decided() -> Iterator[None]:
    """Turn a decision that cannot be taken into a refusal."""
    try:
        yield
    except Undecided as exc:
        raise _refusal(exc) from exc


def _refusal(exc: Undecided) -> Refusal:
    match exc.reason:
        case "no_such_case":
            return Refusal(404, "no_such_case", exc.detail)
        case "case_changed":
            return Refusal(409, "case_changed", exc.detail)
        case "own_case":
            return Refusal(409, "own_case", exc.detail)
        case "already_disputed":
            return Refusal(409, "already_disputed", exc.detail)
        case _:
            return Refusal(409, "held", exc.detail)

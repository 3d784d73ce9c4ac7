"""The exit codes, in one table."""

from collections.abc import Container, Iterable

from blacklist.errors import BlacklistError, Held, StoreError, Unreachable
from blacklist.model import Outcome, Verdict

NOTHING_LISTED = 0
BAD_INPUT = 2
UNAVAILABLE = 3
HELD = 4
LISTED = 10


def exit_code(exc: BlacklistError) -> int:
    """What an error ends with: bad input, unless the store, a server or the guard is behind it."""
    if isinstance(exc, StoreError | Unreachable):
        return UNAVAILABLE
    return HELD if isinstance(exc, Held) else BAD_INPUT


def verdicts_code(verdicts: Iterable[Verdict]) -> int:
    """What a check of several values ends with: the gravest."""
    return outcomes_code({verdict.verdict for verdict in verdicts})


def outcomes_code(outcomes: Container[Outcome | None]) -> int:
    """What verdicts of these outcomes end with; None is a value that is not understood."""
    if Outcome.LISTED in outcomes:
        return LISTED
    if Outcome.UNAVAILABLE in outcomes:
        return UNAVAILABLE
    return BAD_INPUT if None in outcomes else NOTHING_LISTED

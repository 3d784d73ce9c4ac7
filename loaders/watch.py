"""Feeds kept up to date until told to stop.

Called by ``blacklist update --watch``. A store that is away is waited for; what stops it is only a
signal, or a store that this program may not write to.
"""

import time
from collections.abc import Callable, Sequence

from blacklist.errors import Mismatch, StoreError
from loaders.catalogue import Entry
from loaders.update import Result, Updater

LONGEST_WAIT_SECONDS = 60.0
"""Somebody else may load a feed, or the machine's clock be set: look again after this."""

SHORTEST_WAIT_SECONDS = 1.0

STORE_SECONDS = 5.0
"""How long to leave a store alone that did not answer."""


def run_round(
    updater: Updater, entries: Sequence[Entry], *, force: bool = False, tell: Callable[..., None]
) -> list[Result]:
    """Update each feed that is due, and tell each result as it comes; one result a feed."""
    results = []
    for entry in entries:
        if updater.stopping():
            break
        result = updater.update(entry, force=force)
        tell(result)
        results.append(result)
    return results


def watch(
    one_round: Callable[[], list[Result]],
    *,
    wait: Callable[[float], bool],
    complain: Callable[[str], None],
    wall: Callable[[], float] = time.time,
) -> None:
    """Go round after round until ``wait`` (which takes seconds) says that it is time to stop.

    Raises Mismatch; a store that does not answer is complained of and asked again.
    """
    pause = 0.0
    while not wait(pause):
        try:
            pause = _until_next(one_round(), wall())
        except Mismatch:
            raise
        except StoreError as exc:
            complain(str(exc))
            pause = STORE_SECONDS


def _until_next(results: Sequence[Result], now: float) -> float:
    if any(result.reason == "store_unavailable" for result in results):
        return STORE_SECONDS
    dues = [result.next_due - now for result in results if result.next_due is not None]
    return min(
        max(min(dues, default=LONGEST_WAIT_SECONDS), SHORTEST_WAIT_SECONDS), LONGEST_WAIT_SECONDS
    )

"""What became of a feed: sums that add up, reasons, and whether a person should look first."""

from typing import Final

import msgspec

from blacklist.load import Changes
from blacklist.model import Kind
from blacklist.store.sources import SourceRecord
from loaders.formats import Rejected
from loaders.plan import Mode

SHOWN_REJECTED: Final = 20
_MOST_LOST: Final = 0.3
"""Share of what a source lists that a new generation may lose without a word."""

_MORE_REJECTED: Final = 0.1
"""By how much the share of rejected rows may rise from one generation to the next."""

DOUBTS: Final = {
    "empty": "nothing in the feed can be listed",
    "shrinks": "it lists over 30 % fewer than the generation before",
    "rejected_share": "the share of rejected rows rose by over 10 points",
}
"""Why a generation is held, and what is told of it."""


class Report(msgspec.Struct, kw_only=True):
    """What became of a feed: ``rows = listed + duplicate + rejected + skipped``, always.

    ``added``, ``removed`` and ``entries`` are what the load changed (with ``dry_run``, or when it
    was held: would change) and what the source lists afterwards, by kind; ``reasons`` counts why
    rows were rejected or skipped, ``examples`` shows some rejected rows by line. ``doubts`` are
    words of :data:`DOUBTS`; a generation with any is published only when it is accepted.
    """

    source: str
    feed: str
    format: str = ""
    mode: Mode = "full"
    dry_run: bool = False
    rows: int = 0
    listed: int = 0
    duplicate: int = 0
    rejected: int = 0
    skipped: int = 0
    reasons: dict[str, int] = msgspec.field(default_factory=dict)
    examples: list[Rejected] = msgspec.field(default_factory=list)
    doubts: list[str] = msgspec.field(default_factory=list)
    held: bool = False
    added: dict[Kind, int] = msgspec.field(default_factory=dict)
    removed: dict[Kind, int] = msgspec.field(default_factory=dict)
    entries: dict[Kind, int] = msgspec.field(default_factory=dict)
    seconds: float = 0.0

    def adds_up(self) -> bool:
        """Whether every row is accounted for."""
        return self.rows == self.listed + self.duplicate + self.rejected + self.skipped

    def skip(self, reason: str) -> None:
        """Count a row that is rightly no listing."""
        self.skipped += 1
        self._count(reason)

    def reject(self, row: Rejected) -> None:
        """Count a row for a person to look at; the first ones are shown."""
        self.rejected += 1
        self._count(row.reason)
        if len(self.examples) < SHOWN_REJECTED:
            self.examples.append(row)

    def take(self, changes: dict[Kind, Changes]) -> None:
        """Take over what the load changed."""
        self.added = {kind: one.added for kind, one in changes.items() if one.added}
        self.removed = {kind: one.removed for kind, one in changes.items() if one.removed}
        self.entries = {kind: one.after for kind, one in changes.items() if one.after}

    @property
    def rejected_share(self) -> float:
        """Rejected rows of all rows."""
        return self.rejected / self.rows if self.rows else 0.0

    def _count(self, reason: str) -> None:
        self.reasons[reason] = self.reasons.get(reason, 0) + 1


def find_doubts(report: Report, before: SourceRecord) -> list[str]:
    """Return why a person should look at a new generation before it is published; maybe nothing.

    An increment takes nothing away, and a first generation has none to be compared with.
    """
    listed_before = sum(before.entries.values())
    if report.mode == "add" or not listed_before:
        return []
    doubts = []
    if not report.listed:
        doubts.append("empty")
    elif report.listed < (1 - _MOST_LOST) * listed_before:
        doubts.append("shrinks")
    if report.rejected_share > before.rejected_share + _MORE_REJECTED:
        doubts.append("rejected_share")
    return doubts

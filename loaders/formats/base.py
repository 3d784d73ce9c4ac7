"""What every format shares: the rows it yields, the options it is given, the protocol it keeps.

A format turns the lines of a feed into rows and never does I/O. Each line that is neither blank
nor a comment becomes exactly one row for every identifier it carries:

* ``Record``: something the feed lists, its value as the feed wrote it (nothing is canonical yet);
* ``Skipped``: understood, and rightly not a listing;
* ``Rejected``: not understood; a person should look.

Lines are numbered from 1 as they stand in the file; elements of a JSON array from 1.
"""

from collections.abc import Iterable, Iterator
from typing import Protocol

import msgspec

from blacklist.model import Category, Kind

TEXT_LIMIT = 200
"""Characters of a rejected row that are kept to show what it was."""

REASONS = {
    # skipped
    "commented_row": "a row of the table that the feed itself commented out",
    "cosmetic_rule": "an Adblock rule that hides page elements",
    "exception_rule": "an Adblock rule that allows instead of blocking",
    "local_name": "a name of the machine itself in a hosts file",
    "narrowed_rule": "an Adblock rule whose options make it hold for some requests only",
    "no_value": "a row whose identifier is empty",
    "not_suspected": "a row that the feed itself marks as not suspicious",
    "other_type": "a row of a type we do not list: a hash, an e-mail address, a file name",
    "path_rule": "an Adblock rule that names a path on no host",
    "regex_rule": "an Adblock rule that is a regular expression",
    "unanchored_rule": "an Adblock rule for a text anywhere in an address",
    "wildcard_rule": "an Adblock rule with a placeholder",
    # rejected
    "broken_quotes": "a CSV row whose quotes do not close or stand inside a field",
    "no_address": "a line of a hosts file that does not begin with an address",
    "no_host": "an address of a hosts file with no host behind it",
    "not_a_rule": "a line of an Adblock list that is no rule",
    "not_text": "a JSON element, or a value in one, that is not a text",
    "real_address": "a host that a hosts file sends to a real address: a redirection, no block",
    "too_few_columns": "a CSV row too short to reach its identifier",
    "too_many_columns": "a CSV row longer than the header: which cell is which is not known",
}
"""Every reason a row is skipped or rejected for, and what it means."""


class Record(msgspec.Struct, frozen=True):
    """One identifier that the feed lists, and what the row says of it.

    ``value`` is never blank; ``kind`` is None when neither the feed nor the user told it;
    ``since`` and ``expires`` are Unix seconds, UTC.
    """

    line: int
    value: str
    kind: Kind | None = None
    bank: str | None = None
    category: Category | None = None
    since: int | None = None
    reference: str | None = None
    note: str | None = None
    expires: int | None = None


class Rejected(msgspec.Struct, frozen=True):
    """A row that could not be understood; ``text`` is its beginning, without people's names."""

    line: int
    reason: str
    text: str


class Skipped(msgspec.Struct, frozen=True):
    """A row that was understood and is rightly not a listing."""

    line: int
    reason: str


Row = Record | Rejected | Skipped


class Options(msgspec.Struct, frozen=True):
    """What the user told about a feed.

    ``kind`` holds for the rows that do not say their own; ``columns`` maps a field of ours
    (``columns.FIELDS``) to the feed's column name or, for CSV, its number counted from 1.
    """

    kind: Kind | None = None
    columns: dict[str, str] = {}


class Format(Protocol):
    """One way to write a feed: a module with these three names."""

    NAME: str

    def sniff(self, head: str) -> bool:
        """Say whether a feed that begins with ``head`` is in this format."""

    def parse(self, lines: Iterable[str], options: Options) -> Iterator[Row]:
        """Yield the rows of a feed, in order; raises ``Malformed`` and nothing else."""


def reject(line: int, reason: str, text: str) -> Rejected:
    """Make a rejected row of which at most ``TEXT_LIMIT`` characters are kept."""
    return Rejected(line=line, reason=reason, text=text[:TEXT_LIMIT])

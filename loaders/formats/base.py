"""What every format shares: the rows it yields, the options it is given, the protocol it keeps.

A format turns the lines of a feed into rows and never does I/O. Each line that is neither blank
nor a comment becomes exactly one row for every identifier it carries:

* ``Record``: something the feed lists, its value as the feed wrote it (nothing is canonical yet);
* ``Withdrawn``: something the feed itself says is suspected no longer;
* ``Skipped``: understood, and rightly not a listing;
* ``Rejected``: not understood; a person should look.

A feed with columns about people says so once by ``Personal``, which is no row and is not counted.

Lines are numbered from 1 as they stand in the file; elements of a JSON array from 1; rows of a
sheet from 1 on each sheet; paragraphs and rows of tables of a letter in one count.
"""

from collections.abc import Iterable, Iterator
from typing import IO, Final, Protocol

import msgspec

from blacklist.model import Category, Kind
from blacklist.rejected import Rejected

TEXT_LIMIT = 200
"""Characters of a rejected row that are kept to show what it was."""

SKIPPED = {
    "address_block": "a block of internet addresses: only single ones are listed",
    "address_rule": "an RPZ rule for internet addresses or name servers, which names no host",
    "allowed_name": "a name that an RPZ zone lets pass",
    "commented_row": "a row of the table that the feed itself commented out",
    "cosmetic_rule": "an Adblock rule that hides page elements",
    "exception_rule": "a rule that allows instead of blocking",
    "hidden_sheet": "a row of a sheet that its author hid",
    "local_name": "a name of the machine itself in a hosts file",
    "narrowed_rule": "an Adblock rule whose options make it hold for some requests only",
    "no_indicator": "a STIX object that accuses nobody: a relationship, a report, an observation",
    "no_value": "a row whose identifier is empty",
    "not_suspected": "a row that the feed itself marks as not suspicious, or no longer so",
    "other_type": "a row of a type we do not list: a hash, an e-mail address, a file name",
    "path_rule": "an Adblock rule that names a path on no host",
    "regex_rule": "an Adblock rule that is a regular expression",
    "unanchored_rule": "an Adblock rule for a text anywhere in an address",
    "unsupported_pattern": "a STIX pattern that names no one host or address by itself",
    "wildcard_rule": "a rule with a placeholder, or for more than one host",
}
"""Every reason a row is skipped for, and what it means."""

REJECTED = {
    "broken_json": "a line that is not JSON among lines that are",
    "broken_quotes": "a CSV row whose quotes do not close or stand inside a field",
    "no_address": "a line of a hosts file that does not begin with an address",
    "no_header": "a row of a sheet or table of which no row names the columns",
    "no_host": "an address of a hosts file with no host behind it",
    "not_a_record": "a line of a zone that is no record",
    "not_a_rule": "a line of a list of rules that is no rule",
    "not_text": "a JSON element, or a value in one, that is not a text",
    "number_cell": "a number that a sheet may have rounded or robbed of its leading zeros",
    "real_address": "a host that is sent to a real address: a redirection, no block",
    "suspicion_not_told": "a row of a SIMO report whose NghiNgo is none of its codes",
    "too_few_columns": "a CSV row too short to reach its identifier",
    "too_many_columns": "a CSV row longer than the header: which cell is which is not known",
    "unnamed_number": "a number in a letter's text of which no word says what it is",
    "whose_number": "a number of a letter that may be its sender's, a victim's or a person's",
}
"""Every reason a row is rejected for, and what it means."""

REASONS = SKIPPED | REJECTED
"""Both: what a row that is no record may say."""


class Record(msgspec.Struct, frozen=True, gc=False):
    """One identifier that the feed lists, and what the row says of it.

    ``value`` is never blank; ``kind`` is None when neither the feed nor the user told it;
    ``since``, ``expires`` and ``last_seen`` (when it was last reported or seen at work) are Unix
    seconds, UTC. ``reports`` is how many reports the feed says the row stands for; feeds in which
    every report is a row of its own say nothing, and the rows are to be counted.
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
    last_seen: int | None = None
    reports: int | None = None


class Withdrawn(msgspec.Struct, frozen=True, gc=False):
    """An identifier that the feed itself takes back: SIMO's ``NghiNgo`` 0, a revoked indicator."""

    line: int
    value: str
    kind: Kind | None = None
    bank: str | None = None


class Personal(msgspec.Struct, frozen=True):
    """No row: the feed holds columns about people, so that its bytes are not to be kept."""


class Skipped(msgspec.Struct, frozen=True, gc=False):
    """A row that was understood and is rightly not a listing."""

    line: int
    reason: str


Row = Record | Withdrawn | Rejected | Skipped | Personal


class Options(msgspec.Struct, frozen=True):
    """What the user told about a feed.

    ``kind`` holds for the rows that do not say their own; ``columns`` maps a field of ours
    (``columns.FIELDS``) to the feed's column name or, for CSV and sheets, its number counted from
    1; ``encoding`` is a name that Python knows, None to tell it from the bytes.
    """

    kind: Kind | None = None
    columns: dict[str, str] = {}
    encoding: str | None = None


NOTHING_TOLD: Final = Options()


class Format(Protocol):
    """One way to write a feed: a module with these three names."""

    NAME: str

    def sniff(self, head: str) -> bool:
        """Say whether a feed that begins with ``head`` is in this format."""

    def parse(self, lines: Iterable[str], options: Options) -> Iterator[Row]:
        """Yield the rows of a feed, in order; raises ``Malformed`` and nothing else."""


class Document(Protocol):
    """One way to write a sheet or letter: a module with these two names."""

    NAME: str

    def parse(self, file: IO[bytes], options: Options) -> Iterator[Row]:
        """Yield the rows of a document, in order; raises ``Malformed`` and nothing else."""


def reject(line: int, reason: str, text: str) -> Rejected:
    """Make a rejected row of which at most ``TEXT_LIMIT`` characters are kept."""
    return Rejected(line=line, reason=reason, text=text[:TEXT_LIMIT])

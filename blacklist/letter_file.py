"""What a letter's file says once it is read, and who reads it: what readers and users share.

Reading is the work of ``loaders``; the command line calls it, and whoever starts the web hands it
in (:class:`Reader`), so that no other module knows how files are written. Does no I/O.
"""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from blacklist.model import Identifier, Kind, Source
from blacklist.publish import Publisher
from blacklist.rejected import Rejected
from blacklist.store.letters import File, Letter, Row
from blacklist.store.reviews import Held


class LetterFile(msgspec.Struct, frozen=True):
    """What a letter's file says: its sums, the rows it lists, its rejected rows by reason.

    ``reasons`` counts why rows were rejected or skipped; ``held`` are those of the rejected rows
    that a person may let through (``blacklist review``).
    """

    file: File
    format: str
    reasons: dict[str, int]
    rows: dict[Identifier, Row]
    rejected: dict[str, list[Rejected]]
    held: list[Held]


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """A file that somebody sent, and what is told of its rows; ``kind`` None: they say it."""

    name: str
    data: bytes
    kind: Kind | None
    region: str


class Reader(Protocol):
    """Reads the file of a letter that somebody sent; ``reasons`` are its words in English."""

    @property
    def reasons(self) -> Mapping[str, str]:
        """Why a row is rejected or skipped, a sentence a word."""

    def read(
        self, publisher: Publisher, upload: Upload, source: Source, letter: Letter
    ) -> LetterFile:
        """Return what a file says; changes nothing. Raises FeedError, ConfigError, Unavailable."""

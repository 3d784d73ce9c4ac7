"""The sample that ships: a feed of each kind, of our own making, loaded on the first start.

Its identifiers are reserved or cannot exist, so that it flags nobody; an answer that rests on
nothing else carries the note ``no_lists``. Real feeds stand in the catalogue.
"""

from importlib.resources import files
from importlib.resources.abc import Traversable

import msgspec

from blacklist.model import Category, Source, Trust
from loaders.formats import Options


class Feed(msgspec.Struct, frozen=True):
    """A feed that ships with the project: its file and whom it speaks for."""

    file: str
    source: Source
    options: Options = Options()

    def content(self) -> Traversable:
        """Where the feed's bytes are."""
        return files("loaders").joinpath("sample", self.file)


SAMPLE = (
    Feed(
        "links.txt",
        Source(
            name="sample-links",
            title="Sample of scam links (invented)",
            category=Category.IMPERSONATION_BANK,
            licence="Apache-2.0",
            sample=True,
        ),
    ),
    Feed(
        "phones.csv",
        Source(
            name="sample-phones",
            title="Sample of scam callers (invented)",
            category=Category.SPAM_CALL,
            licence="Apache-2.0",
            sample=True,
        ),
    ),
    Feed(
        "accounts.json",
        Source(
            name="sample-accounts",
            title="Sample of mule accounts (invented)",
            trust=Trust.AUTHORITY,
            category=Category.MULE_ACCOUNT,
            licence="Apache-2.0",
            sample=True,
        ),
    ),
)

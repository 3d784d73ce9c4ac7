"""What every way of asking over HTTP shares: the lookup, the words, how an answer is written."""

from collections.abc import Sequence

import msgspec
from flask import current_app

from blacklist.identifiers.reasons import QUOTING
from blacklist.lookup import Lookup
from blacklist.model import Verdict

COULD_NOT_LOOK = (
    "the lists could not be looked at: this is not an answer about the thing asked; try again"
)

encode = msgspec.json.Encoder().encode


def lookup() -> Lookup:
    """The lookup of this process."""
    found: Lookup = current_app.extensions["blacklist.lookup"]
    return found


def anonymous(results: Sequence[Verdict]) -> list[Verdict]:
    """Results as a problem document may hold them: those are logged by proxies and clients."""
    return [
        msgspec.structs.replace(one, input=None, identifiers=(), notes=_words(one.notes))
        for one in results
    ]


def _words(notes: Sequence[str]) -> tuple[str, ...]:
    """The notes that repeat nothing of the text."""
    return tuple(note for note in notes if note.partition(":")[0] not in QUOTING)

"""The file of a letter that somebody sent to the web, read within bounds.

Handed to the web by whoever starts it (``blacklist serve``, ``wsgi.py``): the web knows no formats.
"""

from collections.abc import Mapping
from typing import Final

from blacklist import guard
from blacklist.identifiers.reasons import REASONS as READING
from blacklist.letter_file import LetterFile, Upload
from blacklist.letter_names import first_second
from blacklist.model import Source
from blacklist.publish import Publisher
from blacklist.store.letters import Letter
from loaders import letter as files
from loaders.formats import Options
from loaders.formats.base import REASONS as FORMAT
from loaders.letter import Bounds
from loaders.plan import Plan

BOUNDS: Final = Bounds(rows=20_000, seconds=15.0)
"""A person waits, and questions share the process: what is longer is loaded by command."""


class LetterReader:
    """Reads as ``blacklist letter load`` does; ``reasons`` are the words of rejected rows."""

    reasons: Mapping[str, str] = {**FORMAT, **READING, **guard.REASONS}

    def read(
        self, publisher: Publisher, upload: Upload, source: Source, letter: Letter
    ) -> LetterFile:
        """Return what a file says; changes nothing. Raises FeedError, ConfigError, Unavailable."""
        plan = Plan(
            source=source,
            options=Options(kind=upload.kind),
            region=upload.region,
            known_since=first_second(letter.day, now=publisher.now()),
        )
        return files.read(publisher, [upload.data], plan, letter, name=upload.name, bounds=BOUNDS)

"""A letter that was read and is to be applied: begun, foreseen, carried out.

The one way for the command line and for the page. Nothing is changed before :meth:`Job.run`.
"""

from enum import StrEnum

import msgspec

from blacklist import letters, marks
from blacklist.letter_file import LetterFile
from blacklist.letter_names import Told
from blacklist.letter_preview import Cleared, Preview, find_cleared, foresee
from blacklist.letters import Done
from blacklist.model import Identifier, Source
from blacklist.publish import Publisher
from blacklist.store import reviews
from blacklist.store.letters import Letter, State


class Outcome(StrEnum):
    """What became of a letter's file."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    DRY_RUN = "dry_run"
    SHOWN = "shown"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    """The letter was withdrawn before and stays so."""
    EMPTY = "empty"


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What applying a file of a letter takes.

    ``again``: what was withdrawn from it is to be listed again. ``lift``: the clearances shown are
    to end, as far as they may.
    """

    publisher: Publisher
    source: Source
    read: LetterFile
    preview: Preview
    again: bool = False
    lift: bool = False

    def obstacle(self) -> Outcome | None:
        """Return why there is nothing to apply; None where there is."""
        if not self.read.rows:
            return Outcome.EMPTY
        if self.preview.letter.state is State.WITHDRAWN and not self.again:
            return Outcome.WITHDRAWN
        has_work = self.preview.changes or self.preview.unfinished or self._may_lift()
        return None if has_work else Outcome.UNCHANGED

    def run(self) -> tuple[Done, int]:
        """Apply it; returns what was done, and how many clearances ended.

        Raises as :func:`blacklist.letters.apply`; the same again finishes what was cut off.
        """
        done = letters.apply(
            self.publisher,
            self.source,
            self.preview.letter,
            self.read.rows,
            file=self.read.file,
            again=self.again,
        )
        _keep_held(self.publisher, self.source.name, self.read)
        lifted = self._may_lift()
        marks.lift(self.publisher, lifted)
        return done, len(lifted)

    def _may_lift(self) -> list[Identifier]:
        """What was shown as cleared, is to be lifted, and is still cleared as it was shown."""
        if not self.lift:
            return []
        still = find_cleared(self.publisher, self.source, self.preview.letter, self.read.rows)
        was: set[Cleared] = set(self.preview.cleared)
        return [one.identifier for one in still if one.may_be_lifted and one in was]


def begin(publisher: Publisher, told: Told) -> tuple[Source, Letter]:
    """Return an authority as a source, and its letter as known or new. Raises ConfigError."""
    letters.require_letters(publisher.client, told.authority)
    source = letters.source_of(publisher.client, told)
    return source, letters.known_or_new(publisher.client, told, source, now=publisher.now())


def foreseen(
    publisher: Publisher,
    source: Source,
    letter: Letter,
    read: LetterFile,
    *,
    again: bool = False,
    lift: bool = False,
) -> Job:
    """Return what applying a file takes, with what it would come to. Raises Unavailable."""
    preview = foresee(publisher, source, letter, read.rows, again=again)
    return Job(
        publisher=publisher, source=source, read=read, preview=preview, again=again, lift=lift
    )


def _keep_held(publisher: Publisher, source: str, read: LetterFile) -> None:
    """Let the rows that the guard held back wait, beside those of the authority's other letters."""
    settled = {*read.rows, *(row.identifier for row in read.held)}
    others = [
        row
        for row in reviews.read_held(publisher.client)
        if row.source == source and row.identifier not in settled
    ]
    reviews.replace(publisher.client, source, [*others, *read.held])

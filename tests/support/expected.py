"""What must be answered: a model of the lists that knows only what was acknowledged.

It is told when writes begin, when they are acknowledged, when a replica has read on, and when the
store was set back; it knows nothing of journals, filters or leases.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

Pair = tuple[str, str]
"""A source and a value that it may list."""


class Stands(Enum):
    """Whether a source lists a value."""

    YES = "yes"
    NO = "no"
    OPEN = "open"
    """A write of it has begun, failed or was lost: either is right until the next one."""


@dataclass
class Write:
    """A write on its way: what the pairs it touches will be once it is acknowledged.

    ``overtaken`` are those of which another write has begun since: that one says what they are.
    """

    becomes: dict[Pair, Stands]
    overtaken: set[Pair] = field(default_factory=set)


@dataclass
class Asked:
    """A question on its way: what its answer may not be, unless a write begins meanwhile."""

    value: str
    must_not: set[str]


@dataclass
class Seen:
    """What a replica owes: ``had`` it must still know after the store has lost it (``lost``)."""

    had: set[Pair] = field(default_factory=set)
    reads: set[Pair] = field(default_factory=set)
    lost: set[Pair] = field(default_factory=set)


class Expected:
    """The lists as everybody who was told "acknowledged" believes them to be."""

    def __init__(self, sources: Iterable[str], values: Iterable[str]) -> None:
        self.sources, self.values = list(sources), list(values)
        self.pairs = {(s, v): Stands.NO for s in self.sources for v in self.values}
        self.seen: dict[str, Seen] = {}
        self.questions: list[tuple[str, Asked]] = []
        self.writes: list[Write] = []

    def begin(self, write: Write) -> None:
        """A write begins: what it changes is open, what stays as it is stays certain."""
        for pair, becomes in write.becomes.items():
            if self.pairs[pair] is not becomes:
                self._loosen(pair)
            for seen in self.seen.values():
                seen.lost.discard(pair)
        for other in self.writes:
            other.overtaken |= write.becomes.keys() & other.becomes.keys()
        self.writes.append(write)

    def end(self, write: Write, *, acknowledged: bool) -> None:
        """A write is acknowledged: what it brought is certain; or it failed or was killed."""
        self.writes = [one for one in self.writes if one is not write]
        if acknowledged:
            self.pairs |= {
                pair: becomes
                for pair, becomes in write.becomes.items()
                if pair not in write.overtaken
            }

    def begin_read(self, replica: str) -> None:
        """A replica begins to read: what is certain now, it knows when it succeeds."""
        self.seen[replica].reads = self._certain()

    def end_read(self, replica: str, *, succeeded: bool) -> None:
        """A replica has read on, or failed to."""
        seen = self.seen[replica]
        if succeeded:
            seen.had |= seen.reads
        seen.reads = set()

    def begin_question(self, replica: str, value: str) -> Asked:
        """A question is received."""
        asked = Asked(value, self.must_not(replica, value))
        self.questions.append((replica, asked))
        return asked

    def end_question(self, asked: Asked) -> None:
        """A question is answered."""
        self.questions = [pair for pair in self.questions if pair[1] is not asked]

    def must_not(self, replica: str, value: str) -> set[str]:
        """The verdicts that would be wrong now."""
        stand = [self.pairs[source, value] for source in self.sources]
        wrong = set()
        if Stands.YES in stand or any(value == lost for _, lost in self.seen[replica].lost):
            wrong.add("no_record")
        if all(one is Stands.NO for one in stand):
            wrong.add("listed")
        return wrong

    def set_back(self, kept: Mapping[Pair, Stands]) -> None:
        """The store is what it was when ``kept`` was taken."""
        for pair, now in list(self.pairs.items()):
            if now is kept[pair]:
                continue
            owing = [seen for seen in self.seen.values() if now is Stands.YES and pair in seen.had]
            self._loosen(pair)
            for seen in owing:
                seen.lost.add(pair)
        for seen in self.seen.values():
            seen.reads = set()
        self._loosen_questions()

    def _certain(self) -> set[Pair]:
        return {pair for pair, stands in self.pairs.items() if stands is Stands.YES}

    def _loosen(self, pair: Pair) -> None:
        self.pairs[pair] = Stands.OPEN
        for seen in self.seen.values():
            seen.had.discard(pair)
            seen.reads.discard(pair)
        self._loosen_questions()

    def _loosen_questions(self) -> None:
        for replica, asked in self.questions:
            asked.must_not &= self.must_not(replica, asked.value)

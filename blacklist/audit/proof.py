"""What finds whatever was changed, removed, moved or cut in a trail; it changes nothing.

Every digest is looked at, of the days told every line. What it cannot find: the end of what no
digest sums up yet cut off line by line, and everything from some moment on taken away together with
every digest made since. So copy digests to another machine (docs/privacy.md).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from blacklist.audit import days
from blacklist.audit.days import Made
from blacklist.audit.files import DIGEST_SUFFIX, is_being_written
from blacklist.audit.keys import AuditKeys
from blacklist.audit.lines import AnyLine, Opened, Summed
from blacklist.audit.reading import End, FileSum, Reading

PROBLEMS: Final = {
    "added_file": "the day's digest does not know the file",
    "bad_digest": "the digest was changed, or was not made with this secret",
    "changed": "a line was changed, removed, put in or moved here",
    "cut": "lines are missing at the end",
    "longer": "there is more in the file than the day's digest knows",
    "missing_day": "the day's files are gone, and no digest notes that they were old enough",
    "missing_digest": "a digest that was made is gone",
    "missing_file": "a file that was there is gone",
    "no_digest": "the day is over and has no digest: 'blacklist audit close' makes it",
}
"""Every word of a problem, and what it means."""


class Problem(msgspec.Struct, frozen=True):
    """Something that is not as it was written. ``line`` counts from 1."""

    problem: str
    day: str
    file: str | None = None
    line: int | None = None


class Proof(msgspec.Struct, frozen=True):
    """What was looked at, and what was found.

    ``requests`` counts the lines of requests, ``lost`` those of which it is told that they have
    none; ``cut_off`` are files of workers that were killed, ``open`` files that are still being
    written.
    """

    days: int
    files: int
    requests: int
    lost: int
    cut_off: tuple[str, ...]
    open: tuple[str, ...]
    problems: tuple[Problem, ...]


class _Found:
    """What was found so far."""

    def __init__(self, folder: Path, keys: AuditKeys, today: str) -> None:
        self.folder = folder
        self.keys = keys
        self.today = today
        self.macs: set[str] = set()
        self.counts: Counter[str] = Counter()
        self.problems: list[Problem] = []
        self.cut_off: list[str] = []
        self.open: list[str] = []

    def tell(
        self, problem: str, day: str, file: str | None = None, line: int | None = None
    ) -> None:
        self.problems.append(Problem(problem, day, file, line))


def prove(
    folder: Path, keys: AuditKeys, *, today: str, first: str | None = None, last: str | None = None
) -> Proof:
    """Look at the digests and at the days from ``first`` to ``last``, both included; all without.

    Days are ISO dates in UTC. Raises OSError where something cannot be read.
    """
    found = _Found(folder, keys, today)
    made = {one.day: one for one in _digests(found)}
    found.macs = {one.mac for one in made.values()}
    gone = {day for one in made.values() for day in one.digest.removed}
    for day in sorted({*days.all_days(folder), *made}):
        if (first or day) <= day <= (last or day):
            found.counts["days"] += 1
            _look_at_day(found, day, made.get(day), gone)
    return Proof(
        found.counts["days"],
        found.counts["files"],
        found.counts["Request"],
        found.counts["lost"],
        tuple(found.cut_off),
        tuple(found.open),
        tuple(found.problems),
    )


def _digests(found: _Found) -> Iterator[Made]:
    """Yield the digests that are right; each names the one before it."""
    before: str | None = None
    for path in days.digest_paths(found.folder):
        day = path.name.removesuffix(DIGEST_SUFFIX)
        made = days.read_digest(path, found.keys)
        if made is None:
            found.tell("bad_digest", day)
            continue
        if made.digest.before != before:
            found.tell("missing_digest", f"before {day}")
        before = made.mac
        yield made


def _look_at_day(found: _Found, day: str, made: Made | None, gone: Collection[str]) -> None:
    paths = {one.name: one for one in days.files_of(found.folder, day)}
    known = {one.name: one for one in made.digest.files} if made is not None else None
    if known is None and day < found.today and not any(map(is_being_written, paths.values())):
        found.tell("no_digest", day)
    if known and not (found.folder / day).exists():
        if day not in gone:
            found.tell("missing_day", day)
        return
    for name in sorted({*paths, *(known or ())}):
        if name not in paths:
            found.tell("missing_file", day, name)
        elif known is not None and name not in known:
            found.tell("added_file", day, name)
        else:
            _look_at_file(found, paths[name], (known or {}).get(name))


def _look_at_file(found: _Found, path: Path, known: FileSum | None) -> None:
    day = path.parent.name
    is_open = known is None and is_being_written(path)
    reading = Reading(path, found.keys)
    for line in reading.lines():
        found.counts[type(line).__name__] += 1
        _look_at_line(found, path, line)
    read = reading.sum
    found.counts["files"] += 1
    found.counts["lost"] += read.lost
    if is_open:
        found.open.append(f"{day}/{path.name}")
    elif read.end is End.CUT_OFF:
        found.cut_off.append(f"{day}/{path.name}")
    found.problems += _compare(day, read, known)


def _compare(day: str, read: FileSum, known: FileSum | None) -> Iterable[Problem]:
    if read.end is End.BROKEN:
        yield Problem("changed", day, read.name, read.lines + 1)
    elif known is not None and read != known:
        word = "cut" if read.lines < known.lines or read.size < known.size else "longer"
        yield Problem(word, day, read.name, read.lines + 1)


def _look_at_line(found: _Found, path: Path, line: AnyLine) -> None:
    """Look whether what a line saw is still there."""
    day = path.parent.name
    named = None
    if isinstance(line, Opened | Summed):
        named = line.after if isinstance(line, Opened) else line.mac
    if named is not None and named not in found.macs:
        found.tell("missing_digest", f"before {day}", path.name)
    for name in line.beside if isinstance(line, Opened) else ():
        if not path.with_name(name).exists():
            found.tell("missing_file", day, name)

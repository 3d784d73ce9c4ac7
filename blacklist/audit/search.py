"""What a trail tells of a period, of a caller or of one identifier."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import chain
from pathlib import Path

import msgspec

from blacklist.audit import days
from blacklist.audit.keys import AuditKeys
from blacklist.audit.lines import Lost, Request
from blacklist.audit.reading import Reading


class Mention(msgspec.Struct, frozen=True):
    """A request that asked an identifier, by the pseudonym found, and what was answered."""

    pseudonym: str
    time: str
    id: str
    caller: str
    endpoint: str
    status: int
    purpose: str | None
    verdict: str


def find(
    folder: Path, keys: AuditKeys, first: date, last: date, *, caller: str | None = None
) -> Iterator[Request | Lost]:
    """Yield the requests of the UTC days from ``first`` to ``last``, and what was lost of them.

    By file, each in its order; of one caller (a key's id, or ``public``) if one is told. A file
    that was changed is read up to there: let ``proof`` look first. Raises OSError.
    """
    around = [first - timedelta(days=1), last + timedelta(days=1)]  # a line may come a little late
    for line in _lines(folder, keys, *(one.isoformat() for one in around)):
        is_in = first.isoformat() <= line.time.partition("T")[0] <= last.isoformat()
        if is_in and (caller is None or isinstance(line, Lost) or line.caller == caller):
            yield line


def find_mentions(folder: Path, keys: AuditKeys, pseudonyms: Iterable[str]) -> Iterator[Mention]:
    """Yield the requests that asked any of some pseudonyms, oldest day first. Raises OSError."""
    wanted = frozenset(pseudonyms)
    for line in _lines(folder, keys):
        if isinstance(line, Lost) or wanted.isdisjoint(chain.from_iterable(line.items)):
            continue
        told = line.time, line.id, line.caller, line.endpoint, line.status, line.purpose
        for verdict, *asked in line.items:
            yield from (Mention(one, *told, verdict) for one in asked if one in wanted)


def _lines(
    folder: Path, keys: AuditKeys, first: str = "", last: str = "9999"
) -> Iterator[Request | Lost]:
    for day in days.all_days(folder):
        for path in days.files_of(folder, day) if first <= day <= last else ():
            for line in Reading(path, keys).lines():
                if isinstance(line, Request | Lost):
                    yield line

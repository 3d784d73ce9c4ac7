"""The lines of the trail, as JSON; which of them there are stands in their ``type``. Pure.

Times are RFC 3339 in UTC. Nothing here holds an identifier, an address, a reference or a text of
the one who asked.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import msgspec

from blacklist.audit.keys import AuditKeys
from blacklist.audit.notes import NOT_UNDERSTOOD, Note, Whence
from blacklist.model import Verdict
from blacklist.moments import moment


class _Line(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag=str.lower):
    """A line and the moment it tells of."""

    time: str


class Opened(_Line, frozen=True):
    """The first line of a file.

    ``after`` is the MAC of the newest digest there was, ``beside`` names the day's other files: so
    what is taken away as a whole is missed by what comes after it.
    """

    after: str | None = None
    beside: tuple[str, ...] = ()


class Request(_Line, frozen=True):
    """One request.

    ``items`` are, one a thing asked, its verdict and the pseudonyms of its readings. ``counts`` has
    all that was asked by verdict; ``address`` is the pseudonym of who had no key, ``person`` the
    name under which somebody opened a session with it.
    """

    id: str
    caller: str
    endpoint: str
    status: int
    purpose: str | None = None
    person: str | None = None
    address: str | None = None
    counts: dict[str, int] = {}
    items: tuple[tuple[str, ...], ...] = ()


class Lost(_Line, frozen=True):
    """How many requests have no line, since when, and why.

    ``queue_full``: the disk stood still; ``disk``: it failed; ``unforeseen``: a defect.
    """

    since: str
    records: int
    why: str


class Summed(_Line, frozen=True):
    """A day was summed up, in a digest with this MAC: taken away later, it is missed here."""

    day: str
    mac: str


class Closed(_Line, frozen=True):
    """The last line of a file whose worker ended as it should, or whose day was over."""


AnyLine = Opened | Request | Lost | Summed | Closed

encode: Final = msgspec.json.Encoder().encode
_decoder: Final = msgspec.json.Decoder(AnyLine)


def decode(text: bytes) -> AnyLine | None:
    """Return a line; None where it is none that this program knows."""
    try:
        found: AnyLine = _decoder.decode(text)
    except msgspec.MsgspecError:
        return None
    return found


def day_of(second: float) -> str:
    """Return the UTC day of a Unix second."""
    return datetime.fromtimestamp(second, UTC).date().isoformat()


def request_of(note: Note, keys: AuditKeys, address_of: Callable[[Whence, str], str]) -> Request:
    """Return the line of a request; ``address_of`` gives an address's pseudonym on a day."""
    verdicts = note.asked.verdicts if note.asked is not None else ()
    counts = dict(note.asked.more or {}) if note.asked is not None else {}
    for one in verdicts:
        counts[_word(one)] = counts.get(_word(one), 0) + 1
    time = moment(note.time)
    return Request(
        time,
        note.id,
        note.caller,
        note.endpoint,
        note.status,
        purpose=note.purpose,
        person=note.person,
        address=None if note.whence is None else address_of(note.whence, time.partition("T")[0]),
        counts=counts,
        items=tuple((_word(one), *_pseudonyms(one, keys)) for one in verdicts if one.identifiers),
    )


def _word(verdict: Verdict) -> str:
    return verdict.verdict.value if verdict.verdict is not None else NOT_UNDERSTOOD


def _pseudonyms(verdict: Verdict, keys: AuditKeys) -> list[str]:
    return [keys.pseudonym(one.kind, one.value) for one in verdict.identifiers]

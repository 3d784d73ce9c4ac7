"""Every key the store uses, and which shard an identifier lies in; pure.

All keys of one shard carry one hash tag, so that a shard is one slot of a cluster and a question
is one pipeline a node; all store-wide keys carry another. The number of bits stands in the tag:
two numbers of bits can lie side by side while a store is resharded.
"""

from datetime import date
from hashlib import sha256

from blacklist.model import Identifier, Kind

STORE = "bl:{bl}:store"
"""Hash: schema, id, shard bits, max_lag (``meta.py``)."""

SOURCES = "bl:{bl}:sources"
"""Hash: source name → :class:`~blacklist.store.sources.SourceRecord` as JSON."""

SOURCES_VERSION = "bl:{bl}:sources:version"
"""Another number, by chance, with every change to :data:`SOURCES`."""

SOURCES_GONE = "bl:{bl}:sources:gone"
"""Hash: code → name of sources that were removed (``history.py``)."""

FEEDS = "bl:{bl}:feeds"
"""Hash: feed name → :class:`~blacklist.store.feeds.FeedState` as JSON."""

CHANGES = "bl:{bl}:changes"
"""The journal, a stream (``journal.py``)."""

FORGOTTEN = "bl:{bl}:changes:forgotten"
"""Sorted set: the places of rows that the journal held before, by their millisecond."""

HELD = "bl:{bl}:held"
"""Hash: source name → the rows of it that wait for a person (``reviews.py``)."""

DECISIONS = "bl:{bl}:decisions"
"""Hash: identifier → what a person decided about listing it (``reviews.py``)."""

WRITERS = "bl:{bl}:writers"
"""Set: the names of all locks that somebody ever wrote under (``layout.py``)."""

LETTERS = "bl:{bl}:letters"
"""Hash: letter → what it is (``letters.py``)."""

CALLERS = "bl:{bl}:callers"
"""Hash: id → a key as it is kept (``callers.py``)."""

CALLERS_VERSION = "bl:{bl}:callers:version"
"""Another number, by chance, with every change to :data:`CALLERS` or :data:`ENDED`."""

ENDED = "bl:{bl}:callers:ended"
"""Sorted set: the ids of sessions that were ended, by the second they would have been over."""

PENDING = "bl:{bl}:pending"
"""Hash: id → a listing that waits for a second key (``pending.py``)."""

DRAFTS = "bl:{bl}:drafts"
"""Sorted set: the ids of letters that are not applied yet, by the second of their end."""

DISPUTES = "bl:{bl}:disputes"
"""Hash: reference → a dispute that is open (``disputes.py``)."""

REPORTED = "bl:{bl}:reported"
"""Hash: identifier → its open case (``reports.py``)."""

REPORTS_NEWEST = "bl:{bl}:reports:newest"
REPORTS_MOST = "bl:{bl}:reports:most"
"""Sorted sets of the open cases: by the moment of the last report, and by how many there are."""

WATCHES = "bl:{bl}:watches"
"""Hash: id → a watch; the other keys of watches beside it (``watches.py``)."""

WATCHED = "bl:{bl}:watches:for"
WATCHES_END = "bl:{bl}:watches:ends"
WATCHES_TOLD = "bl:{bl}:watches:told"
WATCHES_POSITION = "bl:{bl}:watches:position"

NOTHING = "bl:{bl}:nothing"
"""Never written (``master.py``)."""

MARKER = "\x00"
"""Member of every shard; its score is the store's id, negative."""


def usage(day: int) -> str:
    """Hash of a day: key's id → how many things it asked (``usage.py``)."""
    return f"bl:{{bl}}:usage:{day}"


def watches_of(caller: str) -> str:
    """Sorted set: the watches of a caller's key by the second of their end."""
    return f"bl:{{bl}}:watches:of:{caller}"


def watch_hits(caller: str) -> str:
    """Stream: what was hit of a caller's watches."""
    return f"bl:{{bl}}:watches:hits:{caller}"


def shard_of(identifier: Identifier, bits: int) -> int:
    """The first ``bits`` bits of the identifier's SHA-256 (of ``kind:value`` in UTF-8)."""
    digest = sha256(str(identifier).encode()).digest()
    return int.from_bytes(digest[:4]) >> (32 - bits)


def entries(kind: Kind, bits: int, shard: int) -> str:
    """Sorted set of a shard: member ``code + value``, score the second it was first listed."""
    return f"bl:{{{kind.value}:{bits}:{shard:04x}}}:e"


def details(kind: Kind, bits: int, shard: int) -> str:
    """Hash of a shard: what of an entry differs from its source's defaults."""
    return f"bl:{{{kind.value}:{bits}:{shard:04x}}}:d"


def history(kind: Kind, bits: int, shard: int) -> str:
    """List of a shard: what went from it, the newest last (``history.py``)."""
    return f"bl:{{{kind.value}:{bits}:{shard:04x}}}:h"


def stage(kind: Kind, bits: int, shard: int, code: int, load: int) -> str:
    """Hash of a shard: what one load of one source has brought so far."""
    return f"bl:{{{kind.value}:{bits}:{shard:04x}}}:s:{code:x}:{load:x}"


def snapshot(kind: Kind) -> str:
    """Hash that points to the newest filter snapshot of a kind."""
    return f"bl:{{bl}}:filter:{kind.value}"


def snapshot_chunk(kind: Kind, build: str, number: int) -> str:
    """One piece of a snapshot's bytes."""
    return f"bl:{{bl}}:filter:{kind.value}:{build}:{number}"


def marks(code: int) -> str:
    """Hash: identifier → mark, of all marks of one sort (``marks.py``)."""
    return f"bl:{{bl}}:marks:{code}"


def letter(name: str) -> str:
    """Hash of a letter's listings: identifier → details (``letters.py``)."""
    return f"bl:{{bl}}:letter:{name}"


def draft(draft_id: str) -> str:
    """Hash of a letter that was read and is not applied yet (``drafts.py``)."""
    return f"bl:{{bl}}:draft:{draft_id}"


def report(case: str) -> str:
    """Hash of a case: what was reported, how often, and what was decided (``reports.py``)."""
    return f"bl:{{bl}}:report:{case}"


def dispute(reference: str) -> str:
    """A dispute that was decided, for a year."""
    return f"bl:{{bl}}:dispute:{reference}"


def pending_end(pending_id: str) -> str:
    """Who decided about a listing that waited, for 30 days (``pending.py``)."""
    return f"bl:{{bl}}:pending:end:{pending_id}"


def told(day: int, what: str) -> str:
    """Of a day (since 1970, UTC): who told something, as keyed hashes (``tellers.py``)."""
    return f"bl:{{bl}}:told:{day}:{what}"


def repeat(name: str) -> str:
    """Hash of a request that may come again: its claim, then its answer (``repeats.py``)."""
    return f"bl:{{repeat:{name}}}:r"


def repeats(day: int) -> str:
    """How many of those without a key there were on a day (since 1970, UTC)."""
    return f"bl:{{bl}}:repeats:{day}"


def counts(day: date) -> str:
    """Hash of a day: how often what was asked, reported, disputed and decided (``counts.py``)."""
    return f"bl:{{bl}}:counts:{day.isoformat()}"


def tally(day: date) -> str:
    """Hash of a day: what came, went and stood."""
    return f"bl:{{bl}}:tally:{day.isoformat()}"


def outcomes(day: int) -> str:
    """Hash of a day (since 1970, UTC): how transfers ended that were asked about on it."""
    return f"bl:{{bl}}:outcomes:{day}"


def outcomes_told(day: int) -> str:
    """Hash of that day: which of its answers are counted there, as keyed hashes, and as what."""
    return f"bl:{{bl}}:outcomes:told:{day}"


def sync(key: str) -> str:
    """Trace of an acknowledgement in the slot of another key (``replicated.py``)."""
    return f"bl:{{{key.partition('{')[2].partition('}')[0]}}}:sync"


def lock(name: str) -> str:
    """Held by the one process that does what ``name`` says."""
    return f"bl:{{bl}}:lock:{name}"

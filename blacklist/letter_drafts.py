"""Letters that were sent, read and shown, and wait for a word: an authority's own, or a second's.

    read ──keep──▶ NEW ──(authority) confirm────────────────────────────▶ APPLIED
                    └──(partner) submit──▶ WAITING ──confirm by another──▶ APPLIED

The file itself is never kept, only what was read from it, so that what is applied is what was
shown. Each key writes letters under a source of its own, as what it lists by hand (``hand.py``). A
draft that was applied keeps its sums for a while: the same word again finds them and does nothing.
Called by the page.
"""

import secrets
import zlib
from collections import Counter
from enum import StrEnum
from hashlib import sha256
from typing import Final

import msgspec

from blacklist import letter_job
from blacklist.callers import Caller
from blacklist.errors import Busy, Mismatch
from blacklist.letter_file import LetterFile
from blacklist.letter_job import Job
from blacklist.letter_names import Told
from blacklist.letter_preview import Cleared
from blacklist.model import Audience, Identifier, Kind, Trust
from blacklist.publish import Publisher
from blacklist.rejected import Rejected
from blacklist.store import Client, callers
from blacklist.store import drafts as stored
from blacklist.store.letters import File, Row
from blacklist.store.locks import hold
from blacklist.store.reviews import Held

PREFIX: Final = "letters-"
"""Before a key's id: the source of its letters."""

KEPT_SECONDS: Final = 15 * 60
"""For a person to look, and for the same word again."""

WAITING_SECONDS: Final = 30 * 86_400
"""As what a partner lists by hand (``pending.py``)."""

MAX_A_MAKER: Final = 20
MAX_ALL: Final = 200

_ID_BYTES: Final = 16
_WAIT_SECONDS: Final = 10.0


class State(StrEnum):
    """How far a draft has come."""

    NEW = "new"
    WAITING = "waiting"
    """A partner's: another key confirms it."""

    APPLIED = "applied"


class Result(StrEnum):
    """What became of a word about a draft."""

    APPLIED = "applied"
    WAITING = "waiting"
    REFUSED = "refused"
    GONE = "gone"
    """Its time is over, or somebody refused it."""

    OWN = "own"
    """Who sent it cannot confirm it."""

    NO_MAKER = "no_maker"
    """The key that sent it was revoked."""

    CHANGED = "changed"
    """What is cleared is not what was shown any more."""

    NOTHING = "nothing"
    """There is nothing to apply."""


class Applied(msgspec.Struct, frozen=True):
    """What applying a draft did: rows that changed, entries that came, clearances that ended."""

    rows: int
    added: dict[Kind, int]
    lifted: int


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A letter that waits for a word. Times are Unix seconds.

    ``maker`` and ``checker`` are ids of keys: who sent it, and who confirmed it.
    ``again``: what was withdrawn from the letter before is to be listed again.
    """

    id: str
    told: Told
    maker: str
    maker_name: str
    person: str | None
    made: int
    end: int
    again: bool
    file: File
    state: State = State.NEW
    checker: str | None = None
    applied: Applied | None = None


class Full(Busy):
    """As many letters wait as may wait."""


_UNKNOWN: Final = "the store holds a letter's draft this program does not know"

_Kept = tuple[
    File,
    str,
    dict[str, int],
    list[tuple[Identifier, Row]],
    dict[str, list[Rejected]],
    list[Held],
]
"""A :class:`LetterFile` on its way to the store and back."""


def authority_of(caller: Caller) -> str:
    """Return the name of the source under which a key's letters are listed."""
    return f"{PREFIX}{caller.id}"


def told_by(caller: Caller, told: Told) -> Told:
    """Return what is told of a letter, as it is this key's own: its source, name and trust."""
    return msgspec.structs.replace(
        told,
        authority=authority_of(caller),
        title=caller.name,
        trust=caller.trust,
        audience=Audience.INSTITUTIONS,
    )


def keep(
    publisher: Publisher,
    caller: Caller,
    told: Told,
    read: LetterFile,
    *,
    person: str | None,
    again: bool,
) -> Draft:
    """Keep what was read until its time is over. Raises Full or Unavailable."""
    now = publisher.now()
    _require_room(publisher.client, caller.id, now)
    draft = Draft(
        id=secrets.token_hex(_ID_BYTES),
        told=told,
        maker=caller.id,
        maker_name=caller.name,
        person=person,
        made=now,
        end=now + KEPT_SECONDS,
        again=again,
        file=read.file,
    )
    rows = list(read.rows.items())
    kept = (read.file, read.format, read.reasons, rows, read.rejected, read.held)
    file = zlib.compress(msgspec.msgpack.encode(kept))
    stored.write(publisher.client, draft.id, _encode(draft), file=file, now=now, end=draft.end)
    return draft


def find(client: Client, caller: Caller, draft_id: str, *, now: int) -> Draft | None:
    """Return a draft that a key may see: that it sent or confirmed, or that waits for a second."""
    raw = stored.read(client, draft_id)
    draft = None if raw is None else _decode(raw)
    if draft is None or draft.end <= now:
        return None
    is_own = caller.id in {draft.maker, draft.checker}
    return draft if is_own or draft.state is State.WAITING else None


def waiting(client: Client, *, now: int) -> list[Draft]:
    """Return the drafts that wait for a second key, oldest first."""
    drafts = (_decode(raw) for raw in stored.read_all(client, now=now))
    found = [one for one in drafts if one.state is State.WAITING]
    return sorted(found, key=lambda one: (one.made, one.id))


def foresee(publisher: Publisher, draft: Draft, *, lift: bool = False) -> Job | None:
    """Return what applying a draft comes to by now; None where its file is gone."""
    read = _read_file(publisher.client, draft.id)
    if read is None:
        return None
    source, letter = letter_job.begin(publisher, draft.told)
    return letter_job.foreseen(publisher, source, letter, read, again=draft.again, lift=lift)


def digest_of(cleared: tuple[Cleared, ...]) -> str:
    """Return what stands for the clearances that were shown: whoever ends them has seen just them.

    Of the same clearances the same text; an empty one where there are none.
    """
    shown = [(str(one.identifier), one.clearance, one.may_be_lifted) for one in cleared]
    return sha256(msgspec.msgpack.encode(shown)).hexdigest()[:32] if shown else ""


def submit(publisher: Publisher, draft: Draft) -> Result:
    """Let a partner's draft wait for a second key."""
    if draft.state is State.NEW:
        later = publisher.now() + WAITING_SECONDS
        _write(publisher, msgspec.structs.replace(draft, state=State.WAITING, end=later))
    return Result.WAITING


def refuse(publisher: Publisher, draft: Draft) -> Result:
    """Forget a draft; one that was applied stays applied."""
    if draft.state is State.APPLIED:
        return Result.APPLIED
    stored.remove(publisher.client, draft.id)
    return Result.REFUSED


def confirm(publisher: Publisher, caller: Caller, draft_id: str, *, lift: str | None) -> Result:
    """Apply a draft, once; returns when every process answers so.

    ``lift`` is :func:`digest_of` the clearances that were shown and are to end, None where they
    stay. Raises Busy (somebody confirms it at this moment), Unavailable (say it again),
    ConfigError, or what :meth:`Job.run` raises.
    """
    with hold(publisher.client, f"draft:{draft_id}", wait_seconds=_WAIT_SECONDS) as lock:
        if lock is None:
            raise Busy("somebody else confirms this letter")
        draft = find(publisher.client, caller, draft_id, now=publisher.now())
        if draft is None:
            return Result.GONE
        if draft.state is State.APPLIED:
            return Result.APPLIED
        hindrance = _hindrance(publisher.client, draft, caller)
        if hindrance is not None:
            return hindrance
        return _apply(publisher, msgspec.structs.replace(draft, checker=caller.id), lift)


def _hindrance(client: Client, draft: Draft, caller: Caller) -> Result | None:
    """Why a key may not confirm a draft: the rules of ``pending.py``."""
    is_authority = draft.told.trust is Trust.AUTHORITY
    if draft.maker == caller.id:
        return None if is_authority else Result.OWN
    maker = callers.read(client).by_id.get(draft.maker)
    return Result.NO_MAKER if maker is None or maker.revoked is not None else None


def _apply(publisher: Publisher, draft: Draft, lift: str | None) -> Result:
    job = foresee(publisher, draft, lift=lift is not None)
    if job is None:
        return Result.GONE
    if lift is not None and lift != digest_of(job.preview.cleared):
        return Result.CHANGED
    if job.obstacle() is not None:
        return Result.NOTHING
    done, lifted = job.run()
    applied = Applied(done.rows, done.added, lifted)
    end = publisher.now() + KEPT_SECONDS
    _write(publisher, msgspec.structs.replace(draft, state=State.APPLIED, applied=applied, end=end))
    stored.drop_file(publisher.client, draft.id)
    return Result.APPLIED


def _require_room(client: Client, maker: str, now: int) -> None:
    drafts = [_decode(raw) for raw in stored.read_all(client, now=now)]
    standing = Counter(one.maker for one in drafts if one.state is not State.APPLIED)
    if standing[maker] >= MAX_A_MAKER or standing.total() >= MAX_ALL:
        raise Full("too many letters wait: decide about those first")


def _write(publisher: Publisher, draft: Draft) -> None:
    now = publisher.now()
    stored.write(publisher.client, draft.id, _encode(draft), now=now, end=draft.end)


def _read_file(client: Client, draft_id: str) -> LetterFile | None:
    raw = stored.read_file(client, draft_id)
    if raw is None:
        return None
    try:
        file, form, reasons, rows, rejected, held = msgspec.msgpack.decode(
            zlib.decompress(raw), type=_Kept
        )
    except (msgspec.MsgspecError, zlib.error) as exc:
        raise Mismatch(_UNKNOWN) from exc
    return LetterFile(file, form, reasons, dict(rows), rejected, held)


def _encode(draft: Draft) -> bytes:
    return msgspec.json.encode(draft)


def _decode(raw: bytes) -> Draft:
    try:
        return msgspec.json.decode(raw, type=Draft)
    except msgspec.MsgspecError as exc:
        raise Mismatch(_UNKNOWN) from exc

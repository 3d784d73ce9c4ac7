"""Receipts: what was answered, when and to whom, as a token that proves itself; pure.

    br1.PAYLOAD.SIGNATURE

``PAYLOAD`` is a :class:`Receipt` in MessagePack and base64url, ``SIGNATURE`` the HMAC-SHA-256 of
all that stands before it, under a key that only this installation has. Nothing is stored: whoever
was given a receipt keeps it. What was asked stands in it as keyed hashes under a salt of its own,
so that one that is lost tells nobody what was asked, and two cannot be compared. Called by the web.
"""

import hmac
import secrets
from base64 import b32encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final

import msgspec

from blacklist.model import Action, Identifier, Kind, Level, Outcome, Verdict
from blacklist.secret import derive

VERSION: Final = "br1"
MAX_CHARACTERS: Final = 1 << 20
"""Of a token; a thousand answers take some 80,000."""

_SALT_BYTES: Final = 16
_HASH_BYTES: Final = 16
_ID_CHARACTERS: Final = 12


class Said(msgspec.Struct, frozen=True, array_like=True):
    """One answer. ``about`` are hashes of all identifiers that the text was understood as.

    There are none, and no verdict, where the item could not be understood. ``kind`` is that of the
    gravest listing, or else what the text was understood as first.
    """

    about: tuple[bytes, ...]
    verdict: Outcome | None
    level: Level | None
    action: Action | None
    kind: Kind | None = None


class Receipt(msgspec.Struct, frozen=True, array_like=True):
    """What was answered to one request, in the order asked.

    ``at`` is a Unix second; ``position`` the journal's row that all answers include at least;
    ``is_test``: the key was one for trying out, and the answers fixed values.
    """

    at: int
    caller: str
    policy: str
    position: str | None
    salt: bytes
    results: tuple[Said, ...]
    is_test: bool = False


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Receipt).decode


class Receipts:
    """Writes and reads the receipts of one installation."""

    def __init__(self, secret: bytes) -> None:
        self._signing = derive(secret, "receipt signature")
        self._hashing = derive(secret, "receipt identifiers")
        self._naming = derive(secret, "receipt outcomes")

    def issue(
        self, verdicts: Sequence[Verdict], *, caller: str, policy: str, at: int, is_test: bool
    ) -> str:
        """Return the token for some answers."""
        salt = secrets.token_bytes(_SALT_BYTES)
        receipt = Receipt(
            at=at,
            caller=caller,
            policy=policy,
            position=_oldest(verdicts),
            salt=salt,
            results=tuple(self._said(one, salt) for one in verdicts),
            is_test=is_test,
        )
        signed = f"{VERSION}.{_to_text(_encode(receipt))}"
        return f"{signed}.{self._sign(signed)}"

    def read(self, token: str) -> Receipt | None:
        """Return what a receipt says; None where it is not one of ours to the last character."""
        if not token.isascii() or len(token) > MAX_CHARACTERS:
            return None
        signed, _, signature = token.rpartition(".")
        # As text: base64 has several spellings of some bytes, and an altered one is not genuine.
        if not hmac.compare_digest(self._sign(signed), signature):
            return None
        version, _, payload = signed.partition(".")
        return _decode(_from_text(payload)) if version == VERSION else None

    def find(self, receipt: Receipt, identifiers: Iterable[Identifier]) -> int | None:
        """Return the place of the answer that speaks of all these identifiers, if there is one."""
        wanted = {self._hash(one, receipt.salt) for one in identifiers}
        places = (
            place for place, one in enumerate(receipt.results) if wanted and wanted <= {*one.about}
        )
        return next(places, None)

    def name(self, token: str, place: int) -> bytes:
        """Return what one answer of a receipt is known by where its outcome is counted."""
        return hmac.digest(self._naming, f"{place} {token}".encode(), "sha256")[:_HASH_BYTES]

    def _said(self, verdict: Verdict, salt: bytes) -> Said:
        about = (self._hash(Identifier(one.kind, one.value), salt) for one in verdict.identifiers)
        advice = verdict.action
        action = None if isinstance(advice, msgspec.UnsetType) else advice.do
        kinds = [one.kind for one in verdict.matches] + [one.kind for one in verdict.identifiers]
        return Said(
            tuple(about), verdict.verdict, verdict.level, action, kinds[0] if kinds else None
        )

    def _hash(self, identifier: Identifier, salt: bytes) -> bytes:
        text = salt + str(identifier).encode()
        return hmac.digest(self._hashing, text, "sha256")[:_HASH_BYTES]

    def _sign(self, text: str) -> str:
        return _to_text(hmac.digest(self._signing, text.encode(), "sha256"))


def short_id(token: str) -> str:
    """Return a receipt's id for people, such as ``K7QF-3M2P-XY45``: the first 60 bits of its hash.

    Whoever has the whole token can work it out, and nobody can find another token that has it.
    """
    text = b32encode(sha256(token.encode()).digest())[:_ID_CHARACTERS].decode()
    return "-".join(text[start : start + 4] for start in range(0, _ID_CHARACTERS, 4))


def _oldest(verdicts: Iterable[Verdict]) -> str | None:
    """Return the journal position that every answer includes; None where one is told with none."""
    told = [one.as_of.position if one.as_of else None for one in verdicts if one.verdict]
    known = [one for one in told if one is not None]
    return min(known, key=_order) if known and len(known) == len(told) else None


def _order(position: str) -> tuple[int, int]:
    milliseconds, _, number = position.partition("-")
    return int(milliseconds), int(number)


def _to_text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _from_text(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))

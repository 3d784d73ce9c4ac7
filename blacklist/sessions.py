"""A session: one person at a browser, under one key; how it is sealed, and when it is over; pure.

A sealed session is ``PAYLOAD.MAC``, both in base64 for addresses: who it is and since when, and its
HMAC-SHA256. Nothing of it is stored: what ends one before its time is the key's revocation, or its
id among those that were ended (``callers.py``). So every process can tell a session by itself.
"""

import base64
import binascii
import hmac
import secrets
from typing import Final

import msgspec

MAX_SECONDS: Final = 12 * 3_600
"""Of a session however busy: a working day."""

_ID_BYTES: Final = 16


class Session(msgspec.Struct, frozen=True):
    """One person under one key. Times are Unix seconds; ``used`` is renewed as it goes on."""

    id: str
    key_id: str
    person: str
    opened: int
    used: int

    def is_over(self, now: float, *, idle_seconds: float) -> bool:
        """Whether it was left alone for too long, or is too old."""
        return now - self.used > idle_seconds or now - self.opened > MAX_SECONDS


_decode = msgspec.json.Decoder(Session).decode


def open_session(key_id: str, person: str, *, now: int) -> Session:
    """Return a new session of a key."""
    return Session(secrets.token_hex(_ID_BYTES), key_id, person, now, now)


def seal(session: Session, key: bytes) -> str:
    """Return the session as text that nobody else can make or change."""
    payload = _encoded(msgspec.json.encode(session))
    return f"{payload}.{_encoded(_mac(payload, key))}"


def unseal(text: str, key: bytes) -> Session | None:
    """Return the session of a sealed text; None where it was not sealed with this key."""
    payload, _, mac = text.partition(".")
    try:
        if not hmac.compare_digest(_mac(payload, key), _decoded(mac)):
            return None
        return _decode(_decoded(payload))
    except (binascii.Error, UnicodeEncodeError, msgspec.MsgspecError):
        return None


def csrf_token(session: Session, key: bytes) -> str:
    """Return what a request that writes must bring beside the cookie: the same for the session."""
    return _encoded(_mac(session.id, key))


def _mac(text: str, key: bytes) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True)

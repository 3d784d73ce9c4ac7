"""Who may ask and write: keys, what each may do, and how a key is told from a guess; pure.

A key is ``bl_ID_SECRET``: the id says whose it is, the secret proves it. Only the secret's SHA-256
is kept (256 random bits need no slow hash), and it is compared in constant time, for an unknown id
too, so that the time of an answer tells nobody which ids there are.
"""

import hmac
import re
import secrets
from collections.abc import Iterable
from enum import StrEnum
from hashlib import sha256
from typing import Final

import msgspec

from blacklist.model import Audience, Trust

_TOKEN: Final = re.compile(r"bl_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_ID_BYTES: Final = 6
_SECRET_BYTES: Final = 32
_NOBODY: Final = sha256(secrets.token_bytes(_SECRET_BYTES)).hexdigest()

NAME: Final = re.compile(r"\S(?:.{0,62}\S)?")
DEFAULT_POLICY: Final = "warn"


class Scope(StrEnum):
    """What a key may do."""

    CHECK = "check"
    """Ask; also without a key, unless the settings close that."""

    REPORT = "report"
    """Tell of a fraud, and dispute a listing."""

    LIST = "list"
    """List and withdraw by hand, download the lists, follow their changes."""

    ADMIN = "admin"
    """Decide about reports and disputes, confirm a partner's listings, look at queues."""


class Caller(msgspec.Struct, frozen=True, omit_defaults=True):
    """One key as it is kept. Times are Unix seconds.

    ``trust`` is what its listings are worth: an authority's count at once, a partner's when a
    second key has confirmed them. ``quota`` is how many identifiers it may ask a day. A ``test``
    key is answered with fixed values and never from the lists.
    """

    id: str
    name: str
    scopes: frozenset[Scope]
    digest: str
    created: int
    trust: Trust = Trust.PARTNER
    audience: Audience = Audience.INSTITUTIONS
    policy: str = DEFAULT_POLICY
    quota: int | None = None
    revoked: int | None = None
    test: bool = False

    def may(self, scope: Scope) -> bool:
        """Whether the key has the scope."""
        return scope in self.scopes


class CallerTable(msgspec.Struct, frozen=True):
    """All keys of a store at one version, by id, and the ids of sessions that were ended."""

    version: int
    by_id: dict[str, Caller]
    ended: frozenset[str] = frozenset()

    def find(self, token: str) -> Caller | None:
        """Return whose key this is; None for a wrong and for a revoked one."""
        found = _TOKEN.fullmatch(token)
        key_id, secret = found.groups() if found is not None else ("", "")
        caller = self.by_id.get(key_id)
        is_right = hmac.compare_digest(_digest(secret), caller.digest if caller else _NOBODY)
        return caller if caller is not None and is_right and caller.revoked is None else None

    def of_session(self, key_id: str, session_id: str) -> Caller | None:
        """Return whose key a session is under; None where it was ended or the key revoked."""
        caller = self.by_id.get(key_id)
        if caller is None or caller.revoked is not None or session_id in self.ended:
            return None
        return caller


NO_CALLERS: Final = CallerTable(-1, {})
"""Of whoever has not read it yet."""


def mint(
    name: str,
    scopes: Iterable[Scope],
    *,
    now: int,
    trust: Trust = Trust.PARTNER,
    audience: Audience = Audience.INSTITUTIONS,
    policy: str = DEFAULT_POLICY,
    quota: int | None = None,
    test: bool = False,
) -> tuple[Caller, str]:
    """Make a key: what is kept of it, and the key itself, which nobody can tell again."""
    key_id, secret = secrets.token_hex(_ID_BYTES), secrets.token_urlsafe(_SECRET_BYTES)
    caller = Caller(
        key_id,
        name,
        frozenset(scopes),
        _digest(secret),
        now,
        trust=trust,
        audience=audience,
        policy=policy,
        quota=quota,
        test=test,
    )
    return caller, f"bl_{key_id}_{secret}"


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()

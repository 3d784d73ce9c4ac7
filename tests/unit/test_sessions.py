"""Sessions as text that nobody else can make, and when they are over."""

import base64
import hmac

import msgspec
import pytest

from blacklist.callers import CallerTable, Scope, mint
from blacklist.sessions import MAX_SECONDS, csrf_token, open_session, seal, unseal

KEY, OTHER = b"k" * 32, b"o" * 32
SESSION = open_session("0123456789ab", "Không Ai", now=1_000)
IDLE = 900


def test_a_sealed_session_is_told_by_whoever_has_the_key() -> None:
    assert unseal(seal(SESSION, KEY), KEY) == SESSION
    assert unseal(seal(SESSION, KEY), OTHER) is None


def test_no_bit_of_it_can_be_changed() -> None:
    text = seal(SESSION, KEY)
    for place, sign in enumerate(text[:-1]):  # the last holds bits that mean nothing
        changed = text[:place] + ("A" if sign != "A" else "B") + text[place + 1 :]
        assert unseal(changed, KEY) is None


@pytest.mark.parametrize(
    "text", ["", ".", "a", "a.", ".a", "a.b.c", "é.é", "=.=", "\x00", "a" * 9999]
)
def test_what_is_no_session_is_none(text: str) -> None:
    assert unseal(text, KEY) is None


def test_what_is_sealed_and_no_session_is_none() -> None:
    """Of another program under the same secret, say."""
    payload = base64.urlsafe_b64encode(b'{"id": "x"}  ').decode().rstrip("=")
    mac = hmac.digest(KEY, payload.encode(), "sha256")
    sealed = f"{payload}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
    assert unseal(sealed, KEY) is None


def test_it_is_over_when_it_is_left_alone_or_too_old() -> None:
    assert not SESSION.is_over(1_000 + IDLE, idle_seconds=IDLE)
    assert SESSION.is_over(1_001 + IDLE, idle_seconds=IDLE)
    busy = msgspec.structs.replace(SESSION, used=1_000 + MAX_SECONDS)
    assert not busy.is_over(1_000 + MAX_SECONDS, idle_seconds=IDLE)
    assert busy.is_over(1_001 + MAX_SECONDS, idle_seconds=IDLE)


def test_each_session_has_a_token_of_its_own() -> None:
    again = open_session("0123456789ab", "Không Ai", now=1_000)
    assert again.id != SESSION.id
    tokens = {csrf_token(SESSION, KEY), csrf_token(again, KEY), csrf_token(SESSION, OTHER)}
    assert len(tokens) == 3
    used = msgspec.structs.replace(SESSION, used=2_000)
    assert csrf_token(used, KEY) == csrf_token(SESSION, KEY)


def test_a_session_is_under_its_key_until_either_is_ended() -> None:
    caller, _ = mint("A bank", [Scope.CHECK], now=0)
    table = CallerTable(1, {caller.id: caller}, frozenset({"ended"}))
    assert table.of_session(caller.id, "open") == caller
    assert table.of_session(caller.id, "ended") is None
    assert table.of_session("unknown", "open") is None
    revoked = msgspec.structs.replace(caller, revoked=1)
    assert CallerTable(2, {caller.id: revoked}).of_session(caller.id, "open") is None

"""Moves to forge a receipt; those that alter one are in tests/contract/test_http_receipts.py."""

import base64
import hmac
import json
from hashlib import sha256, sha512
from typing import Any

from blacklist.callers import Scope
from blacklist.config import Settings
from blacklist.secret import derive, load_secret


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_signing_by_another_algorithm_or_purpose(target, attacker, key_of) -> None:
    """No token chooses how it is checked, and no other secret of the service signs receipts.

    Not "none", not a plain hash, not the key under which sessions are sealed.
    """
    key = key_of(target.data_dir, Scope.CHECK)
    asking = attacker(target)

    def verify(token: str) -> Any:
        answer = asking.ask("POST", "/v1/receipts/verify", {"receipt": token}, key=key)
        assert answer.status == 200
        return answer.json()["genuine"]

    batch = {"items": [{"value": "clean.example"}], "receipt": True}
    token = asking.ask("POST", "/v1/check", batch, key=key).json()["receipt"]
    assert verify(token) is True
    signed, _, _ = token.rpartition(".")
    payload = signed.partition(".")[2]
    secret = load_secret(Settings(data_dir=target.data_dir))
    keys = [derive(secret, purpose) for purpose in ("session", "session csrf", "audit")]
    forged = [f"{signed}.{text(hmac.digest(one, signed.encode(), 'sha256'))}" for one in keys]
    forged += [f"{signed}.{text(sha256(signed.encode()).digest())}", f"{signed}.", signed]
    forged.append(f"{signed}.{text(sha512(signed.encode()).digest())}")
    for algorithm in ("none", "None", "HS256"):
        head = text(json.dumps({"alg": algorithm, "typ": "JWT"}).encode())
        forged += [f"{head}.{payload}.", f"{head}.{payload}.{token.rpartition('.')[2]}"]
    assert not any(map(verify, forged))

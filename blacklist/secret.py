"""The one secret of an installation: 32 random bytes that sign sessions, receipts and digests.

It stands in the file ``secret`` of the data directory, made at the first start, or in the file that
``BLACKLIST_SECRET_FILE`` names: services on several machines need one and the same. Nobody signs
with it directly: :func:`derive` gives each purpose a key of its own, so that what was signed for
one never passes for another. It is never shown, logged or written into the store.
"""

import hmac
import os
import secrets
import stat
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from blacklist.config import Settings
from blacklist.errors import ConfigError

SECRET_BYTES: Final = 32
_NAME: Final = "secret"


def load_secret(settings: Settings) -> bytes:
    """Return the secret, at least 32 bytes, and make it where there is none yet.

    All processes of a data directory get the same one, whoever comes first. Raises ConfigError
    where it cannot be read, is shorter, or may be read by everybody.
    """
    try:
        if settings.secret_file is not None:
            return _read(settings.secret_file)
        path = settings.data_dir / _NAME
        with suppress(FileNotFoundError):
            return _read(path)
        _make(path)
        return _read(path)
    except OSError as exc:
        raise ConfigError(
            f"the secret's file cannot be read or made ({exc.strerror}): BLACKLIST_SECRET_FILE "
            "names another"
        ) from exc


def derive(secret: bytes, purpose: str) -> bytes:
    """Return the key of 32 bytes for one purpose: HKDF-Expand of RFC 5869 over SHA-256.

    One block, whose ``info`` is the purpose. The step before (extract) is left out, as section 3.3
    of the RFC allows: the secret is random.
    """
    return hmac.digest(secret, purpose.encode() + b"\x01", "sha256")


def _read(path: Path) -> bytes:
    if path.stat().st_mode & stat.S_IRWXO:
        raise ConfigError("the secret's file is open to everybody: chmod 600 it")
    secret = path.read_bytes()
    if len(secret) < SECRET_BYTES:
        raise ConfigError(f"the secret's file must hold at least {SECRET_BYTES} bytes")
    # A longer one, a password of many words, is brought to the length the derivation is made for.
    return secret if len(secret) == SECRET_BYTES else sha256(secret).digest()


def _make(path: Path) -> None:
    """Write a new secret whole and on disk before it has its name; one that is there stays."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f"{_NAME}.{secrets.token_hex(8)}")
    file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        try:
            os.write(file, secrets.token_bytes(SECRET_BYTES))
            os.fsync(file)
        finally:
            os.close(file)
        with suppress(FileExistsError):
            path.hardlink_to(beside)
    finally:
        beside.unlink()
    _sync(path.parent)


def _sync(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)

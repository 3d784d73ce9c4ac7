"""The digests: once a UTC day is over, one signed line sums up its files; and how long days stay.

A digest names the MAC of the digest before it, so that none can be taken out. A day that is older
than the settings keep goes whole; its digest stays, and the next one notes that it went.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import msgspec

from blacklist.audit import chain
from blacklist.audit.files import (
    DIGEST_SUFFIX,
    SUFFIX,
    is_being_written,
    make_folder,
    sync_folder,
)
from blacklist.audit.keys import AuditKeys
from blacklist.audit.lines import encode
from blacklist.audit.reading import FileSum, sum_of

_LOCK: Final = "lock"
_DAY_GLOB: Final = "[0-9]" * 4 + "-[0-9][0-9]-[0-9][0-9]"


class Digest(msgspec.Struct, frozen=True):
    """A day summed up.

    ``before`` is the MAC of the digest before it, ``removed`` are days that went. Files are in the
    order of their names; ``lost`` counts the requests that have no line.
    """

    day: str
    before: str | None
    files: tuple[FileSum, ...]
    lost: int
    removed: tuple[str, ...] = ()


class Made(msgspec.Struct, frozen=True):
    """A digest, and the digits of its MAC, by which lines and other digests name it."""

    day: str
    mac: str
    digest: Digest


def all_days(folder: Path) -> list[str]:
    """Return the days that have files, oldest first."""
    return sorted(one.name for one in folder.glob(_DAY_GLOB) if one.is_dir())


def files_of(folder: Path, day: str) -> list[Path]:
    """Return a day's files by name."""
    return sorted((folder / day).glob(f"*{SUFFIX}"))


def digest_paths(folder: Path) -> list[Path]:
    """Return the digests, oldest first."""
    return sorted(folder.glob(_DAY_GLOB + DIGEST_SUFFIX))


def newest_mac(folder: Path) -> str | None:
    """Return the digits that stand in front of the newest digest."""
    paths = digest_paths(folder)
    read = chain.read(paths[-1].read_bytes()) if paths else None
    return None if read is None else read[0].decode("ascii", "replace")


def read_digest(path: Path, keys: AuditKeys) -> Made | None:
    """Return a digest; None where it is not one that was made here for that day."""
    read = chain.read(path.read_bytes())
    if read is None or not chain.fits(read[0], _mac(keys, read[1])):
        return None
    shown, text = read
    try:
        digest = msgspec.json.decode(text, type=Digest)
    except msgspec.MsgspecError:
        return None
    is_of_day = path.name == digest.day + DIGEST_SUFFIX
    return Made(digest.day, shown.decode(), digest) if is_of_day else None


def sum_up(folder: Path, keys: AuditKeys, *, today: str, keep_days: int) -> list[Made]:
    """Make the digests of days before ``today`` that have none, and let old days go.

    Nothing where another process does it at this moment; a day of which a file is still being
    written waits, and those after it. Raises OSError.
    """
    waiting = [one for one in all_days(folder) if one < today and not _has_digest(folder, one)]
    if not waiting:
        return []
    with _locked(folder) as is_ours:
        return list(_sum_up(folder, keys, today, keep_days)) if is_ours else []


def _sum_up(folder: Path, keys: AuditKeys, today: str, keep_days: int) -> Iterator[Made]:
    known = [one.name.removesuffix(DIGEST_SUFFIX) for one in digest_paths(folder)]
    newest = known[-1] if known else ""
    before = newest_mac(folder)
    for day in all_days(folder):
        if day >= today or day <= newest:
            continue  # one that was slipped in before the newest is told by the proof
        paths = files_of(folder, day)
        if any(is_being_written(path) for path in paths):
            return
        oldest = (date.fromisoformat(today) - timedelta(days=keep_days)).isoformat()
        removed = tuple(one for one in all_days(folder) if one < oldest and one in known)
        sums = tuple(sum_of(path, keys) for path in paths)
        digest = Digest(day, before, sums, sum(one.lost for one in sums), removed)
        made = _write(folder, keys, digest)
        for one in removed:
            shutil.rmtree(folder / one)
        before = made.mac
        known.append(day)
        yield made


def _write(folder: Path, keys: AuditKeys, digest: Digest) -> Made:
    """Write a digest whole, or not at all."""
    text = encode(digest)
    mac = _mac(keys, text)
    path = folder / (digest.day + DIGEST_SUFFIX)
    beside = path.with_name(f".{path.name}")
    file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        written = chain.line(mac, text)
        while written:
            written = written[os.write(file, written) :]
        os.fsync(file)
    finally:
        os.close(file)
    beside.rename(path)
    sync_folder(folder)
    return Made(digest.day, chain.digits(mac).decode(), digest)


def _mac(keys: AuditKeys, text: bytes) -> bytes:
    return chain.link(keys.digests, b"", text)


def _has_digest(folder: Path, day: str) -> bool:
    return (folder / (day + DIGEST_SUFFIX)).exists()


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Tell whether this process alone sums up inside the block."""
    make_folder(folder)
    file = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(file)

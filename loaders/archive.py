"""What was loaded, kept for a while: to look at rejected rows, and to go back to the one before.

Under the data directory, a folder a source and a folder a generation in it:

``about.json``          what it is (:class:`Kept`)
``feed.gz``             the feed's bytes as they came, or
``records.ndjson.gz``   for a feed with columns about people its parsed records, without them
``rejected.ndjson.gz``  the quarantine: rejected rows with line and reason, at most 10,000

The last :data:`GENERATIONS` of a source are kept, and none for longer than :data:`DAYS`. Files are
readable by their owner only: they are as private as the lists.
"""

import gzip
import hashlib
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime
from gzip import GzipFile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import msgspec

from blacklist import source_names
from blacklist.errors import Unreachable
from loaders.formats import Personal, Record, Rejected, Row
from loaders.plan import Plan
from loaders.report import Report

GENERATIONS: Final = 5
DAYS: Final = 400
MAX_REJECTED: Final = 10_000
"""Rows of a quarantine; of more the report still has the count."""

CHUNK_BYTES: Final = 1 << 16
_DAY_SECONDS: Final = 86_400
_ABOUT, _FEED, _RECORDS, _REJECTED = (
    "about.json",
    "feed.gz",
    "records.ndjson.gz",
    "rejected.ndjson.gz",
)


class Kept(msgspec.Struct, frozen=True):
    """A generation in the archive; times are Unix seconds, ``digest`` is SHA-256 of the feed.

    ``state`` is ``applied``, ``held`` or ``rolled_back``.
    """

    folder: str
    time: int
    feed: str
    digest: str
    bytes: int
    state: str
    plan: Plan
    report: Report


class Draft:
    """The files of a load that runs. Nothing stays of it unless it is kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._hash = hashlib.sha256()
        self._bytes = 0
        self._feed: GzipFile | None = _create(folder / _FEED)
        self._records: GzipFile | None = None
        self._rejected: GzipFile = _create(folder / _REJECTED)
        self._rejected_rows = 0

    def tee(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the feed's bytes, and keep them."""
        for chunk in chunks:
            self._hash.update(chunk)
            self._bytes += len(chunk)
            if self._feed is not None:
                self._feed.write(chunk)
            yield chunk

    def watch(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield the rows, and keep them where the bytes may not be kept."""
        for row in rows:
            if isinstance(row, Personal):
                self._leave_out_people()
            if self._records is not None and isinstance(row, Record):
                self._records.write(msgspec.json.encode(row) + b"\n")
            yield row

    def _leave_out_people(self) -> None:
        """Keep parsed records in place of the bytes: the feed has columns about people."""
        if self._feed is None:
            return
        self._feed.close()
        self._feed = None
        (self._folder / _FEED).unlink()
        self._records = _create(self._folder / _RECORDS)

    def reject(self, row: Rejected) -> None:
        """Put a row into the quarantine."""
        self._rejected_rows += 1
        if self._rejected_rows <= MAX_REJECTED:
            self._rejected.write(msgspec.json.encode(row) + b"\n")

    def keep(self, plan: Plan, report: Report, second: int) -> None:
        """Finish the files; the archive puts the folder in its place."""
        self.close()
        about = Kept(
            folder=self._folder.name,
            time=second,
            feed=report.feed,
            digest=self._hash.hexdigest(),
            bytes=self._bytes,
            state="held" if report.held else "applied",
            plan=plan,
            report=report,
        )
        (self._folder / _ABOUT).write_bytes(msgspec.json.encode(about))

    def close(self) -> None:
        """Close the files, each of them also where another cannot be written to its end."""
        with ExitStack() as stack:
            for file in (self._feed, self._records, self._rejected):
                if file is not None:
                    stack.callback(file.close)


class NoDraft(Draft):
    """Keeps nothing: for the sample, and for loads of what is in the archive already."""

    def __init__(self) -> None:
        """Open no file."""

    def tee(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the feed's bytes."""
        yield from chunks

    def watch(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield the rows."""
        yield from rows

    def reject(self, row: Rejected) -> None:
        """Do nothing."""

    def keep(self, plan: Plan, report: Report, second: int) -> None:
        """Do nothing."""


class Archive:
    """All that is kept, under one folder."""

    def __init__(self, data_dir: Path) -> None:
        self._root = data_dir / "feeds"

    @contextmanager
    def draft(self, source: str) -> Iterator[Draft]:
        """Open the files of a load; they stay if they were kept inside the block.

        Raises Unreachable when the disk does not take them, ConfigError for no source's name.
        """
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        folder = self._of(source) / f"{stamp}-{secrets.token_hex(4)}"
        unfinished = folder.with_name(f".{folder.name}")
        try:
            unfinished.mkdir(parents=True, mode=0o700)
            draft = Draft(unfinished)
        except OSError as exc:
            raise Unreachable(f"the archive cannot be written ({exc.strerror})") from exc
        try:
            yield draft
            if (unfinished / _ABOUT).exists():
                unfinished.rename(folder)
                self._prune(source)
        except OSError as exc:
            raise Unreachable(f"the archive cannot be written ({exc.strerror})") from exc
        finally:
            with suppress(OSError):  # on a full disk; what is left of the files goes
                draft.close()
            shutil.rmtree(unfinished, ignore_errors=True)

    def sources(self) -> list[str]:
        """The names of all sources of which something is kept."""
        return sorted(one.name for one in self._root.glob("[!.]*") if one.is_dir())

    def generations(self, source: str) -> list[Kept]:
        """What is kept of a source, newest first; ConfigError for no source's name."""
        folders = sorted(self._of(source).glob("[0-9]*"), reverse=True)
        return [self._about(folder) for folder in folders if (folder / _ABOUT).exists()]

    def prune(self) -> None:
        """Forget what is too old of every source, also of those that are loaded no more."""
        for source in self.sources():
            self._prune(source)

    def find_rejected(self, kept: Kept) -> Iterator[Rejected]:
        """Yield the rows of a quarantine."""
        for line in self._lines(kept, _REJECTED):
            yield msgspec.json.decode(line, type=Rejected)

    def has_records(self, kept: Kept) -> bool:
        """Tell whether parsed records were kept in place of the feed's bytes."""
        return (self._folder(kept) / _RECORDS).exists()

    def records(self, kept: Kept) -> Iterator[Record]:
        """Yield the parsed records of a feed with columns about people."""
        for line in self._lines(kept, _RECORDS):
            yield msgspec.json.decode(line, type=Record)

    def chunks(self, kept: Kept) -> Iterator[bytes]:
        """Yield the bytes of a feed as they came."""
        with self._open(kept, _FEED) as file:
            yield from iter(lambda: file.read(CHUNK_BYTES), b"")

    def leave_out(
        self, kept: Kept, records: Iterable[Record], rejected: Iterable[Rejected]
    ) -> None:
        """Keep these rows of a generation, and nothing else of what its feed said.

        Parsed records take the place of the feed's bytes, as where a feed has columns about people.
        Raises Unreachable, and then all stays as it was.
        """
        folder = self._folder(kept)
        with TemporaryDirectory(prefix=".", dir=folder) as beside:
            try:
                for name, rows in ((_RECORDS, records), (_REJECTED, rejected)):
                    with closing(_create(Path(beside) / name)) as file:
                        for row in rows:
                            file.write(msgspec.json.encode(row) + b"\n")
                for name in (_RECORDS, _REJECTED):
                    (Path(beside) / name).replace(folder / name)
                (folder / _FEED).unlink(missing_ok=True)
            except OSError as exc:
                raise Unreachable(f"the archive cannot be written ({exc.strerror})") from exc

    def mark(self, kept: Kept, state: str) -> None:
        """Write another state of a generation down."""
        about = msgspec.structs.replace(kept, state=state)
        (self._folder(kept) / _ABOUT).write_bytes(msgspec.json.encode(about))

    def _prune(self, source: str) -> None:
        """Forget what is beyond the last generations or too old, and what was left unfinished."""
        oldest = time.time() - DAYS * _DAY_SECONDS
        for place, kept in enumerate(self.generations(source)):
            if place >= GENERATIONS or kept.time < oldest:
                shutil.rmtree(self._folder(kept), ignore_errors=True)
        for folder in self._of(source).glob(".[0-9]*"):
            if folder.stat().st_mtime < time.time() - _DAY_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)

    def _of(self, source: str) -> Path:
        """The folder of a source; its name leads nowhere else."""
        source_names.require_shape(source)
        return self._root / source

    def _about(self, folder: Path) -> Kept:
        about = msgspec.json.decode((folder / _ABOUT).read_bytes(), type=Kept)
        return msgspec.structs.replace(about, folder=f"{folder.parent.name}/{folder.name}")

    def _folder(self, kept: Kept) -> Path:
        return self._root / kept.folder

    def _lines(self, kept: Kept, name: str) -> Iterator[bytes]:
        with self._open(kept, name) as file:
            yield from file

    @contextmanager
    def _open(self, kept: Kept, name: str) -> Iterator[Any]:
        try:
            with gzip.open(self._folder(kept) / name, "rb") as file:
                yield file
        except (OSError, EOFError) as exc:
            raise Unreachable("the archive cannot be read") from exc


def _create(path: Path) -> GzipFile:
    return GzipFile(path, "wb", compresslevel=4)

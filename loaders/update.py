"""One feed brought up to date: locked → fetched → published → its state written.

    due? ──▶ lock ──▶ download ──▶ unchanged: the list's age is renewed
                                └▶ changed: the way of a feed (``pipeline.py``)

Called by the command line. Whatever goes wrong, what the feed listed before keeps answering, and
the other feeds go on: every outcome is a :class:`Result`. The state is written after the lists, so
that it never says more than they hold; a crash in between costs one more fetch.
"""

import time
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path

import msgspec

from blacklist.errors import (
    BlacklistError,
    Busy,
    ConfigError,
    Held,
    Malformed,
    StoreError,
    Unreachable,
)
from blacklist.publish import Publisher
from blacklist.store import feeds, locks, sources
from blacklist.store.feeds import FeedState
from blacklist.store.sources import SourceRecord
from loaders import pipeline, schedule
from loaders.archive import Archive
from loaders.catalogue import Entry
from loaders.download import DEFAULT_LIMITS, Downloaded, Downloader, Limits
from loaders.fetch import read_chunks
from loaders.fetch_reasons import unreachable
from loaders.pipeline import Report

EXTEND_SECONDS = 5.0
"""How often the lock of a feed is renewed while its bytes come in."""

_WORDS: dict[type[BlacklistError], str] = {
    Busy: "busy",
    StoreError: "store_unavailable",
    Held: "held",
    Malformed: "malformed",
    ConfigError: "misconfigured",
}


class Outcome(StrEnum):
    """What became of one feed."""

    LOADED = "loaded"
    UNCHANGED = "unchanged"
    NOT_DUE = "not_due"
    BUSY = "busy"
    """Another process fetches or loads it at this moment."""
    FAILED = "failed"
    HELD = "held"


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One feed's outcome; ``reason`` and ``message`` say why it failed or is held.

    ``next_due`` is the second from which it is due again, where that is known.
    """

    feed: str
    outcome: Outcome
    reason: str | None = None
    message: str | None = None
    report: Report | None = None
    next_due: int | None = None
    seconds: float = 0.0


class Updater:
    """Updates feeds through one publisher, which keeps what comes in the archive.

    ``accept`` publishes what would be held; ``stopping`` ends what waits and what comes in.
    """

    def __init__(
        self,
        publisher: Publisher,
        folder: Path,
        region: str,
        *,
        private: bool = False,
        accept: bool = False,
        archive: Archive | None = None,
        limits: Limits = DEFAULT_LIMITS,
        sleep: Callable[[float], object] = time.sleep,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._publisher = publisher
        self._client = publisher.client
        self._folder = folder
        self._region = region
        self._private = private
        self._accept = accept
        self._archive = archive
        self._limits = limits
        self._sleep = sleep
        self.stopping = stopping

    def update(self, entry: Entry, *, force: bool = False) -> Result:
        """Fetch and load one feed if it is due, or forced; raises nothing of ours."""
        begun = time.monotonic()
        try:
            with locks.hold(self._client, f"feed:{entry.name}") as lock:
                if lock is None:
                    return Result(feed=entry.name, outcome=Outcome.BUSY, reason="busy")
                result = self._update(entry, lock, force=force)
        except BlacklistError as exc:
            result = _failure(entry, exc)
        return msgspec.structs.replace(result, seconds=time.monotonic() - begun)

    def _update(self, entry: Entry, lock: locks.Held, *, force: bool) -> Result:
        """With the lock held: whoever had it before may have fetched the feed."""
        state, record = self._known(entry)
        due = schedule.next_due(entry, state, record, self._publisher.info.id)
        if not force and due > self._publisher.wall():
            return Result(feed=entry.name, outcome=Outcome.NOT_DUE, next_due=due)
        tick = _Tick(lock, self.stopping)
        try:
            result = self._fetch(entry, state, record, tick)
        except BlacklistError as exc:
            result = self._note_failure(entry, state, exc)
        except Exception as exc:  # noqa: BLE001 - a defect in one feed must not stop the others
            defect = unreachable("defect", type(exc).__name__)
            result = self._note_failure(entry, state, defect)
        state, record = self._known(entry)
        due = schedule.next_due(entry, state, record, self._publisher.info.id)
        return msgspec.structs.replace(result, next_due=due)

    def _fetch(
        self, entry: Entry, state: FeedState, record: SourceRecord | None, tick: "_Tick"
    ) -> Result:
        have = self._have(entry, state, record)
        downloaded = self._download(entry, have, tick)
        if downloaded is None and have is not None:
            if self._confirm(entry, have):
                return self._note_success(entry, have, Outcome.UNCHANGED)
            downloaded = self._download(entry, None, tick)
        if downloaded is None:
            raise unreachable("status", "304")
        with downloaded.file:
            return self._publish(entry, have, downloaded, tick)

    def _publish(
        self, entry: Entry, have: FeedState | None, downloaded: Downloaded, tick: "_Tick"
    ) -> Result:
        """Load what came, unless it is, byte for byte, what the list was made of."""
        same = have is not None and have.digest == downloaded.digest
        report = None
        if not (same and have is not None and self._confirm(entry, have)):
            same = False
            report = self._load(entry, _watched(downloaded, tick))
        _, record = self._known(entry)
        fetched = FeedState(
            made_for=entry.fingerprint(self._region),
            generation=record.generation if record is not None else None,
            etag=downloaded.etag,
            last_modified=downloaded.last_modified,
            digest=downloaded.digest,
            bytes=downloaded.size_bytes,
        )
        outcome = Outcome.UNCHANGED if same else Outcome.LOADED
        return self._note_success(entry, fetched, outcome, report)

    def _load(self, entry: Entry, chunks: Iterator[bytes]) -> Report:
        """Load what came; raises Held, with the report's reasons, where a person should look."""
        plan = msgspec.structs.replace(entry.plan(self._region), accept=self._accept)
        report = pipeline.run(self._publisher, chunks, plan, feed=entry.name, archive=self._archive)
        if report.held:
            raise pipeline.why_held(report)
        return report

    def _have(
        self, entry: Entry, state: FeedState, record: SourceRecord | None
    ) -> FeedState | None:
        """What the last fetch brought, if the list is still just that and may stay so."""
        whole = entry.mode == "full" and record is not None
        made_so = state.made_for == entry.fingerprint(self._region)
        return state if whole and made_so and state.generation is not None else None

    def _confirm(self, entry: Entry, have: FeedState) -> bool:
        return have.generation is not None and self._publisher.confirm(
            entry.source(), generation=have.generation
        )

    def _download(self, entry: Entry, have: FeedState | None, tick: "_Tick") -> Downloaded | None:
        downloader = Downloader(
            self._folder,
            msgspec.structs.replace(self._limits, max_bytes=entry.max_bytes),
            sleep=lambda seconds: tick.pause(seconds, self._sleep),
            tick=tick,
        )
        wanted, access = entry.wanted(), entry.access
        if have is not None:
            wanted = msgspec.structs.replace(
                wanted, etag=have.etag, last_modified=have.last_modified
            )
        if self._private:
            access = msgspec.structs.replace(access, private=True)
        return downloader.fetch(wanted, access)

    def _known(self, entry: Entry) -> tuple[FeedState, SourceRecord | None]:
        state = feeds.read(self._client).get(entry.name, FeedState())
        return state, sources.read(self._client).named(entry.name)

    def _note_success(
        self, entry: Entry, fetched: FeedState, outcome: Outcome, report: Report | None = None
    ) -> Result:
        now = int(self._publisher.wall())
        state = msgspec.structs.replace(
            fetched,
            tried=now,
            succeeded=now,
            failing_since=None,
            failures=0,
            error=None,
            message=None,
        )
        feeds.write(self._client, entry.name, state)
        return Result(feed=entry.name, outcome=outcome, report=report)

    def _note_failure(self, entry: Entry, state: FeedState, exc: BlacklistError) -> Result:
        result = _failure(entry, exc)
        passing = result.outcome is Outcome.BUSY or result.reason == "stopped"
        if not passing:
            now = int(self._publisher.wall())
            failed = state.failed(now, result.reason or "", result.message or "")
            feeds.write(self._client, entry.name, failed)
        return result


class _Tick:
    """Called while bytes come in: keeps the lock, and ends the work when it is to end."""

    def __init__(self, lock: locks.Held, stopping: Callable[[], bool]) -> None:
        self._lock = lock
        self._stopping = stopping
        self._extended = time.monotonic()

    def __call__(self) -> None:
        if self._stopping():
            raise unreachable("stopped")
        if time.monotonic() - self._extended > EXTEND_SECONDS:
            self._lock.extend()
            self._extended = time.monotonic()

    def pause(self, seconds: float, sleep: Callable[[float], object]) -> None:
        """Sleep in pieces, so that the lock lives on."""
        while seconds > 0:
            self()
            sleep(min(seconds, EXTEND_SECONDS))
            seconds -= EXTEND_SECONDS
        self()


def _watched(downloaded: Downloaded, tick: _Tick) -> Iterator[bytes]:
    for chunk in read_chunks(downloaded.file):
        tick()
        yield chunk


def _failure(entry: Entry, exc: BlacklistError) -> Result:
    reason = exc.reason if isinstance(exc, Unreachable) else _word(exc)
    outcome = {"held": Outcome.HELD, "busy": Outcome.BUSY}.get(reason, Outcome.FAILED)
    return Result(feed=entry.name, outcome=outcome, reason=reason, message=str(exc))


def _word(exc: BlacklistError) -> str:
    return next((word for kind, word in _WORDS.items() if isinstance(exc, kind)), "defect")

"""The output of a screen while it is written: a partial file, and beside it how far it is whole.

``OUT.partial`` holds rows; ``OUT.partial.state`` says how many bytes of it, and of the input,
belong together, and is replaced whole after the rows were synced. So a run that was killed goes on
behind the last row that is surely there, and ends with the file that an undisturbed run writes. It
does not go on where the input before that place, or the options, have changed.
"""

import fcntl
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import IO

import msgspec

from blacklist.errors import Busy, ConfigError
from blacklist.model import Outcome
from blacklist.screening import Piece, Told

SAVE_SECONDS = 1.0
_CHUNK_BYTES = 1 << 20
_ERRORS = "error"
"""The name under which rows with an error are counted in the state."""


class _State(msgspec.Struct, forbid_unknown_fields=True):
    """``end`` bytes of the input, whose SHA-256 is ``digest``, made ``written`` bytes of output."""

    format: str
    told: Told
    end: int
    digest: str
    written: int
    counts: dict[str, int]


class Screened:
    """The output for one input; use it as a context. ``end`` is how far the input is screened.

    ``restart`` forgets an earlier run. Raises Busy while another process writes the same output,
    ConfigError where it cannot go on, or cannot write.
    """

    def __init__(
        self, out: Path, source: IO[bytes], *, told: tuple[str, Told], restart: bool = False
    ) -> None:
        self._out = out
        self._partial = out.with_name(out.name + ".partial")
        self._state = out.with_name(out.name + ".partial.state")
        self._source = source.fileno()
        self._told = told
        self._restart = restart
        self._digest = sha256()
        self._written = 0
        self._saved_at = time.monotonic()
        self._outcomes: Counter[Outcome | None] = Counter()
        self.end = 0

    def __enter__(self) -> "Screened":
        with _writing():
            if self._out.exists() and os.path.samestat(self._out.stat(), os.fstat(self._source)):
                raise ConfigError("the output would take the input's place")
            self._file = os.open(self._partial, os.O_RDWR | os.O_CREAT, 0o666)
            self._lock()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is not None:
                self._leave()
        finally:
            os.close(self._file)

    def begin(self, head: bytes, end: int) -> None:
        """Go on where an earlier run stopped; else write ``head``, made of ``end`` bytes."""
        with _writing():
            state = None if self._restart else self._read_state()
            if state is None:
                os.truncate(self._file, 0)
                self._write(head, end)
                return
            os.truncate(self._file, state.written)
            os.lseek(self._file, 0, os.SEEK_END)
        self.end, self._written = state.end, state.written
        for name, count in state.counts.items():
            self._outcomes[None if name == _ERRORS else Outcome(name)] = count

    def add(self, piece: Piece) -> None:
        """Write one piece."""
        with _writing():
            self._write(piece.data, piece.end)
            self._outcomes += piece.outcomes
            if time.monotonic() - self._saved_at >= SAVE_SECONDS:
                self._save()

    def finish(self) -> Counter[Outcome | None]:
        """Put the output in its place; how many rows had which verdict."""
        with _writing():
            os.fsync(self._file)
            self._partial.replace(self._out)
            self._state.unlink(missing_ok=True)
        return self._outcomes

    def _lock(self) -> None:
        """Be the only one to write this output."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_ours = os.path.samestat(self._partial.stat(), os.fstat(self._file))
        except (BlockingIOError, FileNotFoundError):
            is_ours = False
        if not is_ours:  # another process holds it, or has just put it in its place
            os.close(self._file)
            raise Busy("this output is being written by another process")

    def _write(self, data: bytes, end: int) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._file, view) :]
        self._written += len(data)
        _digest_on(self._digest.update, self._source, self.end, end)
        self.end = end

    def _save(self) -> None:
        """Note what is whole, once it is surely on the disk."""
        os.fsync(self._file)
        counts = {outcome or _ERRORS: count for outcome, count in self._outcomes.items()}
        state = _State(
            format=self._told[0],
            told=self._told[1],
            end=self.end,
            digest=self._digest.hexdigest(),
            written=self._written,
            counts={str(name): count for name, count in counts.items()},
        )
        beside = self._state.with_name(self._state.name + ".new")
        with beside.open("wb") as file:
            file.write(msgspec.json.encode(state))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._state)
        self._saved_at = time.monotonic()

    def _leave(self) -> None:
        """Keep what there is for the next run; nothing where no row was screened."""
        with suppress(OSError):
            if self._outcomes:
                self._save()
            elif not self._state.exists():
                self._partial.unlink()

    def _read_state(self) -> _State | None:
        """What an earlier run left; None where there is nothing to go on from."""
        try:
            state = msgspec.json.decode(self._state.read_bytes(), type=_State)
        except (FileNotFoundError, msgspec.MsgspecError):
            return None
        if os.fstat(self._file).st_size < state.written:
            return None
        if (state.format, state.told) != self._told:
            raise _refusal("was begun with other options")
        _digest_on(self._digest.update, self._source, 0, state.end)
        if self._digest.hexdigest() != state.digest:
            raise _refusal("was begun with another input: the file has changed")
        return state


def _refusal(why: str) -> ConfigError:
    return ConfigError(f"the run to go on from {why}; begin anew with --restart")


def _digest_on(update: Callable[[bytes], None], source: int, start: int, end: int) -> None:
    """Take a part of the input into a digest; a part that is not there is left out."""
    while start < end:
        data = os.pread(source, min(_CHUNK_BYTES, end - start), start)
        if not data:
            return
        update(data)
        start += len(data)


@contextmanager
def _writing() -> Iterator[None]:
    """Tell in our words what the disk refuses."""
    try:
        yield
    except OSError as exc:
        raise ConfigError(f"the output cannot be written: {exc.strerror}") from exc

"""Threads that take turns: a task stands still before every call of the store, clock and sleep.

Exactly one thread runs at a time and whoever holds the tasks chooses which, so an interleaving is
a list of choices and can be played again. What the tasks run is the real code over a real server;
only the connection they are given stops before it sends.
"""

import threading
from collections.abc import Callable

import redis
from redis.backoff import NoBackoff
from redis.connection import UnixDomainSocketConnection
from redis.retry import Retry

TURN_SECONDS = 30
"""No turn takes nearly as long; a task that does is stuck."""

TURNS_AT_MOST = 400
CLOCK = b"clock"

_here = threading.local()


class Killed(BaseException):
    """The process of a task is gone: nothing that it still wanted to do is done."""


class Task:
    """A function on a thread of its own, run turn by turn."""

    def __init__(self, function: Callable[[], object]) -> None:
        self.result: object = None
        self.error: BaseException | None = None
        self.is_over = False
        self.turns = 0
        self.before = b""
        """What it does with its next turn: the commands it sends, as sent, or ``clock``."""
        self.until: float | None = None
        """When the sleep that it stands in is over."""
        self._function = function
        self._killed = False
        self._go = _closed()
        self._back = _closed()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def turn(self) -> None:
        """Let it run up to the next place where it stands still, or to its end."""
        if self.is_over:
            return
        self.turns += 1
        self._go.release()
        assert self._back.acquire(timeout=TURN_SECONDS), "a task is stuck"

    def run_to(self, mark: bytes) -> None:
        """Let it run until it stands before what holds ``mark``, in a sleep, or to its end."""
        for _ in range(TURNS_AT_MOST):
            self.turn()
            if self.is_over or self.until is not None or mark in self.before:
                return
        raise AssertionError("a task does not end")

    def kill(self) -> None:
        """End it as ``kill -9`` does: from now on it reaches nothing."""
        self._killed = True
        self.turn()
        assert self.is_over

    def stand(self, before: bytes) -> None:
        """Called on its own thread: stand still until the next turn."""
        self.before = before
        if not self._killed:
            self._back.release()
            self._go.acquire()
        if self._killed:
            raise Killed

    def _run(self) -> None:
        _here.task = self
        self._go.acquire()
        try:
            self.result = self._function() if not self._killed else None
        except BaseException as exc:  # noqa: BLE001 - whoever holds the task looks at it
            self.error = exc
        if self._killed:
            self.error = Killed()
        self.is_over = True
        self._back.release()


def _closed() -> threading.Lock:
    """A gate that lets one through each time it is released (quicker than a semaphore of one)."""
    gate = threading.Lock()
    gate.acquire()
    return gate


def stand(before: bytes) -> None:
    """Stand still if this thread is a task's."""
    task = getattr(_here, "task", None)
    if task is not None:
        task.stand(before)


class Clock:
    """A clock that goes on when it is told; a task may be held up on either side of a look."""

    def __init__(self) -> None:
        self.now = 100.0
        self.wall_offset = 1_764_000_000.0

    def __call__(self) -> float:
        stand(CLOCK)
        now = self.now
        stand(CLOCK)
        return now

    def wall(self) -> float:
        """The Unix second; people and programs set this clock back at times."""
        return self.wall_offset + self.now

    def sleep(self, seconds: float) -> None:
        """Stand still until the clock has gone on far enough."""
        task, end = _here.task, self.now + seconds
        while self.now < end:
            task.until = end
            stand(b"")
        task.until = None


class Line:
    """The way from one process to the server; ``is_cut``: nothing comes through.

    ``breaks``: what is sent next does not, and what is sent afterwards does.
    """

    def __init__(self, path: str) -> None:
        self.is_cut = False
        self.breaks = False
        self._path = path
        self._pools: list[redis.ConnectionPool] = []

    def client(self) -> redis.Redis:
        """A client whose every call is a turn and which never tries twice."""
        pool = redis.ConnectionPool(
            connection_class=_Connection,
            path=self._path,
            line=self,
            protocol=2,
            socket_timeout=10,
            retry=Retry(NoBackoff(), 0),
        )
        self._pools.append(pool)
        return redis.Redis(connection_pool=pool)

    def close(self) -> None:
        """Close all its connections."""
        for pool in self._pools:
            pool.disconnect()


class _Connection(UnixDomainSocketConnection):
    def __init__(self, *, line: Line, **others: object) -> None:
        self._line = line
        self._connects = False
        super().__init__(**others)

    def on_connect_check_health(self, check_health: bool = True) -> None:
        self._connects = True
        try:
            super().on_connect_check_health(check_health=check_health)
        finally:
            self._connects = False

    def send_packed_command(self, command: bytes | list[bytes], **others: object) -> None:
        if not self._connects:
            stand(b"".join(command) if isinstance(command, list) else command)
            if self._line.is_cut or self._line.breaks:
                self._line.breaks = False
                raise redis.ConnectionError
        super().send_packed_command(command, **others)

"""A store with writers, builders of snapshots, workers and questions that take turns.

The code is the real one, the server too. Each part stands still before every call of the store, on
either side of a look at the clock and in the barrier's sleep; whoever holds the world chooses who
goes on, what time it is, whose line is cut, who is killed and when the store is set back.
``expected`` says what may be answered. Played by ``barrier_machine`` and ``barrier_scenes``.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

import redis

from blacklist.errors import BlacklistError
from blacklist.lookup import Ask, Lookup
from blacklist.model import Identifier, Kind, Source
from blacklist.publish import Publisher
from blacklist.replica import Replica
from blacklist.store import keys, meta
from blacklist.store.stage import Staged, Withdrawal
from expected import Asked, Expected, Seen, Stands, Write
from turns import Clock, Line, Task

MAX_LAG_SECONDS = 1.0
BITS = 4
SOURCES = {name: Source(name, name) for name in ("one", "two")}
VALUES = ("a.example", "b.example", "c.example")
NEVER = "never.example"
REPLICAS = ("first", "second")
HOWS = ("add", "full", "exact", "withdraw")
END = b"(no command holds this)"
POLLS_TO_COME_BACK = 3
RUNNING_AT_MOST = 3


@dataclass(eq=False)
class Actor:
    """A task with what is to be done once it has ended."""

    task: Task
    end: Callable[[Task], None]
    line: Line | None = None

    def run_to(self, mark: bytes = END, turns: int = 0) -> None:
        """Let it go on up to a call that holds ``mark``, and some turns beyond."""
        if not self.task.is_over:
            self.task.run_to(mark)
            self._look()
        self.go_on(turns)

    def go_on(self, turns: int) -> None:
        """Let it take some turns."""
        for _ in range(turns):
            if not self.task.is_over:
                self.task.turn()
                self._look()

    def kill(self) -> None:
        """End it where it stands."""
        if not self.task.is_over:
            self.task.kill()
            self.end(self.task)

    def _look(self) -> None:
        if self.task.is_over:
            self.end(self.task)
            if self.task.error is not None and not isinstance(self.task.error, BlacklistError):
                raise self.task.error


class Process:
    """One worker: a replica with a thread of its own, and questions."""

    def __init__(self, line: Line, clock: Clock) -> None:
        self.line = line
        self.replica = Replica(line.client(), clock=clock)
        self.lookup = Lookup(self.replica, line.client(), clock=clock, wall=clock.wall)
        self.poll: Actor | None = None
        self.questions: list[Actor] = []


class World:
    """Everything that takes turns, over one empty store. ``path`` is the server's socket."""

    def __init__(self, client: redis.Redis, path: str) -> None:
        self.client = client
        self._path = path
        client.flushall()
        self.info = meta.create(
            client, bits=dict.fromkeys(Kind, BITS), max_lag_seconds=MAX_LAG_SECONDS
        )
        self.clock = Clock()
        self._lines: list[Line] = []
        self.expected = Expected(SOURCES, (*VALUES, NEVER))
        self.writers: list[Actor] = []
        self.builders: list[Actor] = []
        self.kept: list[tuple[dict[bytes, bytes], dict]] = []
        self.processes: dict[str, Process] = {}
        for name in REPLICAS:
            self._start(name)
            self.poll(name)

    def _line(self) -> Line:
        self._lines.append(Line(self._path))
        return self._lines[-1]

    def _publisher(self, line: Line) -> Publisher:
        return Publisher(line.client(), self.info, wall=self.clock.wall, sleep=self.clock.sleep)

    # --- writers ---------------------------------------------------------------------------

    def begin_write(self, source: str, some: Iterable[str], how: str) -> Actor:
        """Begin a write of a source; ``how`` is one of :data:`HOWS`."""
        some = sorted(some)
        after = Stands.NO if how == "withdraw" else Stands.YES
        becomes = {(source, value): after for value in some}
        if how == "full":
            becomes = {(source, v): Stands.NO for v in self.expected.values} | becomes
        write = Write(becomes)
        self.expected.begin(write)

        def end(task: Task) -> None:
            self.writers.remove(writer)
            self.expected.end(write, acknowledged=task.error is None)

        line = self._line()
        writer = Actor(Task(lambda: self._load(line, source, some, how)), end, line)
        if len(self.writers) == RUNNING_AT_MOST:
            self.kill_writer(self.writers[0])
        self.writers.append(writer)
        return writer

    def _load(self, line: Line, source: str, some: list[str], how: str) -> None:
        """One write, as the pipeline does it."""
        found = [Identifier(Kind.LINK, value) for value in some]
        full, exact = how == "full", how == "exact"
        with self._publisher(line).load(SOURCES[source], full=full, exact=exact) as load:
            if how == "withdraw":
                load.withdraw(Withdrawal(one) for one in found)
            else:
                load.put(Staged(one) for one in found)
            load.commit()

    def pass_the_barrier(self, reads: Iterable[str] = (), at: float = 0.5) -> None:
        """Let just the time pass for which writers wait; ``reads`` poll at a part of it."""
        ends = [one.task.until for one in self.writers if one.task.until is not None]
        begun = self.clock.now
        until = max([begun, *ends])
        self.clock.now = begun + (until - begun) * at
        for name in reads:
            self.poll(name)
        self.clock.now = until
        for writer in [one for one in self.writers if one.task.until is not None]:
            writer.run_to()

    def write(self, source: str, some: Iterable[str], how: str, reads: Iterable[str] = ()) -> Actor:
        """A whole write, up to its acknowledgement."""
        writer = self.begin_write(source, some, how)
        writer.run_to()
        self.pass_the_barrier(reads)
        return writer

    def kill_writer(self, writer: Actor) -> None:
        """Kill it; half a minute later its locks are gone."""
        writer.kill()
        self.let_locks_run_out()

    def let_locks_run_out(self) -> None:
        """Half a minute passes in which nobody extends a lock; who holds one may yet go on."""
        held = list(self.client.scan_iter(keys.lock("*")))
        if held:
            self.client.delete(*held)

    # --- snapshots -------------------------------------------------------------------------

    def begin_build(self) -> Actor:
        """Begin to build the snapshots, the links' first."""
        line = self._line()
        builder = Actor(Task(lambda: self._build(line)), self._end_build, line)
        if len(self.builders) == RUNNING_AT_MOST:
            self.builders[0].kill()
            self.let_locks_run_out()
        self.builders.append(builder)
        return builder

    def _build(self, line: Line) -> None:
        publisher = self._publisher(line)
        for kind in (Kind.LINK, Kind.PHONE, Kind.ACCOUNT):
            publisher.rebuild(kind)

    def _end_build(self, task: Task) -> None:
        self.builders = [one for one in self.builders if one.task is not task]

    def tidy(self) -> None:
        """Rebuild every snapshot and forget the journal before them, if nobody else builds."""
        publisher = Publisher(self.client, self.info, wall=self.clock.wall)
        with suppress(BlacklistError):
            for kind in Kind:
                publisher.rebuild(kind)
            publisher.tidy()

    # --- workers ---------------------------------------------------------------------------

    def _start(self, name: str) -> None:
        self.processes[name] = Process(self._line(), self.clock)
        self.expected.seen[name] = Seen()

    def restart(self, name: str) -> None:
        """Another worker in its place: it never knew what the store has lost."""
        process = self.processes[name]
        for actor in [process.poll, *process.questions]:
            if actor is not None:
                actor.kill()
        self._start(name)

    def begin_poll(self, name: str) -> Actor:
        """Let a replica begin to read on, or return what has begun."""
        process = self.processes[name]

        def end(task: Task) -> None:
            process.poll = None
            self.expected.end_read(name, succeeded=task.error is None)

        if process.poll is None:
            self.expected.begin_read(name)
            process.poll = Actor(Task(process.replica.poll), end)
        return process.poll

    def poll(self, name: str) -> None:
        """Let a replica read on to the end."""
        self.begin_poll(name).run_to()

    def ask(self, name: str, value: str) -> Actor:
        """Ask a worker; when it answers, the answer is judged."""
        process = self.processes[name]
        asked = self.expected.begin_question(name, value)

        def end(task: Task) -> None:
            process.questions.remove(actor)
            self.expected.end_question(asked)
            if task.error is None:
                judge(name, asked, task.result.verdict.value)

        actor = Actor(Task(lambda: process.lookup.check(Ask(value))), end)
        if len(process.questions) == RUNNING_AT_MOST:
            process.questions[0].kill()
        process.questions.append(actor)
        return actor

    def check(self) -> None:
        """Everybody answers right at this moment."""
        values = [*VALUES, NEVER]
        for name, process in self.processes.items():
            answers = process.lookup.check_many([Ask(value) for value in values])
            for value, answer in zip(values, answers, strict=True):
                asked = Asked(value, self.expected.must_not(name, value))
                judge(name, asked, answer.verdict.value)

    def check_all_come_back(self) -> None:
        """Who reaches the store, and is left alone, soon has a filter again."""
        for actor in [*self.builders, *self.writers]:
            actor.kill()
        self.let_locks_run_out()
        for name, process in self.processes.items():
            process.line.is_cut = False
            for _ in range(POLLS_TO_COME_BACK):
                self.poll(name)
            assert process.replica.trouble is None, f"{name}: no filter"
        self.check()

    # --- losses ----------------------------------------------------------------------------

    def keep(self) -> None:
        """Keep a copy of the store, as a disk's snapshot does."""
        self.kept = [*self.kept[-2:], (self._dump(b"*"), dict(self.expected.pairs))]

    def _dump(self, pattern: bytes) -> dict[bytes, bytes]:
        names = sorted(name for name in self.client.keys(pattern) if b":lock:" not in name)
        pipe = self.client.pipeline(transaction=True)
        for name in names:
            pipe.dump(name)
        return dict(zip(names, pipe.execute(), strict=True))

    def set_back(self, copy: int = 0, *, writers_go_on: bool = False) -> None:
        """Put a copy in the store's place (0: the last).

        Writers and builders end, or find their connections broken and go on as they can.
        """
        if not self.kept:
            return
        for actor in [*self.writers, *self.builders]:
            if not writers_go_on:
                actor.kill()
            elif actor.line is not None:
                actor.line.breaks = True
        kept, pairs = self.kept[-1 - copy % len(self.kept)]
        pipe = self.client.pipeline(transaction=True)
        pipe.flushall()
        for name, data in kept.items():
            pipe.restore(name, 0, data)
        pipe.execute()
        self.expected.set_back(pairs)

    def lose_the_shard(self, value: str) -> Callable[[], None]:
        """A node comes back without what one shard held; returns how to give it back."""
        shard = keys.shard_of(Identifier(Kind.LINK, value), BITS)
        names = [name(Kind.LINK, BITS, shard) for name in (keys.entries, keys.details)]
        held = {name: self.client.dump(name) for name in names}
        self.client.delete(*names)

        def give_back() -> None:
            for name, data in held.items():
                if data is not None:
                    self.client.restore(name, 0, data, replace=True)

        return give_back

    def close(self) -> None:
        """End all that is under way."""
        for process in self.processes.values():
            for actor in [process.poll, *process.questions]:
                if actor is not None:
                    actor.kill()
        for actor in [*self.writers, *self.builders]:
            actor.kill()
        for line in self._lines:
            line.close()


def judge(name: str, asked: Asked, told: str) -> None:
    """Hold an answer against what it may not be."""
    assert told not in asked.must_not, f"{name}: {asked.value} {told}"

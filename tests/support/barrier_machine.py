"""A state machine over writers, builders, replicas and questions that take turns in any order.

The code is the real one, the server too; the machine chooses who goes on, what time it is, whose
line is cut, who is killed and when the store is set back, and ``expected`` says what may be
answered. ``test_barrier_model`` runs it, as it is and with one thing broken at a time.

What it leaves out: a writer or builder that stands still for longer than its lock lasts and then
goes on, and a journal that is trimmed after the store was set back (docs/design.md).
"""

from typing import Any

import redis
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from blacklist.errors import BlacklistError
from blacklist.lookup import Ask, Lookup
from blacklist.model import Identifier, Kind, Source
from blacklist.publish import BARRIER_FACTOR, Publisher
from blacklist.replica import Replica
from blacklist.store import keys, meta
from blacklist.store.stage import Staged, Withdrawal
from expected import Expected, Seen, Stands, Write
from turns import Clock, Line, Task

MAX_LAG_SECONDS = 1.0
BITS = 4
SOURCES = {name: Source(name, name) for name in ("one", "two")}
VALUES = ("a.example", "b.example", "c.example")
NEVER = "never.example"
REPLICAS = ("first", "second")
TURNS_AT_MOST = 400

sources = st.sampled_from(sorted(SOURCES))
values = st.sampled_from(VALUES)
some_values = st.sets(values, max_size=len(VALUES))
replicas = st.sampled_from(REPLICAS)
hows = st.sampled_from(["add", "full", "exact", "withdraw"])
turns = st.integers(1, 8)
places = st.integers(0, 45)
"""Turns into a task at which something else happens; a write has about 40, a poll 5 to 15."""


class Process:
    """One worker: a replica with a thread of its own, and questions."""

    def __init__(self, line: Line, clock: Clock) -> None:
        self.line = line
        self.replica = Replica(self.line.client(), clock=clock)
        self.lookup = Lookup(self.replica, self.line.client(), clock=clock, wall=clock.wall)
        self.poll: Task | None = None


class BarrierMachine(RuleBasedStateMachine):
    """No question received after an acknowledgement is answered as if it had not been."""

    client: redis.Redis
    """A client of the server, which the test gives."""

    path: str
    """The server's socket."""

    def __init__(self) -> None:
        super().__init__()
        self.client.flushall()
        self.info = meta.create(
            self.client, bits=dict.fromkeys(Kind, BITS), max_lag_seconds=MAX_LAG_SECONDS
        )
        self.clock = Clock()
        self.lines: list[Line] = []
        self.expected = Expected(SOURCES, (*VALUES, NEVER))
        self.writes: dict[str, tuple[Task, Write]] = {}
        self.builder: Task | None = None
        self.questions: list[tuple[Task, Any]] = []
        self.kept: list[tuple[dict[bytes, bytes], dict]] = []
        self.was_set_back = False
        self.processes: dict[str, Process] = {}
        for name in REPLICAS:
            self.start_process(name)
            self.poll(name)

    def line(self) -> Line:
        """A new way to the server."""
        self.lines.append(Line(self.path))
        return self.lines[-1]

    # --- writers ---------------------------------------------------------------------------

    @precondition(lambda self: len(self.writes) < len(SOURCES))
    @rule(source=sources, some=some_values, how=hows)
    def begin_write(self, source: str, some: set[str], how: str) -> None:
        if source in self.writes:
            return
        after = Stands.NO if how == "withdraw" else Stands.YES
        becomes = {(source, value): after for value in some}
        if how == "full":
            becomes = {(source, v): Stands.NO for v in self.expected.values} | becomes
        write = Write(source, becomes)
        self.expected.begin(write)
        self.writes[source] = (Task(lambda: self.load(source, sorted(some), how)), write)

    def load(self, source: str, some: list[str], how: str) -> None:
        """One write, as the pipeline does it."""
        found = [Identifier(Kind.LINK, value) for value in some]
        publisher = self.publisher()
        full, exact = how == "full", how == "exact"
        with publisher.load(SOURCES[source], full=full, exact=exact) as load:
            if how == "withdraw":
                load.withdraw(Withdrawal(one) for one in found)
            else:
                load.put(Staged(one) for one in found)
            load.commit()

    def publisher(self) -> Publisher:
        return Publisher(
            self.line().client(), self.info, wall=self.clock.wall, sleep=self.clock.sleep
        )

    @precondition(lambda self: self.writes)
    @rule(source=sources, count=turns)
    def go_on_writing(self, source: str, count: int) -> None:
        for _ in range(count):
            self.turn_write(source)

    @precondition(lambda self: self.writes)
    @rule(source=sources)
    def write_up_to_the_barrier(self, source: str) -> None:
        for _ in range(TURNS_AT_MOST):
            if source not in self.writes or self.writes[source][0].waits:
                return
            self.turn_write(source)
        raise AssertionError("a write does not end")

    @precondition(lambda self: any(task.waits for task, _ in self.writes.values()))
    @rule(reads=st.sets(replicas))
    def pass_the_barrier(self, reads: set[str]) -> None:
        """Wait as long as the writer does; some replicas read in between, others stand still."""
        self.clock.now += MAX_LAG_SECONDS * BARRIER_FACTOR / 2
        for name in sorted(reads):
            self.poll(name)
        self.clock.now += MAX_LAG_SECONDS * BARRIER_FACTOR / 2 + 0.001
        for source in [name for name, (task, _) in self.writes.items() if task.waits]:
            self.write_out(source)

    def write_out(self, source: str) -> None:
        """Let a writer that has passed its barrier end."""
        for _ in range(TURNS_AT_MOST):
            if source not in self.writes:
                return
            self.turn_write(source)
        raise AssertionError("a write does not end")

    def turn_write(self, source: str) -> None:
        task, write = self.writes.get(source, (None, None))
        if task is None or write is None:
            return
        task.turn()
        if not task.is_over:
            return
        del self.writes[source]
        if task.error is None:
            self.expected.acknowledge(write)
        elif not isinstance(task.error, BlacklistError):
            raise task.error

    @precondition(lambda self: self.writes)
    @rule(source=sources)
    def kill_writer(self, source: str) -> None:
        if source in self.writes:
            task, _ = self.writes.pop(source)
            task.kill()
            # Half a minute later its lock is gone.
            self.client.delete(keys.lock(f"source:{source}"))
            if self.builder is None and not self.writes:
                self.client.delete(*(keys.lock(f"filter:{kind.value}") for kind in Kind))

    # --- snapshots -------------------------------------------------------------------------

    @rule(count=turns)
    def build_a_snapshot(self, count: int) -> None:
        """Begin to build one, or go on."""
        if self.builder is None:
            self.builder = Task(lambda: self.publisher().rebuild(Kind.LINK))
        for _ in range(count):
            self.builder.turn()
            if self.builder.is_over:
                raise_fault(self.builder)
                self.builder = None
                return

    @precondition(lambda self: self.builder is not None)
    @rule()
    def kill_builder(self) -> None:
        if self.builder is not None:
            self.builder.kill()
            self.builder = None
            self.client.delete(keys.lock("filter:link"))

    @precondition(lambda self: not self.was_set_back)
    @rule()
    def tidy(self) -> None:
        """Rebuild what is stale and forget the journal before it; needs the builder's place."""
        if self.builder is None and not self.writes:
            publisher = Publisher(self.client, self.info, wall=self.clock.wall)
            for kind in Kind:
                publisher.rebuild(kind)
            publisher.tidy()

    # --- replicas --------------------------------------------------------------------------

    def start_process(self, name: str) -> None:
        self.processes[name] = Process(self.line(), self.clock)
        self.expected.seen[name] = Seen()

    @rule(name=replicas)
    def poll(self, name: str) -> None:
        """Read on, from beginning to end (or to the end of what has begun)."""
        self.go_on_polling(name, TURNS_AT_MOST)

    @rule(name=replicas, count=turns)
    def go_on_polling(self, name: str, count: int) -> None:
        process = self.processes[name]
        if process.poll is None:
            self.expected.begin_read(name)
            process.poll = Task(process.replica.poll)
        for _ in range(count):
            process.poll.turn()
            if process.poll.is_over:
                self.expected.end_read(name, succeeded=process.poll.error is None)
                raise_fault(process.poll)
                process.poll = None
                return
        assert count < TURNS_AT_MOST, "a poll does not end"

    @rule(name=replicas)
    def restart(self, name: str) -> None:
        """Another worker in its place: it never knew what the store has lost."""
        process = self.processes[name]
        if process.poll is not None:
            process.poll.kill()
        for task, asked in [one for one in self.questions if one[1][0] == name]:
            task.kill()
            self.questions.remove((task, asked))
            self.expected.end_question(asked[1])
        self.start_process(name)

    @rule(name=replicas, is_cut=st.booleans())
    def cut_or_mend_a_line(self, name: str, is_cut: bool) -> None:
        self.processes[name].line.is_cut = is_cut

    @rule(share=st.sampled_from([0.3, 0.6, 1.05, 3.0]))
    def wait(self, share: float) -> None:
        self.clock.now += MAX_LAG_SECONDS * share

    # --- questions -------------------------------------------------------------------------

    @rule(name=replicas, value=values, count=turns)
    def begin_question(self, name: str, value: str, count: int) -> None:
        if len(self.questions) < 2:
            asked = self.expected.begin_question(name, value)
            lookup = self.processes[name].lookup
            self.questions.append((Task(lambda: lookup.check(Ask(value))), (name, asked)))
            self.go_on_answering(len(self.questions) - 1, count)

    @precondition(lambda self: self.questions)
    @rule(place=st.integers(0, 1), count=turns)
    def go_on_answering(self, place: int, count: int) -> None:
        task, (name, asked) = self.questions[min(place, len(self.questions) - 1)]
        for _ in range(count):
            task.turn()
            if task.is_over:
                if task.error is not None:
                    raise task.error
                self.questions.remove((task, (name, asked)))
                self.expected.end_question(asked)
                told = task.result.verdict.value
                assert told not in asked.must_not, f"{name}: {asked.value} {told}"
                return

    @invariant()
    def everybody_answers_right(self) -> None:
        for name, process in self.processes.items():
            asked = [*VALUES, NEVER]
            for value, answer in zip(
                asked, process.lookup.check_many([Ask(v) for v in asked]), strict=True
            ):
                wrong = self.expected.must_not(name, value)
                assert answer.verdict.value not in wrong, f"{name}: {value} {answer.verdict.value}"

    # --- roll-backs ------------------------------------------------------------------------

    @rule()
    def keep(self) -> None:
        """Keep a copy of the store, as a disk's snapshot does."""
        names = sorted(self.client.keys("*"))
        pipe = self.client.pipeline(transaction=True)
        for name in names:
            pipe.dump(name)
        kept = {
            name: data
            for name, data in zip(names, pipe.execute(), strict=True)
            if b":lock:" not in name
        }
        self.kept = [*self.kept[-2:], (kept, dict(self.expected.pairs))]

    @precondition(lambda self: self.kept)
    @rule(copy=st.integers(0, 2))
    def set_back(self, copy: int) -> None:
        """Put a copy in the store's place; connections of writers break, readers' come back."""
        for source in list(self.writes):
            self.kill_writer(source)
        self.kill_builder()
        kept, pairs = self.kept[-1 - copy % len(self.kept)]
        pipe = self.client.pipeline(transaction=True)
        pipe.flushall()
        for name, data in kept.items():
            pipe.restore(name, 0, data)
        pipe.execute()
        self.was_set_back = True
        self.expected.set_back(pairs)

    # --- scenes: what chance alone seldom puts in a row ------------------------------------

    @rule(source=sources, some=some_values, how=hows, at=places, for_=places)
    def build_in_a_write(self, source: str, some: set[str], how: str, at: int, for_: int) -> None:
        """A snapshot is built, or a part of it, in the middle of a write."""
        self.begin_write(source, some, how)
        self.go_on_writing(source, at)
        self.build_a_snapshot(for_)
        self.write_up_to_the_barrier(source)
        self.build_a_snapshot(TURNS_AT_MOST)
        self.pass_the_barrier(set(REPLICAS))

    @rule(source=sources, some=some_values, name=replicas, at=st.integers(0, 15))
    def write_in_a_poll(self, source: str, some: set[str], name: str, at: int) -> None:
        """A write begins and is acknowledged while a replica stands still in a poll."""
        self.begin_write(source, some, "add")
        self.go_on_polling(name, at)
        self.write_up_to_the_barrier(source)
        self.pass_the_barrier(set())
        self.poll(name)

    @rule(source=sources, some=some_values, name=replicas, at=places, reads=places)
    def kill_and_retry(self, source: str, some: set[str], name: str, at: int, reads: int) -> None:
        """A writer is killed on its way and its write done again, while a replica loads."""
        self.begin_write(source, some, "add")
        self.go_on_writing(source, at)
        self.kill_writer(source)
        self.begin_write(source, some, "add")
        self.go_on_writing(source, reads)
        self.go_on_polling(name, at % 15)
        self.write_up_to_the_barrier(source)
        self.poll(name)
        self.pass_the_barrier({name})

    @rule(
        source=sources,
        some=some_values,
        name=replicas,
        at=places,
        written=st.integers(40, 110),
        read=st.integers(0, 12),
    )
    def restart_in_a_retry(
        self, *, source: str, some: set[str], name: str, at: int, written: int, read: int
    ) -> None:
        """A worker starts while a load that was cut off is done again and publishes snapshots."""
        self.begin_write(source, some, "add")
        self.go_on_writing(source, at)
        self.kill_writer(source)
        self.begin_write(source, some, "add")
        self.go_on_writing(source, written)
        self.restart(name)
        self.go_on_polling(name, read)
        self.write_up_to_the_barrier(source)
        self.poll(name)
        self.pass_the_barrier({name})

    @rule(name=replicas, read=st.integers(1, 12), copy=st.integers(0, 2))
    def set_back_in_a_poll(self, name: str, read: int, copy: int) -> None:
        """The store is set back between two calls of one poll."""
        self.poll(name)
        self.build_a_snapshot(TURNS_AT_MOST)
        self.go_on_polling(name, read)
        if self.kept:
            self.set_back(copy)
        self.poll(name)
        self.poll(name)

    @rule(
        lost=some_values, other=some_values, source=sources, name=replicas, copy=st.integers(0, 2)
    )
    def lose(self, lost: set[str], other: set[str], source: str, name: str, copy: int) -> None:
        """Something is acknowledged and read, then lost; the store goes on without it."""
        self.keep()
        for some in (lost, other):
            self.begin_write(source, some, "full")
            self.write_up_to_the_barrier(source)
            self.pass_the_barrier({name})
            if some is lost:
                self.poll(name)
                self.everybody_answers_right()
                self.set_back(copy)
                source = next(one for one in SOURCES if one != source)
        self.poll(name)
        self.poll(name)

    # --- the end ---------------------------------------------------------------------------

    def teardown(self) -> None:
        tasks = [task for task, _ in self.writes.values()]
        tasks += [task for task, _ in self.questions]
        tasks += [p.poll for p in self.processes.values() if p.poll is not None]
        tasks += [self.builder] if self.builder is not None else []
        for task in tasks:
            task.kill()
        for line in self.lines:
            line.close()


def raise_fault(task: Task) -> None:
    """Raise what a task ended with unless it is an error of ours, which callers survive."""
    if task.error is not None and not isinstance(task.error, BlacklistError):
        raise task.error

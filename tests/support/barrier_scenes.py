"""Scenes: what must come in a row to matter, and what chance alone seldom puts in a row.

A scene can be played over any code and from any state. Where its parts stand still is drawn:
before which call, and some turns beyond. It knows nothing of what is right: ``World.check`` and
whoever ends a question ask ``expected``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from barrier_world import END, HOWS, REPLICAS, SOURCES, VALUES, Actor, World

JOURNAL = b"bl:{bl}:changes"
SHARD = b"}:e\r\n"
STAGE = b"}:s:"
STAGING = b'"state":"staging"'
DIRTY = b'"state":"dirty"'
TABLE = b"bl:{bl}:sources"
FILTER = b"bl:{bl}:filter:link\r\n"
SAVES = b"\r\nbuild\r\n"
APPENDS = b"XADD"

sources = st.sampled_from(sorted(SOURCES))
values = st.sampled_from(VALUES)
some_values = st.sets(values, min_size=1, max_size=len(VALUES))
replicas = st.sampled_from(REPLICAS)
hows = st.sampled_from(HOWS)
beyond = st.integers(0, 1)
"""Turns beyond the call that a task was to be stopped before."""

writing = st.sampled_from([STAGING, STAGE, DIRTY, SHARD, APPENDS, SAVES, END])
building = st.sampled_from([JOURNAL, SHARD, SAVES, APPENDS, END])
reading = st.sampled_from([b"clock", JOURNAL, TABLE, FILTER])
asking = st.sampled_from([b"clock", SHARD])
often = st.integers(1, 3)
"""The how manieth such call it is."""


@dataclass(frozen=True)
class Scene:
    """What is played, and from what its arguments are drawn."""

    play: Callable[..., None]
    arguments: Mapping[str, st.SearchStrategy[Any]]


SCENES: dict[str, Scene] = {}


def scene(**arguments: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Any]:
    """Enter a function among the scenes."""

    def enter(play: Callable[..., None]) -> Callable[..., None]:
        SCENES[play.__name__] = Scene(play, arguments)
        return play

    return enter


@scene(
    source=sources, some=some_values, how=hows, at=writing, past=beyond, until=building, over=beyond
)
def build_in_a_write(world: World, *, source, some, how, at, past, until, over) -> None:
    """A snapshot is built, or a part of it, in the middle of a write, and everybody loads it."""
    writer = world.begin_write(source, some, how)
    writer.run_to(at, past)
    builder = world.begin_build()
    builder.run_to(until, over)
    writer.run_to()
    builder.run_to()
    world.pass_the_barrier(REPLICAS)
    world.check()


@scene(source=sources, some=some_values, until=building, over=beyond, how=hows)
def write_in_a_build(world: World, *, source, some, until, over, how) -> None:
    """A whole write is acknowledged while a builder stands still."""
    builder = world.begin_build()
    builder.run_to(until, over)
    world.write(source, some, how)
    builder.run_to()
    for name in REPLICAS:
        world.poll(name)
    world.check()


@scene(
    source=sources,
    some=some_values,
    name=replicas,
    is_cut=st.booleans(),
    polls=st.integers(0, 2),
    steps=st.sampled_from([0.0, -3.0, 3.0]),
)
def overlook_a_write(world: World, *, source, some, name, is_cut, polls, steps) -> None:
    """A worker that has just read is cut off, or stands still, until a write is acknowledged."""
    world.poll(name)
    world.check()
    world.processes[name].line.is_cut = is_cut
    writer = world.begin_write(source, some, "add")
    writer.run_to()
    world.clock.wall_offset += steps
    world.pass_the_barrier([name] * polls, at=0.9)
    world.check()
    world.processes[name].line.is_cut = False
    world.check()


@scene(source=sources, some=some_values, name=replicas, at=reading, times=often, past=beyond)
def write_in_a_poll(world: World, *, source, some, name, at, times, past) -> None:
    """A write begins and is acknowledged while a replica stands still in a poll."""
    world.clock.now += 0.1
    poll = world.begin_poll(name)
    for _ in range(times):
        poll.run_to(at)
    poll.go_on(past)
    world.begin_write(source, some, "add").run_to()
    world.pass_the_barrier([name])
    world.check()


@scene(source=sources, value=values, name=replicas, at=asking, times=often, past=beyond)
def poll_in_a_question(world: World, *, source, value, name, at, times, past) -> None:
    """A replica that overlooked a write reads on while a question stands still."""
    world.write(source, {value}, "add")
    question = world.ask(name, value)
    for _ in range(times):
        question.run_to(at)
    question.go_on(past)
    world.poll(name)
    question.run_to()
    world.check()


@scene(source=sources, some=some_values, how=hows, at=writing, past=beyond)
def kill_and_retry(world: World, *, source, some, how, at, past) -> None:
    """A writer is killed on its way and its write done again."""
    writer = world.begin_write(source, some, how)
    writer.run_to(at, past)
    world.kill_writer(writer)
    world.write(source, some, how, reads=REPLICAS)
    world.check()


@scene(
    source=sources,
    some=some_values,
    name=replicas,
    at=st.sampled_from([SAVES, APPENDS]),
    until=reading,
    times=often,
)
def load_in_a_retry(world: World, *, source, some, name, at, until, times) -> None:
    """A worker starts while a load that was cut off is done again and publishes snapshots."""
    writer = world.begin_write(source, some, "add")
    writer.run_to(APPENDS)
    world.kill_writer(writer)
    retry = world.begin_write(source, some, "add")
    for _ in range(times):
        retry.run_to(at)
    world.restart(name)
    poll = world.begin_poll(name)
    for _ in range(times):
        poll.run_to(until)
    retry.run_to()
    world.pass_the_barrier([name], at=0.9)
    world.check()


@scene(source=sources, some=some_values, name=replicas)
def tidy_and_restart(world: World, *, source, some, name) -> None:
    """The journal is forgotten up to the snapshots, more is written, and a worker starts."""
    world.write(source, some, "full", reads=REPLICAS)
    world.tidy()
    other = next(one for one in SOURCES if one != source)
    world.write(other, some, "add", reads=REPLICAS)
    world.restart(name)
    world.check_all_come_back()


# --- who was too slow ----------------------------------------------------------------------


changing = st.sampled_from(["full", "full", "withdraw", "add"])
slowly = st.sampled_from([STAGING, STAGE, DIRTY, SHARD, APPENDS])


def _be_slow(world: World, source: str, some: set[str], *, how: str, at: bytes) -> Actor:
    """A writer of a source that lists something stands still until its lock has run out."""
    world.write(source, VALUES[:2], "full", reads=REPLICAS)
    slow = world.begin_write(source, some, how)
    slow.run_to(at)
    world.let_locks_run_out()
    return slow


@scene(
    source=sources,
    some=some_values,
    how=changing,
    at=slowly,
    more=some_values,
    then=hows,
)
def be_slow_in_a_write(world: World, *, source, some, how, at, more, then) -> None:
    """Another takes the slow writer's source and is acknowledged; then the slow one goes on."""
    slow = _be_slow(world, source, some, how=how, at=at)
    world.write(source, more, then, reads=REPLICAS)
    world.check()
    slow.run_to()
    world.pass_the_barrier(REPLICAS)
    world.check()
    world.write(source, some, "add", reads=REPLICAS)
    world.check()


@scene(
    source=sources,
    some=some_values,
    how=changing,
    at=slowly,
    more=some_values,
    then=st.sampled_from(["add", "full"]),
    until=st.sampled_from([STAGE, DIRTY, SHARD, APPENDS]),
    is_killed=st.booleans(),
)
def be_slow_beside_a_write(
    world: World, *, source, some, how, at, more, then, until, is_killed
) -> None:
    """The slow writer goes on while another is in the middle of the same source."""
    slow = _be_slow(world, source, some, how=how, at=at)
    other = world.begin_write(source, more, then)
    other.run_to(until)
    slow.run_to()
    world.check()
    if is_killed:
        world.kill_writer(other)
    else:
        other.run_to()
        world.pass_the_barrier(REPLICAS)
        world.check()
    world.write(source, more, "add", reads=REPLICAS)
    world.check()


@scene(source=sources, some=some_values, at=building, past=beyond, tidies=st.booleans())
def be_slow_in_a_build(world: World, *, source, some, at, past, tidies) -> None:
    """A builder stands still until its lock has run out and a newer snapshot is there."""
    slow = world.begin_build()
    slow.run_to(at, past)
    world.let_locks_run_out()
    writer = world.begin_write(source, some, "add")
    writer.run_to(APPENDS)
    world.kill_writer(writer)
    world.write(source, some, "add", reads=REPLICAS)
    if tidies:
        world.tidy()
    slow.run_to()
    world.restart(REPLICAS[0])
    for name in REPLICAS:
        world.poll(name)
    world.check()
    world.check_all_come_back()


# --- losses --------------------------------------------------------------------------------


@scene(some=some_values, other=some_values, source=sources, name=replicas, again=st.booleans())
def lose(world: World, *, some, other, source, name, again) -> None:
    """Something is acknowledged and read, then lost; the store goes on, or loses more."""
    another = next(one for one in SOURCES if one != source)
    world.keep()
    world.write(source, some, "full", reads=[name])
    world.poll(name)
    world.check()
    world.set_back()
    world.poll(name)
    world.poll(name)
    world.write(another, other, "full", reads=[name])
    world.check()
    if again:
        world.poll(name)
        world.set_back()
        world.poll(name)
        world.poll(name)
        world.write(source, other, "add", reads=[name])
    world.check_all_come_back()


@scene(source=sources, some=some_values, name=replicas, at=reading, times=often)
def lose_in_a_poll(world: World, *, source, some, name, at, times) -> None:
    """The store is set back between two calls of one poll, which loads a snapshot."""
    world.keep()
    world.write(source, some, "add")
    world.poll(name)
    world.begin_build().run_to()
    poll = world.begin_poll(name)
    for _ in range(times):
        poll.run_to(at)
    world.set_back()
    poll.run_to()
    world.check()
    world.check_all_come_back()


@scene(source=sources, some=some_values, other=some_values, name=replicas, is_cut=st.booleans())
def lose_what_is_forgotten(world: World, *, source, some, other, name, is_cut) -> None:
    """A worker hears nothing of a loss until the journal was forgotten past the row it had read."""
    another = next(one for one in SOURCES if one != source)
    world.keep()
    world.write(source, some, "add", reads=[name])
    world.poll(name)
    world.processes[name].line.is_cut = is_cut
    world.set_back()
    world.write(another, other, "full")
    world.tidy()
    world.write(another, other, "full")
    world.processes[name].line.is_cut = False
    world.check()
    world.check_all_come_back()


@scene(source=sources, some=some_values, other=some_values, how=hows, at=writing)
def lose_under_a_writer(world: World, *, source, some, other, how, at) -> None:
    """The store is set back while a writer stands still; its connection breaks, and it gives up."""
    another = next(one for one in SOURCES if one != source)
    world.keep()
    world.write(source, some, "full", reads=REPLICAS)
    writer = world.begin_write(source, other, how)
    writer.run_to(at)
    world.set_back(writers_go_on=True)
    world.write(another, other, "full", reads=REPLICAS)
    writer.run_to()
    world.check()
    world.write(source, some, "full", reads=REPLICAS)
    world.check_all_come_back()


@scene(source=sources, value=values, name=replicas, is_cut=st.booleans())
def lose_a_shard(world: World, *, source, value, name, is_cut) -> None:
    """A node comes back empty, and some time later with all that it held."""
    world.write(source, {value}, "add", reads=[name])
    give_back = world.lose_the_shard(value)
    if not is_cut:
        world.poll(name)
    world.check()
    give_back()
    world.check()

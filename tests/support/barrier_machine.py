"""A state machine over writers, builders, replicas and questions that take turns in any order.

Every play begins with a scene; then single turns and more scenes are mixed by chance.
``test_barrier_model`` runs it, as it is and with one thing broken at a time.
"""

from collections.abc import Sequence
from typing import Any

import redis
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from barrier_scenes import SCENES, hows, replicas, some_values, sources, values
from barrier_world import REPLICAS, World

turns = st.integers(1, 8)
places = st.integers(0, 2)


class BarrierMachine(RuleBasedStateMachine):
    """No question received after an acknowledgement is answered as if it had not been."""

    client: redis.Redis
    """A client of the server, which the test gives."""

    path: str
    """The server's socket."""

    scenes: Sequence[str] = tuple(SCENES)
    """Those that plays begin with."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.client, self.path)

    @initialize(data=st.data())
    def begin_with_a_scene(self, data: Any) -> None:
        self._play(data, self.scenes)

    @rule(data=st.data())
    def play_a_scene(self, data: Any) -> None:
        self._play(data, tuple(SCENES))

    def _play(self, data: Any, names: Sequence[str]) -> None:
        scene = SCENES[data.draw(st.sampled_from(names))]
        scene.play(self.world, **data.draw(st.fixed_dictionaries(dict(scene.arguments))))

    # --- writers and builders --------------------------------------------------------------

    @rule(source=sources, some=some_values, how=hows)
    def begin_write(self, source: str, some: set[str], how: str) -> None:
        self.world.begin_write(source, some, how)

    @precondition(lambda self: self.world.writers)
    @rule(place=places, count=turns)
    def go_on_writing(self, place: int, count: int) -> None:
        _pick(self.world.writers, place).go_on(count)

    @precondition(lambda self: self.world.writers)
    @rule(place=places)
    def write_up_to_the_barrier(self, place: int) -> None:
        _pick(self.world.writers, place).run_to()

    @precondition(lambda self: self.world.writers)
    @rule(reads=st.sets(replicas))
    def pass_the_barrier(self, reads: set[str]) -> None:
        self.world.pass_the_barrier(sorted(reads))

    @precondition(lambda self: self.world.writers)
    @rule(place=places)
    def kill_writer(self, place: int) -> None:
        self.world.kill_writer(_pick(self.world.writers, place))

    @rule()
    def let_locks_run_out(self) -> None:
        self.world.let_locks_run_out()

    @rule()
    def begin_build(self) -> None:
        self.world.begin_build()

    @precondition(lambda self: self.world.builders)
    @rule(place=places, count=turns)
    def go_on_building(self, place: int, count: int) -> None:
        _pick(self.world.builders, place).go_on(count)

    @precondition(lambda self: self.world.builders)
    @rule(place=places)
    def kill_builder(self, place: int) -> None:
        _pick(self.world.builders, place).kill()

    @rule()
    def tidy(self) -> None:
        self.world.tidy()

    # --- workers and questions -------------------------------------------------------------

    @rule(name=replicas)
    def poll(self, name: str) -> None:
        self.world.poll(name)

    @rule(name=replicas, count=turns)
    def go_on_polling(self, name: str, count: int) -> None:
        self.world.begin_poll(name).go_on(count)

    @rule(name=replicas)
    def restart(self, name: str) -> None:
        self.world.restart(name)

    @rule(name=replicas, is_cut=st.booleans())
    def cut_or_mend_a_line(self, name: str, is_cut: bool) -> None:
        self.world.processes[name].line.is_cut = is_cut

    @rule(seconds=st.sampled_from([0.3, 0.6, 1.05, 3.0]))
    def wait(self, seconds: float) -> None:
        self.world.clock.now += seconds

    @rule(name=replicas, value=values, count=turns)
    def ask(self, name: str, value: str, count: int) -> None:
        self.world.ask(name, value).go_on(count)

    @rule(place=places, count=turns)
    def go_on_answering(self, place: int, count: int) -> None:
        under_way = [q for name in REPLICAS for q in self.world.processes[name].questions]
        if under_way:
            _pick(under_way, place).go_on(count)

    @invariant()
    def everybody_answers_right(self) -> None:
        self.world.check()

    # --- losses ----------------------------------------------------------------------------

    @rule()
    def keep(self) -> None:
        self.world.keep()

    @precondition(lambda self: self.world.kept)
    @rule(copy=places)
    def set_back(self, copy: int) -> None:
        self.world.set_back(copy)

    def teardown(self) -> None:
        self.world.close()


def _pick(actors: Sequence[Any], place: int) -> Any:
    return actors[place % len(actors)]

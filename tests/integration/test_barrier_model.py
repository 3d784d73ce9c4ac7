"""Acknowledged means visible everywhere: played in many orders, over a real server."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from barrier_machine import BarrierMachine
from barrier_mutations import MUTATIONS, Mutation
from barrier_scenes import SCENES
from barrier_world import World
from blacklist.store import connect, locks
from blacklist.store.embedded import EmbeddedServer
from servers import remove_data_dir

pytestmark = pytest.mark.usefixtures("identified_once")

MEMORY = Path("/dev/shm")
"""Every write is synced: where there is a disk in memory, the machine plays on that."""

IS_SHORT = "BLACKLIST_TEST_BARRIER_EXAMPLES" not in os.environ
EXAMPLES = int(os.environ.get("BLACKLIST_TEST_BARRIER_EXAMPLES", "120"))

PLAYS_AT_MOST = 2_000
"""Of a machine with one thing broken: ten times what the rarest takes, whatever the seed."""


@pytest.fixture(scope="module")
def machine() -> Iterator[type[BarrierMachine]]:
    """The machine on a server of its own."""
    path = Path(tempfile.mkdtemp(prefix="bl-", dir=MEMORY if MEMORY.is_dir() else None))
    server = EmbeddedServer(path)
    server.use()
    client = connect.writer(server.url)
    client.config_set("stream-node-max-entries", 1)

    class Machine(BarrierMachine):
        pass

    Machine.client, Machine.path = client, str(server.socket)
    yield Machine
    client.close()
    server.leave()
    remove_data_dir(path)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everything that interleaves be seen in small stores, and nobody wait for a lock."""
    monkeypatch.setattr("blacklist.store.listings.SHARDS_A_TRIP", 8)
    monkeypatch.setattr("blacklist.publish.KEEP_ROWS_SECONDS", -1)
    monkeypatch.setattr(
        "blacklist.publish.hold", lambda client, name, **_: locks.hold(client, name)
    )


def play(
    machine: type[BarrierMachine],
    *,
    scenes: Iterable[str] = SCENES,
    examples: int,
    steps: int = 1,
    shrink: bool = True,
) -> None:
    """Let the machine begin with these scenes and go on by chance for some steps."""
    aimed = type("Machine", (machine,), {"scenes": tuple(scenes)})
    run_state_machine_as_test(
        aimed,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            derandomize=IS_SHORT,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, *([Phase.shrink] if shrink else [])],
        ),
    )


def test_a_few_orders_hold(machine) -> None:
    play(machine, examples=6, steps=20)


@pytest.mark.slow
@pytest.mark.parametrize("scene", SCENES)
def test_a_scene_holds_wherever_its_parts_stand_still(machine, scene: str) -> None:
    play(machine, scenes=[scene], examples=EXAMPLES // 4)


@pytest.mark.slow
def test_no_question_after_an_acknowledgement_misses_it(machine) -> None:
    play(machine, examples=EXAMPLES, steps=12)


SHOWN = [name for name, mutation in MUTATIONS.items() if mutation.shown]


def play_what_shows(machine: type[BarrierMachine], mutation: Mutation) -> None:
    """Play the mutation's scene where it is known to show it."""
    world = World(machine.client, machine.path)
    try:
        SCENES[mutation.scene].play(world, **mutation.shown)
    finally:
        world.close()


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTATIONS)
def test_one_thing_broken_is_found(machine, name: str, monkeypatch) -> None:
    """The machine would notice: each of these makes it find a question that is answered wrong.

    What chance finds late is played first where it is known to show. The search follows if that
    no longer shows it, and comes alone where more examples are asked for.
    """
    mutation = MUTATIONS[name]
    mutation.breaks(monkeypatch)
    with pytest.raises(AssertionError, match=r"(?m)(no_record|listed|no filter)$"):
        if mutation.shown and IS_SHORT:
            play_what_shows(machine, mutation)
        play(machine, scenes=[mutation.scene], examples=PLAYS_AT_MOST, shrink=False)


@pytest.mark.slow
@pytest.mark.parametrize("name", SHOWN)
def test_what_shows_a_mutation_holds_without_it(machine, name: str) -> None:
    play_what_shows(machine, MUTATIONS[name])

"""What judges the answers: it sees what is wrong, or every other test here would prove nothing."""

import pytest

from asking import Known
from faulted import CLEAN, LISTED, World

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("things", "taken_for"), [(CLEAN, "listed"), (LISTED, "no_record")])
def test_a_wrong_answer_is_counted(world: World, things, taken_for: str) -> None:
    known = Known()
    known.become(things, taken_for)
    world.known, right = known, world.known
    try:
        with world.ask() as askers:
            while askers.told.judged < 300:
                pass
    finally:
        world.known = right
    assert sum(askers.told.wrong.values()) == askers.told.judged
    assert {reason.partition(":")[0] for reason in askers.told.wrong} == {
        "link",
        "phone",
        "account",
    }


def test_nothing_is_wrong_while_nothing_fails(world: World) -> None:
    with world.write() as writer, world.ask() as askers:
        while askers.told.judged < 2_000 or writer.acknowledged < 3:
            pass
    assert not askers.told.wrong
    assert set(askers.told.said) == {"listed", "no_record"}
    assert not writer.refused

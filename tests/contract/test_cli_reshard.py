"""``blacklist reshard`` as its user runs it, and killed, while a real service is asked."""

import json
import os
import random
import signal
import subprocess
import threading
import time

import pytest

from blacklist.store import connect, keys
from blacklist.store.embedded import EmbeddedServer

ROWS = 20_000
ASKED = range(0, ROWS, 101)
CUTS = 6
SEED = 20261125
PAUSE_SECONDS = 0.1
"""Between questions: asked without one, they only take the processor from the reshard."""


def number(place: int) -> str:
    """One of a million numbers; they are used here only, on a store that is thrown away."""
    return f"+4477{place:08d}"


@pytest.fixture
def loaded(run, quick_data_dir, tmp_path):
    """A store with enough numbers for its few shards to be too full."""
    path = tmp_path / "numbers.txt"
    path.write_text("".join(f"{number(place)}\n" for place in range(ROWS)))
    done = run(quick_data_dir, "load", str(path), "--source", "numbers", "--kind", "phone")
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture
def asking(start_service, quick_data_dir, loaded):
    """Ask about listed and unlisted numbers, over and over; tells how often and what was wrong."""
    service = start_service(quick_data_dir)
    stop = threading.Event()
    told = {"asked": 0, "wrong": []}
    items = [{"value": number(place), "kind": "phone"} for place in ASKED]
    items += [{"value": number(ROWS + place), "kind": "phone"} for place in ASKED]
    expected = ["listed"] * len(ASKED) + ["no_record"] * len(ASKED)

    def ask() -> None:
        while not stop.wait(PAUSE_SECONDS):
            verdicts = [one["verdict"] for one in service.post_items(*items).json()["results"]]
            told["asked"] += len(verdicts)
            told["wrong"] += [pair for pair in zip(verdicts, expected) if pair[0] != pair[1]]  # noqa: B905

    thread = threading.Thread(target=ask)
    thread.start()
    yield told
    stop.set()
    thread.join()


@pytest.mark.slow
def test_it_says_what_it_does_and_the_store_asks_for_it(run, quick_data_dir, loaded) -> None:
    """Too full, then spread, then nothing to do."""
    advice = "phone: 1,250 members a shard, over 256 is too many: run 'blacklist reshard phone'"
    assert loaded.stderr == f"blacklist: {advice}\n"
    assert advice in run(quick_data_dir, "status").stdout
    done = run(quick_data_dir, "reshard", "phone")
    before, after = done.stdout.splitlines()
    assert before == (
        "phone: 20,000 members in 16 shards (4 bits), 1,250 a shard; "
        "to 256 shards (8 bits), 78 a shard"
    )
    assert after.startswith("done: 20,000 members in ")
    status = json.loads(run(quick_data_dir, "status", "--json").stdout)["kinds"]["phone"]
    assert (status["shards"], status["shard_mean"], status["reshard"]) == (256, 78, None)
    again = run(quick_data_dir, "reshard", "phone")
    assert "nothing to do" in again.stdout
    assert "reshard" not in run(quick_data_dir, "status").stdout
    document = json.loads(run(quick_data_dir, "reshard", "phone", "--bits", "7", "--json").stdout)
    assert (document["before"], document["after"], document["members"]) == (8, 7, ROWS)
    refused = run(quick_data_dir, "reshard", "phone", "--bits", "4")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "at least 5 bits" in refused.stderr


@pytest.mark.slow
def test_killed_anywhere_questions_are_answered_right_and_the_same_command_finishes(
    asking, run, quick_data_dir, command
) -> None:
    rng = random.Random(SEED)
    arguments = ("reshard", "phone", "--bits", "10")
    for _ in range(CUTS):
        process = subprocess.Popen(
            [command, *arguments],
            env={**os.environ, "BLACKLIST_DATA_DIR": str(quick_data_dir)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(rng.uniform(0.4, 2.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
        release_locks(quick_data_dir)
    done = run(quick_data_dir, *arguments)
    assert done.returncode == 0, done.stderr
    assert run(quick_data_dir, "reshard", "phone", "--bits", "6").returncode == 0
    state = json.loads(run(quick_data_dir, "status", "--json").stdout)["kinds"]["phone"]
    assert (state["shards"], state["entries"], state["reshard"]) == (64, ROWS, None)
    assert asking["wrong"] == []
    assert asking["asked"] > 5_000


def release_locks(data_dir) -> None:
    """Spare the test the half minute after which a dead process's locks run out by themselves."""
    server = EmbeddedServer(data_dir)
    server.use()
    client = connect.writer(server.url)
    client.delete(keys.lock("reshard"), keys.lock("filter:phone"))
    client.close()
    server.leave()

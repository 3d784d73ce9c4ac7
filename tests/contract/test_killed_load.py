"""``kill -9`` in the middle of loads, while the service is asked all the time."""

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

ROWS = 60_000
RETAINED = range(0, ROWS, 997)
KILLS = 4
SEED = 20261125
ENOUGH_SECONDS = 60
PAUSE_SECONDS = 0.05
"""Between questions: asked without one, they only take the processor from the loads."""


def number(place: int) -> str:
    """One of a million numbers; they are used here only, on a store that is thrown away."""
    return f"+4477{place:08d}"


def write(path, rows: range) -> None:
    path.write_text("".join(f"{number(place)}\n" for place in rows))


@pytest.fixture
def asking(start_service, quick_data_dir):
    """Ask for every retained number, over and over; tells how often and what was ever wrong."""
    service = start_service(quick_data_dir)
    stop = threading.Event()
    told = {"asked": 0, "listed": 0, "wrong": []}

    def ask() -> None:
        items = [{"value": number(place), "kind": "phone"} for place in RETAINED]
        while not stop.wait(PAUSE_SECONDS):
            answer = service.post_items(*items)
            results = answer.json()["results"]
            told["asked"] += len(results)
            verdicts = [one["verdict"] for one in results]
            told["listed"] += verdicts.count("listed")
            # On a machine that is very busy a worker falls behind, and says so.
            told["wrong"] += [one for one in verdicts if one not in {"listed", "unavailable"}]

    thread = threading.Thread(target=ask)

    def begin() -> dict:
        thread.start()
        return told

    yield begin
    stop.set()
    thread.join()


@pytest.mark.slow
def test_a_killed_load_leaves_every_retained_entry_answered_and_the_next_one_finishes(
    asking, run, quick_data_dir, command, tmp_path
) -> None:
    rng = random.Random(SEED)
    path = tmp_path / "numbers.txt"
    write(path, range(ROWS))
    arguments = ("load", str(path), "--source", "numbers", "--kind", "phone", "--json")
    assert run(quick_data_dir, *arguments).returncode == 0
    told = asking()
    for kill in range(KILLS):
        write(path, range(ROWS + 10_000 * (kill + 1)))
        process = subprocess.Popen(
            [command, *arguments],
            env={**os.environ, "BLACKLIST_DATA_DIR": str(quick_data_dir)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(rng.uniform(0.5, 2.5))
        process.send_signal(signal.SIGKILL)
        process.wait()
        release_lock(quick_data_dir)
    done = run(quick_data_dir, *arguments)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["listed"] == report["entries"]["phone"] == ROWS + 10_000 * KILLS
    begun, asked = time.monotonic(), told["asked"]
    while told["asked"] < asked + 3 * len(RETAINED):
        assert time.monotonic() - begun < ENOUGH_SECONDS
        time.sleep(0.05)
    assert told["wrong"] == []
    assert told["listed"] > 1_000


def release_lock(data_dir) -> None:
    """Spare the test the half minute after which a dead loader's lock runs out by itself."""
    server = EmbeddedServer(data_dir)
    server.use()
    client = connect.writer(server.url)
    client.delete(keys.lock("source:numbers"))
    client.close()
    server.leave()

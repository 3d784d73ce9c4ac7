"""The whole program on a cluster, as its users start it: ``blacklist load`` and ``serve``."""

import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from cluster import HEAL_SECONDS, Cluster
from service import COMMAND, serving

pytestmark = pytest.mark.slow

LISTED = [f"evil-{number}.example" for number in range(60)]
CLEAN = [f"clean-{number}.example" for number in range(10)]


def blacklist(url: str, data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {name: text for name, text in os.environ.items() if not name.startswith("BLACKLIST_")}
    return subprocess.run(
        [COMMAND, *arguments],
        env={**environ, "BLACKLIST_REDIS_URL": url, "BLACKLIST_DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_list_is_loaded_and_served_and_a_primary_may_die(
    cluster_nodes: Cluster, data_dir: Path
) -> None:
    cluster_nodes.clear()
    feed = data_dir / "feed.txt"
    feed.write_text("\n".join(LISTED) + "\n")
    url = cluster_nodes.url
    load = ("load", str(feed), "--source", "writer", "--json")
    done = blacklist(url, data_dir, *load)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["listed"] == len(LISTED)
    wrong: list[object] = []
    counts = {"listed": 0, "no_record": 0, "unavailable": 0}

    def ask_all() -> bool:
        """Whether every answer came and was right."""
        told = service.verdicts(*LISTED, *CLEAN)
        right = ["listed"] * len(LISTED) + ["no_record"] * len(CLEAN)
        for verdict, expected in zip(told, right, strict=True):
            counts[verdict] += 1
            if verdict not in {expected, "unavailable"}:
                wrong.append((verdict, expected))
        return told == right

    try:
        with serving(data_dir, BLACKLIST_REDIS_URL=url) as service:
            assert ask_all()
            killed = cluster_nodes.primaries()[0]
            gone = time.monotonic()
            killed.kill()
            time.sleep(0.2)
            while not (ask_all() and ask_all() and service.request("GET", "/readyz")[0] == 200):
                assert time.monotonic() < gone + HEAL_SECONDS, counts
                time.sleep(0.05)
            refused = blacklist(url, data_dir, *load)
            assert refused.returncode == 3, refused
            killed.start()
            cluster_nodes.wait_until_whole()
            done = blacklist(url, data_dir, *load)
            assert done.returncode == 0, done.stderr
            assert ask_all()
    finally:
        cluster_nodes.restore()
    assert not wrong
    assert counts["unavailable"] > 0
    status = blacklist(url, data_dir, "status", "--json")
    assert json.loads(status.stdout)["kinds"]["link"]["entries"] == len(LISTED)

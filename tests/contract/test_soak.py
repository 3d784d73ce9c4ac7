"""``scripts/soak``: it runs, finds nothing wrong and leaves nothing behind."""

import json
import os
import subprocess
import sys

import pytest

from servers import ROOT


@pytest.mark.slow
def test_a_short_soak_is_one_json_document(data_dir, left_running) -> None:
    process = subprocess.Popen(
        [sys.executable, ROOT / "scripts" / "soak.py", "--minutes", "0.05", "--json"],
        env={**os.environ, "TMPDIR": str(data_dir)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    printed, told = process.communicate(timeout=60)
    assert process.returncode == 0, told
    document = json.loads(printed)
    found = {figure["name"]: figure for figure in document["figures"]}
    assert (found["wrong_answers"]["value"], found["wrong_answers"]["holds"]) == (0, True)
    assert found["soak_writes"]["value"] > 0
    assert found["soak_judged"]["value"] > 100
    assert left_running(data_dir, process.pid) == []
    assert list(data_dir.iterdir()) == []

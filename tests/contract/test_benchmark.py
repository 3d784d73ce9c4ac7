"""``scripts/benchmark``: its programs run and leave nothing behind; figures are not judged."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress

import pytest

from servers import ROOT

RUN_SECONDS = 90

CHEAP_SECTIONS = {
    "layout": ("empty", {"server", "bits", "shards", "KiB used", "bytes used a shard"}),
    "servers": ("servers", {"server", "from", "start ms", "MiB resident", "WAITAOF"}),
}
PROGRAMS = (
    *("all", "check", "gunicorn", "http", "identify", "layout", "load", "look_alike", "memory"),
    *("scale", "servers", "upkeep", "visible"),
)


@pytest.fixture
def start(data_dir):
    """Start a program in a process group of its own, with its temporary folders in ``data_dir``."""
    started = []

    def start(name: str, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, ROOT / "scripts" / f"{name}_benchmark.py", *arguments],
            env={**os.environ, "TMPDIR": str(data_dir)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # servers, too, that a failed test left
        process.communicate(timeout=RUN_SECONDS)


@pytest.fixture
def assert_nothing_left(data_dir, left_running):
    """No server, traced or not, and no folder."""

    def assert_nothing_left(process) -> None:
        assert left_running(data_dir, process.pid) == []
        assert list(data_dir.iterdir()) == []

    return assert_nothing_left


def test_every_program_has_a_section_that_is_tried_here() -> None:
    programs = {path.name for path in (ROOT / "scripts").glob("*_benchmark.py")}
    assert programs == {f"{name}_benchmark.py" for name in PROGRAMS}


@pytest.mark.slow
@pytest.mark.parametrize("name", CHEAP_SECTIONS)
def test_a_section_is_one_json_document(name, start, assert_nothing_left) -> None:
    """Each row is told on standard error meanwhile; neither a server nor a folder stays behind."""
    section, columns = CHEAP_SECTIONS[name]
    process = start(name, "--quick", "--json", "--section", section)
    printed, told = process.communicate(timeout=RUN_SECONDS)
    assert process.returncode == 0, told
    document = json.loads(printed)
    assert list(document) == ["machine", section]
    assert document["machine"].keys() >= {"cores", "memory GiB", "system", "python", "redis-py"}
    assert document[section]
    assert all(row.keys() >= columns for row in document[section])
    assert len(told.splitlines()) == len(document[section])
    assert_nothing_left(process)


def test_one_program_of_all_is_one_json_document(start, assert_nothing_left) -> None:
    """The cheapest, at small sizes: every figure with a bar, each beside another, none judged."""
    process = start("all", "--quick", "--json", "--only", "check")
    printed, told = process.communicate(timeout=RUN_SECONDS)
    assert process.returncode == 0, told
    document = json.loads(printed)
    assert list(document) == ["machine", "quick", "minutes", "figures"]
    named = {figure["name"]: figure for figure in document["figures"]}
    assert {(one["bar"], one["holds"]) for one in named.values()} == {(None, None)}
    for kind in ("phone", "account", "link"):
        figure = named[f"quick_many_{kind}_per_s"]
        assert figure["value"] > 0
        assert figure["baseline"] > 0
        assert figure["ratio"] == pytest.approx(figure["value"] / figure["baseline"], rel=0.01)
    assert_nothing_left(process)


@pytest.mark.slow
def test_identifying_is_measured_against_the_library(start, assert_nothing_left) -> None:
    process = start("identify", "--json", "--rounds", "5", "--count", "200")
    printed, told = process.communicate(timeout=RUN_SECONDS)
    assert process.returncode == 0, told
    assert json.loads(printed)
    assert_nothing_left(process)


@pytest.mark.slow
def test_look_alikes_are_counted_and_not_shown(tmp_path, start) -> None:
    hosts = tmp_path / "hosts.txt"
    hosts.write_text("vietcombank-login.example\nclean.example\n")
    process = start("look_alike", str(hosts))
    printed, told = process.communicate(timeout=RUN_SECONDS)
    assert process.returncode == 0, told
    assert printed
    assert "vietcombank-login.example" not in printed


@pytest.mark.slow
def test_a_terminated_program_ends_its_server(
    data_dir, start, left_running, eventually, assert_nothing_left
) -> None:
    """As when somebody has seen enough of a run of a quarter of an hour."""
    process = start("layout", "--section", "memory")
    eventually(lambda: bool(left_running(data_dir)), RUN_SECONDS)
    process.terminate()
    _, told = process.communicate(timeout=RUN_SECONDS)
    assert (process.returncode, "Traceback" in told) == (143, False)
    assert_nothing_left(process)


@pytest.mark.parametrize("arguments", [(), ("nonsense",), ("",), ("../scripts/layout",)])
def test_an_unknown_name_is_told_which_there_are(arguments) -> None:
    """Before an environment is made for it."""
    done = subprocess.run(
        [ROOT / "scripts" / "benchmark", *arguments],
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"usage: scripts/benchmark {'|'.join((*PROGRAMS, 'report'))} [")
    assert done.stderr.count("\n") == 1

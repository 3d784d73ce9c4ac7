"""The scripts on machines where something is missing: one line that says what and how to get it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from servers import ROOT

TOOLS = ("sh", "dirname", "cat", "cksum", "rm")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The project's scripts in a folder without any environment."""
    shutil.copytree(ROOT / "scripts", tmp_path / "tree" / "scripts")
    shutil.copy(ROOT / "pyproject.toml", tmp_path / "tree")
    return tmp_path / "tree"


def run(script: Path, python: str | None, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script where ``python3`` is what is given and nothing else is on the PATH."""
    path = folder / "bin"
    path.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None
        (path / tool).symlink_to(found)
    if python is not None:
        (path / "python3").write_text(f"#!/bin/sh\n{python}\n")
        (path / "python3").chmod(0o755)
    environ = {name: text for name, text in os.environ.items() if name != "PYTHON"}
    return subprocess.run(
        [script],
        env={**environ, "PATH": str(path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("script", ["serve", "test", "check_feeds", "private_check", "soak"])
@pytest.mark.parametrize(
    ("python", "said"),
    [
        (None, "needs Python 3.11 or newer"),
        ("exit 1", "needs Python 3.11 or newer"),
        ("case $2 in *ensurepip*) exit 1;; esac; exit 0", "python3-venv"),
    ],
    ids=["no Python", "an older Python", "a Python without venv"],
)
def test_a_missing_python_is_one_line(
    tree: Path, tmp_path: Path, script: str, python: str | None, said: str
) -> None:
    done = run(tree / "scripts" / script, python, tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert "apt install" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not done.stdout
    assert not (tree / ".venv").exists()


def test_a_missing_chromium_is_told_with_what_to_do(tree: Path, tmp_path: Path) -> None:
    """Where it cannot be installed either: here no apt-get is on the PATH."""
    path = tmp_path / "bin"
    path.mkdir()
    for tool in ("dirname", "id"):
        (path / tool).symlink_to(shutil.which(tool) or "")
    sourced = '. "$(dirname "$0")/environment.sh"; . "$root/scripts/chromium.sh"; get_chromium "$1"'
    script = tree / "scripts" / "try.sh"
    script.write_text(sourced)
    done = subprocess.run(
        ["/bin/sh", script, sys.executable],
        env={"PATH": str(path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "apt-get install chromium" in done.stderr
    assert done.stderr.count("\n") == 1


def test_ci_runs_the_command_of_the_readme() -> None:
    assert "exec scripts/test" in (ROOT / ".ci" / "run").read_text()
    assert "scripts/test" in (ROOT / "README.md").read_text()

"""``scripts/bundle``: an archive that installs without network.

Tests need no network either: the bundle is made of our own wheel alone, and installed alone.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from servers import ROOT

ALONE = {"PIP_NO_DEPS": "1", "PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"}
"""What pip is told: the last one means "without isolation", by pip's own reading of a no."""


def run(*command: object, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle, unpacked."""
    folder = tmp_path_factory.mktemp("bundle")
    file = folder / "bundle.tar.gz"
    made = run(ROOT / "scripts" / "bundle", file, PYTHON=sys.executable, **ALONE)
    assert made.returncode == 0, made.stderr
    assert made.stdout.strip() == str(file)
    assert run("tar", "-xzf", file, "-C", folder).returncode == 0
    (unpacked,) = (one for one in folder.iterdir() if one.is_dir())
    return unpacked


def test_a_bundle_installs_without_network(unpacked: Path, tmp_path: Path) -> None:
    done = run(unpacked / "install", tmp_path / "opt", PYTHON=sys.executable, **ALONE)
    assert done.returncode == 0, done.stderr
    python = tmp_path / "opt" / ".venv" / "bin" / "python"
    shown = run(python, "-m", "pip", "list", "--format", "freeze")
    assert "blacklist==" in shown.stdout
    assert (tmp_path / "opt" / "docs" / "operations.md").is_file()
    again = run(unpacked / "install", tmp_path / "opt", PYTHON="/nonexistent", **ALONE)
    assert again.returncode == 0, again.stderr  # an upgrade needs the environment only


def test_a_damaged_bundle_installs_nothing(unpacked: Path, tmp_path: Path) -> None:
    wheel = next((unpacked / "wheels").glob("blacklist-*.whl"))
    whole = wheel.read_bytes()
    wheel.write_bytes(whole[:-1])
    try:
        done = run(unpacked / "install", tmp_path / "opt", PYTHON=sys.executable, **ALONE)
    finally:
        wheel.write_bytes(whole)
    assert (done.returncode, "damaged" in done.stderr) == (1, True)
    assert not (tmp_path / "opt").exists()


def test_another_python_is_named(unpacked: Path, tmp_path: Path) -> None:
    version = unpacked / "python-version"
    whole, sums = version.read_text(), (unpacked / "SHA256SUMS").read_text()
    version.write_text("3.99\n")
    (unpacked / "SHA256SUMS").write_text(
        "".join(line for line in sums.splitlines(True) if "python-version" not in line)
    )
    try:
        done = run(unpacked / "install", tmp_path / "opt", PYTHON=sys.executable, **ALONE)
    finally:
        version.write_text(whole)
        (unpacked / "SHA256SUMS").write_text(sums)
    assert (done.returncode, "needs Python 3.99" in done.stderr) == (2, True)

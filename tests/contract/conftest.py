"""A real service for the contract tests: the console script of this environment on a real store.

The script is started the way a user starts it, on a free port and a data directory of its own, and
is ended by its pid, also when a test fails. Stores are made with few shards and a short barrier, so
that the tests do not wait; ``test_serve.py`` starts once with the defaults.
"""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from flask import Flask

from blacklist.callers import Scope, mint
from blacklist.cli import serve
from blacklist.cli.opened import used
from blacklist.config import Settings
from blacklist.model import Identifier, Kind, Source
from blacklist.publish import Publisher
from blacklist.store import Client, callers, connect, meta
from blacklist.store.embedded import EmbeddedServer
from blacklist.store.place import Place
from blacklist.store.stage import Staged
from blacklist.web import create_app
from described import require_told
from servers import ROOT
from service import NO_LIMIT
from warm_commands import Started, shared

COMMAND = Path(sys.executable).with_name("blacklist")

ANSWER_SECONDS = 5
"""No question may take longer; a slower answer fails the test that asked."""

START_SECONDS = 60
COMMAND_SECONDS = 60
"""For a command to end: some load a long list while another test runs beside."""

STOP_SECONDS = 5
POLL_SECONDS = 0.02
MAX_LAG_SECONDS = 0.2

PROBLEM_MEMBERS = {"type", "title", "status", "detail", "reason", "suspicious", "request_id"}


WAYS = {
    "script": [COMMAND, "serve"],
    "gunicorn": [COMMAND.with_name("gunicorn"), "wsgi:app"],
}
"""How a service is started where that matters; plain gunicorn in the project's folder, for its
settings. All others are ``serve`` without the console script, whose modules have been read."""


class Answer(msgspec.Struct):
    """What the service answered; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body's document."""
        return json.loads(self.body)

    def problem(self, status: int, reason: str | None = None) -> dict[str, Any]:
        """The problem document, once it is proven to be one, of this status and reason."""
        assert (self.status, self.headers["content-type"]) == (status, "application/problem+json")
        assert self.headers["cache-control"] == "no-store"
        document: dict[str, Any] = self.json()
        assert document.keys() >= PROBLEM_MEMBERS
        assert document["status"] == status
        assert document["suspicious"] is None
        assert document["type"] == f"urn:blacklist:problem:{document['reason']}"
        assert document["title"]
        assert document["request_id"] == self.headers["x-request-id"]
        assert document["detail"]
        assert reason in {None, document["reason"]}
        return document


class Service:
    """``blacklist serve`` as a process of its own, and a client that asks it."""

    def __init__(
        self, data_dir: Path, *, port: int | None = None, way: str = "serve", **settings: str
    ) -> None:
        self.data_dir = data_dir
        self.port = port or free_port()
        self._out = data_dir / "serve.out"
        self._err = data_dir / "serve.err"
        environ = environment(
            data_dir,
            **{
                "BLACKLIST_BIND": f"127.0.0.1:{self.port}",
                "BLACKLIST_PUBLIC_PER_MINUTE": NO_LIMIT,
            }
            | settings,
        )
        with (
            self._out.open("ab") as out,
            self._err.open("ab") as err,
            Path(os.devnull).open("rb") as nothing,
        ):
            self.process: subprocess.Popen[bytes] | Started = (
                shared().start(["serve"], env=environ, cwd=ROOT, files=(nothing, out, err))
                if way == "serve"
                else subprocess.Popen(
                    WAYS[way],
                    cwd=ROOT,
                    env=environ,
                    stdin=nothing,
                    stdout=out,
                    stderr=err,
                    start_new_session=True,
                )
            )

    @property
    def printed(self) -> str:
        """What the service wrote to standard output."""
        return self._out.read_text()

    @property
    def complained(self) -> str:
        """What the service wrote to standard error."""
        return self._err.read_text()

    def told(self) -> list[dict[str, Any]]:
        """The lines of its log, each proven to be one JSON document."""
        whole = self.complained.rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines()]

    def workers(self) -> list[int]:
        """The process ids of the workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def kill_worker(self) -> None:
        """End one worker as a crash would."""
        os.kill(self.workers()[0], signal.SIGKILL)

    def wait_until_ready(self) -> None:
        """Return when questions are answered; fail when the process ends before."""

        def is_ready() -> bool:
            assert self.process.poll() is None, self.complained
            with suppress(OSError, HTTPException):
                return self.request("GET", "/readyz").status == 200
            return False

        wait_until(is_ready, START_SECONDS)

    def interrupt(self, times: int = 1) -> int:
        """Interrupt the whole process group, as Ctrl-C on a terminal does; the exit code."""
        for _ in range(times):
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGINT)
            time.sleep(POLL_SECONDS)
        return self.process.wait(STOP_SECONDS)

    def end(self) -> None:
        """End the process if it still runs, politely first."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def request(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: Mapping[str, str] = {},
    ) -> Answer:
        """One request on a connection of its own; the target stands as it is on the wire."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)
        try:
            connection.request(method, target, body, dict(headers))
            response = connection.getresponse()
            fields = {name.lower(): value for name, value in response.getheaders()}
            answer = Answer(response.status, fields, response.read())
        finally:
            connection.close()
        require_told(method, target, answer.status, fields.get("content-type", ""), answer.body)
        return answer

    def get(self, **parameters: str) -> Answer:
        """Ask one question by its address."""
        return self.request("GET", "/v1/check?" + urlencode(parameters))

    def post(self, body: bytes, content_type: str = "application/json") -> Answer:
        """Send a body to ``/v1/check``."""
        return self.request("POST", "/v1/check", body, {"Content-Type": content_type})

    def post_items(self, *items: Any) -> Answer:
        """Send a batch; items that are no objects are sent as they are."""
        return self.post(json.dumps({"items": items}).encode())

    def check(self, value: str, **fields: Any) -> dict[str, Any]:
        """The result of one question, asked by POST."""
        answer = self.post_items({"value": value, **fields})
        assert answer.status == 200, answer.body
        result: dict[str, Any] = answer.json()["results"][0]
        return result

    def send_raw(self, data: bytes) -> Answer | None:
        """Send bytes and no more, and read what comes; None when nothing does before the end."""
        with socket.create_connection(("127.0.0.1", self.port), ANSWER_SECONDS) as connection:
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
            response = http.client.HTTPResponse(connection)
            try:
                response.begin()
                fields = {name.lower(): value for name, value in response.getheaders()}
                return Answer(response.status, fields, response.read())
            except (http.client.BadStatusLine, ConnectionResetError):
                return None
            finally:
                response.close()


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(data_dir: Path, **settings: str) -> dict[str, str]:
    """The environment of a command: ours without its settings, and these."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("BLACKLIST_")}
    return inherited | {"BLACKLIST_DATA_DIR": str(data_dir), **settings}


def wait_until(is_so: Callable[[], bool], seconds: float) -> None:
    """Return when something is so; fail when it is not in time."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"not so after {seconds} s"
        time.sleep(POLL_SECONDS)


def make_store(data_dir: Path) -> None:
    """Make a store of few shards with a short barrier; no server is left running."""
    server = EmbeddedServer(data_dir)
    server.use()
    client = connect.writer(server.url)
    meta.create(client, bits=dict.fromkeys(Kind, 4), max_lag_seconds=MAX_LAG_SECONDS)
    client.close()
    server.leave()


def load_sample(data_dir: Path) -> None:
    """Load what the first ``blacklist serve`` loads; no server is left running."""
    with used(Settings(data_dir=data_dir)) as place:
        serve._prepare(place)


def make_key(data_dir: Path, *scopes: Scope, **told: Any) -> str:
    """Make a key of a store whose server runs; returns when its services know it."""
    caller, key = mint("tests", scopes or [Scope.CHECK], now=0, **told)
    client = connect.writer(EmbeddedServer(data_dir).url)
    callers.write(client, caller)
    Publisher(client, meta.require(client)).acknowledge()
    client.close()
    return key


def processes_of(data_dir: Path, group: int | None = None) -> list[int]:
    """The living processes that name a data directory or belong to a process group."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            title = (process / "cmdline").read_bytes()
            state, _, pgrp = (process / "stat").read_text().rpartition(")")[2].split()[:3]
            if state != "Z" and (os.fsencode(data_dir) in title or int(pgrp) == group):
                found.append(int(process.name))
    return found


def drop_data_dir(data_dir: Path) -> None:
    """Remove a data directory, and end the server that may still work on it."""
    for pid in processes_of(data_dir):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not processes_of(data_dir), STOP_SECONDS)
    shutil.rmtree(data_dir)


@pytest.fixture(scope="session")
def shared_data_dir() -> Iterator[Path]:
    """The data directory of the service that all HTTP tests share; its path is short."""
    path = Path(tempfile.mkdtemp(prefix="bl-"))
    yield path
    drop_data_dir(path)


@pytest.fixture
def app(data_dir: Path) -> Iterator[Flask]:
    """An application of which only the addresses are asked."""
    app = create_app(Settings(), Place("unix:///nonexistent/store.sock", data_dir))
    yield app
    app.extensions["blacklist.replica"].stop()


@pytest.fixture(scope="session")
def service(shared_data_dir: Path) -> Iterator[Service]:
    """A running service with the sample and nothing else; tests must not load into it."""
    make_store(shared_data_dir)
    service = Service(shared_data_dir)
    try:
        service.wait_until_ready()
        yield service
    finally:
        service.end()


@pytest.fixture(scope="module")
def module_service() -> Iterator[Callable[..., Service]]:
    """Start services with the sample and settings of their own, for the tests of one file."""
    started: list[Service] = []

    def start(**settings: str) -> Service:
        path = Path(tempfile.mkdtemp(prefix="bl-"))
        make_store(path)
        if settings.get("way", "serve") != "serve":
            load_sample(path)
        started.append(Service(path, **settings))
        started[-1].wait_until_ready()
        return started[-1]

    yield start
    for service in started:
        service.end()
        drop_data_dir(service.data_dir)


@pytest.fixture(scope="module")
def store_dir() -> Iterator[Path]:
    """A data directory whose store runs, with one list: a link and a phone."""
    path = Path(tempfile.mkdtemp(prefix="bl-"))
    make_store(path)
    server = EmbeddedServer(path)
    server.use()
    try:
        list_known(connect.writer(server.url))
        yield path
    finally:
        server.leave()
        drop_data_dir(path)


def list_known(client: Client) -> None:
    """Load the list "known", without waiting for services."""
    publisher = Publisher(client, meta.require(client), sleep=lambda _seconds: None)
    known = [(Kind.LINK, "known.example"), (Kind.PHONE, "+447700900123")]
    with publisher.load(Source("known", "A known list"), full=True) as load:
        load.put(Staged(Identifier(kind, value)) for kind, value in known)
        load.commit()
    client.close()


@pytest.fixture
def quick_data_dir(data_dir: Path) -> Path:
    """A data directory of its own with an empty store whose barrier is short."""
    make_store(data_dir)
    return data_dir


@pytest.fixture
def start_service() -> Iterator[Callable[..., Service]]:
    """Start services; whatever still runs when the test is over is ended."""
    started: list[Service] = []

    def start(data_dir: Path, *, ready: bool = True, **options: Any) -> Service:
        started.append(Service(data_dir, **options))
        if ready:
            started[-1].wait_until_ready()
        return started[-1]

    yield start
    for service in started:
        service.end()


@pytest.fixture(scope="session")
def key_of() -> Callable[..., str]:
    """Make a key of a store whose server runs: its data directory, and the key's scopes."""
    return make_key


@pytest.fixture(scope="session")
def run() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command to its end, on a data directory, and return what it said."""

    def run(data_dir: Path, *arguments: str, stdin: str = "", **settings: str) -> Any:
        done = shared().run(
            arguments,
            env=environment(data_dir, **settings),
            stdin=stdin,
            timeout=COMMAND_SECONDS,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    return run


@pytest.fixture
def free_address() -> str:
    """An address to listen on that is free at this moment."""
    return f"127.0.0.1:{free_port()}"


@pytest.fixture(scope="session")
def command() -> Path:
    """The console script."""
    return COMMAND


@pytest.fixture(scope="session")
def eventually() -> Callable[[Callable[[], bool], float], None]:
    """Wait, with a bound, until something is so."""
    return wait_until


@pytest.fixture(scope="session")
def left_running() -> Callable[..., list[int]]:
    """Find the processes that name a data directory or belong to a process group."""
    return processes_of

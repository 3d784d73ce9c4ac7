"""The users of docs/operations.md may do what they are for, and no more: on a real server."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import redis

from blacklist.model import Kind
from blacklist.store import connect, keys, meta
from documents import blocks, read
from own_server import OwnServer

USERS = {
    line.split()[1]: line.split()[2:]
    for block in blocks(read("docs/operations.md"), "text")
    for line in block.splitlines()
    if line.startswith("user ")
}
LISTED = 10
UNAVAILABLE = 3


@pytest.fixture
def own(tmp_path: Path):
    """A server with a store, and the document's users; "default" stays for the test."""
    server = OwnServer(tmp_path / "own")
    server.start(maxmemory_policy="noeviction")
    client = connect.writer(server.url)
    meta.create(client, bits=dict.fromkeys(Kind, 4), max_lag_seconds=0.2)
    for name in ("reader", "writer", "backup"):
        client.execute_command("ACL", "SETUSER", name, *USERS[name])
    yield server
    client.close()
    server.kill()


@pytest.fixture
def as_user(run, data_dir, own) -> Callable[..., int]:
    """Run a command as a user; its exit code."""

    def as_user(name: str, *arguments: str, stdin: str = "") -> int:
        url = address(own, name)
        done = run(data_dir, *arguments, stdin=stdin, BLACKLIST_REDIS_URL=url)
        return int(done.returncode)

    return as_user


def address(own: OwnServer, name: str) -> str:
    return f"unix://{name}:PASSWORD@{own.socket}"


def client_of(own: OwnServer, name: str) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(own.socket), username=name, password="PASSWORD")


def test_a_writer_does_all_that_writes(as_user, tmp_path) -> None:
    assert as_user("writer", "load", "-", "--source", "known", stdin="known.example\n") == 0
    assert as_user("writer", "load", "-", "--source", "known", stdin="known.example\n") == 0
    assert as_user("writer", "check", "known.example") == LISTED
    assert as_user("writer", "clear", "known.example", "--reason", "wrongly_listed") == 0
    assert as_user("writer", "keys", "create", "--name", "A bank") == 0
    assert as_user("writer", "sweep") == 0
    assert as_user("writer", "reshard", "link", "--bits", "6") == 0
    assert as_user("writer", "remove", "known", "--yes") == 0
    file = str(tmp_path / "kept")
    assert as_user("backup", "backup", file) == 0
    assert as_user("writer", "restore", file, "--replace") == 0
    assert as_user("writer", "doctor") == 4  # feeds were never fetched


def test_a_reader_answers_and_changes_nothing(
    as_user, own, run, data_dir, start_service, eventually
) -> None:
    assert as_user("writer", "load", "-", "--source", "known", stdin="known.example\n") == 0
    key = json.loads(
        run(
            *(data_dir, "keys", "create", "--name", "A bank", "--json"),
            BLACKLIST_REDIS_URL=address(own, "writer"),
        ).stdout
    )
    assert as_user("reader", "check", "known.example") == LISTED
    assert as_user("reader", "check", "clean.example") == 0
    for command in ("status", "sources", "feeds"):
        assert as_user("reader", command) == 0
    assert as_user("reader", "load", "-", "--source", "more", stdin="more.example\n") != 0
    service = start_service(data_dir, way="gunicorn", BLACKLIST_REDIS_URL=address(own, "reader"))
    assert service.check("known.example")["verdict"] == "listed"
    bearer = {"Authorization": f"Bearer {key['key']}"}
    assert service.request("GET", "/v1/check?value=a.example", None, bearer).status == 200
    eventually(lambda: bool(own.client().keys("bl:{bl}:usage:*")), 5)
    assert [line for line in service.told() if line["level"] != "info"] == []


FORBIDDEN = {
    "reader": [
        ("SET", keys.SOURCES_VERSION, "1"),
        ("ZADD", keys.entries(Kind.LINK, 4, 0), "1", "x"),
        ("UNLINK", keys.STORE),
        ("HSET", keys.CALLERS, "a", "b"),
        ("EVAL", "return 1", "0"),
    ],
    "writer": [("SET", "another:key", "1")],
    "backup": [
        ("UNLINK", keys.STORE),
        ("XRANGE", keys.CHANGES, "-", "+"),
        ("EVAL", "return 1", "0"),
    ],
}
OF_NOBODY = [
    ("FLUSHALL",),
    ("KEYS", "*"),
    ("CONFIG", "SET", "appendfsync", "no"),
    ("SHUTDOWN",),
    ("REPLICAOF", "192.0.2.1", "6379"),
    ("ACL", "LIST"),
    ("GET", "another:key"),
]


@pytest.mark.parametrize("name", FORBIDDEN)
def test_what_is_not_needed_is_refused(own, name: str) -> None:
    client = client_of(own, name)
    for command in (*FORBIDDEN[name], *OF_NOBODY):
        with pytest.raises(redis.exceptions.NoPermissionError):
            client.execute_command(*command)
    client.close()

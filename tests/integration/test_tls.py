"""A server that speaks TLS only, as docs/operations.md has it: what is not proven is not asked."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from blacklist.errors import Unavailable
from blacklist.store import connect
from certificates import OPENSSL, make_certificate
from service import free_port

SERVER = shutil.which("redis-server", path="/usr/bin:/usr/local/bin")
START_SECONDS = 10

pytestmark = pytest.mark.skipif(
    SERVER is None or OPENSSL is None, reason="redis-server or openssl is not installed"
)


class Secured:
    """A running server: where it listens, and what proves that it is itself."""

    def __init__(self, port: int, trusted: Path) -> None:
        self.plain = f"redis://127.0.0.1:{port}/0"
        self.unproven = f"rediss://127.0.0.1:{port}/0"
        self.address = f"{self.unproven}?ssl_ca_certs={trusted}"


@pytest.fixture(scope="module")
def secured(tmp_path_factory) -> Iterator[Secured]:
    folder = tmp_path_factory.mktemp("tls")
    made, port = make_certificate(folder), free_port()
    process = subprocess.Popen(
        [
            *(SERVER, "--port", "0", "--tls-port", str(port), "--bind", "127.0.0.1"),
            *("--tls-cert-file", made.shown, "--tls-key-file", made.key, "--tls-ca-cert-file"),
            *(made.shown, "--tls-auth-clients", "no", "--dir", folder, "--save", ""),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    server = Secured(port, made.shown)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not answers(server.address):
            if process.poll() is not None:
                pytest.skip("this redis-server was built without TLS")
            assert time.monotonic() < deadline, "the server does not start"
            time.sleep(0.02)
        yield server
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def answers(address: str) -> bool:
    client = connect.reader(address)
    try:
        with connect.store_errors():
            return bool(client.ping())
    except Unavailable:
        return False
    finally:
        client.close()


def test_both_sorts_of_clients_ask_over_tls(secured: Secured) -> None:
    for make in (connect.reader, connect.writer):
        client = make(secured.address)
        with connect.store_errors():
            client.set("x", "y")
            assert client.get("x") == b"y"
        client.close()


def test_a_server_that_proves_nothing_is_not_asked(secured: Secured) -> None:
    assert not answers(secured.unproven)


def test_nothing_is_asked_in_the_clear(secured: Secured) -> None:
    assert not answers(secured.plain)

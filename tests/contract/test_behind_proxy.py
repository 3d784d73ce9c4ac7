"""The nginx configuration of docs/operations.md, in a real nginx before a real service."""

import http.client
import json
import re
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from certificates import OPENSSL, Certificate, make_certificate
from documents import read
from service import free_port

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
START_SECONDS = 10
CONFIGURATION = re.search(r"```nginx\n(.*?)```", read("docs/operations.md"), re.DOTALL)[1]

pytestmark = pytest.mark.skipif(
    NGINX is None or OPENSSL is None, reason="nginx or openssl is not installed (Debian: nginx)"
)


class Proxy:
    """What listens for TLS, as a client sees it; ``data_dir`` is that of the service behind it."""

    def __init__(self, port: int, certificate: Certificate, data_dir: Path) -> None:
        self.data_dir = data_dir
        self._port = port
        self._trust = ssl.create_default_context(cafile=certificate.shown)

    def ask(
        self, method: str, target: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, Any, bytes]:
        connection = http.client.HTTPSConnection("127.0.0.1", self._port, context=self._trust)
        try:
            named = {name.replace("_", "-"): text for name, text in headers.items()}
            connection.request(method, target, body, named)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()


@contextmanager
def nginx(folder: Path, service: Any) -> Iterator[Proxy]:
    """A running nginx with the documented configuration, ended by its process id."""
    certificate, port = make_certificate(folder), free_port()
    site = CONFIGURATION
    for old, new in (
        ("127.0.0.1:8000", f"127.0.0.1:{service.port}"),
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("/etc/ssl/blacklist.pem", str(certificate.shown)),
        ("/etc/ssl/blacklist.key", str(certificate.key)),
    ):
        assert old in site, old
        site = site.replace(old, new)
    paths = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{name}_temp_path {folder}/{name};\n" for name in paths)
    (folder / "nginx.conf").write_text(
        f"daemon off;\npid {folder}/pid;\nerror_log stderr;\nuser root;\n"
        f"events {{}}\nhttp {{\n{temporary}{site}}}\n"
    )
    log = folder / "log"
    with log.open("wb") as told:
        process = subprocess.Popen(
            [NGINX, "-c", folder / "nginx.conf", "-p", folder], stdout=told, stderr=told
        )
    proxy = Proxy(port, certificate, service.data_dir)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(proxy):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.02)
        yield proxy
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def _answers(proxy: Proxy) -> bool:
    try:
        return proxy.ask("GET", "/healthz")[0] == 200
    except OSError:
        return False


@pytest.fixture(scope="module")
def proxied(module_service, tmp_path_factory) -> Iterator[Proxy]:
    settings = {"BLACKLIST_TRUSTED_PROXIES": "127.0.0.1", "BLACKLIST_PUBLIC_PER_MINUTE": "40"}
    with nginx(tmp_path_factory.mktemp("nginx"), module_service(**settings)) as proxy:
        yield proxy


def test_it_answers_and_names_the_request(proxied: Proxy) -> None:
    status, headers, body = proxied.ask("GET", "/v1/check?value=vn-bank.example")
    assert (status, json.loads(body)["verdict"]) == (200, "listed")
    assert re.fullmatch("[0-9a-f]{32}", headers["X-Request-Id"])  # nginx's own, taken over


def test_figures_are_not_shown_outside(proxied: Proxy) -> None:
    assert proxied.ask("GET", "/metrics")[0] == 404


def test_what_a_client_says_of_its_address_does_not_pass(proxied: Proxy) -> None:
    """Else whoever names another address each time is under no limit."""
    asked = [
        proxied.ask("GET", "/v1/check?value=clean.example", X_Forwarded_For=f"192.0.2.{number}")
        for number in range(60)
    ]
    assert 429 in {status for status, _, _ in asked}


def test_a_cookie_through_it_is_for_tls_alone(proxied: Proxy, key_of) -> None:
    key = key_of(proxied.data_dir)
    told = b'{"person": "Nobody"}'
    headers = {"Authorization": f"Bearer {key}", "Content_Type": "application/json"}
    status, answer, _ = proxied.ask("POST", "/v1/session", told, **headers)
    assert status == 201
    assert answer["Set-Cookie"].startswith("__Host-")
    assert "Secure" in answer["Set-Cookie"]

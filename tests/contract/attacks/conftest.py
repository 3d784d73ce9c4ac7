"""What attackers do to a real service under gunicorn, and what holds: one file a target.

docs/security.md lists every move with its test; those that stood elsewhere before stay there. All
requests of an attacker come from an address that a trusted proxy tells, so that tests do not use
up each other's limits.
"""

import http.client
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

PROXY = {"BLACKLIST_TRUSTED_PROXIES": "127.0.0.1"}
JSON = "application/json"


class Attacker:
    """Asks a service from an address, with a key or without."""

    def __init__(self, service: Any, address: str = "198.51.100.1") -> None:
        self.service = service
        self.address = address

    def headers(self, key: str | None = None, media_type: str = JSON) -> dict[str, str]:
        found = {"X-Forwarded-For": self.address, "Content-Type": media_type}
        return found | ({} if key is None else {"Authorization": f"Bearer {key}"})

    def ask(
        self,
        method: str,
        target: str,
        document: object = None,
        *,
        key: str | None = None,
        more: Mapping[str, str] = {},
    ) -> Any:
        body = None if document is None else json.dumps(document).encode()
        return self.service.request(method, target, body, self.headers(key) | more)

    @contextmanager
    def line(self) -> Iterator[Callable[..., int]]:
        """One connection that stays open: ask for a check with a key; the status."""
        connection = http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=5)

        def ask(key: str) -> int:
            connection.request("GET", "/v1/check?value=clean.example", headers=self.headers(key))
            response = connection.getresponse()
            response.read()
            return response.status

        try:
            yield ask
        finally:
            connection.close()


@pytest.fixture(scope="module")
def target(module_service) -> Any:
    """A service of one worker with the sample, behind a proxy of ours."""
    return module_service(BLACKLIST_WORKERS="1", **PROXY)


@pytest.fixture(scope="session")
def attacker() -> type[Attacker]:
    return Attacker

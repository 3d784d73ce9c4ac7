"""Requests to the HTTP interface of a service, behind a proxy of ours where an address matters."""

import json
from typing import Any, Final

from blacklist.callers import Scope

PROXY: Final = {"BLACKLIST_TRUSTED_PROXIES": "127.0.0.1"}
"""With this setting a test is at any address."""


class Caller:
    """A service, and requests to it with keys made for them, from any address."""

    def __init__(self, service: Any, key_of: Any) -> None:
        self.service = service
        self.key_of = key_of

    def key(self, *scopes: Scope, **told: Any) -> str:
        return self.key_of(self.service.data_dir, *scopes, **told)

    def send(
        self,
        method: str,
        target: str,
        document: Any = None,
        *,
        key: str | None = None,
        at: str = "",
    ) -> Any:
        headers = {"Content-Type": "application/json"}
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        if at:
            headers["X-Forwarded-For"] = at
        body = None if method == "GET" else json.dumps(document).encode()
        return self.service.request(method, target, body, headers)

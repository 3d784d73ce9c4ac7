"""Holds what a service answers against what its document says: no refusal that is not told."""

import json
import re
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from blacklist.config import Settings
from blacklist.store.place import Place
from blacklist.web import create_app
from blacklist.web.openapi import document
from blacklist.web.problems import MEDIA_TYPE, Problem

_PROBLEM = "#/components/schemas/Problem."


def require_told(method: str, target: str, status: int, media_type: str, body: bytes) -> None:
    """A refusal of an address and method that the document knows has its word told there.

    And each of its members, but for those that all problem documents have.
    """
    if media_type != MEDIA_TYPE or not body:
        return
    operation = _operation_at(method, target.partition("?")[0])
    if operation is not None:
        response = operation["responses"].get(str(status))
        assert response is not None, f"{method} {target}: {status} is not told"
        schema = response["content"][MEDIA_TYPE]["schema"]
        told = {one["$ref"].removeprefix(_PROBLEM): one for one in schema.get("anyOf", [schema])}
        document = json.loads(body)
        word = document["reason"]
        assert word in told, f"{method} {target}: {word}"
        more = document.keys() - {*Problem.__struct_fields__}
        assert more <= told[word].get("properties", {}).keys(), f"{method} {target}: {word} {more}"


def _operation_at(method: str, path: str) -> dict[str, Any] | None:
    for pattern, methods in _paths():
        if pattern.fullmatch(path):
            found: dict[str, Any] | None = methods.get(method.lower())
            return found
    return None


@cache
def _paths() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    """Each address as a pattern; those without variable parts come first."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(), Place("unix:///nonexistent/store.sock", Path(folder)))
        app.extensions["blacklist.replica"].stop()
    paths = sorted(document(app)["paths"].items(), key=lambda one: one[0].count("{"))
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), told) for path, told in paths]

"""One operation of the document: an address and a method, from its rule and its view."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec
from werkzeug.routing import Rule

from blacklist.web import audit
from blacklist.web.auth import By, Needs
from blacklist.web.described import Described, Header, Media, description_of
from blacklist.web.openapi.prose import plain, summary_of
from blacklist.web.openapi.refusals import responses, words_of
from blacklist.web.openapi.schemas import Types, of_struct
from blacklist.web.session_cookies import COOKIE_NAMES, CSRF, is_reading

SECURITY: Final = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "A key; what it may do, its scopes say.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE_NAMES[0],
        "description": f"A person at a browser (`POST /v1/session`); over TLS `{COOKIE_NAMES[1]}`.",
    },
}

_JSON: Final = "application/json"
_VARIABLE: Final = re.compile(r"<(?:any\(([^)]*)\):|[^<>:]+:)?(\w+)>")
"""A variable part of a rule: the words that it may be, if it is one of some, and its name."""


def blueprint_of(rule: Rule) -> str:
    """Where a rule's view stands."""
    return str(rule.endpoint).partition(".")[0]


def path_of(rule: Rule) -> str:
    """A rule's address with its variable parts in braces."""
    written: str = rule.rule
    return _VARIABLE.sub(r"{\2}", written)


def operation(rule: Rule, method: str, view: object, types: Types) -> dict[str, Any]:
    """What a view answers to a method at a rule's address."""
    told, needed = description_of(view), getattr(view, "needs", None)
    summary, description = summary_of(view)
    words = words_of(told, needed, method, is_variable=bool(_VARIABLE.search(rule.rule)))
    found: dict[str, Any] = {
        "operationId": rule.endpoint.replace(".", "_"),
        "tags": [blueprint_of(rule)],
        "summary": summary,
        "security": _security(needed),
        "x-test-keys": needed is None or needed.has_test_answers,
        "responses": _answers(told, types) | responses(words, told.beside, types),
    }
    parameters = [*_path(rule, told, types), *_query(told), *_headers(told, needed, method)]
    if parameters:
        found["parameters"] = parameters
    if told.parameters is not None and told.parameters.__struct_fields__:
        description = f"{description}\n\n{plain(told.parameters.__doc__ or '')}".strip()
    if description:
        found["description"] = description
    if told.body is not None:
        found["requestBody"] = {"required": True, "content": _content(told.body, types)}
    if told.in_items:
        found["x-item-reasons"] = sorted(told.in_items)
    return found


def _security(needed: Needs | None) -> list[dict[str, list[str]]]:
    """Any one of these: each names a way, and a scope that the key must have."""
    if needed is None:
        return []
    ways = {By.KEY: ["key"], By.SESSION: ["session"]}.get(needed.by, [*SECURITY])
    scopes = [[str(scope)] for scope in needed.scopes] or [[]]
    alternatives = [{way: scope} for way in ways for scope in scopes]
    return [{}, *alternatives] if needed.is_public or needed.unless else alternatives


def _answers(told: Described, types: Types) -> dict[str, Any]:
    return {
        str(status): {"description": _meaning(kind, types)}
        | ({} if kind is None else {"content": _content(kind, types)})
        for status, kind in told.answers.items()
    }


def _meaning(kind: Any, types: Types) -> str:
    if isinstance(kind, Media):
        return kind.meaning
    return "Nothing to tell." if kind is None else f"`{types(kind)['$ref'].rpartition('/')[2]}`"


def _content(kind: Any, types: Types) -> dict[str, Any]:
    if isinstance(kind, Media):
        return {media_type: {"schema": {"type": "string"}} for media_type in kind.types}
    return {_JSON: {"schema": types(kind)}}


def _path(rule: Rule, told: Described, types: Types) -> Iterator[dict[str, Any]]:
    for words, name in _VARIABLE.findall(rule.rule):
        schema = {"enum": words.split(", ")} if words else types(told.path[name])
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _query(told: Described) -> Iterable[dict[str, Any]]:
    if told.parameters is None:
        return
    shape = of_struct(told.parameters)
    for field in msgspec.structs.fields(told.parameters):
        yield {
            "name": field.name,
            "in": "query",
            "required": field.required,
            "schema": shape["properties"][field.name],
        }


def _headers(told: Described, needed: Needs | None, method: str) -> Iterator[dict[str, Any]]:
    headers: list[Header] = [] if needed is None else [audit.PURPOSE_HEADER]
    if needed is not None and needed.by is not By.KEY and not is_reading(method):
        headers.append(CSRF)
    for header in (*headers, *told.headers):
        yield {
            "name": header.name,
            "in": "header",
            "description": header.meaning,
            "schema": dict(header.schema),
        }
